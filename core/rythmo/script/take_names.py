"""Find the line that a recorded file belongs to by the id in its name. Pure.

Studios and audio programs add to names and change their signs: `S1_0007.wav`, `ep2 S1-0007_t03 (good).wav`
and `s1_7 take 2.flac` are all of line S1_0007.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rythmo.script.line_structure import find_removed
from rythmo.script.model import Script

_ID = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{1,3}[0-9]{1,4})[_\- .]?([0-9]{1,9})(?![0-9])")
_DIGITS = re.compile(r"([0-9]+)")


class NameFault(StrEnum):
    """Why no line is found for a name."""

    NO_ID = "no-id"
    UNKNOWN = "unknown-line"
    DELETED = "deleted-line"
    SEVERAL = "several-lines"


@dataclass(frozen=True, slots=True)
class NamedLine:
    """The line that a name is about: its id, or the fault with a sentence for a person."""

    line: str = ""
    fault: NameFault | None = None
    message: str = ""


def find_named_line(name: str, script: Script) -> NamedLine:
    """Return the line whose id the name holds. Its case and leading zeros of its number do not matter."""
    found = [(speaker.upper(), int(number)) for speaker, number in _ID.findall(name)]
    known = {_split_id(line.id): line.id for line in script.lines}
    ids = list(dict.fromkeys(known[one] for one in found if one in known))
    if len(ids) == 1:
        return NamedLine(ids[0])
    if ids:
        return NamedLine(fault=NameFault.SEVERAL, message=f"Its name holds several lines: {', '.join(ids)}.")
    for speaker, number in found:
        if (gone := _find_gone(script, speaker, number)) is not None:
            return gone
    if found:
        named = f"{found[0][0]}_{found[0][1]:04}"
        return NamedLine(fault=NameFault.UNKNOWN, message=f"The project has no line {named}.")
    some = script.lines[0].id if script.lines else "S1_0001"
    return NamedLine(
        fault=NameFault.NO_ID, message=f"Its name holds no line's id, such as {some}. Say which line it is."
    )


def _find_gone(script: Script, speaker: str, number: int) -> NamedLine | None:
    ids = [line.id for line in script.removed if _split_id(line.id) == (speaker, number)]
    line = find_removed(script, ids[-1]) if ids else None
    if line is None:
        return None
    what = f"joined to {line.joined_into}" if line.joined_into else "deleted"
    return NamedLine(fault=NameFault.DELETED, message=f"Line {line.id} was {what}.")


def _split_id(line_id: str) -> tuple[str, int]:
    speaker, _, number = line_id.rpartition("_")
    return speaker.upper(), int(number) if number.isdecimal() else -1


def sort_key(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return what to sort names by so that they come as people count: `take 2` before `take 10`."""
    return [_sort_part(part) for part in _DIGITS.split(name)], name


def _sort_part(part: str) -> tuple[int, str]:
    return (int(part), "") if part.isascii() and part.isdigit() else (-1, part.casefold())
