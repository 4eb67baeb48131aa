"""Measures the assistant from outside, as a shopper would meet it."""
