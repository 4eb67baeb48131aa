"""Training the clerk."""
