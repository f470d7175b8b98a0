"""Follow a new cut of a film: move the lines of an old script to where the same words are said now. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median_low

from rythmo.script.model import Line, Script, shift_words
from rythmo.timebase import SAMPLE_RATE

_STILL = SAMPLE_RATE // 2
"""Words that are found within so many samples of their old time have not moved."""
_TOGETHER = 3
"""So many words in a row are known again where they come once in either cut."""
_SURE_LETTERS = 16
"""Letters of words that moved together from which they are no coincidence."""


@dataclass(frozen=True, slots=True)
class _SaidWord:
    """A word without case and punctuation, where it starts in samples, and the start of its line."""

    text: str
    start: int
    line: int


def follow_cut(old: Script, new: Sequence[Line]) -> Script:
    """Return the old script with its lines at the times at which a new cut says the same words.

    Words in a row that come once in either cut tell how far their line moved, whole or in parts, and where a
    recogniser heard others beside them. Lines between them, which were recognised otherwise or were cut out,
    go with the nearest line that was found. Without such moves the script is returned as it is.
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
    before, now = _list_said(old), _list_said(new)
    there = _find_unique(now)
    moved = sorted(
        (at, now[there[key]].start - before[at].start)
        for key, at in _find_unique(before).items()
        if key in there
    )
    by_line: dict[int, list[int]] = {}
    for run in _split_runs(moved):
        covered = {at + offset for at, _ in run for offset in range(_TOGETHER)}
        if sum(len(before[at].text) for at in covered) < _SURE_LETTERS:
            continue
        for at, shift in run:
            by_line.setdefault(before[at].line, []).append(shift)
    return {start: median_low(shifts) for start, shifts in by_line.items()}


def _split_runs(moved: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Return neighbours that moved as far together. `moved` are places and shifts, in order of place."""
    runs: list[list[tuple[int, int]]] = []
    for at, shift in moved:
        if runs and abs(shift - runs[-1][-1][1]) <= _STILL:
            runs[-1].append((at, shift))
        else:
            runs.append([(at, shift)])
    return runs


def _find_unique(words: Sequence[_SaidWord]) -> dict[tuple[str, ...], int]:
    """Return where words in a row stand that come once, by those words."""
    keys = [
        tuple(word.text for word in words[at : at + _TOGETHER]) for at in range(len(words) - _TOGETHER + 1)
    ]
    count = Counter(keys)
    return {key: at for at, key in enumerate(keys) if count[key] == 1}


def _list_said(lines: Sequence[Line]) -> list[_SaidWord]:
    """Return the words of all lines as they were said, in order of time."""
    said = [word for line in lines for word in _list_line(line)]
    return sorted((word for word in said if word.text), key=lambda word: word.start)


def _list_line(line: Line) -> Iterator[_SaidWord]:
    start, end = line.original_range
    if line.words:
        for word in line.words:
            yield _SaidWord(_simplify(word.text), word.start, start)
        return
    # Written lines have no times for their words, but the same words have the same shares of either cut.
    words = line.text.split()
    for number, text in enumerate(words):
        yield _SaidWord(_simplify(text), start + (end - start) * number // len(words), start)


def _simplify(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


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
