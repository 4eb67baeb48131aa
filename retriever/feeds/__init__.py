"""Where goods come from: each module reads one kind of source into the same rows."""
