"""Attacks on the assistant: poisoned records, hostile shoppers, and what became of them."""
