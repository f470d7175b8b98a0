"""`rythmo line PROJECT LINE_ID`: show a line, or change it and hear it again."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rythmo import settings
from rythmo.cli import language_flag
from rythmo.cli.output import Output
from rythmo.cli.summary import list_deliveries
from rythmo.dubbing.pipeline import redo
from rythmo.errors import UsageError
from rythmo.project.workspace import Project
from rythmo.script.edits import add_line, edit_line, request_another_take, use_take
from rythmo.script.model import Line, Programme, Script, Take
from rythmo.script.review_edits import add_comment, edit_comment, set_review_state
from rythmo.script.review_state import Comment, ReviewState
from rythmo.timebase import find_frame, format_timecode, frames_to_samples, parse_timecode
from rythmo.user_folder import login_name

_FIELDS = ("text", "translation", "direction", "speaker")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument("line", nargs="?", default="", help="the line's id, for example S1_0007")
    parser.add_argument(
        "--add", action="store_true", help="a line that is missing, from --start to --end, with its --text"
    )
    parser.add_argument("--text", help="what was really said (it is translated again)")
    parser.add_argument("--translation", help="what to say instead")
    parser.add_argument("--direction", help="how to say it, for engines that take directions")
    parser.add_argument("--speaker", metavar="ID", help="who says it, for example S2")
    parser.add_argument("--start", metavar="TIMECODE", help="where it starts, for example 01:00:04:12")
    parser.add_argument("--end", metavar="TIMECODE", help="where it ends (the frame after its last)")
    parser.add_argument(
        "--state", choices=[*ReviewState], help="how far people are with its words; approved words stay"
    )
    parser.add_argument("--comment", metavar="TEXT", help="say something about the line")
    parser.add_argument(
        "--author", metavar="NAME", default="", help="who comments (default: your login name)"
    )
    parser.add_argument("--resolve", metavar="COMMENT", help="mark a comment as resolved, for example c1")
    takes = parser.add_mutually_exclusive_group()
    takes.add_argument("--use", metavar="TAKE", help="go back to another take, for example t01")
    takes.add_argument("--again", action="store_true", help="another take of the same words")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the line, or change it, voice it alone, mix and deliver again."""
    project = language_flag.open_project(arguments, output)
    script = project.load()
    if arguments.add:
        changed, line_id = _add_line(script, arguments)
        line = changed.line(line_id)
    else:
        if not arguments.line:
            raise UsageError("Which line?", hint="Name one, for example S1_0007, or add one with --add.")
        line = script.line(arguments.line)
        changed = _edit_line(script, arguments)
    if changed != script:
        changed = _apply_review(changed, line.id, arguments)
        chosen = settings.resolve_settings(file=project.root / "settings.toml", environment=os.environ)
        result = redo(project, changed, chosen, report=output.progress)
        shown, made = result.script, list_deliveries(result)
    else:
        shown, made = _apply_review(script, line.id, arguments), []
        if shown != script:
            # Nothing sounds otherwise: nothing is voiced, mixed or delivered.
            with project.hold_lock():
                project.save(shown)
    line = shown.line(line.id)
    output.say(_format_line(shown, line, project))
    if made:
        language_flag.tell_out_of_date(project, output)
    output.data("done", project=str(project.root), line=_as_data(line), deliveries=made)
    return 0


def _apply_review(script: Script, line_id: str, arguments: argparse.Namespace) -> Script:
    """Return the script with the line's state set, a comment added and a comment resolved, as asked for."""
    if arguments.state:
        script = set_review_state(script, line_id, ReviewState(arguments.state))
    if arguments.resolve:
        script = edit_comment(script, line_id, arguments.resolve, resolved=True)
    if arguments.comment is not None:
        author = arguments.author or login_name()
        script, _ = add_comment(script, line_id, arguments.comment, author=author)
    return script


