"""A line of the script as `rythmo line` shows it: to people, and to programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rythmo.project.workspace import Project
from rythmo.script.line_structure import list_restorable
from rythmo.script.model import Line, Programme, Script
from rythmo.script.review_state import Comment
from rythmo.script.takes import Take
from rythmo.timebase import find_frame, format_timecode


def format_line(script: Script, line: Line, project: Project) -> str:
    """A line for people: what is said, how it was fitted, and its takes."""
    programme = script.programme
    length = f"{line.length / programme.sample_rate:.1f} s"
    lock = "  locked" if line.locked else ""
    when = _format_position(line.start, programme)
    rows = [
        ("line", f"{line.id}  {script.speaker(line.speaker).name}  {when}  {length}{lock}"),
        ("state", line.review_state),
        ("text", line.text),
        ("translation", line.translation),
        ("direction", line.direction),
        ("manner", _format_manner(line)),
        ("fit", line.placement.reason if line.placement else ""),
        *(("flag", flag.message) for flag in line.flags),
        *(("comment", _format_comment(comment)) for comment in line.comments),
        *(("take", _format_take(line, take, project.file(take.file))) for take in line.takes),
    ]
    return "\n".join(f"{name:>12}  {text}" for name, text in rows if text)


def format_lines(script: Script) -> str:
    """A row for each line, and for each deleted one."""
    rows = [_format_row(line, script, "locked" if line.locked else "") for line in script.lines]
    gone = list_restorable(script)
    if gone:
        rows += ["", "Deleted lines (--restore brings one back):"]
        rows += [_format_row(line, script, "") for line in gone]
    return "\n".join(rows) or "The project has no lines."


def _format_row(line: Line, script: Script, mark: str) -> str:
    when = _format_position(line.start, script.programme)
    return f"  {line.id:9} {when}  {mark:6}  {line.translation or line.text}".rstrip()


def _format_position(samples: int, programme: Programme) -> str:
    frame = programme.start_frame + find_frame(samples, programme.rate, programme.sample_rate)
    return format_timecode(frame, programme.rate, drop=programme.drop)


def _format_take(line: Line, take: Take, path: Path) -> str:
    mark = "*" if take.id == line.chosen else " "
    human = "human  " if take.human else ""
    return f"{mark}{take.id}  {human}{take.text}  ({path})"


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
    """A take, with what its engine was given besides the words."""
    return {
        "id": take.id,
        "file": take.file,
        "text": take.text,
        "engine": take.engine,
        "direction": take.direction,
        "feelings": dict(take.feelings),
        "follows": list(take.follows),
        "human": take.human,
        "source": take.source,
        "offset": take.offset,
    }


def line_data(line: Line) -> dict[str, Any]:
    """A line for programs; positions in samples."""
    return {
        "id": line.id,
        "speaker": line.speaker,
        "start": line.start,
        "end": line.end,
        "locked": line.locked,
        "text": line.text,
        "translation": line.translation,
        "state": line.review_state,
        "comments": [asdict(comment) for comment in line.comments],
        "chosen": line.chosen,
        "layout": line.layout,
        "direction": line.direction,
        "manner": asdict(line.manner) if line.manner else None,
        "takes": [_take_data(take) for take in line.takes],
        "flags": [
            {"code": flag.code, "message": flag.message, "severity": str(flag.severity)}
            for flag in line.flags
        ],
    }
