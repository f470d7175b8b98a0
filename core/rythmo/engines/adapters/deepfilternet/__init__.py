"""Separates speech from its background with DeepFilterNet and the centre of stereo."""
