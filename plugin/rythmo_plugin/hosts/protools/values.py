"""The values that PTSL's commands take and give, in its words. Pure.

Pro Tools writes a value as its number, or by an old or a new name (`STCR_Fps25`, `STCRate_Fps25`); all are
read. The old names are sent: they are what py-ptsl sends, with which users place clips in Pro Tools 2026.4.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

AUDIO_TRACK = "AudioTrack"
TRACK_FORMATS = {"mono": "TF_Mono", "stereo": "TF_Stereo", "5.1": "TF_5_1", "7.1": "TF_7_1"}
"""A wanted track's form, and PTSL's name for it."""
SAMPLES = "TLType_Samples"

_AUDIO_TRACKS = {"2", "AudioTrack", "TT_Audio", "TType_Audio"}
_MARKERS = {"1", "TP_Marker", "TProperties_Marker"}
_SHUFFLES = {"1", "6", "9"}
_RATE = re.compile(r"Fps(\d+)(Drop)?\Z")
_RATES = {
    ("23976", False): Fraction(24000, 1001),
    ("24", False): Fraction(24),
    ("25", False): Fraction(25),
    ("2997", False): Fraction(30000, 1001),
    ("2997", True): Fraction(30000, 1001),
    ("30", False): Fraction(30),
    ("30", True): Fraction(30),
    ("47952", False): Fraction(48000, 1001),
    ("48", False): Fraction(48),
    ("50", False): Fraction(50),
    ("5994", False): Fraction(60000, 1001),
    ("5994", True): Fraction(60000, 1001),
    ("60", False): Fraction(60),
    ("100", False): Fraction(100),
    ("11988", False): Fraction(120_000, 1001),
    ("11988", True): Fraction(120_000, 1001),
    ("120", False): Fraction(120),
}


def is_audio_track(told: object) -> bool:
    """Return whether a track's type is that of a sound track."""
    return str(told) in _AUDIO_TRACKS


def is_marker(told: object) -> bool:
    """Return whether a memory location is a marker, not a selection."""
    return str(told) in _MARKERS


def is_shuffle(told: object) -> bool:
    """Return whether an edit mode moves later clips when one is removed."""
    return str(told) in _SHUFFLES or "Shuffle" in str(told)


def name_of_rate(rate: Fraction, *, drop: bool) -> str | None:
    """Return PTSL's name for a timecode rate; None if Pro Tools has none for it."""
    for (digits, drops), value in _RATES.items():
        if value == rate and drops == drop:
            return f"STCR_Fps{digits}{'Drop' if drops else ''}"
    return None


def location(sample: int) -> dict[str, Any]:
    """Return a place on the timeline, in samples from the session's first one."""
    return {"location": str(sample), "time_type": SAMPLES}


def media_position(sample: int) -> dict[str, Any]:
    """Return a place in a file, in samples. Pro Tools takes the number as a number only, not as text."""
    return {"position": sample, "time_type": "BTType_Samples"}


def is_set(told: object) -> bool:
    """Return whether a track's state is on: true, or set by the user or by a folder ("SetExplicitly", 2)."""
    return told is True or str(told).rpartition("_")[2] in _SET


_SET = {"SetExplicitly", "SetImplicitly", "SetExplicitlyAndImplicitly", "2", "3", "4"}
