"""Adapts Apertium, a translator by rules, as a program of its own."""
