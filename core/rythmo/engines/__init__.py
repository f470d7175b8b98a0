"""Engines: one Protocol for each kind, a registry, and one file for each engine."""
