"""What type-ahead is made of: the phrases of a shop, and an index that finds them by what was typed so far."""
