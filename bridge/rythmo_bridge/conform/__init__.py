"""Brings a project in line with a timeline that was edited: what happened, and what follows."""
