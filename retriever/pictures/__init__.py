"""Vectors of the goods' pictures: read from a file, kept beside those of the words, searched."""
