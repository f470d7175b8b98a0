"""Converts clip levels: factors to decibels, and the keyframes of each format to ours."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element

from rythmo_bridge.formats.limits import frames_to_samples, to_samples
from rythmo_bridge.timeline import Level

SILENCE_DB = -144.0
_MOST_POINTS = 100_000


def decibels(factor: float) -> float:
    """Return a factor in dB; zero, and anything that is not a number, is silence."""
    if not math.isfinite(factor) or factor <= 0:
        return SILENCE_DB
    return round(20 * math.log10(factor), 4) + 0.0


def fcp7_levels(parameters: Iterable[Element], begin: int, rate: Fraction) -> tuple[Level, ...]:
    """Return the keyframes of xmeml's `level`: factors, at frames of the source from `begin`."""
    found = []
    for parameter in parameters:
        if (parameter.findtext("parameterid") or "").strip() != "level":
            continue
        for point in parameter.findall("keyframe")[:_MOST_POINTS]:
            when, value = _number(point.findtext("when")), _number(point.findtext("value"))
            if when is not None and value is not None:
                found.append(Level(frames_to_samples(math.floor(when) - begin, rate), decibels(value)))
    return _sorted(found)


def fcpxml_levels(element: Element, start: Fraction) -> tuple[Level, ...]:
    """Return the keyframes of `adjust-volume`: decibels, in the clip's own time, which begins at `start`."""
    from rythmo_bridge.formats.fcpxml.values import decibels_of, seconds

    points = element.findall("adjust-volume/param[@name='amount']/keyframeAnimation/keyframe")
    return _sorted(
        Level(to_samples(seconds(point, "time") - start), decibels_of(point.get("value") or "0"))
        for point in points[:_MOST_POINTS]
    )


def aaf_levels(points: Iterable[tuple[Fraction, float]], length: Fraction) -> tuple[Level, ...]:
    """Return the control points of an AAF gain: factors, at fractions of an effect of `length` seconds."""
    found = [Level(to_samples(at * length), decibels(value)) for at, value in points]
    return _sorted(found[:_MOST_POINTS])


def muted_levels(levels: Sequence[Level], ranges: Sequence[tuple[int, int]]) -> tuple[Level, ...]:
    """Return keyframes with silence in each range of samples, [first, last) from the clip's start."""
    found = list(levels)
    for first, last in ranges:
        before, after = (_gain_at(found, at) if found else 0.0 for at in (first, last))
        kept = [each for each in found if not first <= each.at < last]
        edges = [Level(first, SILENCE_DB), Level(last - 1, SILENCE_DB), Level(last, after)]
        if first > 0:
            edges.insert(0, Level(first - 1, before))
        found = sorted([*kept, *(e for e in edges if e.at not in {k.at for k in kept})], key=lambda e: e.at)
    return tuple(found)


def levels_between(levels: Sequence[Level], begin: int, end: int) -> tuple[Level, ...]:
    """Return the keyframes of a longer stretch for the clip at [begin, end) of it, counted from its start."""
    if not levels:
        return ()
    inside = [each for each in levels if begin < each.at < end]
    edges = [Level(at, _gain_at(levels, at)) for at in (begin, end)]
    if levels[0].at >= begin and levels[-1].at <= end:
        edges = []
        inside = list(levels)
    found = sorted([*inside, *edges], key=lambda each: each.at)
    return tuple(Level(each.at - begin, each.gain_db) for each in found)


def sum_levels(first: Sequence[Level], second: Sequence[Level]) -> tuple[Level, ...]:
    """Return two sets of keyframes added up in dB."""
    if not first or not second:
        return tuple(first or second)
    places = sorted({each.at for each in (*first, *second)})[:_MOST_POINTS]
    return tuple(
        Level(at, round(max(SILENCE_DB, _gain_at(first, at) + _gain_at(second, at)), 4)) for at in places
    )


def _gain_at(levels: Sequence[Level], at: int) -> float:
    """Return the gain in dB at a sample; between two keyframes the factor is interpolated linearly."""
    place = bisect_right(levels, at, key=lambda each: each.at)
    if place == 0:
        return levels[0].gain_db
    if place == len(levels):
        return levels[-1].gain_db
    before, after = levels[place - 1], levels[place]
    part = (at - before.at) / (after.at - before.at)
    factors = [0.0 if each.gain_db <= SILENCE_DB else 10 ** (each.gain_db / 20) for each in (before, after)]
    return decibels(factors[0] + part * (factors[1] - factors[0]))


def _sorted(levels: Iterable[Level]) -> tuple[Level, ...]:
    return tuple(sorted(levels, key=lambda each: each.at))


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
