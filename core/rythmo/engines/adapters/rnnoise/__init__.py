"""Separates speech from its background with RNNoise and the centre of stereo."""
