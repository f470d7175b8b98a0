"""`rythmo import PROJECT FILE`: shows what a translator's table or subtitles would change, and takes it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rythmo import settings_file
from rythmo.cli import language_flag
from rythmo.cli.import_result import tell_changed_lines
from rythmo.cli.output import Output
from rythmo.dubbing.project_edits import edit_project
from rythmo.errors import UsageError
from rythmo.files import make_printable
from rythmo.project.workspace import Project
from rythmo.user_folder import login_name
from rythmo_bridge.translation.apply_import import apply_import
from rythmo_bridge.translation.describe_import import format_import, import_data
from rythmo_bridge.translation.pairs import Decision, Import
from rythmo_bridge.translation.read_import import ImportOptions, read_import


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument("file", type=Path, help="a table (.xlsx .csv .tsv) or subtitles (.srt .vtt)")
    parser.add_argument("--apply", action="store_true", help="take it, and voice the changed lines")
    parser.add_argument("--all", action="store_true", help="also list rows that change nothing")
    parser.add_argument(
        "--take",
        metavar="ROWS",
        default="",
        help="also take the refused words of these rows, e.g. r7,r12",
    )
    parser.add_argument("--leave", metavar="ROWS", default="", help="leave these rows out")
    parser.add_argument(
        "--corrections", action="store_true", help="also take changed words of the original as corrections"
    )
    parser.add_argument(
        "--column",
        metavar="KIND=COLUMN",
        action="append",
        default=[],
        help="say what a column holds, by its head, letter or number: --column target=D --column id=A",
    )
    parser.add_argument("--encoding", default="", help="the encoding of the text, if it is not found rightly")
    parser.add_argument(
        "--author", metavar="NAME", default="", help="who signs its comments (default: your login name)"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the import; with --apply take it. Return the exit status."""
    project = language_flag.open_project(arguments, output)
    script = project.load()
    chosen = settings_file.resolve_settings(file=project.root / "settings.toml", environment=os.environ)
    options = ImportOptions(
        columns=_parse_columns(arguments.column),
        encoding=arguments.encoding,
        terms=chosen.translate.glossary,
    )
    if not arguments.file.exists():
        raise UsageError(f"There is no file {make_printable(arguments.file)}.", hint="Check the path.")
    found = read_import(arguments.file, script, options)
    take, leave = (_split_rows(text, found) for text in (arguments.take, arguments.leave))
    decision = found.decide(overrule=take, leave=leave, corrections=arguments.corrections)
    for note in found.notes:
        output.warn(note)
    output.say(format_import(found, decision, everything=arguments.all))
    facts = {"project": str(project.root), **import_data(found, decision)}
    if not arguments.apply:
        output.data("done", **facts, applied=False)
        return 0
    return _apply(project, found, decision, arguments.author or login_name(), facts, output)


def _parse_columns(words: Sequence[str]) -> dict[str, str]:
    found = {}
    for word in words:
        kind, sign, column = word.partition("=")
        if not sign:
            raise UsageError(f"--column {word} names no column.", hint="For example: --column target=D")
        found[kind.strip().lower()] = column
    return found


def _split_rows(text: str, found: Import) -> set[str]:
    rows = {row.strip() for row in text.split(",") if row.strip()}
    if unknown := sorted(rows - {pair.id for pair in found.pairs}):
        raise UsageError(f"{found.name} has no row {unknown[0]}.", hint="Rows are named as they are listed.")
    return rows


def _apply(
    project: Project,
    found: Import,
    decision: Decision,
    author: str,
    facts: Mapping[str, Any],
    output: Output,
) -> int:
    chosen = settings_file.resolve_settings(file=project.root / "settings.toml", environment=os.environ)
    done = edit_project(
        project,
        lambda now: apply_import(now, found, decision, author=author),
        chosen,
        what=f"import {found.name}",
        report=output.progress,
    )
    language_flag.tell_out_of_date(project, output)
    tell_changed_lines(done, facts, output)
    return 0
