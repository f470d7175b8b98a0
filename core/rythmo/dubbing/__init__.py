"""Runs a dub from request to delivered files: the one list of stages, edit sessions, estimates, casts."""
