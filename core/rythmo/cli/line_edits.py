"""What `rythmo line` is asked to do, as a change of the script and its name for the history."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rythmo.errors import ScriptError, UsageError
from rythmo.script.edits import add_line, edit_line, request_another_take, use_take
from rythmo.script.human_takes import set_layout
from rythmo.script.line_structure import delete_lines, join_lines, restore_line, split_line
from rythmo.script.locks import require_unlocked, set_locked
from rythmo.script.model import Line, Programme, Script
from rythmo.script.review_edits import add_comment, edit_comment, set_review_state
from rythmo.script.review_state import ReviewState
from rythmo.script.takes import TakeLayout
from rythmo.script.text_cuts import (
    Cut,
    find_cut_at_character,
    find_cut_at_sample,
    find_cut_at_word,
)
from rythmo.timebase import frames_to_samples, parse_timecode
from rythmo.user_folder import login_name

_FIELDS = ("text", "translation", "direction", "speaker")
_STRUCTURE = ("add", "split_at", "join", "delete", "restore", "lock", "unlock")
_OTHERS = (*_FIELDS, "start", "end", "use", "again", "layout", "state", "comment", "resolve")
_COUNTED = re.compile(r"(word|character):([0-9]{1,6})\Z")


@dataclass
class LineEdit:
    """A change of the script, what it is called, and the lines to show after it.

    `lines` is filled when the change is made: the line that was asked for, and those that came of it.
    """

    change: Callable[[Script], Script]
    what: str
    lines: list[str]


def read_edit(arguments: argparse.Namespace) -> LineEdit:
    """Return the edit that the arguments ask for. Raises UsageError for those that do not go together."""
    asked = [name for name in _STRUCTURE if getattr(arguments, name) not in (None, False)]
    if len(asked) > 1:
        raise UsageError(
            f"{_flag(asked[0])} and {_flag(asked[1])} are two edits.", hint="Make them one after the other."
        )
    name = asked[0] if asked else ""
    also = [other for other in _OTHERS if getattr(arguments, other) not in (None, False, "")]
    if name and name != "add" and also:
        raise UsageError(
            f"{_flag(name)} does not go with {_flag(also[0])}.", hint="Make them one after the other."
        )
    if name == "add":
        return _read_add(arguments)
    line = arguments.line
    if name == "restore":
        back = arguments.restore
        return LineEdit(lambda script: restore_line(script, back), f"restore {back}", [back])
    if not line:
        raise UsageError("Which line?", hint="Name one, for example S1_0007; without any, all are listed.")
    if name == "split_at":
        return _read_split(line, arguments.split_at)
    if name == "join":
        ids = [line, *(part.strip() for part in arguments.join.split(",") if part.strip())]
        return LineEdit(
            lambda script: join_lines(script, ids, across_speakers=arguments.across_speakers),
            f"join {', '.join(ids)}",
            [line],
        )
    if name == "delete":
        return LineEdit(lambda script: delete_lines(script, [line]), f"delete {line}", [])
    if name:
        locked = name == "lock"
        return LineEdit(lambda script: set_locked(script, [line], locked=locked), f"{name} {line}", [line])
    return LineEdit(lambda script: _change_fields(script, arguments), f"edit {line}", [line])


def has_edit(arguments: argparse.Namespace) -> bool:
    """Whether the arguments ask for any change."""
    return any(getattr(arguments, name) not in (None, False, "") for name in (*_STRUCTURE, *_OTHERS))


def _flag(name: str) -> str:
    return {"start": "--in", "end": "--out"}.get(name, f"--{name.replace('_', '-')}")


def _read_split(line_id: str, where: str) -> LineEdit:
    lines = [line_id]

    def change(script: Script) -> Script:
        line = script.line(line_id)
        require_unlocked(line)
        script, second = split_line(script, line_id, _find_cut(line, where, script.programme))
        lines.append(second)
        return script

    return LineEdit(change, f"split {line_id}", lines)


def _find_cut(line: Line, where: str, programme: Programme) -> Cut:
    """The cut at a timecode, `word:N`, `character:N`, or before words of the line's text."""
    if counted := _COUNTED.match(where):
        find = find_cut_at_word if counted[1] == "word" else find_cut_at_character
        return find(line, int(counted[2]))
    if re.fullmatch(r"[0-9:;.]+", where):
        at = parse_position(where, programme)
        assert at is not None
        return find_cut_at_sample(line, at)
    text, words = line.text.casefold(), where.casefold().strip()
    if not words or text.count(words) != 1:
        often = "does not hold" if words not in text else "holds more than once"
        raise ScriptError(
            f"{line.id} {often} {where!r}: {line.text}",
            hint="Give words of its text with which the second part begins, a timecode, or word:N.",
        )
    return find_cut_at_character(line, text.index(words))


def _read_add(arguments: argparse.Namespace) -> LineEdit:
    if arguments.start is None or arguments.end is None or arguments.line:
        raise UsageError(
            "--add needs --in, --out and --text, and no line.",
            hint='rythmo line PROJECT --add --in 01:00:05:00 --out 01:00:07:12 --text "Who is there?"',
        )
    lines: list[str] = []

    def change(script: Script) -> Script:
        start, end = (parse_position(getattr(arguments, name), script.programme) for name in ("start", "end"))
        assert start is not None and end is not None
        script, line_id = add_line(
            script,
            start,
            end,
            arguments.text or "",
            translation=arguments.translation or "",
            speaker=arguments.speaker or "",
        )
        lines.append(line_id)
        return _apply_review(script, line_id, arguments)

    return LineEdit(change, "add a line", lines)


def _change_fields(script: Script, arguments: argparse.Namespace) -> Script:
    changes: dict[str, Any] = {name: getattr(arguments, name) for name in _FIELDS}
    if arguments.use and any(value is not None for value in changes.values()):
        raise UsageError("--use brings the take's own words back.", hint="Leave the other changes out.")
    changes |= {name: parse_position(getattr(arguments, name), script.programme) for name in ("start", "end")}
    script = edit_line(script, arguments.line, **changes)
    if arguments.use:
        script = use_take(script, arguments.line, arguments.use)
    elif arguments.again:
        script = request_another_take(script, arguments.line)
    if arguments.layout:
        script = set_layout(script, arguments.line, TakeLayout(arguments.layout))
    return _apply_review(script, arguments.line, arguments)


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


def parse_position(timecode: str | None, programme: Programme) -> int | None:
    """The programme's sample at which that frame of its timeline starts."""
    if timecode is None:
        return None
    frame = parse_timecode(timecode, programme.rate, drop=programme.drop).frame
    return frames_to_samples(frame - programme.start_frame, programme.rate, programme.sample_rate)
