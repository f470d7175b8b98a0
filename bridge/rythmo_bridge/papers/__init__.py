"""The papers of a recording: dialogue list, cue sheet, cross-reference, as-recorded script."""
