"""How far a line has got with the people who work on its words, and what they say about it. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReviewState(StrEnum):
    """How far people are with a line's translation."""

    NEW = "new"
    """Nobody has looked at it: its words are a machine's, or there are none."""
    TRANSLATED = "translated"
    """A person wrote its words or confirmed them."""
    REVIEWED = "reviewed"
    """A second person has checked it."""
    APPROVED = "approved"
    """It is final: no engine and no file changes its words any more."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person says about a line. `id` is stable within the line; `time` is UTC, as in
    "2026-11-30T10:15:00Z"."""

    id: str
    author: str
    time: str
    text: str
    resolved: bool = False
