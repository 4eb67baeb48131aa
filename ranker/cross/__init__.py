"""The cross-encoder: a BERT that reads a query and a product's text together and says how well they fit."""
