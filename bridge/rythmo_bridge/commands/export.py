"""`rythmo export PROJECT TABLE`: writes the table that a translator works on."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from rythmo import settings_file
from rythmo.cli import language_flag
from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.errors import UsageError
from rythmo.files import make_printable
from rythmo_bridge.translation.table_export import export_table


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument("table", type=Path, help="the file to write; .xlsx or .csv chooses the format")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the table; return the exit status."""
    project, target = language_flag.open_project(arguments, output), arguments.table
    script = project.load()
    if target.exists() and not arguments.force:
        raise UsageError(
            f"{make_printable(target)} already exists.",
            hint="Choose another name, or overwrite it with --force.",
        )
    chosen = settings_file.resolve_settings(
        file=project.root / "settings.toml", environment=os.environ, undecided="leave out"
    )
    export_table(script, target, chosen.fit)
    lines = format_count(len(script.lines), "line")
    output.say(f"{make_printable(target)}: {lines}. `rythmo import` reads it in again.")
    output.data("done", project=str(project.root), file=str(target), lines=len(script.lines))
    return 0
