"""`rythmo line PROJECT LINE_ID`: show a line, or change it and hear it again."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from rythmo import settings
from rythmo.cli.output import Output
from rythmo.cli.summary import deliveries
from rythmo.errors import ScriptError
from rythmo.pipeline import redo
from rythmo.script.model import Line, Script
from rythmo.timebase import containing_frame, format_timecode
from rythmo.workspace import Project

_FIELDS = ("text", "translation", "direction")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    parser.add_argument("line", help="the line's id, for example S1_0007")
    parser.add_argument("--text", help="what was really said (it is translated again)")
    parser.add_argument("--translation", help="what to say instead")
    parser.add_argument("--direction", help="how to say it, for engines that take directions")
    parser.add_argument("--use", metavar="TAKE", help="go back to another take, for example t01")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the line; with a change, voice it alone, mix and deliver again."""
    project = Project(arguments.project)
    script = project.load()
    line = script.line(arguments.line)
    changes = {name: getattr(arguments, name) for name in _FIELDS if getattr(arguments, name) is not None}
    changed = _changed(line, changes, arguments.use)
    if changed == line:
        output.say(_shown(script, line, project))
        output.data("done", project=str(project.root), line=_as_data(line), deliveries=[])
        return 0
    chosen = settings.resolve(file=project.root / "settings.toml", environment=os.environ)
    result = redo(project, script.with_line(changed), chosen, report=output.progress)
    line = result.script.line(line.id)
    output.say(_shown(result.script, line, project))
    output.data("done", project=str(project.root), line=_as_data(line), deliveries=deliveries(result))
    return 0


def _changed(line: Line, changes: dict[str, Any], use: str | None) -> Line:
    if use is not None:
        if use not in {take.id for take in line.takes}:
            known = ", ".join(take.id for take in line.takes) or "none yet"
            raise ScriptError(f"{line.id} has no take {use!r}.", hint=f"It has: {known}.")
        return replace(line, chosen=use, edited=_with(line.edited, ["chosen"]))
    if not changes:
        return line
    if "text" in changes and "translation" not in changes and changes["text"] != line.text:
        # New words of the original are translated afresh, even where a person had put words before.
        line = replace(line, translation="", edited=tuple(n for n in line.edited if n != "translation"))
    edited = tuple(name for name in _with(line.edited, list(changes)) if name != "chosen")
    return replace(line, edited=edited, **changes)


def _with(edited: tuple[str, ...], names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*edited, *names)))


def _shown(script: Script, line: Line, project: Project) -> str:
    programme = script.programme
    frame = programme.start_frame + containing_frame(line.start, programme.rate, programme.sample_rate)
    when = format_timecode(frame, programme.rate, drop=programme.drop)
    length = f"{line.length / programme.sample_rate:.1f} s"
    rows = [
        ("line", f"{line.id}  {script.speaker(line.speaker).name}  {when}  {length}"),
        ("text", line.text),
        ("translation", line.translation),
        ("direction", line.direction),
        ("fit", line.placement.reason if line.placement else ""),
        *(("flag", flag.message) for flag in line.flags),
        *(("take", _take(line, take.id, take.text, project.root / take.file)) for take in line.takes),
    ]
    return "\n".join(f"{name:>12}  {text}" for name, text in rows if text)


def _take(line: Line, take_id: str, text: str, path: Path) -> str:
    mark = "*" if take_id == line.chosen else " "
    return f"{mark}{take_id}  {text}  ({path})"


def _as_data(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "speaker": line.speaker,
        "text": line.text,
        "translation": line.translation,
        "chosen": line.chosen,
        "takes": [{"id": take.id, "file": take.file, "text": take.text} for take in line.takes],
        "flags": [
            {"code": flag.code, "message": flag.message, "severity": str(flag.severity)}
            for flag in line.flags
        ],
    }
