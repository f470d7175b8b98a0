"""Writes WebVTT, for browsers and HLS."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape

from rythmo.timebase import SAMPLE_RATE
from rythmo_bridge.subtitles.cues import Cue


def render(cues: Sequence[Cue], sample_rate: int = SAMPLE_RATE) -> str:
    """Return the file's text; a cue's speaker becomes a voice tag, which players may show or style."""
    blocks = ["WEBVTT\n"]
    for number, cue in enumerate(cues, start=1):
        start, end = (clock(position, sample_rate) for position in (cue.start, cue.end))
        # The tags of italics are the same in WebVTT.
        text = escape(cue.text, quote=False).replace("&lt;i&gt;", "<i>").replace("&lt;/i&gt;", "</i>")
        if cue.speaker:
            name = escape(cue.speaker, quote=False).replace("\n", " ")
            text = f"<v {name}>{text}</v>"
        blocks.append(f"{number}\n{start} --> {end}\n{text}\n")
    return "\n".join(blocks)


def clock(position: int, sample_rate: int) -> str:
    """Return `01:02:03.456`, to the nearest millisecond."""
    total = round(Fraction(position * 1000, sample_rate))
    seconds, thousandths = divmod(total, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"
