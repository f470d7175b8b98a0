"""Interprets the timecodes of an EDL: the list's rate and counting, those of each reel, and midnight.

A list names no frame rate. Its record times follow one rate; a reel may have been shot at another, and may
not drop frames where the list does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from rythmo.errors import TimelineError
from rythmo.timebase import can_drop, frames_to_samples, nominal_rate, parse_timecode
from rythmo_bridge.formats.limits import to_samples

COMMON_RATES = (24, 25, 30, 50, 60)
_DAY_HOURS = 24
_HALF_DAY_SECONDS = 12 * 3600
# The first frames of every minute but each tenth, which drop-frame counting skips.
_SKIPPED = re.compile(r":[0-5][1-9]:00:(0[0-3])\Z")


@dataclass(frozen=True, slots=True)
class EventTimes:
    """The four timecodes of an event as written.

    `drop` is the state of the last `FCM` line before the event; `retimed` events play at another speed.
    """

    reel: str
    source: tuple[str, str]
    record: tuple[str, str]
    drop: bool
    retimed: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A frame counter at a rate, drop-frame or not."""

    rate: Fraction
    drop: bool = False

    def frame(self, text: str) -> int:
        """Return the frame that a timecode names.

        A timecode that drop-frame counting skips becomes the first frame after the gap.

        Raises:
            TimelineError: The timecode does not exist at this rate.
        """
        plain = plain_timecode(text)
        if self.drop and _is_skipped(plain, self.rate):
            plain = f"{plain[:-2]}{nominal_rate(self.rate) // 15:02}"
        return parse_timecode(plain, self.rate, drop=self.drop).frame

    def samples(self, text: str) -> int:
        """Return the sample position, since midnight, that a timecode names."""
        return frames_to_samples(self.frame(text), self.rate)


def plain_timecode(text: str) -> str:
    """Return a timecode with colons only."""
    return ":".join(re.split("[:;.,]", text))


def list_rate(events: Sequence[EventTimes], *, drop: bool) -> Fraction:
    """Return the lowest common rate that has every record frame.

    Source timecodes count as well, unless their lengths in seconds show that their reels have another rate.
    """
    highest = max(_last_frame(time) for event in events for time in event.record)
    if drop:
        return Fraction(30_000 if highest < 30 else 60_000, 1001)
    by_record = _lowest_rate(highest)
    beyond: dict[str, list[EventTimes]] = {}
    for event in events:
        if _highest(event.source) >= by_record:
            beyond.setdefault(event.reel, []).append(event)
    needed = [by_record]
    for played in beyond.values():
        own = _lowest_rate(max(_highest(each.source) for each in played))
        if not all(_is_of_another_rate(each, by_record, own) for each in played):
            needed.append(own)
    return max(needed)


def _highest(times: Iterable[str]) -> int:
    return max(map(_last_frame, times))


def record_drops(events: Sequence[EventTimes], *, header_drop: bool) -> bool:
    """Whether record times are drop-frame: by their semicolons, else by the first `FCM` line."""
    labels = [time for event in events for time in event.record]
    if any(_has_drop_mark(label) for label in labels):
        return True
    return header_drop and not any(_is_skipped(plain_timecode(label), Fraction(30)) for label in labels)


def reel_clocks(events: Sequence[EventTimes], rate: Fraction, *, drop: bool) -> Mapping[str, Clock]:
    """Return how each reel counts.

    The rate is the list's if all the reel's frames exist there, else the lowest that has them. The reel drops
    frames if its timecodes say so.
    """
    told: dict[str, list[str]] = {}
    drops: dict[str, bool] = {}
    marked = any(_has_drop_mark(time) for event in events for time in event.record)
    for event in events:
        told.setdefault(event.reel, []).extend(event.source)
        # Where records carry semicolons, a colon in the source says that the reel does not drop.
        plain = event.drop and not marked
        drops[event.reel] = drops.get(event.reel, True) and (plain or _has_drop_mark(event.source[0]))
    return {reel: _reel_clock(labels, rate, drop=drop and drops[reel]) for reel, labels in told.items()}


