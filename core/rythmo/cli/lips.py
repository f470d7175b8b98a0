"""`rythmo lips PROJECT`: make the lips of a dub, or of some of its lines, and show what was made."""

from __future__ import annotations

import argparse
import os
from fractions import Fraction
from pathlib import Path

from rythmo import settings_file
from rythmo.cli import language_flag, lip_flags
from rythmo.cli.output import Output
from rythmo.dubbing.kept_settings import keep_settings
from rythmo.dubbing.picture_requests import make_lips
from rythmo.lips.lip_map import LipClip, LipMap
from rythmo.script.model import Script
from rythmo.stages.lips import load_lips
from rythmo.timebase import format_timecode


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "--line", action="append", default=[], metavar="LINE", help="only this line's lips; may be repeated"
    )
    parser.add_argument("--show", action="store_true", help="only show what was made")
    lip_flags.add_flags(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Make the lips, deliver again, and show each line. Raises what `make_lips` raises."""
    project = language_flag.open_project(arguments, output)
    if not arguments.show:
        flags = {**lip_flags.read_changes(arguments)}
        flags["lips"] = {**flags["lips"], "make": True}
        chosen = settings_file.resolve_settings(
            file=project.settings_file, environment=os.environ, flags=flags
        )
        result = make_lips(project, chosen, only=arguments.line, report=output.progress)
        keep_settings(project, {name: dict(values) for name, values in flags.items()})
        for note in result.notes:
            output.warn(note)
    script, found = project.load(), load_lips(project)
    output.say("\n".join(format_lips(script, found)))
    output.data(
        "done",
        project=str(project.root),
        engine=found.engine if found else "",
        clips=[_clip_as_data(clip) for clip in found.clips] if found else [],
        lines=[{"id": line.id, "lips": found.describe_line(line.id)} for line in script.lines]
        if found
        else [],
    )
    return 0


def format_lips(script: Script, found: LipMap | None) -> list[str]:
    """Return a row for each line, and one for each clip."""
    if found is None:
        return ["No lips were made in this project yet."]
    programme, rate = script.programme, Fraction(found.rate)
    rows = [f"  {line.id:10} {found.describe_line(line.id) or 'not looked at'}" for line in script.lines]
    clips = [
        f"  {format_timecode(programme.start_frame + clip.first, rate, drop=programme.drop)} {clip.file}"
        for clip in found.clips
    ]
    return [*rows, "", *(clips or ["  No clip was made."])]


def _clip_as_data(clip: LipClip) -> dict[str, object]:
    return {
        "file": clip.file,
        "lines": list(clip.lines),
        "shot": clip.shot + 1,
        "first": clip.first,
        "last": clip.last,
        "head": clip.head,
        "tail": clip.tail,
    }
