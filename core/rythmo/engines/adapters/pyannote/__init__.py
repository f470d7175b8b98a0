"""Adapts pyannote.audio."""
