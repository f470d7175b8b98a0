"""`rythmo conform PROJECT EDITED`: say what an editor did to the timeline, and bring the project in line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from rythmo import settings
from rythmo.cli.output import Output
from rythmo.cli.summary import deliveries
from rythmo.dubbing.pipeline import redo
from rythmo.files import shown
from rythmo.project.workspace import Project
from rythmo_bridge.conform.describe import table
from rythmo_bridge.conform.review import Review, as_data, decided, review


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    parser.add_argument(
        "edited", type=Path, nargs="+", help="the timeline as edited; EDLs of several tracks, or their folder"
    )
    parser.add_argument(
        "--sequence", metavar="NAME", default="", help="the timeline to take, where the file holds several"
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
    found = review(project, arguments.edited, arguments.sequence)
    for note in found.notes:
        output.warn(note)
    output.say(table(found.changes, found.delivered, everything=arguments.all))
    facts = {"project": str(project.root), **as_data(found)}
    if not arguments.apply or arguments.dry_run:
        output.data("done", **facts, applied=False)
        return 0
    return _apply(project, found, facts, output, keep_conflicts=arguments.keep_conflicts)


def _apply(
    project: Project, found: Review, facts: dict[str, Any], output: Output, *, keep_conflicts: bool
) -> int:
    script = decided(found, project.load(), keep_conflicts=keep_conflicts)
    if script is None:
        output.say("There is nothing to apply.")
        output.data("done", **facts, applied=False)
        return 0
    chosen = settings.resolve(file=project.root / "settings.toml", environment=os.environ)
    result = redo(project, script, chosen, report=output.progress)
    made = deliveries(result)
    done = f"{len(found.plan.changed)} lines changed, {len(found.plan.deleted)} removed."
    output.say("\n".join([done, *(f"  {shown(path)}" for path in made)]))
    output.data("done", **facts, applied=True, deliveries=made)
    return 0
