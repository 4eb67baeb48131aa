"""What a stranger's visit tells: page, search, the way in, and answers to quick questions."""
