"""Stamp each row of an exported table with what the line was then.

Without it a table that comes back a week later would undo what was changed in the project meanwhile: with it,
only cells that the translator changed count, and a line that both changed is a conflict.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from rythmo.script.clean_text import join_to_one_line
from rythmo.script.model import Line

_STAMP = re.compile(r"([0-9a-f]{6})-([0-9a-f]{6})-([0-9a-f]{6})-([a-z]+)\Z")


@dataclass(frozen=True, slots=True)
class VersionStamp:
    """What a line was when its table was written: short hashes of its words, and its state."""

    text: str
    translation: str
    direction: str
    state: str

    def __str__(self) -> str:
        return f"{self.text}-{self.translation}-{self.direction}-{self.state}"


def stamp_line(line: Line) -> VersionStamp:
    """Return the stamp of a line as it is now."""
    return VersionStamp(
        text=hash_words(line.text),
        translation=hash_words(line.translation),
        direction=hash_words(line.direction),
        state=line.review_state.value,
    )


def parse_stamp(text: str) -> VersionStamp | None:
    """Return the stamp in a cell; None for anything else."""
    match = _STAMP.match(text.strip())
    return VersionStamp(*match.groups()) if match else None


def hash_words(text: str) -> str:
    """Return six hexadecimal digits that tell one wording from another."""
    return hashlib.sha256(join_to_one_line(text).encode("utf-8", "replace")).hexdigest()[:6]
