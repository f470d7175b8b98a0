"""Follow a new cut of a film: move the lines of an old script to where the same words are said now. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rythmo.script.model import Line, Script, shift_words
from rythmo.timebase import SAMPLE_RATE

_STILL = SAMPLE_RATE // 2
"""Lines that are found within so many samples of their old time have not moved."""
_SURE_LETTERS = 16
"""Words with so many letters are known again alone; shorter lines only if a neighbour moved as far."""


def follow_cut(old: Script, new: Sequence[Line]) -> Script:
    """Return the old script with its lines at the times at which a new cut says the same words.

    Lines of the same words are moved to each other where those words come once in either cut. Lines between
    them, which were recognised otherwise or were cut out, go with the nearest line that was found. Without
    such moves the script is returned as it is.
    """
    shifts = _find_shifts(old.lines, new)
    if not any(abs(shift) > _STILL for shift in shifts.values()):
        return old
    known = sorted(shifts.items())
    return replace(
        old,
        lines=tuple(_shift_line(line, _find_nearest(line.original_range[0], known)) for line in old.lines),
        removed=tuple(_shift_line(line, _find_nearest(line.start, known)) for line in old.removed),
        left_speech=tuple(_shift_range(one, _find_nearest(one[0], known)) for one in old.left_speech),
    )


def _find_shifts(old: Sequence[Line], new: Sequence[Line]) -> dict[int, int]:
    """Return how many samples later than in the old cut its lines are said, by their old start."""
    before, now = _list_unique(old), _list_unique(new)
    found = sorted(
        (line.original_range[0], now[key].start - line.original_range[0], sum(map(len, key)))
        for key, line in before.items()
        if key in now
    )
    shifts: dict[int, int] = {}
    for index, (start, shift, letters) in enumerate(found):
        beside = [*found[max(0, index - 1) : index], *found[index + 1 : index + 2]]
        if letters >= _SURE_LETTERS or any(abs(other[1] - shift) <= _STILL for other in beside):
            shifts[start] = shift
    return shifts


def _list_unique(lines: Sequence[Line]) -> Mapping[tuple[str, ...], Line]:
    """Return the lines whose words no other line has, by their words."""
    keys = {line.id: list_words(line) for line in lines}
    count = Counter(keys.values())
    return {keys[line.id]: line for line in lines if keys[line.id] and count[keys[line.id]] == 1}


def list_words(line: Line) -> tuple[str, ...]:
    """Return the words of a line's original, as they were recognised or written."""
    return tuple(word.text for word in line.words) or tuple(line.text.split())


def _find_nearest(start: int, known: Sequence[tuple[int, int]]) -> int:
    return min(known, key=lambda one: abs(one[0] - start))[1]


def _shift_line(line: Line, shift: int) -> Line:
    if not shift:
        return line
    start, end = _shift_range((line.start, line.end), shift)
    said = _shift_range(line.said_at, shift) if line.said_at else None
    return replace(line, start=start, end=end, words=shift_words(line.words, shift), said_at=said)


def _shift_range(span: tuple[int, int], shift: int) -> tuple[int, int]:
    start = max(0, span[0] + shift)
    return start, max(start + 1, span[1] + shift)
