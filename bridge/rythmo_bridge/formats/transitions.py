"""Assigns each transition to one cut of its track, for formats that put transitions between clips."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from rythmo_bridge.timeline import Track, Transition


def transitions_at(track: Track) -> dict[int, Transition]:
    """Return each transition by the record sample of the cut, or of the clip's free end, that it covers.

    If several ends lie inside a transition, the one nearest its middle counts. A transition that touches no
    clip, or lies over a cut that already has one, is left out, because there is nothing it could be between.
    """
    ends = sorted({place for item in track.items for place in (item.start, item.end)})
    found: dict[int, Transition] = {}
    for shape in track.transitions:
        middle = shape.start + shape.length / 2
        inside = ends[bisect_left(ends, shape.start) : bisect_right(ends, shape.start + shape.length)]
        cut = min(inside, key=lambda place: (abs(place - middle), place), default=None)
        if cut is not None and shape.length > 0:
            found.setdefault(cut, shape)
    return found
