"""What an editor did to each line, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Fate(StrEnum):
    """What happened to a line. Several can hold at once; SAME stands alone."""

    SAME = "same"
    MOVED = "moved"
    TRIMMED_HEAD = "trimmed at its head"
    TRIMMED_TAIL = "trimmed at its tail"
    SPLIT = "split"
    DELETED = "deleted"
    COPIED = "copied"
    RETIMED = "re-timed"
    OTHER_TRACK = "on another track"
    MUTED = "muted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip of a line in the edited timeline.

    [start, end) is its record range; `content` is where, in the delivered timeline, its first sample was
    heard. All in samples. `speaker` is whose track it lies on, None for no speaker's.
    """

    track: str
    speaker: str | None
    start: int
    length: int
    content: int
    speed: Fraction = Fraction(1)
    enabled: bool = True

    @property
    def end(self) -> int:
        """The record sample after the last."""
        return self.start + self.length

    @property
    def content_end(self) -> int:
        """Where its last sample was heard, in the delivered timeline."""
        return self.content + round(self.length * abs(self.speed))

    @property
    def shift(self) -> int:
        """How far it moved; positive is later."""
        return self.start - self.content


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one line, or to one clip that is nobody's line.

    `line` is empty for a clip that could not be told. [start, end) is where the line was heard, `pieces`
    what is left of it in order of content, `copies` what repeats parts of it. `head` and `tail` are the
    samples lost at either end. `with_picture` says that the picture under it moved as far as the line did.
    A `conflict` is a sentence: what a person must decide.
    """

    line: str
    fates: tuple[Fate, ...]
    start: int = 0
    end: int = 0
    pieces: tuple[Piece, ...] = ()
    copies: tuple[Piece, ...] = ()
    head: int = 0
    tail: int = 0
    with_picture: bool = False
    conflict: str = ""
    name: str = ""

    @property
    def same(self) -> bool:
        """Whether nothing happened."""
        return self.fates == (Fate.SAME,)