def crosses_midnight(records: Sequence[tuple[str, str]]) -> bool:
    """Whether record times cross midnight, so that small hours follow large ones."""
    seconds = [(_seconds(start), _seconds(end)) for start, end in records]
    if any(start - end > _HALF_DAY_SECONDS for start, end in seconds):
        return True
    starts = [start for start, _ in seconds]
    return any(before - after > _HALF_DAY_SECONDS for before, after in pairwise(starts))


def after_midnight(text: str) -> str:
    """Return a record time after midnight as one of the day before: 00:00:01:00 as 24:00:01:00."""
    hours, rest = plain_timecode(text).split(":", 1)
    late = int(hours) * 3600 < _HALF_DAY_SECONDS
    return f"{int(hours) + _DAY_HOURS}:{rest}" if late else text


def length_between(clock: Clock, start: str, end: str) -> int:
    """Return the samples between two source timecodes, across midnight if the second is earlier."""
    length = clock.samples(end) - clock.samples(start)
    day = to_samples(Fraction(_DAY_HOURS * 3600))
    return length + day if length < -day // 2 else length


def _reel_clock(labels: Iterable[str], rate: Fraction, *, drop: bool) -> Clock:
    known = list(labels)
    highest = max(map(_last_frame, known))
    own = rate
    if highest >= nominal_rate(rate):
        own = _lowest_rate(highest) * (Fraction(1000, 1001) if rate.denominator == 1001 else 1)
    skips = any(_is_skipped(plain_timecode(label), own) for label in known)
    return Clock(own, drop=drop and can_drop(own) and not skips)


def _is_of_another_rate(event: EventTimes, rate: Fraction, other: Fraction) -> bool:
    """Whether an event's source at `other` lasts as long as its record at `rate`, in seconds."""
    if event.retimed:
        return True
    source = [_frames(time, other) for time in event.source]
    record = [_frames(time, other) for time in event.record]
    if source[1] - source[0] == record[1] - record[0]:
        return False
    begins, ends = (_frames(time, rate) for time in event.record)
    played = Fraction(source[1] - source[0]) / other
    return abs(played - Fraction(ends - begins) / rate) < 1 / rate


def _lowest_rate(highest: int) -> Fraction:
    return next((Fraction(rate) for rate in COMMON_RATES if highest < rate), Fraction(100))


def _numbers(text: str) -> Iterator[int]:
    return (int(part) for part in re.split("[:;.,]", text))


def _frames(text: str, rate: Fraction) -> int:
    """Count frames without dropping, for comparing lengths."""
    hours, minutes, seconds, frames = _numbers(text)
    return ((hours * 60 + minutes) * 60 + seconds) * nominal_rate(rate) + frames


def _seconds(text: str) -> int:
    hours, minutes, seconds, _ = _numbers(text)
    return (hours * 60 + minutes) * 60 + seconds


def _last_frame(text: str) -> int:
    return int(re.split("[:;.,]", text)[3])


def _has_drop_mark(text: str) -> bool:
    return text[-3] in ";,"


def _is_skipped(plain: str, rate: Fraction) -> bool:
    match = _SKIPPED.search(plain)
    return match is not None and int(match[1]) < nominal_rate(rate) // 15


def require_rate(highest: int, rate: Fraction) -> None:
    """Raise TimelineError if a record frame does not exist at the requested rate."""
    if highest >= nominal_rate(rate):
        raise TimelineError(
            f"Its record times count to frame {highest}, which does not exist at {float(rate):.3f} frames"
            " a second.",
            hint="Choose another --rate.",
        )


def highest_record_frame(events: Sequence[EventTimes]) -> int:
    """Return the highest frame number of the record times."""
    return max(_last_frame(time) for event in events for time in event.record)
