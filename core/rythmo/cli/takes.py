"""`rythmo takes PROJECT FILES`: import takes that people recorded; shown first, then taken."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rythmo import settings_file
from rythmo.cli import language_flag
from rythmo.cli.import_result import tell_changed_lines
from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.dubbing.project_edits import edit_project
from rythmo.dubbing.take_imports import (
    TakeImport,
    TakeRow,
    apply_take_import,
    compare_takes,
    find_files,
)
from rythmo.errors import UsageError
from rythmo.project.workspace import Project
from rythmo.script.human_takes import HUMAN_OUT_OF_DATE
from rythmo.script.model import Script
from rythmo.script.takes import TakeLayout
from rythmo.timebase import SAMPLE_RATE


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "files",
        nargs="*",
        help="recorded files whose names hold the line's id (S1_0007_take2.wav), patterns, or folders; "
        "without any, the human takes are listed",
    )
    parser.add_argument("--apply", action="store_true", help="take them, then mix and deliver")
    parser.add_argument(
        "--line", metavar="ID", default="", help="all files are takes of this line, whatever their names"
    )
    parser.add_argument("--leave", metavar="FILES", default="", help="leave these files out: f2,f5 as listed")
    parser.add_argument("--keep-chosen", action="store_true", help="add the takes without choosing them")
    parser.add_argument(
        "--layout",
        choices=[*TakeLayout],
        help="start: as performed, the first word on the line's start (default); recorded: where the file's "
        "time reference says; fitted: stretched to the slot like a take of an engine",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show which file is which line; with --apply take them. Without files list the human takes."""
    project = language_flag.open_project(arguments, output)
    script = project.load()
    if not arguments.files:
        return _list_takes(project, script, output)
    files = find_files(arguments.files)
    lines = {path.name: script.line(arguments.line).id for path in files} if arguments.line else {}
    found = compare_takes(files, script, project, lines=lines)
    left = _split_rows(arguments.leave, found)
    output.say(format_takes(found, script, left))
    facts = {
        "project": str(project.root),
        "counts": found.counts,
        "rows": [take_row_data(row) for row in found.rows],
    }
    if not arguments.apply:
        output.data("done", **facts, applied=False)
        return 0
    rows = {row.id for row in found.rows} - left
    layout = TakeLayout(arguments.layout) if arguments.layout else None
    done = edit_project(
        project,
        lambda now: apply_take_import(
            now, found, project, rows=rows, choose=not arguments.keep_chosen, layout=layout
        ),
        settings_file.resolve_settings(file=project.root / "settings.toml", environment=os.environ),
        what=_name_edit(found, rows),
        report=output.progress,
    )
    if done.result.deliveries:
        language_flag.tell_out_of_date(project, output)
    tell_changed_lines(done, facts, output)
    return 0


def _name_edit(found: TakeImport, rows: Iterable[str]) -> str:
    names = [row.name for row in found.rows if row.can_be_taken and row.id in set(rows)]
    return f"import {names[0]}" if len(names) == 1 else f"import {format_count(len(names), 'take')}"


def _split_rows(text: str, found: TakeImport) -> set[str]:
    rows = {row.strip() for row in text.split(",") if row.strip()}
    if unknown := sorted(rows - {row.id for row in found.rows}):
        raise UsageError(f"There is no file {unknown[0]}.", hint="Name them as they are listed: f1, f2 ...")
    return rows


def format_takes(found: TakeImport, script: Script, left: Iterable[str] = ()) -> str:
    """Return the pairs of an import for people, with the reason for each file that is not taken."""
    skipped = set(left)
    rows = [_format_row(row, script, skipped=row.id in skipped) for row in found.rows]
    counts = found.counts
    told = (
        f"{format_count(counts['takes'], 'take')} for {format_count(counts['lines'], 'line')}, "
        f"{counts['known']} there already, {counts['refused']} refused."
    )
    return "\n".join([*rows, told])


def _format_row(row: TakeRow, script: Script, *, skipped: bool) -> str:
    head = f"  {row.id:4} {row.name}"
    if row.refusal:
        return f"{head}\n       not taken: {row.refusal}"
    line = script.line(row.line)
    assert row.recording is not None
    start, end = row.recording.speech
    says = line.translation or "(no words yet)"
    left = "  left out" if skipped else ""
    times = f"{(end - start) / SAMPLE_RATE:.2f} s for {line.length / SAMPLE_RATE:.2f} s"
    notes = "".join(f"\n       {note}" for note in row.notes)
    return f"{head}  ->  {line.id} {script.speaker(line.speaker).name}, {times}{left}\n       {says}{notes}"


def take_row_data(row: TakeRow) -> dict[str, Any]:
    """Return a row for programs; positions and lengths in samples."""
    return {
        "id": row.id,
        "name": row.name,
        "line": row.line,
        "code": row.code,
        "refusal": row.refusal,
        "position": row.position,
        "known": row.known,
        "length": row.recording.length if row.recording else None,
        "speech": list(row.recording.speech) if row.recording else None,
        "notes": list(row.notes),
    }


def _list_takes(project: Project, script: Script, output: Output) -> int:
    human = [line for line in script.lines if line.has_human_take]
    outdated = [line.id for line in human if any(flag.code == HUMAN_OUT_OF_DATE for flag in line.flags)]
    rows = [
        f"  {line.id:9} {line.chosen}  {line.layout:8}  {line.translation}".rstrip()
        + ("  (out of date)" if line.id in outdated else "")
        for line in human
    ]
    told = f"{len(human)} of {format_count(len(script.lines), 'line is', 'lines are')} spoken by people."
    output.say("\n".join([*rows, told]))
    output.data(
        "done",
        project=str(project.root),
        lines=[line.id for line in human],
        outdated=outdated,
        others=_list_others(script, human_ids=[line.id for line in human]),
    )
    return 0


def _list_others(script: Script, human_ids: Sequence[str]) -> list[str]:
    """Return the ids of the lines that no person has spoken."""
    return [line.id for line in script.lines if line.id not in set(human_ids)]
