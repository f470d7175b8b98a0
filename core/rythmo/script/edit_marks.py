"""The names of fields that a person has set (`Line.edited`), and where a line may lie. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rythmo.errors import ScriptError
from rythmo.script.model import Line, Script


def add_names(edited: Iterable[str], *names: str) -> tuple[str, ...]:
    """The names with more of them, each once."""
    return tuple(dict.fromkeys((*edited, *names)))


def drop_names(edited: Iterable[str], *names: str) -> tuple[str, ...]:
    """The names without some of them."""
    return tuple(name for name in edited if name not in names)


def require_inside(line: Line, script: Script) -> None:
    """Raise ScriptError for a line that is empty or reaches out of the programme."""
    if not 0 <= line.start < line.end <= script.programme.length:
        raise ScriptError(
            f"{line.id} cannot be from sample {line.start} to {line.end}.",
            hint=f"A line starts before it ends, inside the programme (0 to {script.programme.length}).",
        )
