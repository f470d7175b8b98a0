"""Tempo from line to line: a speaker who hurries through one line does not dawdle through the next. Pure.

A line's tempo is how much faster than by itself it is spoken. What a line needs to fit its slot is never
lowered; its neighbours are raised towards it, by the least that keeps each two of them within a ratio.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

from rythmo.script.model import Line, sort_lines
from rythmo.timebase import SAMPLE_RATE

MOST_CHANGE = 1.25
"""The largest ratio of the tempos of two adjacent lines of one speaker that is not heard as a jump."""

_SCENE = 8 * SAMPLE_RATE
"""After a silence of this length nobody remembers the tempo."""


def measure_tempo(line: Line) -> float | None:
    """Return how much faster than by itself a placed line is spoken; None without a placement."""
    return line.placement.speed * line.placement.pace if line.placement else None


def find_least_tempos(
    lines: Iterable[Line], fixed: Collection[str] = (), most: float = MOST_CHANGE
) -> Mapping[str, float]:
    """Return the least tempo of each line that has to be faster than it is, by id; `fixed` ones stay as they
    are."""
    raised: dict[str, float] = {}
    for own in _group_by_speaker(lines):
        wanted = {line.id: measure_tempo(line) or 1.0 for line in own}
        for row in (own, own[::-1]):
            for before, line in pairwise(row):
                least = wanted[before.id] / most
                if line.id not in fixed and _are_near(before, line) and wanted[line.id] < least:
                    wanted[line.id] = raised[line.id] = least
    return raised


def find_tempo_groups(lines: Iterable[Line]) -> list[list[Line]]:
    """Return the lines in groups whose tempos say nothing of each other: of one speaker, near one another."""
    found: list[list[Line]] = []
    last: dict[str, list[Line]] = {}
    for line in sort_lines(lines):
        own = last.get(line.speaker)
        if own is None or not _are_near(own[-1], line):
            own = last[line.speaker] = []
            found.append(own)
        own.append(line)
    return found


def _group_by_speaker(lines: Iterable[Line]) -> list[list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in sort_lines(lines):
        if line.placement is not None:
            found.setdefault(line.speaker, []).append(line)
    return list(found.values())


def _are_near(one: Line, other: Line) -> bool:
    return max(one.start, other.start) - min(one.end, other.end) < _SCENE
