"""Two scripts of one programme: what a person did to the old one is carried over to the new one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rythmo.script.model import Line, Script, Speaker

_SAME = 0.5


def carry_over(old: Script, new: Script) -> Script:
    """The new script with ids, takes and edits of the old.

    A line keeps its id for ever: a new line that covers mostly the same time as an old one of the same
    speaker is that line. Fields that a person set stay as they set them; takes are kept as alternates.
    """
    pairs = _pairs(old.lines, new.lines)
    used = {line.id for line in old.lines}
    highest = max((_number(line_id) for line_id in used), default=0)
    lines = []
    for line in new.lines:
        before = pairs.get(line.id)
        if before is None and (line.id in used or old.lines):
            highest += 1
            line = replace(line, id=f"{line.speaker}_{highest:04}")  # noqa: PLW2901 - the line under its new id
        lines.append(_kept(before, line) if before else line)
    speakers = tuple(_kept_speaker(old, speaker) for speaker in new.speakers)
    ordered = tuple(sorted(lines, key=lambda line: (line.start, line.id)))
    return replace(new, lines=ordered, speakers=speakers)


def _pairs(old: Iterable[Line], new: Iterable[Line]) -> dict[str, Line]:
    """New id -> old line: the same words first, then whoever shares most time; each old line once."""
    candidates = sorted(
        (
            (-_likeness(before, line), before.start, line.id, before)
            for before in old
            for line in new
            if before.start < line.end and line.start < before.end
        ),
        key=lambda candidate: candidate[:3],
    )
    pairs: dict[str, Line] = {}
    taken: set[str] = set()
    for likeness, _, new_id, before in candidates:
        if -likeness >= _SAME and new_id not in pairs and before.id not in taken:
            pairs[new_id] = before
            taken.add(before.id)
    return pairs


def _likeness(before: Line, line: Line) -> float:
    shared = min(before.end, line.end) - max(before.start, line.start)
    joint = max(before.end, line.end) - min(before.start, line.start)
    return shared / max(1, joint) + (0.25 if before.speaker == line.speaker else 0.0)


def _number(line_id: str) -> int:
    tail = line_id.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 0


def _kept(before: Line, line: Line) -> Line:
    edits = {name: getattr(before, name) for name in before.edited}
    return replace(
        line, id=before.id, takes=before.takes, chosen=before.chosen, edited=before.edited, **edits
    )


def _kept_speaker(old: Script, speaker: Speaker) -> Speaker:
    before = next((known for known in old.speakers if known.id == speaker.id), None)
    if before is None:
        return speaker
    edits = {name: getattr(before, name) for name in before.edited}
    return replace(speaker, voice=speaker.voice or before.voice, **edits)
