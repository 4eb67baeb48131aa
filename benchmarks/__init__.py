"""Figures about quality and speed, each measured in one run and beside what it is compared with."""
