"""What an editor did to each line, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from rythmo_bridge.timeline import Level


class Fate(StrEnum):
    """What happened to a line. Several can hold at once; SAME stands alone."""

    SAME = "same"
    MOVED = "moved"
    TRIMMED_HEAD = "trimmed at its head"
    TRIMMED_TAIL = "trimmed at its tail"
    OPENED = "opened up"
    SPLIT = "split"
    DELETED = "deleted"
    COPIED = "copied"
    RETIMED = "re-timed"
    OTHER_TRACK = "on another track"
    OTHER_TAKE = "another take"
    LEVEL = "level changed"
    FADED = "fades changed"
    MUTED = "muted"
    UNMUTED = "unmuted"
    UNKNOWN = "unknown"


def played(length: int, speed: Fraction) -> int:
    """The samples of its source that a clip plays in `length` of the record."""
    return length if speed == 1 else round(length * abs(speed))


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip of a line in the edited timeline.

    [start, start + length) is its record range; `content` is where, in the delivered timeline, its first
    sample was heard. All in samples. `speaker` is whose clip it is, by its role or its track, None where it
    lies on a track that is no speaker's. `take` is the take that its file holds ("t02"; empty: not told),
    `source` where the clip begins in its file, counted in the file's timecode.
    """

    track: str
    speaker: str | None
    start: int
    length: int
    content: int
    speed: Fraction = Fraction(1)
    enabled: bool = True
    gain_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0
    levels: tuple[Level, ...] = ()
    take: str = ""
    source: int = 0

    @property
    def end(self) -> int:
        """The record sample after the last."""
        return self.start + self.length

    @property
    def content_end(self) -> int:
        """Where its last sample was heard, in the delivered timeline."""
        return self.content + played(self.length, self.speed)

    @property
    def shift(self) -> int:
        """How far it moved; positive is later."""
        return self.start - self.content


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one line, or to one clip that is nobody's line.

    `line` is empty for a clip that could not be told. [start, end) is where the line was heard, `pieces`
    what is left of it in order of content, `copies` what repeats parts of it. `head` and `tail` are the
    samples lost at either end, negative where the clip was opened up. `with_picture` says that the picture
    under it moved as far as the line did. A `conflict` is a sentence: what a person must decide. `mark`
    names the clips as they lie in the edited timeline (see `mark_of`).
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
    mark: str = ""

    @property
    def same(self) -> bool:
        """Whether nothing happened."""
        return self.fates == (Fate.SAME,)


def mark_of(pieces: tuple[Piece, ...]) -> str:
    """The take that the clips play and a hash of how they lie, so that the same edit is known again.

    Where their sound was heard before is left out: that changes when the edit is applied.
    """
    facts = [
        (
            piece.speaker,
            piece.start,
            piece.length,
            piece.source,
            str(piece.speed),
            piece.enabled,
            round(piece.gain_db, 2),
            piece.fade_in,
            piece.fade_out,
            tuple((level.at, round(level.gain_db, 2)) for level in piece.levels),
            piece.take,
        )
        for piece in sorted(pieces, key=lambda each: (each.start, each.track, each.source))
    ]
    take = next((piece.take for piece in pieces if piece.take), "")
    return f"{take} {sha256(repr(facts).encode()).hexdigest()[:16]}"
