"""Lines that a person split, joined, added, deleted or locked, when the programme is heard again. Pure.

They stay as the person left them, whatever the recogniser makes of the same stretch: its lines there are
taken up into them, with its words where they are others than before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rythmo.script.model import Line, Script, Status, Word

# The edited fields of every line that a person added; those of older projects have no other mark.
_BY_HAND = frozenset({"text", "start", "end", "speaker"})
_MOST = 0.5


def is_held(line: Line) -> bool:
    """Whether the line stays as it is when the programme is heard again."""
    return line.locked or line.shaped or set(line.edited) >= _BY_HAND


def find_absorbed(old: Script, found: Sequence[Line], pairs: Mapping[str, Line]) -> dict[str, Line | None]:
    """The lines just heard that are no lines of their own, each with the held line whose words it has.

    None stands for a line that was deleted. `pairs` tells which old line each of `found` is; the speakers of
    `found` are those of the old script.
    """
    out = {line.id for line in old.removed}
    living = {line.id: line for line in old.lines}
    absorbed: dict[str, Line | None] = {}
    for line in found:
        before = pairs.get(line.id)
        if before is not None and not is_held(before) and before.id not in out:
            continue
        own = [one for one in old.lines if is_held(one) and _is_by(one, line.speaker)]
        if before is not None:
            into = living.get(before.joined_into) if before.id in out else before
            absorbed[line.id] = into
        elif _measure_cover(line, (*own, *_list_gone(old, line.speaker))) >= _MOST:
            absorbed[line.id] = _find_nearest(own, line)
    return absorbed


def renew_words(held: Line, heard: Iterable[Line]) -> Line:
    """A held line with the words heard in its time now, where they differ and no person wrote them."""
    if held.locked or held.said_at is not None or "text" in held.edited or not held.words:
        return held
    words = [word for line in heard for word in line.words if _is_inside(word, held)]
    words.sort(key=lambda word: word.start)
    if not words or [word.text for word in words] == [word.text for word in held.words]:
        return held
    renewed = replace(
        held,
        text=" ".join(word.text for word in words),
        words=tuple(words),
        text_as_shown="",
    )
    if "translation" in held.edited:
        return renewed
    return replace(renewed, translation="", translation_as_shown="", status=Status.RECOGNISED)


def _is_by(held: Line, speaker: str) -> bool:
    """Whether it may be what this speaker was heard to say: a person may have given it to somebody else."""
    return held.speaker == speaker or "speaker" in held.edited


def _list_gone(old: Script, speaker: str) -> list[Line]:
    return [line for line in old.removed if line.speaker == speaker and not line.joined_into]


def _measure_cover(line: Line, held: Iterable[Line]) -> float:
    """The share of the line's time in which the original of at least one held line is heard."""
    covered, at = 0, line.start
    for start, end in sorted(one.original_range for one in held):
        first, last = max(start, at), min(end, line.end)
        if last > first:
            covered, at = covered + last - first, last
    return covered / max(1, line.length)


def _find_nearest(held: Sequence[Line], line: Line) -> Line | None:
    """The one that shares the most time with a line; None when none shares any."""
    shared = {
        one.id: min(one.original_range[1], line.end) - max(one.original_range[0], line.start) for one in held
    }
    best = max(held, key=lambda one: shared[one.id], default=None)
    return best if best is not None and shared[best.id] > 0 else None


def _is_inside(word: Word, line: Line) -> bool:
    return line.start <= (word.start + word.end) // 2 < line.end
