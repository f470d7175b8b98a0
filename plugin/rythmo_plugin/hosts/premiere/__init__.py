"""Premiere: the UXP panel, in `panel/`."""
