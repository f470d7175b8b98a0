"""Stages: one file each, a value in and a value out; none knows a concrete engine."""
