"""`rythmo send protools PROJECT`: place the dub in Pro Tools, in the open session or a new one."""

from __future__ import annotations

import argparse
from pathlib import Path

from rythmo.cli import language_flag
from rythmo.cli.output import Output
from rythmo.errors import UsageError
from rythmo.files import make_printable
from rythmo_plugin.hosts.protools.connection import port_in_use
from rythmo_plugin.hosts.protools.open_session import NewSession, check_name
from rythmo_plugin.hosts.protools.send import SendOptions, SendResult, send_project
from rythmo_plugin.hosts.session import Row

HOSTS = ("protools",)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to the parser."""
    parser.add_argument("host", choices=HOSTS, help="the program that mixes")
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "--new",
        metavar="NAME",
        default="",
        help="make a session of this name, with the programme's frame rate and start (default: the open one)",
    )
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="where the new session goes (default: beside the project)"
    )
    parser.add_argument(
        "--takes", action="store_true", help="also lay down the other takes of each line, on muted tracks"
    )
    parser.add_argument(
        "--no-mute", action="store_true", help="do not mute the tracks that sound in the open session"
    )
    parser.add_argument("--no-markers", action="store_true", help="set no memory locations for the findings")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Send, and say what stands in the session; returns 1 if a clip is not in place."""
    if arguments.folder is not None and not arguments.new:
        raise UsageError("--folder is for a new session.", hint="Name it with --new.")
    project = language_flag.open_project(arguments, output)
    script = project.load()
    new = None
    if arguments.new:
        new = NewSession(check_name(arguments.new), arguments.folder or project.home.parent)
    options = SendOptions(
        new=new,
        takes=arguments.takes,
        mute=not arguments.no_mute,
        markers=not arguments.no_markers,
        port=port_in_use(),
    )
    with project.hold_lock():
        result = send_project(script, project.root, options, report=output.progress)
    _tell(result, output)
    return 0 if result.is_complete else 1


def _tell(result: SendResult, output: Output) -> None:
    output.say(result.sentence)
    for row in result.rows:
        words = [word for word in (row.where, row.line, row.what, row.note) if word]
        output.say(f"  {make_printable('  '.join(words))}")
    for note in result.notes:
        output.warn(note)
    output.data(
        "done",
        session=result.session,
        placed=result.placed,
        wanted=result.wanted,
        complete=result.is_complete,
        rows=[_row(row) for row in result.rows],
        muted=list(result.muted),
        notes=list(result.notes),
    )


def _row(row: Row) -> dict[str, str]:
    return {"what": row.what, "where": row.where, "line": row.line, "note": row.note}
