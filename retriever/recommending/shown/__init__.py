"""The log of what was shown, and what became of it."""
