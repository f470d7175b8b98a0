"""`rythmo conform PROJECT EDITED`: say what an editor did to the timeline, and bring the project in line."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rythmo import settings
from rythmo.cli.output import Output
from rythmo.cli.summary import deliveries
from rythmo.errors import TimelineError
from rythmo.files import shown
from rythmo.pipeline import redo
from rythmo.script.model import Script
from rythmo.timebase import format_timecode, nearest_frame
from rythmo.workspace import Project
from rythmo_bridge.conform.changes import Change, Fate
from rythmo_bridge.conform.classify import classify
from rythmo_bridge.conform.plan import Plan, plan
from rythmo_bridge.delivery import Source, from_script
from rythmo_bridge.readers.edl import read_at
from rythmo_bridge.readers.files import read_timeline
from rythmo_bridge.timeline import Delivery


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    parser.add_argument(
        "edited", type=Path, nargs="+", help="the timeline as edited; EDLs of several tracks, or their folder"
    )
    parser.add_argument(
        "--apply", action="store_true", help="update the script, redo what no longer fits, deliver again"
    )
    parser.add_argument("--dry-run", action="store_true", help="only show the plan (this is the default)")
    parser.add_argument("--all", action="store_true", help="list the lines that stayed the same, too")
    parser.add_argument(
        "--keep-conflicts", action="store_true", help="with --apply: leave lines with a conflict as they were"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the plan; with --apply, follow it."""
    project = Project(arguments.project)
    script = project.load()
    delivered = from_script(script, project.root, _source(script))
    paths = list(_files(arguments.edited))
    edited = _read(paths, delivered)
    changes = classify(delivered, edited, partial=all(path.suffix.lower() == ".edl" for path in paths))
    wanted = plan(script, changes)
    for note in _notes(delivered, edited):
        output.warn(note)
    output.say(_table(changes, delivered, everything=arguments.all))
    facts = {"project": str(project.root), "changes": [_as_data(change) for change in changes]}
    if not arguments.apply or arguments.dry_run:
        output.data("done", **facts, applied=False)
        return 0
    if wanted.conflicts and not arguments.keep_conflicts:
        raise TimelineError(
            f"{len(wanted.conflicts)} lines need a decision; nothing was changed.",
            hint="Settle them in the timeline, or leave those lines as they are with --keep-conflicts.",
        )
    return _apply(project, wanted, facts, output)


def _apply(project: Project, wanted: Plan, facts: dict[str, Any], output: Output) -> int:
    if not wanted.changed and not wanted.deleted:
        output.say("There is nothing to apply.")
        output.data("done", **facts, applied=False)
        return 0
    chosen = settings.resolve(file=project.root / "settings.toml", environment=os.environ)
    result = redo(project, wanted.script, chosen, report=output.progress)
    made = deliveries(result)
    done = f"{len(wanted.changed)} lines changed, {len(wanted.deleted)} removed."
    output.say("\n".join([done, *(f"  {shown(path)}" for path in made)]))
    output.data("done", **facts, applied=True, deliveries=made)
    return 0


def _source(script: Script) -> Source:
    programme = script.programme
    return Source(
        Path(programme.source),
        programme.length,
        programme.channels,
        programme.sample_rate,
        programme.frame_rate,
    )


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


def _read(paths: Sequence[Path], delivered: Delivery) -> Delivery:
    """The edited timeline; several files are tracks of one."""
    read = [_read_one(path, delivered) for path in paths]
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
    return replace(read[0], tracks=tracks, media=media)


def _read_one(path: Path, delivered: Delivery) -> Delivery:
    """An EDL has neither rate nor start of its own: it has those that it was delivered with."""
    if path.suffix.lower() == ".edl" and path.is_file():
        return read_at(path, delivered.frame_rate, delivered.start_frame)
    return read_timeline(path)


def _notes(delivered: Delivery, edited: Delivery) -> list[str]:
    if edited.frame_rate == delivered.frame_rate:
        return []
    rates = f"{float(edited.frame_rate):.3f} frames a second, not {float(delivered.frame_rate):.3f}"
    return [f"The edited timeline runs at {rates}: positions are compared in time, not in frames."]


def _table(changes: Sequence[Change], delivered: Delivery, *, everything: bool) -> str:
    """A row for each line that changed, and how many there are of each kind."""
    rows = [_row(change, delivered) for change in changes if everything or not change.same]
    counted = Counter(fate for change in changes for fate in change.fates)
    total = ", ".join(f"{counted[fate]} {fate}" for fate in Fate if counted[fate])
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *([""] if lines else []), f"{total or 'No lines'}."])


def _row(change: Change, delivered: Delivery) -> tuple[str, str, str, str]:
    told = ", ".join(change.fates)
    return (
        change.line or change.name or "?",
        _timecode(change.start, delivered),
        told,
        _detail(change, delivered),
    )


def _detail(change: Change, delivered: Delivery) -> str:
    parts = []
    if Fate.MOVED in change.fates:
        shift = change.pieces[0].shift
        with_it = ", with the picture" if change.with_picture else ""
        at = _timecode(change.pieces[0].start, delivered)
        parts.append(f"{_seconds(shift, delivered):+.3f} s to {at}{with_it}")
    if change.head:
        parts.append(f"head less {_seconds(change.head, delivered):.3f} s")
    if change.tail:
        parts.append(f"tail less {_seconds(change.tail, delivered):.3f} s")
    if Fate.OTHER_TRACK in change.fates:
        parts.append(f"now on {change.pieces[0].track!r}")
    if Fate.RETIMED in change.fates:
        parts.append(f"speed {float(change.pieces[0].speed):.3f}")
    if Fate.DELETED in change.fates and change.with_picture:
        parts.append("its picture is cut away too")
    parts += [f"copy at {_timecode(copy.start, delivered)}" for copy in change.copies]
    if change.conflict:
        parts.append(f"CONFLICT: {change.conflict}")
    return "; ".join(parts)


def _seconds(samples: int, delivered: Delivery) -> float:
    return samples / delivered.sample_rate


def _timecode(position: int, delivered: Delivery) -> str:
    frame = delivered.start_frame + nearest_frame(position, delivered.frame_rate, delivered.sample_rate)
    return format_timecode(max(0, frame), delivered.frame_rate, drop=delivered.drop)


def _as_data(change: Change) -> dict[str, Any]:
    return {
        "line": change.line,
        "name": change.name,
        "fates": [fate.name.lower() for fate in change.fates],
        "start": change.start,
        "end": change.end,
        "pieces": [
            {"track": p.track, "speaker": p.speaker, "start": p.start, "end": p.end, "shift": p.shift}
            for p in change.pieces
        ],
        "copies": [{"track": p.track, "start": p.start, "end": p.end} for p in change.copies],
        "head": change.head,
        "tail": change.tail,
        "with_picture": change.with_picture,
        "conflict": change.conflict,
    }
