"""Learned order: sees text, ids and scores; knows no shop."""
