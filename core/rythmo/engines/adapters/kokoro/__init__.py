"""Adapts Kokoro-82M, a voice that runs on any processor."""
