"""Reads speed changes of an AAF: what a time warp plays of its input.

`SpeedRatio` is the length of the output over that of the input, so 2 plays at half speed. Avid adds curves,
which are exact where its ratio is rounded to whole frames: `PARAM_SPEED_OFFSET_MAP_U` maps frames of the
output to frames of the input, `PARAM_OFFSET_MAP_U` does so from fractions of the output's last frame, and
`PARAM_SPEED_MAP_U` holds speeds. This was determined from Media Composer files made to show each kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

_LIMIT = 100_000
_MOST_TIMES = 10_000

Curve = Sequence[tuple[Fraction, Fraction]]


@dataclass(frozen=True, slots=True)
class Warp:
    """What a time warp plays: `speed` input over output time, and `first`, the lowest input time in seconds.

    Backwards, it ends at `first`. A speed of zero holds the frame at `first`.
    """

    speed: Fraction
    first: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class WarpFacts:
    """What an effect says about speed.

    `length` and `played` are the lengths of the effect and of its input in edit units, `rate` is edit units
    per second. Each curve is a list of (time, value), empty if there is none.
    """

    length: Fraction
    played: Fraction
    rate: Fraction
    ratio: Fraction | None = None
    offsets: Curve = ()
    relative_offsets: Curve = ()
    speeds: Curve = ()


def warp_of(facts: WarpFacts) -> Warp | None:
    """Return the mean speed of an effect and where it starts to play; None if it does not change speed."""
    if not facts.length:
        return None
    if len(facts.offsets) > 1:
        begin, end = _at(facts.offsets, Fraction(0)), _at(facts.offsets, facts.length)
        return _between(begin, (end - begin) / facts.length, facts)
    if len(facts.relative_offsets) > 1 and facts.length > 1:
        begin, end = _at(facts.relative_offsets, Fraction(0)), _at(facts.relative_offsets, Fraction(1))
        return _between(begin, (end - begin) / (facts.length - 1), facts)
    if facts.speeds:
        return _from_speeds(facts)
    return _from_ratio(facts)


def _between(begin: Fraction, speed: Fraction, facts: WarpFacts) -> Warp:
    """Return the warp that plays from frame `begin`. Backwards, that frame is played from its end."""
    speed = _plain(speed)
    first = begin if speed >= 0 else begin + 1 + facts.length * speed
    return Warp(speed, first / facts.rate)


def _from_speeds(facts: WarpFacts) -> Warp:
    """Return the mean of a curve of speeds that is linear between its points."""
    points = list(facts.speeds)
    ends = [Fraction(0), *(time for time, _ in points if 0 < time < facts.length), facts.length]
    area = sum(((_at(points, a) + _at(points, b)) / 2 * (b - a) for a, b in pairwise(ends)), Fraction(0))
    speed = _plain(area / facts.length)
    backwards = facts.played + facts.length * speed if speed < 0 else Fraction(0)
    return Warp(speed, backwards / facts.rate)


def _from_ratio(facts: WarpFacts) -> Warp | None:
    ratio = facts.ratio
    if ratio is None:
        return None
    # One frame for the whole length is how Avid writes a freeze.
    if not ratio or (facts.played == 1 and ratio == facts.length and facts.length > 1):
        return Warp(Fraction(0))
    speed = _plain(1 / ratio)
    first = facts.played + facts.length * speed if speed < 0 else Fraction(0)
    return Warp(speed, first / facts.rate)


def _at(points: Curve, time: Fraction) -> Fraction:
    """Return a curve's value; beyond its ends its outermost stretch continues."""
    if len(points) == 1:
        return points[0][1]
    pairs = list(pairwise(points))
    (t0, v0), (t1, v1) = next((pair for pair in pairs if time < pair[1][0]), pairs[-1])
    return v0 if t0 == t1 else v0 + (time - t0) * (v1 - v0) / (t1 - t0)


def _plain(speed: Fraction) -> Fraction:
    """Return a speed within usable bounds, since files may be damaged."""
    return max(Fraction(-_MOST_TIMES), min(Fraction(_MOST_TIMES), speed)).limit_denominator(_LIMIT)
