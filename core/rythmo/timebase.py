"""Frame rates, sample positions and timecode: exact, with Fractions and integers.

Positions inside core are integer samples. Frames and timecode appear at the edges, and a
timecode always says whether it drops (`01:00:00;00`) or not (`01:00:00:00`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from rythmo.errors import InputError

SAMPLE_RATE = 48_000
"""The project's audio rate unless the settings say otherwise."""

_NTSC_BASES = (24, 30, 48, 60, 120)
_MAX_RATE = 1000
_TIMECODE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})\Z")
_SNAP_TOLERANCE = Fraction(1, 1000)


def snap_rate(rate: float | str | Fraction) -> Fraction:
    """Return the exact frame rate meant by `rate`: 23.976, 23.98 and 2997/125 are all 24000/1001.

    Raises InputError for what cannot be a frame rate (zero, negative, NaN, above 1000).
    """
    try:
        exact = Fraction(rate)
    except (ValueError, OverflowError, ZeroDivisionError, TypeError) as error:
        raise InputError(
            f"{rate!r} is not a frame rate.", hint="Use 23.976, 24, 25, 29.97, 30 ..."
        ) from error
    if not 0 < exact <= _MAX_RATE:
        raise InputError(f"{rate!r} is not a frame rate.", hint="Use 23.976, 24, 25, 29.97, 30 ...")
    for base in _NTSC_BASES:
        ntsc = Fraction(base * 1000, 1001)
        # 23.98 is how several hosts write 24000/1001; 24 itself is 0.024 away.
        if (
            abs(exact - ntsc) <= ntsc * _SNAP_TOLERANCE / 4
            or abs(exact - Fraction(round(ntsc * 100), 100)) == 0
        ):
            return ntsc
    nearest = Fraction(round(exact))
    return nearest if abs(exact - nearest) < _SNAP_TOLERANCE else exact.limit_denominator(100_000)


def nominal_rate(rate: Fraction) -> int:
    """Frames counted in one second of timecode: 24 for 24000/1001, 30 for 30000/1001."""
    return math.ceil(rate)


def can_drop(rate: Fraction) -> bool:
    """Drop-frame timecode exists for 29.97, 59.94 and 119.88 only."""
    return rate.denominator == 1001 and nominal_rate(rate) % 30 == 0


def frames_to_samples(frames: int, rate: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """Return the sample at which a frame starts, to the nearest sample."""
    return _divide_rounding(frames * sample_rate * rate.denominator, rate.numerator)


def samples_to_frames(samples: int, rate: Fraction, sample_rate: int = SAMPLE_RATE) -> Fraction:
    """Return the exact position in frames; round it with `floor`, `ceil` or `nearest_frame` as the format
    needs."""
    return Fraction(samples) * rate / sample_rate


def nearest_frame(samples: int, rate: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """Return the frame whose start is closest to a sample position."""
    return _divide_rounding(samples * rate.numerator, rate.denominator * sample_rate)


def find_frame(samples: int, rate: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """Return the last frame whose start (as a sample position) is at or before the sample."""
    frame = samples * rate.numerator // (rate.denominator * sample_rate)
    return frame + 1 if frames_to_samples(frame + 1, rate, sample_rate) <= samples else frame


def seconds_to_samples(seconds: float | Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """Nearest sample; for the edges where a library speaks in seconds."""
    exact = Fraction(seconds) * sample_rate
    return _divide_rounding(exact.numerator, exact.denominator)


def _divide_rounding(numerator: int, denominator: int) -> int:
    """Return the quotient rounded half up, in plain integers: timelines ask for thousands of these."""
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True)
class Timecode:
    """A label of a frame: `frame` counts from 00:00:00:00 at `rate`; `drop` is how it is written."""

    frame: int
    rate: Fraction
    drop: bool = False

    def __str__(self) -> str:
        return format_timecode(self.frame, self.rate, drop=self.drop)


def format_timecode(frame: int, rate: Fraction, *, drop: bool) -> str:
    """`HH:MM:SS:FF`, or `HH:MM:SS;FF` when it drops (SMPTE ST 12-1). Wraps at 24 hours.

    Raises InputError when drop-frame is asked of a rate that has none.
    """
    base = nominal_rate(rate)
    if drop:
        _require_drop(rate)
        frame = _add_dropped_labels(frame, base)
    frame %= 24 * 3600 * base
    seconds, frames = divmod(frame, base)
    separator = ";" if drop else ":"
    width = 3 if base > 100 else 2
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{separator}{frames:0{width}}"


def parse_timecode(text: str, rate: Fraction, *, drop: bool | None = None) -> Timecode:
    """Read `01:00:00:00` or `01:00:00;00`; `drop` overrides what the separator says.

    Raises InputError for anything else, and for frame labels that do not exist
    (00:01:00;00 is skipped by drop-frame counting; 00:00:00:24 at 24 frames).
    """
    match = _TIMECODE.match(text.strip())
    if not match:
        raise InputError(
            f"{text!r} is not a timecode.", hint="Write it as 01:00:00:00 (or 01:00:00;00 for drop-frame)."
        )
    hours, minutes, seconds, separator, frames = match.groups()
    drops = (separator in ";,.") if drop is None else drop
    base = nominal_rate(rate)
    if int(minutes) > 59 or int(seconds) > 59:
        raise InputError(
            f"{text!r} is not a timecode: minutes and seconds go up to 59.", hint="Write it as 01:00:00:00."
        )
    if int(frames) >= base:
        raise InputError(
            f"{text!r} does not exist at {float(rate):.3f} frames a second.", hint="Check the frame rate."
        )
    label = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * base + int(frames)
    if not drops:
        return Timecode(label, rate, drop=False)
    _require_drop(rate)
    return Timecode(_remove_dropped_labels(label, base, text), rate, drop=True)


def _require_drop(rate: Fraction) -> None:
    if not can_drop(rate):
        raise InputError(
            f"There is no drop-frame timecode at {float(rate):.3f} frames a second.",
            hint="Only 29.97, 59.94 and 119.88 drop.",
        )


def _add_dropped_labels(frame: int, base: int) -> int:
    """Real frame count -> label count, by skipping 2 (at 30) labels a minute but every tenth."""
    dropped = base // 15
    per_ten = 600 * base - 9 * dropped
    per_minute = 60 * base - dropped
    tens, rest = divmod(frame, per_ten)
    skipped = tens * 9 * dropped
    if rest >= 60 * base:
        skipped += dropped * (1 + (rest - 60 * base) // per_minute)
    return frame + skipped


def _remove_dropped_labels(label: int, base: int, text: str) -> int:
    dropped = base // 15
    minutes = label // (60 * base)
    if minutes % 10 and label % (60 * base) < dropped:
        raise InputError(
            f"{text!r} is a label that drop-frame timecode skips.", hint="Check whether it should drop."
        )
    return label - dropped * (minutes - minutes // 10)


def time_reference(start_frame: int, rate: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """bext TimeReference: samples since midnight of a timeline's first frame (EBU Tech 3285).

    01:00:00:00 is 172800000 at whole rates and 172972800 at 23.976 and 29.97 non-drop.
    """
    return frames_to_samples(start_frame, rate, sample_rate)
