"""The clerk's figures: decisions, proved answers, attacks and speed, for several contenders side by side."""
