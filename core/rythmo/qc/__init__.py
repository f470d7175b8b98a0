"""Measures on what was delivered, and the report."""
