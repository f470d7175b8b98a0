"""Interprets the positions in a Pro Tools session text. Pure.

A text is exported in one time format, which it does not name. Timecode (`01:00:05:12`, with subframes
`01:00:05:12.25`) counts from midnight. Samples (`240000`) and minutes (`0:05.480`) count from the session's
first sample: in a real text of a session that starts at 00:59:00:00, a marker at 01:00:00:00 has the time
reference 2880000 at 48 kHz. Bars and feet are refused, because they depend on settings that the text lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from rythmo.errors import InputError
from rythmo.timebase import SAMPLE_RATE, parse_timecode, snap_rate, time_reference
from rythmo_bridge.formats.limits import to_samples

_TIMECODE = re.compile(r"(\d{1,2}:\d{2}:\d{2}[:;.]\d{2,3})(?:\.(\d{2}))?\Z")
_MINUTES = re.compile(r"(\d+):(\d{2}(?:\.\d+)?)\Z")
_SAMPLES = re.compile(r"\d+\Z")
_DROPS = re.compile(r"\bdrop", re.IGNORECASE)
_ADVICE = "Export it again with the time format Samples or Timecode."


@dataclass(frozen=True, slots=True)
class SessionClock:
    """How a session counts: its frame rate, start frame and drop-frame flag, and its sample rate in hertz."""

    rate: Fraction
    start_frame: int
    drop: bool
    sample_rate: int

    @property
    def start_reference(self) -> int:
        """The session's first sample, in samples since midnight at 48 kHz."""
        return time_reference(self.start_frame, self.rate)

    def position(self, text: str) -> int:
        """Return a position in samples at 48 kHz from the session's first sample.

        Raises InputError for a format that cannot be read, TimelineError for a position beyond a year.
        """
        if _SAMPLES.match(text):
            return to_samples(Fraction(int(text), self.sample_rate))
        if match := _TIMECODE.match(text):
            frame = parse_timecode(match[1], self.rate, drop=self.drop).frame
            whole = time_reference(frame, self.rate) - self.start_reference
            subframes = Fraction(int(match[2] or 0), 100)
            return whole + round(subframes * SAMPLE_RATE / self.rate)
        if match := _MINUTES.match(text):
            return to_samples(60 * int(match[1]) + Fraction(match[2]))
        raise InputError(f"{text!r} is neither samples, timecode nor minutes", hint=_ADVICE)


def make_clock(sample_rate: str, start: str, timecode_format: str) -> SessionClock:
    """Make the clock from the head of a text: `48000.000000`, `01:00:00:00`, `29.97 Drop Frame`.

    Raises InputError when a value makes no sense.
    """
    try:
        rate_hz = round(float(sample_rate))
    except (ValueError, OverflowError) as error:
        raise InputError(f"{sample_rate!r} is not a sample rate", hint="Export it again.") from error
    if not 8_000 <= rate_hz <= 768_000:
        raise InputError(f"{sample_rate!r} is not a sample rate", hint="Export it again.")
    rate = snap_rate(timecode_format.split(" ", maxsplit=1)[0])
    drop = bool(_DROPS.search(timecode_format)) and "non" not in timecode_format.lower()
    return SessionClock(rate, parse_timecode(start, rate, drop=drop).frame, drop, rate_hz)


def count_from_midnight(stamps: Iterable[int], clock: SessionClock) -> bool:
    """Whether timestamps in samples count from midnight rather than from the session's first sample.

    Which of the two Pro Tools writes is not documented. If all of them lie behind the session's start since
    midnight, that is what they count from.
    """
    found = [stamp for stamp in stamps if stamp]
    return bool(found) and clock.start_reference > 0 and min(found) >= clock.start_reference
