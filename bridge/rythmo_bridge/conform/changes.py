"""The changes that an editor made to each line, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from rythmo.script.on_screen import PictureUnder
from rythmo_bridge.timeline import Level


class Fate(StrEnum):
    """What happened to a line. Several can apply at once; SAME stands alone."""

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


def source_length(length: int, speed: Fraction) -> int:
    """Return how many samples of its source a clip plays in `length` samples of the record."""
    return length if speed == 1 else round(length * abs(speed))


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip of a line in the edited timeline. All positions are in samples.

    [start, start + length) is its record range. `content` is where its first sample was heard in the
    delivered timeline. `speaker` is the speaker by the clip's role or track, None on a track that belongs to
    no speaker. `take` is the take in its file ("t02"; empty if unknown). `source` is where the clip begins in
    its file, counted in the file's timecode.
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
        """Return the record sample after the last."""
        return self.start + self.length

    @property
    def content_end(self) -> int:
        """Return where its last sample was heard in the delivered timeline."""
        return self.content + source_length(self.length, self.speed)

    @property
    def shift(self) -> int:
        """Return how far it moved in samples; positive is later."""
        return self.start - self.content


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one line, or to one clip that belongs to no line.

    `line` is empty for a clip that was not recognised. [start, end) is where the line was heard. `pieces` is
    what remains of it, in order of content, and `copies` repeat parts of it. `head` and `tail` are the
    samples lost at either end, negative where the clip was extended. `with_picture` is set if the picture
    under the line moved as far as the line did. `under` is which picture plays at a moved line's new place,
    None where the timeline does not tell. `conflict` is a sentence that states what a person must
    decide. `mark` identifies how the clips lie in the edited timeline (see `mark_of`).
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
    under: PictureUnder | None = None

    @property
    def same(self) -> bool:
        """Whether nothing happened."""
        return self.fates == (Fate.SAME,)


def mark_of(pieces: tuple[Piece, ...]) -> str:
    """Return the take that the clips play and a hash of their positions, to recognise the same edit again.

    The positions at which the sound was heard before are left out, because applying the edit changes them.
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
