"""Adapts espeak-ng, which runs in a process of its own."""
