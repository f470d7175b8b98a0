"""What follows from the changes: a new script, and what a person has to decide first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rythmo.script.model import Line, Placement, Script
from rythmo_bridge.conform.changes import Change, Fate


@dataclass(frozen=True, slots=True)
class Plan:
    """The script as the edit wants it; lines with a conflict are in it as they were."""

    script: Script
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    conflicts: tuple[Change, ...]


def plan(script: Script, changes: Sequence[Change]) -> Plan:
    """Apply every change without a conflict.

    Every line keeps the slot it was cut with (`Line.until`): neighbours that moved or are gone change
    neither its take nor its samples. Lines that were taken out are remembered, so that they stay out.
    """
    conflicts = tuple(change for change in changes if change.conflict)
    wanted = {c.line: c for c in changes if c.line and not c.conflict and not c.same}
    if not wanted:
        return Plan(script, (), (), conflicts)
    gone = tuple(line for line in script.lines if Fate.DELETED in _fates(wanted, line))
    deleted = tuple(line.id for line in gone)
    kept = tuple(line for line in script.lines if line.id not in deleted)
    held = replace(script, lines=tuple(map(_held, kept)), removed=(*script.removed, *gone))

    def apply(line: Line) -> Line:
        change = wanted.get(line.id)
        return _applied(line, change, script.programme.length) if change is not None else line

    result = held.map_lines(apply)
    before = {line.id: line for line in held.lines}
    changed = tuple(line.id for line in result.lines if line != before[line.id])
    return Plan(result, changed, deleted, conflicts)


def _fates(wanted: Mapping[str, Change], line: Line) -> tuple[Fate, ...]:
    return wanted[line.id].fates if line.id in wanted else ()


def _held(line: Line) -> Line:
    """With the end of its slot as it was; a person heard the line so, and cut around it."""
    if line.placement is None or line.until is not None:
        return line
    return replace(line, until=line.placement.slot_end, edited=_with(line.edited, "until"))


def _applied(line: Line, change: Change, length: int) -> Line:
    """The line where, as long as, and spoken by whom the edit has it."""
    first, last = change.pieces[0], change.pieces[-1]
    heard = line.original
    if Fate.MOVED in change.fates:
        line = _shifted(line, first.shift)
    if Fate.TRIMMED_HEAD in change.fates:
        line = replace(line, start=min(first.start, line.end - 1), edited=_with(line.edited, "start"))
    if Fate.TRIMMED_TAIL in change.fates or Fate.RETIMED in change.fates:
        line = replace(line, until=last.end, edited=_with(line.edited, "until"))
        if line.end > last.end or Fate.RETIMED in change.fates:
            line = replace(line, end=max(line.start + 1, last.end), edited=_with(line.edited, "end"))
    if Fate.OTHER_TRACK in change.fates and first.speaker is not None:
        edited = tuple(dict.fromkeys(name for name in (*line.edited, "speaker") if name != "chosen"))
        line = replace(line, speaker=first.speaker, edited=edited)
    start = max(0, min(line.start, length - 1))
    line = replace(line, start=start, end=max(start + 1, min(line.end, length)))
    if line.original == heard:
        return line
    return replace(line, said_at=heard, edited=_with(line.edited, "said_at"))


def _shifted(line: Line, shift: int) -> Line:
    """Later by `shift` samples, with its words, its slot and its placement."""
    words = tuple(
        replace(word, start=max(0, word.start + shift), end=max(0, word.end + shift)) for word in line.words
    )
    return replace(
        line,
        start=line.start + shift,
        end=line.end + shift,
        words=words,
        until=line.until + shift if line.until is not None else None,
        placement=_placed(line.placement, shift) if line.placement else None,
        edited=_with(line.edited, "start", "end"),
    )


def _placed(placement: Placement, shift: int) -> Placement:
    pieces = tuple(
        replace(piece, start=piece.start + shift, end=piece.end + shift) for piece in placement.pieces
    )
    return replace(
        placement,
        start=placement.start + shift,
        end=placement.end + shift,
        slot_end=placement.slot_end + shift,
        pieces=pieces,
    )


def _with(edited: Iterable[str], *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*edited, *names)))
