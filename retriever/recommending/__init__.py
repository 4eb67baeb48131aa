"""Recommendations: candidates from many sources, blended into one list, with a true reason for each."""
