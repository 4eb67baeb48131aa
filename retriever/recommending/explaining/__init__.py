"""Reasons: proved from the records, then put into words."""
