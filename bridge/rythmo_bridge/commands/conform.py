"""`rythmo conform PROJECT EDITED`: reports how a timeline was edited, and updates the project to match."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from rythmo import settings_file
from rythmo.cli import language_flag
from rythmo.cli.output import Output
from rythmo.cli.summary import list_deliveries
from rythmo.counts import format_count
from rythmo.dubbing.job import Result
from rythmo.dubbing.project_edits import edit_project, undo_conform
from rythmo.errors import RythmoError, UsageError
from rythmo.files import make_printable
from rythmo.project import rollback
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo_bridge.conform.describe import change_table
from rythmo_bridge.conform.questions import DELETIONS, MISSING, RECUT
from rythmo_bridge.conform.review import Review, decide_script, read_edit, review
from rythmo_bridge.conform.rows import review_data


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "edited", type=Path, nargs="*", help="the edited timeline, or EDLs of several tracks, or their folder"
    )
    parser.add_argument(
        "--sequence", metavar="NAME", default="", help="the timeline to read, if the file holds several"
    )
    parser.add_argument(
        "--apply",
        action="store_true",
        help="update the script, remake what no longer fits, and deliver again",
    )
    parser.add_argument("--dry-run", action="store_true", help="only show the plan (this is the default)")
    parser.add_argument("--all", action="store_true", help="also list unchanged lines")
    parser.add_argument(
        "--keep-conflicts", action="store_true", help="with --apply: leave lines with a conflict unchanged"
    )
    parser.add_argument(
        "--partial", action="store_true", help="the timeline holds only some tracks: compare only those"
    )
    parser.add_argument("--accept-deletions", action="store_true", help="delete lines even if they are many")
    parser.add_argument(
        "--accept-missing",
        action="store_true",
        help="delete lines that are missing from the timeline, even if that is all of them",
    )
    parser.add_argument(
        "--undo",
        action="store_true",
        help="restore the project as it was before the last --apply (so does `rythmo line --undo`)",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show, apply (--apply) or revert (--undo) the plan; return the exit status."""
    project = language_flag.open_project(arguments, output)
    if arguments.undo:
        return _undo(project, arguments, output)
    if not arguments.edited:
        raise UsageError("Name the edited timeline.", hint="rythmo conform PROJECT EDITED")
    missing = arguments.accept_missing
    edit = read_edit(project, arguments.edited, arguments.sequence)
    found = review(project, edit, partial=arguments.partial, accept_missing=missing)
    for note in (*found.notes, *_notes_on_languages(project, found)):
        output.warn(note)
    output.say(change_table(found.changes, found.delivered, everything=arguments.all))
    facts = {"project": str(project.root), **review_data(found)}
    accept = {DELETIONS, MISSING} if missing else {DELETIONS} if arguments.accept_deletions else set()
    if not arguments.apply or arguments.dry_run:
        return _print_verdict(found, facts, accept, output)
    script = decide_script(found, project.load(), keep_conflicts=arguments.keep_conflicts, accept=accept)
    if script is None:
        output.say("There is nothing to apply.")
        output.data("done", **facts, applied=False)
        return 0
    return _apply(project, script, found, facts, output)


def _notes_on_languages(project: Project, found: Review) -> tuple[str, ...]:
    """Say what of an edit concerns all languages of a project; its moves and cuts concern only this one."""
    others = [folder.language for folder in project.languages if folder.root != project.root]
    recut = any(question.code == RECUT for question in found.questions)
    if not others or not (recut or "programme" in found.plan.changed):
        return ()
    what = "The new cut of the picture" if recut else "The new start of the programme"
    return (f"{what} concerns the project's other languages too: {', '.join(others)}.",)


def _print_verdict(found: Review, facts: dict[str, Any], accept: set[str], output: Output) -> int:
    """Report that the plan was only shown; returns 1 if it could not be applied as it is."""
    open_ = [each for each in found.questions if not each.acceptable or each.code not in accept]
    for question in open_:
        output.warn(f"{question.message} {question.hint}")
    output.data("done", **facts, applied=False)
    return 1 if open_ else 0


def _apply(project: Project, script: Script, found: Review, facts: dict[str, Any], output: Output) -> int:
    result = _remake_outputs(project, script, output)
    made = list_deliveries(result)
    lines = [each for each in found.plan.changed if each != "programme"]
    changed, removed = format_count(len(lines), "line"), len(found.plan.deleted)
    done = f"{changed} changed, {removed} removed. Revert with `--undo`."
    output.say("\n".join([done, *(f"  {make_printable(path)}" for path in made)]))
    language_flag.tell_out_of_date(project, output)
    output.data("done", **facts, applied=True, deliveries=made)
    return 0


def _remake_outputs(project: Project, script: Script, output: Output) -> Result:
    """Remake takes, stems and deliveries from the script; on failure, restore the project."""
    chosen = settings_file.resolve_settings(file=project.root / "settings.toml", environment=os.environ)
    with project.hold_lock():
        state = rollback.keep_state(project)
    try:
        result = edit_project(
            project,
            lambda _: script,
            chosen,
            what="conform to an edited timeline",
            kept=state.number,
            report=output.progress,
        ).result
    except RythmoError:
        with project.hold_lock():
            rollback.restore_state(project)
        raise
    with project.hold_lock():
        rollback.finish_state(project, state)
    return result


def _undo(project: Project, arguments: argparse.Namespace, output: Output) -> int:
    if arguments.edited or arguments.apply:
        raise UsageError("--undo takes no timeline.", hint="rythmo conform PROJECT --undo")
    project.load()
    undo_conform(project)
    output.say(f"{make_printable(project.root)} is as it was before the last conform.")
    output.data("done", project=str(project.root), undone=True)
    return 0
