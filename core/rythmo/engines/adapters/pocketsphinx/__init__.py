"""Adapts pocketsphinx, which recognises English."""
