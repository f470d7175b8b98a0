"""The features of a timeline that a format can keep: the vocabulary of `Format.keeps`."""

from __future__ import annotations

from enum import StrEnum


class Feature(StrEnum):
    """A property of a timeline. The value is its name in docs/formats.md."""

    SAMPLES = "starts between two frames"
    START = "start timecode"
    RATE = "frame rate"
    DROP = "drop-frame counting"
    TRACK_NAMES = "track names"
    TRACK_COLOURS = "track colours"
    TRACK_STATE = "tracks that are off"
    STEREO = "width of a sound track"
    CLIP_NAMES = "clip names"
    LINES = "line ids beside the name"
    WORDS = "the words of a line"
    CLIP_COLOURS = "clip colours"
    CLIP_STATE = "clips that are off"
    GAIN = "clip gain"
    LINKS = "links of picture and sound"
    MARKERS = "timeline markers"
    CLIP_MARKERS = "clip markers"
    PATHS = "paths of media"
    MEDIA_START = "timecode of media"
    REELS = "reel names"
    SPEED = "speed changes"
    TRANSITIONS = "dissolves and crossfades"
    FADES = "fades of a clip"
    LEVELS = "keyframed gain"
    NESTED = "timelines inside clips"


ALL = frozenset(Feature)
