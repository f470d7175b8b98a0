"""Recognises the parameters of AAF effects, and reads their values."""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

from rythmo_bridge.formats.aaf.stored_objects import POINT_TIME, POINT_VALUE, POINTS, StoredObject

AMPLITUDE = UUID("e4962321-2267-11d3-8a4c-0050040ef7d2").bytes_le
SPEED_RATIO = UUID("72559a80-24d7-11d3-8a50-0050040ef7d2").bytes_le
AUTOMATION = "AvidControlClipRatio"
"""Media Composer's volume automation: factors, beside the clip gain in `AMPLITUDE`."""
SPEED_MAP, SPEED_OFFSET_MAP, OFFSET_MAP = (
    "PARAM_SPEED_MAP_U",
    "PARAM_SPEED_OFFSET_MAP_U",
    "PARAM_OFFSET_MAP_U",
)
_MOST_POINTS = 100_000


def parse_number(value: object) -> Fraction | None:
    """Return a value as a number; None for anything else."""
    return Fraction(value) if isinstance(value, int | Fraction) else None


def control_points(parameter: StoredObject) -> list[tuple[Fraction, Fraction]]:
    """Return time and value of each control point in order of time; the last of several at one time."""
    found: dict[Fraction, Fraction] = {}
    for point in parameter.many(POINTS)[:_MOST_POINTS]:
        time, value = point.get(POINT_TIME), parse_number(point.get(POINT_VALUE))
        if time is not None and value is not None:
            found[time] = value
    return sorted(found.items())
