"""Levels of clips: factors as decibels, and the keyframes that formats write in ways of their own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from xml.etree.ElementTree import Element

from rythmo_bridge.formats.limits import frames_to_samples, to_samples
from rythmo_bridge.timeline import Level

SILENCE_DB = -144.0
_MOST_POINTS = 100_000


def decibels(factor: float) -> float:
    """A factor in dB; nothing, and what is no number, is silence."""
    if not math.isfinite(factor) or factor <= 0:
        return SILENCE_DB
    return round(20 * math.log10(factor), 4) + 0.0


def fcp7_levels(parameters: Iterable[Element], begin: int, rate: Fraction) -> tuple[Level, ...]:
    """The keyframes of xmeml's `level`: factors, at frames of the clip's source; `begin` is its first."""
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
    """The keyframes of `adjust-volume`: decibels, in the clip's own time, which begins at `start`."""
    from rythmo_bridge.formats.fcpxml.values import decibels_of, seconds

    points = element.findall("adjust-volume/param[@name='amount']/keyframeAnimation/keyframe")
    return _sorted(
        Level(to_samples(seconds(point, "time") - start), decibels_of(point.get("value") or "0"))
        for point in points[:_MOST_POINTS]
    )


def aaf_levels(points: Iterable[tuple[Fraction, float]], length: Fraction) -> tuple[Level, ...]:
    """The control points of an AAF gain: factors, at fractions of an effect that is `length` seconds long."""
    found = [Level(to_samples(at * length), decibels(value)) for at, value in points]
    return _sorted(found[:_MOST_POINTS])


def _sorted(levels: Iterable[Level]) -> tuple[Level, ...]:
    return tuple(sorted(levels, key=lambda each: each.at))


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
