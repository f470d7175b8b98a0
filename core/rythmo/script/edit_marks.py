"""The names of fields that a person has set (`Line.edited`), and where a line may lie. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rythmo.errors import ScriptError
from rythmo.script.model import Line, Programme, Script
from rythmo.timebase import find_frame, format_timecode


def add_names(edited: Iterable[str], *names: str) -> tuple[str, ...]:
    """The names with more of them, each once."""
    return tuple(dict.fromkeys((*edited, *names)))


def drop_names(edited: Iterable[str], *names: str) -> tuple[str, ...]:
    """The names without some of them."""
    return tuple(name for name in edited if name not in names)


def require_inside(line: Line, script: Script) -> None:
    """Raise ScriptError for a line that is empty or reaches out of the programme."""
    programme = script.programme
    if not 0 <= line.start < line.end <= programme.length:
        start, end, first, last = (
            _format_place(samples, programme) for samples in (line.start, line.end, 0, programme.length)
        )
        raise ScriptError(
            f"{line.id} cannot be from {start} to {end}.",
            hint=f"A line starts before it ends, inside the programme ({first} to {last}).",
        )


def _format_place(samples: int, programme: Programme) -> str:
    """Return a position as timecode; one before the programme in seconds, because it has none."""
    if samples < 0:
        return f"{-samples / programme.sample_rate:.2f} s before the start"
    frame = programme.start_frame + find_frame(samples, programme.rate, programme.sample_rate)
    return format_timecode(frame, programme.rate, drop=programme.drop)
