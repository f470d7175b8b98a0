"""The bridge: timelines, subtitles and Broadcast WAV on one side, the core's values on the other."""
