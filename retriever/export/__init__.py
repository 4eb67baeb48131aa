"""The whole shop written out again: rows from the records, and the formats that carry them."""
