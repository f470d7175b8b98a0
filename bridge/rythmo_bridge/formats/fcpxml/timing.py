"""Converts the times of a clip in Final Cut Pro X XML: its own, its media's, and the record's.

A clip's `offset` and `duration` count in its parent's time, its `start` and everything in it in its own. A
time map leads from the clip's own time to that of its media; both begin where the asset does. A conformed
frame rate stretches the clip's own time in the record. The factors were measured on files of Final Cut Pro:
only with these do connected clips and markers fall on whole frames of the sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from xml.etree.ElementTree import Element

from rythmo.timebase import nominal_rate
from rythmo_bridge.formats.fcpxml.values import seconds
from rythmo_bridge.formats.limits import frame_rate, to_samples
from rythmo_bridge.timeline import Transition

# The factor between a whole frame rate and its NTSC rate.
_PULL = Fraction(1001, 1000)
_FILM = ({24, 25}, {48, 50})


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Points (the clip's own time, its media's) in seconds; without points the two are the same."""

    points: tuple[tuple[Fraction, Fraction], ...] = ()

    def at(self, time: Fraction) -> Fraction:
        """Return the media's time; beyond the ends, the outermost stretch continues."""
        if not self.points:
            return time
        first, last = _around(self.points, time)
        return first[1] + (time - first[0]) * _slope(first, last)

    def speed(self, start: Fraction, length: Fraction) -> Fraction:
        """Return media over own time of a clip: exact if its speed is constant, else the mean."""
        if not self.points or not length:
            return Fraction(1)
        inside = [time for time, _ in self.points if start < time < start + length]
        if not inside:
            return _slope(*_around(self.points, start)).limit_denominator(100_000)
        return ((self.at(start + length) - self.at(start)) / length).limit_denominator(100_000)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a clip's time that is played.

    It runs from `start`, in the clip's own time, for `length` seconds of the record from `at`. `factor` is
    record seconds for each of the clip's own.
    """

    at: Fraction
    start: Fraction
    length: Fraction
    factor: Fraction
    map: TimeMap

    def heard(self, element: Element) -> Window:
        """Return the part that its sound plays."""
        start, length = sound_span(element, self.start, self.length)
        return replace(self, at=self.at + (start - self.start) * self.factor, start=start, length=length)

    @property
    def source(self) -> tuple[Fraction, Fraction]:
        """Return the media's time that is played first, and the speed; backwards, the lowest time."""
        own = self.length / self.factor
        speed = self.map.speed(self.start, own)
        begins = self.map.at(self.start)
        return begins if speed >= 0 else begins + own * speed, speed / self.factor


def time_map(element: Element) -> TimeMap:
    """Return a clip's time map."""
    told = [(seconds(point, "time"), seconds(point, "value")) for point in element.findall("timeMap/timept")]
    points = tuple(sorted(dict(told).items()))
    return TimeMap(points) if len(points) > 1 else TimeMap()


def conform_factor(element: Element, sequence: Fraction) -> Fraction:
    """Return record seconds for each second of a clip whose media has another rate than the sequence."""
    told = element.find("conform-rate")
    text = told.get("srcFrameRate") if told is not None else None
    if told is None or not text or told.get("scaleEnabled") == "0":
        return Fraction(1)
    source = frame_rate(text)
    names = {nominal_rate(source), nominal_rate(sequence)}
    # A rate that is close enough plays frame for frame.
    if len(names) == 1 or names in _FILM:
        return source / sequence
    if nominal_rate(source) % 24 == 0 and source.denominator == 1001:
        return 1 / _PULL
    if source.denominator == sequence.denominator:
        return _PULL if source.denominator == 1001 and nominal_rate(sequence) % 24 == 0 else Fraction(1)
    return _PULL if sequence.denominator == 1001 else 1 / _PULL


def sound_span(element: Element, start: Fraction, length: Fraction) -> tuple[Fraction, Fraction]:
    """Return where a clip's sound begins, in its own time, and its length.

    In a split edit ("J" or "L" cut) it begins before or ends after the picture.
    """
    begins = seconds(element, "audioStart") if element.get("audioStart") is not None else start
    if element.get("audioDuration") is not None:
        return begins, seconds(element, "audioDuration")
    return begins, length - (begins - start)


def _around(
    points: Sequence[tuple[Fraction, Fraction]], time: Fraction
) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    """Return the two points between which a time lies."""
    return next((pair for pair in pairwise(points) if time < pair[1][0]), (points[-2], points[-1]))


def _slope(first: tuple[Fraction, Fraction], last: tuple[Fraction, Fraction]) -> Fraction:
    return (last[1] - first[1]) / (last[0] - first[0])


def read_transition(element: Element, at: Fraction) -> Transition:
    """Read a transition that begins at record second `at`."""
    begin = to_samples(at)
    length = to_samples(at + seconds(element, "duration")) - begin
    return Transition(max(0, begin), length, element.get("name") or "dissolve")
