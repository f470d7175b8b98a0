"""Ids of lines: `<speaker>_<number>`, never used twice. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rythmo.script.model import Line, Script


def parse_number(line_id: str) -> int:
    """The number in a line's id; 0 for an id without one."""
    tail = line_id.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 0


def find_last_number(script: Script) -> int:
    """The highest number that a line of the script ever had, removed and undone ones included."""
    lines: Iterable[Line] = (*script.lines, *script.removed, *script.set_aside)
    return max((script.last_number, *(parse_number(line.id) for line in lines)))


def make_line_id(script: Script, speaker: str) -> tuple[Script, str]:
    """A new id for a line of the speaker, and the script that will not give its number again."""
    number = find_last_number(script) + 1
    return replace(script, last_number=number), f"{speaker}_{number:04}"
