"""`rythmo line PROJECT LINE_ID`: show a line, or change it and hear it again; undo and redo."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from rythmo import settings_file
from rythmo.cli import language_flag
from rythmo.cli.line_edits import has_edit, read_edit
from rythmo.cli.line_report import format_line, format_lines, line_data
from rythmo.cli.output import Output
from rythmo.cli.summary import list_deliveries
from rythmo.dubbing.job import Result
from rythmo.dubbing.project_edits import EditedProject, edit_project, undo_edit
from rythmo.errors import UsageError
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.script.review_state import ReviewState
from rythmo.script.takes import TakeLayout
from rythmo.settings import Settings


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "line",
        nargs="?",
        default="",
        help="the line's id, for example S1_0007; without it all lines are listed",
    )
    _add_fields(parser.add_argument_group("change a line"))
    _add_structure(parser.add_argument_group("split, join, add, delete, lock"))
    _add_review(parser.add_argument_group("review"))
    history = parser.add_argument_group("undo").add_mutually_exclusive_group()
    history.add_argument(
        "--undo", action="store_true", help="undo the last edit of the project, also one of the page"
    )
    history.add_argument("--redo", action="store_true", help="do again what was undone last")


def _add_fields(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--text", help="what was really said (it is translated again)")
    group.add_argument("--translation", help="what to say instead")
    group.add_argument("--direction", help="how to say it, for engines that take directions")
    group.add_argument("--speaker", metavar="ID", help="who says it, for example S2")
    group.add_argument(
        "--in", "--start", dest="start", metavar="TIMECODE", help="where it starts, for example 01:00:04:12"
    )
    group.add_argument(
        "--out", "--end", dest="end", metavar="TIMECODE", help="where it ends (the frame after its last)"
    )
    takes = group.add_mutually_exclusive_group()
    takes.add_argument("--use", metavar="TAKE", help="go back to another take, for example t01")
    takes.add_argument("--again", action="store_true", help="another take of the same words, by its voice")
    group.add_argument(
        "--layout",
        choices=[*TakeLayout],
        help="how its human take is laid: start (as performed, its first word on the line's start), recorded "
        "(where it was recorded against the picture), fitted (stretched to its slot)",
    )


def _add_structure(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--split-at",
        metavar="WHERE",
        help="split it: at a timecode, word:N, character:N, or where words of its text begin",
    )
    group.add_argument(
        "--join", metavar="ID,ID", help="join it with the lines that follow it; it keeps its id"
    )
    group.add_argument(
        "--across-speakers", action="store_true", help="with --join: also lines of different speakers"
    )
    group.add_argument(
        "--add", action="store_true", help="a line that is missing, from --in to --out, with its --text"
    )
    group.add_argument("--delete", action="store_true", help="delete it; its takes are kept")
    group.add_argument("--restore", metavar="ID", help="bring a deleted line back")
    group.add_argument("--lock", action="store_true", help="let nothing change it any more")
    group.add_argument("--unlock", action="store_true", help="let it be changed again")


def _add_review(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--state", choices=[*ReviewState], help="how far people are with its words; approved words stay"
    )
    group.add_argument("--comment", metavar="TEXT", help="say something about the line")
    group.add_argument("--author", metavar="NAME", default="", help="who comments (default: your login name)")
    group.add_argument("--resolve", metavar="COMMENT", help="mark a comment as resolved, for example c1")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the line, or all of them; with a change, voice what it concerns, mix and deliver again."""
    project = language_flag.open_project(arguments, output)
    script = project.load()
    if arguments.undo or arguments.redo:
        return _undo(project, arguments, output)
    if not has_edit(arguments):
        return _show(project, script, arguments.line, output)
    edit = read_edit(arguments)
    done = edit_project(project, edit.change, _settings(project), what=edit.what, report=output.progress)
    made = done.result
    shown = [made.script.line(line) for line in edit.lines]
    for line in shown:
        output.say(format_line(made.script, line, project))
    if not shown:
        output.say(f"{arguments.line} is deleted; --restore {arguments.line} brings it back.")
    if made.deliveries:
        language_flag.tell_out_of_date(project, output)
    output.data(
        "done",
        project=str(project.root),
        line=line_data(shown[0]) if shown else None,
        lines=[line_data(line) for line in shown],
        deliveries=_list_made(made),
    )
    return 0


def _show(project: Project, script: Script, line_id: str, output: Output) -> int:
    lines = [script.line(line_id)] if line_id else list(script.lines)
    output.say(format_line(script, lines[0], project) if line_id else format_lines(script))
    output.data(
        "done",
        project=str(project.root),
        line=line_data(lines[0]) if line_id else None,
        lines=[line_data(line) for line in lines],
        deliveries=[],
    )
    return 0


def _undo(project: Project, arguments: argparse.Namespace, output: Output) -> int:
    if arguments.line or has_edit(arguments):
        flag = "--redo" if arguments.redo else "--undo"
        raise UsageError(f"{flag} takes no line and no change.", hint=f"rythmo line PROJECT {flag}")
    done = undo_edit(project, _settings(project), redo=arguments.redo, report=output.progress)
    output.say(f"{'Done again' if arguments.redo else 'Undone'}: {done.what or 'the last edit'}.")
    output.data(
        "done",
        project=str(project.root),
        what=done.what,
        lines=_list_changed(done),
        deliveries=_list_made(done.result),
    )
    return 0


def _list_changed(done: EditedProject) -> list[str]:
    """The lines that are not as they were, those that are gone included."""
    before = {line.id: line for line in done.before.lines}
    after = {line.id: line for line in done.result.script.lines}
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _list_made(result: Result) -> list[str]:
    return list_deliveries(result) if result.deliveries else []


def _settings(project: Project) -> Settings:
    return settings_file.resolve_settings(file=project.root / "settings.toml", environment=os.environ)
