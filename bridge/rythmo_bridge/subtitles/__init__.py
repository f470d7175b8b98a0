"""Subtitles: the cue, the conventions that make cues of lines, and one file per format."""
