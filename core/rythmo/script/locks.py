"""Locked lines: a person is done with them, and nothing but unlocking changes them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from rythmo.errors import LockedLineError
from rythmo.script.model import Line, Script


def set_locked(script: Script, line_ids: Collection[str], *, locked: bool) -> Script:
    """The script with the lines locked, or unlocked. Raises ScriptError for a line that does not exist."""
    wanted = {script.line(line_id).id for line_id in line_ids}
    if all(line.locked == locked for line in script.lines if line.id in wanted):
        return script
    return script.map_lines(lambda line: replace(line, locked=locked) if line.id in wanted else line)


def require_unlocked(*lines: Line) -> None:
    """Raise LockedLineError when one of the lines is locked."""
    held = [line.id for line in lines if line.locked]
    if not held:
        return
    names = ", ".join(held[:6]) + (" ..." if len(held) > 6 else "")
    are, them = ("is", "it") if len(held) == 1 else ("are", "them")
    raise LockedLineError(
        f"{names} {are} locked; nothing was changed.",
        hint=f"Unlock {them} first: the padlock on the page, or rythmo line PROJECT {held[0]} --unlock.",
    )


def keep_locked(before: Script, after: Script) -> Script:
    """`after` with the locked lines of `before` as they were; only their flags are new."""
    held = {line.id: line for line in before.lines if line.locked}
    if not held:
        return after
    return after.map_lines(lambda line: replace(held[line.id], flags=line.flags) if line.id in held else line)


def list_locked(lines: Iterable[Line]) -> list[str]:
    """The ids of the locked ones."""
    return [line.id for line in lines if line.locked]
