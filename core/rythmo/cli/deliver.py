"""`rythmo deliver PROJECT`: write the deliveries again, or in other formats."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from rythmo import settings
from rythmo.cli import turnover_flags
from rythmo.cli.output import Output
from rythmo.cli.summary import deliveries, summary
from rythmo.pipeline import redo
from rythmo.workspace import Project


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    parser.add_argument("--formats", metavar="NAMES", help="comma-separated, for example otio,srt,mp4")
    turnover_flags.add(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Bring everything up to date with the script, and deliver."""
    project = Project(arguments.project)
    script = project.load()
    flags = {"deliver": {"formats": arguments.formats}, "turnover": turnover_flags.changes(arguments)}
    chosen = settings.resolve(file=project.root / "settings.toml", environment=os.environ, flags=flags)
    result = redo(project, script, chosen, report=output.progress)
    output.say(summary(result))
    output.data("done", project=str(project.root), deliveries=deliveries(result))
    return 0