def _add_line(script: Script, arguments: argparse.Namespace) -> tuple[Script, str]:
    start, end = (_parse_position(getattr(arguments, name), script.programme) for name in ("start", "end"))
    if start is None or end is None or arguments.line:
        raise UsageError(
            "--add needs --start, --end and --text, and no line.",
            hint='rythmo line PROJECT --add --start 01:00:05:00 --end 01:00:07:12 --text "Who is there?"',
        )
    return add_line(
        script,
        start,
        end,
        arguments.text or "",
        translation=arguments.translation or "",
        speaker=arguments.speaker or "",
    )


def _edit_line(script: Script, arguments: argparse.Namespace) -> Script:
    changes: dict[str, Any] = {name: getattr(arguments, name) for name in _FIELDS}
    if arguments.use and any(value is not None for value in changes.values()):
        raise UsageError("--use brings the take's own words back.", hint="Leave the other changes out.")
    changes |= {
        name: _parse_position(getattr(arguments, name), script.programme) for name in ("start", "end")
    }
    script = edit_line(script, arguments.line, **changes)
    if arguments.use:
        return use_take(script, arguments.line, arguments.use)
    return request_another_take(script, arguments.line) if arguments.again else script


def _parse_position(timecode: str | None, programme: Programme) -> int | None:
    """Return the programme's sample at which that frame of its timeline starts."""
    if timecode is None:
        return None
    frame = parse_timecode(timecode, programme.rate, drop=programme.drop).frame
    return frames_to_samples(frame - programme.start_frame, programme.rate, programme.sample_rate)


def _format_line(script: Script, line: Line, project: Project) -> str:
    programme = script.programme
    frame = programme.start_frame + find_frame(line.start, programme.rate, programme.sample_rate)
    when = format_timecode(frame, programme.rate, drop=programme.drop)
    length = f"{line.length / programme.sample_rate:.1f} s"
    rows = [
        ("line", f"{line.id}  {script.speaker(line.speaker).name}  {when}  {length}"),
        ("state", line.review_state),
        ("text", line.text),
        ("translation", line.translation),
        ("direction", line.direction),
        ("manner", _format_manner(line)),
        ("fit", line.placement.reason if line.placement else ""),
        *(("flag", flag.message) for flag in line.flags),
        *(("comment", _format_comment(comment)) for comment in line.comments),
        *(("take", _format_take(line, take.id, take.text, project.file(take.file))) for take in line.takes),
    ]
    return "\n".join(f"{name:>12}  {text}" for name, text in rows if text)


def _format_take(line: Line, take_id: str, text: str, path: Path) -> str:
    mark = "*" if take_id == line.chosen else " "
    return f"{mark}{take_id}  {text}  ({path})"


def _format_comment(comment: Comment) -> str:
    mark = "resolved " if comment.resolved else ""
    return f"{mark}{comment.id}  {comment.author}, {comment.time[:10]}: {comment.text}"


def _format_manner(line: Line) -> str:
    """How the original was said, against its speaker's other lines."""
    manner = line.manner
    if manner is None:
        return ""
    parts = (
        ("whispered" if manner.whispered else ""),
        (f"{manner.pitch:+.0f} semitones" if manner.pitch else ""),
        (f"melody {manner.range:.1f}x as wide" if manner.range != 1 else ""),
        (f"{manner.pace:.1f}x as quick" if manner.pace != 1 else ""),
        (f"{manner.level:+.0f} dB" if manner.level else ""),
    )
    return f"{', '.join(part for part in parts if part)} (of the original, against this speaker's others)"


def _take_data(take: Take) -> dict[str, Any]:
    """Return a take's facts for --json."""
    return {
        "id": take.id,
        "file": take.file,
        "text": take.text,
        "engine": take.engine,
        "direction": take.direction,
        "feelings": dict(take.feelings),
        "follows": list(take.follows),
    }


def _as_data(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "speaker": line.speaker,
        "text": line.text,
        "translation": line.translation,
        "state": line.review_state,
        "comments": [asdict(comment) for comment in line.comments],
        "chosen": line.chosen,
        "direction": line.direction,
        "manner": asdict(line.manner) if line.manner else None,
        "takes": [_take_data(take) for take in line.takes],
        "flags": [
            {"code": flag.code, "message": flag.message, "severity": str(flag.severity)}
            for flag in line.flags
        ],
    }
