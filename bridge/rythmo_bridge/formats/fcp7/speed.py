"""Reads speed changes of Final Cut Pro 7 XML: what a re-timed clip plays of its file.

`in`, `out` and `duration` of such a clip count in its own, stretched time (seen in files of Final Cut Pro,
Premiere and Resolve). `graphdict` maps some frames of the clip to frames of the file, rounded down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from xml.etree.ElementTree import Element

from rythmo_bridge.formats.fcp7.values import frame_count, number_of, text_of

_MOST_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Retiming:
    """A speed change: `speed` is negative backwards and zero for a freeze frame.

    `points` are (frame of the clip, frame of the file). `length` is the whole clip's, in its own frames.
    """

    speed: Fraction
    length: int
    points: tuple[tuple[int, int], ...] = ()
    varies: bool = False

    def played(self, start: Fraction, length: Fraction) -> tuple[Fraction, Fraction]:
        """Return the lowest frame of the file that a clip's [start, start + length) plays, and the speed."""
        known = dict(self.points)
        if not self.speed:
            return Fraction(known.get(math.floor(start), start)), self.speed
        if self.varies and len(self.points) > 1 and length:
            ends = self._at(start), self._at(start + length)
            return min(ends), ((ends[1] - ends[0]) / length).limit_denominator(100_000)
        lowest, stated = start * self.speed, known.get(math.floor(start))
        if self.speed < 0:
            end = start + length
            lowest, stated = (self.length - end) * -self.speed, known.get(math.floor(end))
        # The speed is more exact than the stated whole frame, unless it leads to a different frame.
        near = stated is not None and 0 < abs(stated - math.floor(lowest)) <= max(
            1, math.ceil(abs(self.speed))
        )
        return max(Fraction(0), Fraction(stated) if near and stated is not None else lowest), self.speed

    def _at(self, frame: Fraction) -> Fraction:
        pairs = list(pairwise(self.points))
        first, last = next((pair for pair in pairs if frame < pair[1][0]), pairs[-1])
        return first[1] + (frame - first[0]) * Fraction(last[1] - first[1], last[0] - first[0])


def retiming_of(effects: Iterable[Element], clip: Element) -> Retiming | None:
    """Return how a clip is re-timed; None if its speed is unchanged."""
    effect = next((each for each in effects if text_of(each, "effectid") == "timeremap"), None)
    if effect is None:
        return None
    told = {text_of(p, "parameterid"): p for p in effect.findall("parameter")}

    def value(name: str) -> str:
        return text_of(told[name], "value") if name in told else ""

    speed = Fraction(number_of(value("speed"), 100.0)).limit_denominator(1_000_000) / 100
    if value("reverse").upper() == "TRUE":
        speed = -abs(speed)
    graph = told["graphdict"].findall("keyframe")[:_MOST_POINTS] if "graphdict" in told else []
    points = {frame_count(point, "when"): frame_count(point, "value") for point in graph}
    varies = value("variablespeed") == "1"
    return Retiming(speed, frame_count(clip, "duration"), tuple(sorted(points.items())), varies)
