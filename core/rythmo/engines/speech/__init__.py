"""Analyses speech with small models: activity, speaker vectors, clustering, word times."""
