"""What the ranker learns from, made of the shop's records: judgments, clicks and the catalogue itself."""
