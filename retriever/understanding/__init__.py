"""What a query means: each step takes words and says what it did with them."""
