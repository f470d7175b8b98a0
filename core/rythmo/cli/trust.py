"""`rythmo trust PROJECT`: see what a project asks for beyond its own dub, and decide."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rythmo import settings_file, trust
from rythmo.cli import language_flag
from rythmo.cli.output import Output
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.settings_policy import RestrictedSetting, hash_restricted


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    decision = parser.add_mutually_exclusive_group()
    decision.add_argument("--yes", action="store_true", help="allow all of it")
    decision.add_argument(
        "--media-only", action="store_true", help="allow the media it plays, and leave its settings out"
    )
    decision.add_argument(
        "--leave-out", action="store_true", help="work without the settings that ask for more; no media"
    )
    decision.add_argument("--forget", action="store_true", help="take back what was allowed before")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show what the project asks for; with a decision, keep that."""
    project = language_flag.open_project(arguments, output)
    script = project.load()
    restricted = settings_file.find_restricted_in_file(project.root / "settings.toml")
    if arguments.forget:
        trust.revoke_permissions(project.root)
    output.say(_format_requests(project, script, restricted))
    decision = _read_decision(arguments) or _ask_decision(project, script, restricted)
    trust.save_decision(project.root, script, restricted, decision)
    waiting = trust.find_undecided_settings(project.root, restricted)
    output.data(
        "done",
        project=str(project.root),
        settings=[{"name": entry.name, "value": entry.value, "why": entry.why} for entry in restricted],
        media=list(trust.find_outside_media(project.root, script)),
        open=[*(entry.name for entry in waiting), *trust.find_unapproved_media(project.root, script)],
    )
    return 0


def _format_requests(project: Project, script: Script, restricted: tuple[RestrictedSetting, ...]) -> str:
    known, mark = trust.read_permissions(project.root), hash_restricted(restricted)
    state = (
        "allowed" if known.settings == mark else "left out" if known.left_out == mark else "not decided on"
    )
    rows = [f"  {entry.summary}   ({entry.why}) - {state}" for entry in restricted]
    open_ = trust.find_unapproved_media(project.root, script)
    rows += [
        f"  {media}   (media) - {'not decided on' if media in open_ else 'allowed'}"
        for media in trust.find_outside_media(project.root, script)
    ]
    if not rows:
        return f"{project.name} asks for nothing outside its folder."
    return "\n".join([f"{project.name} asks for:", *rows])


def _read_decision(arguments: argparse.Namespace) -> trust.Decision:
    if arguments.yes:
        return "all"
    if arguments.media_only:
        return "media"
    return "nothing" if arguments.leave_out else ""


def _ask_decision(
    project: Project, script: Script, restricted: tuple[RestrictedSetting, ...]
) -> trust.Decision:
    """Ask a person at a terminal, when something is open."""
    is_open = trust.find_undecided_settings(project.root, restricted) or trust.find_unapproved_media(
        project.root, script
    )
    if not is_open or not sys.stdin.isatty() or "--json" in sys.argv:
        return ""
    sys.stderr.write("Allow [a]ll of it, its [m]edia only, or nothing [Enter]? ")
    sys.stderr.flush()
    answers: dict[str, trust.Decision] = {"a": "all", "m": "media"}
    return answers.get(sys.stdin.readline().strip().lower()[:1], "")
