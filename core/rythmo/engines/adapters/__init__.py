"""Adapts each engine to its kind's Protocol: one file, or one folder, for each vendor or library."""
