"""Subtitles: the cue, the conventions that turn lines into cues, and one module for each format."""
