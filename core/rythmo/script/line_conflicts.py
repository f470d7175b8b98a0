"""Refuse edits of lines that somebody else changed or removed meanwhile; say what became of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rythmo.errors import LineConflictError, ScriptError
from rythmo.script.line_structure import find_removed
from rythmo.script.model import Line, Script

_SHOWN = 60


def require_line(script: Script, line_id: str) -> Line:
    """The line.

    Raises LineConflictError for one that was deleted or joined, and ScriptError for one that never was.
    """
    try:
        return script.line(line_id)
    except ScriptError:
        gone = find_removed(script, line_id)
        if gone is None:
            raise
    if gone.joined_into:
        raise LineConflictError(
            f"{line_id} was joined into {gone.joined_into} meanwhile; nothing was changed.",
            hint=f"Make your change in {gone.joined_into}, or undo the join.",
        )
    raise LineConflictError(
        f"{line_id} was deleted meanwhile; nothing was changed.", hint="Restore it or undo, then try again."
    )


def require_seen(line: Line, seen: Mapping[str, Any]) -> None:
    """Raise LineConflictError when one of the line's fields is not what the person saw who edits it."""
    for name, value in seen.items():
        now = getattr(line, name)
        if now != value:
            told = f"“{now[:_SHOWN]}”" if isinstance(now, str) else now
            raise LineConflictError(
                f"{line.id} was changed meanwhile: its {name} is {told} now; nothing was overwritten.",
                hint="Look at it as it is now, then make your change again.",
            )
