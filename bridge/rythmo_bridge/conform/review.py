"""A project and a timeline that was edited, compared: what the command line and the service both ask for.

`review` looks and changes nothing; `decided` is the script that follows, once nothing is left to decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rythmo.errors import TimelineError
from rythmo.files import shown
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo_bridge.conform.changes import Change, Fate, Piece
from rythmo_bridge.conform.classify import classify
from rythmo_bridge.conform.conformed_script import Plan, plan
from rythmo_bridge.conform.describe import detail, timecode
from rythmo_bridge.deliver import delivery_of
from rythmo_bridge.formats.edl.reader import read_at
from rythmo_bridge.formats.registry import read_timeline
from rythmo_bridge.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Review:
    """What happened to `script` in the hands of an editor. `delivered` is its timeline as Rythmo has it,
    `changes` one for each line and each unknown clip, `plan` what follows, `notes` what to read first."""

    script: Script
    delivered: Timeline
    changes: tuple[Change, ...]
    plan: Plan
    notes: tuple[str, ...]


def review(project: Project, edited: Sequence[Path], sequence: str = "") -> Review:
    """Compare a project with `edited`: one timeline, or EDLs of several tracks, or a folder of EDLs.

    `sequence` names the timeline to take where a file holds several.

    Raises ScriptError when there is no project, TimelineError for a file that cannot be read, UsageError
    for one that is no timeline.
    """
    script = project.load()
    delivered = delivery_of(project.root, script, Path(script.programme.source))
    paths = _files(edited)
    timeline = _read(paths, delivered, sequence)
    changes = classify(delivered, timeline, partial=all(path.suffix.lower() == ".edl" for path in paths))
    return Review(
        script, delivered, changes, plan(script, changes), (*timeline.notes, *_notes(delivered, timeline))
    )


def decided(found: Review, now: Script, *, keep_conflicts: bool = False) -> Script | None:
    """The script to make deliveries of, None when nothing changed. `now` is the project's script by now.

    Raises TimelineError when lines need a decision (with `keep_conflicts` those stay as they were), and when
    the project itself has changed since it was compared.
    """
    if now != found.script:
        raise TimelineError(
            "The project has changed since it was compared with the timeline; nothing was changed.",
            hint="Compare again.",
        )
    if found.plan.conflicts and not keep_conflicts:
        raise TimelineError(
            f"{len(found.plan.conflicts)} lines need a decision; nothing was changed.",
            hint="Settle them in the timeline, or leave those lines as they are with --keep-conflicts.",
        )
    return found.plan.script if found.plan.changed or found.plan.deleted else None


def as_data(found: Review) -> dict[str, Any]:
    """The review as plain values for JSON; positions in samples of the programme."""
    counted = Counter(fate for change in found.changes for fate in change.fates)
    return {
        "rows": [_row(change, found) for change in found.changes],
        "counts": {fate.name.lower(): counted[fate] for fate in Fate if counted[fate]},
        "conflicts": len(found.plan.conflicts),
        "applies": bool(found.plan.changed or found.plan.deleted),
        "notes": list(found.notes),
    }


def _row(change: Change, found: Review) -> dict[str, Any]:
    lines = {line.id: line for line in found.script.lines}
    line = lines.get(change.line)
    return {
        "line": change.line,
        "name": change.name,
        "speaker": line.speaker if line else None,
        "what": ", ".join(change.fates),
        "fates": [fate.name.lower() for fate in change.fates],
        "from": [change.start, change.end],
        "to": [change.pieces[0].start, change.pieces[-1].end] if change.pieces else None,
        "timecode": timecode(change.start, found.delivered),
        "text": (line.translation or line.text) if line else "",
        "note": detail(change, found.delivered),
        "conflict": bool(change.conflict),
        "reason": change.conflict,
        "head": change.head,
        "tail": change.tail,
        "with_picture": change.with_picture,
        "pieces": [_piece(piece) for piece in change.pieces],
        "copies": [_piece(piece) for piece in change.copies],
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "track": piece.track,
        "speaker": piece.speaker,
        "start": piece.start,
        "end": piece.end,
        "shift": piece.shift,
        "speed": float(piece.speed),
    }


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files, with those of a folder of EDLs in order of name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir() and path.suffix.lower() != ".fcpxmld":
            inside = sorted(path.glob("*.edl"))
            if not inside:
                raise TimelineError(f"{shown(path)} holds no EDL.", hint="Name the timeline itself.")
            found += inside
        else:
            found.append(path)
    return found


def _read(paths: Sequence[Path], delivered: Timeline, sequence: str) -> Timeline:
    """The edited timeline; several files are tracks of one."""
    read = [_read_one(path, delivered, sequence) for path in paths]
    media = {
        f"{number}/{key}": value for number, each in enumerate(read) for key, value in each.media.items()
    }
    tracks = tuple(
        replace(
            track,
            items=tuple(
                replace(item, media=None if item.media is None else f"{number}/{item.media}")
                for item in track.items
            ),
        )
        for number, each in enumerate(read)
        for track in each.tracks
    )
    notes = tuple(dict.fromkeys(note for each in read for note in each.notes))
    return replace(read[0], tracks=tracks, media=media, notes=notes)


def _read_one(path: Path, delivered: Timeline, sequence: str) -> Timeline:
    """An EDL has neither rate nor start of its own: it has those that it was delivered with."""
    if path.suffix.lower() == ".edl" and path.is_file() and not sequence:
        return read_at(path, delivered.frame_rate, delivered.start_frame)
    return read_timeline(path, sequence)


def _notes(delivered: Timeline, edited: Timeline) -> list[str]:
    if edited.frame_rate == delivered.frame_rate:
        return []
    rates = f"{float(edited.frame_rate):.3f} frames a second, not {float(delivered.frame_rate):.3f}"
    return [f"The edited timeline runs at {rates}: positions are compared in time, not in frames."]
