"""Divide a film into segments that are encoded one by one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rythmo.faces.tracks import Shot

_LEAST_SECONDS = 10.0
"""Shots are joined up to this length: each segment costs a start of ffmpeg and a key frame."""
_MOST_SECONDS = 20.0


def plan_segments(shots: Sequence[Shot], rate: float) -> tuple[tuple[int, int], ...]:
    """Return the segments [first, last) of the film, in order.

    They end at cuts, where a key frame costs nothing; a shot that is too long for one is divided evenly.
    """
    least, most = round(_LEAST_SECONDS * rate), round(_MOST_SECONDS * rate)
    found: list[tuple[int, int]] = []
    first = shots[0].first if shots else 0
    for shot in shots:
        if shot.last - first >= least or shot is shots[-1]:
            found += _divide(first, shot.last, most)
            first = shot.last
    return tuple(found)


def _divide(first: int, last: int, most: int) -> list[tuple[int, int]]:
    count = max(1, -(-(last - first) // most))
    edges = [first + (last - first) * index // count for index in range(count + 1)]
    return [(low, high) for low, high in pairwise(edges) if low < high]
