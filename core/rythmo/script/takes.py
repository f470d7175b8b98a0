"""Takes, where they sit, and what an editor did to their clips. Frozen values only; positions are samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ORIGINAL = "original"
"""Named as the engine of takes that are the original sound itself."""
HUMAN = "human"
"""Named as the engine of takes that a person spoke."""


class TakeKind(StrEnum):
    """What is heard in a take."""

    HUMAN = "human"
    SYNTHETIC = "synthetic"
    ORIGINAL = "original"


class TakeLayout(StrEnum):
    """How a human take is laid in its line. Takes of engines are always fitted."""

    START = "start"
    """As performed; its first word begins where the line begins."""
    RECORDED = "recorded"
    """As performed, where it was recorded against the picture; see `Take.offset`."""
    FITTED = "fitted"
    """Fitted to its slot like a take of an engine, and stretched where it is too long."""


@dataclass(frozen=True, slots=True)
class VoiceRef:
    """A voice that an engine can speak with again: which engine, which voice, which settings.

    It is part of every take's cache key, so two speakers never share a take.
    """

    engine: str
    id: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Take:
    """One recording of a line, never overwritten.

    `file` is relative to the project folder; `length` in samples; `text` is what was spoken;
    `key` is the hash of everything that went in.
    """

    id: str
    file: str
    length: int
    text: str
    engine: str
    voice: VoiceRef
    key: str = ""
    variation: int = 0
    """0: as it came; above: a further take of the same words, as `Line.variation` asked for it."""
    direction: str = ""
    """What the engine was told about the delivery: a person's words, or what was measured on the original."""
    follows: tuple[str, ...] = ()
    """What of the original the engine was given: "original line" (its sound), "manner", "manner in words"."""
    feelings: Mapping[str, float] = field(default_factory=dict)
    """The emotion vector that the engine was given."""
    human: bool = False
    """Whether a person spoke it. `text` is then what the line said at that time."""
    source: str = ""
    """Of a human take: the name of the file that it was imported from; "" where it was recorded here."""
    offset: int | None = None
    """Of a human take: where its first sample lies against the start of its line, in samples, when it was
    recorded against the picture; None where that is not known."""

    @property
    def is_original(self) -> bool:
        """Whether it is the line's own original sound, which stays in the dub."""
        return self.voice.engine == ORIGINAL

    @property
    def kind(self) -> TakeKind:
        """What is heard in it, for whoever reads a delivery."""
        if self.human:
            return TakeKind.HUMAN
        return TakeKind.ORIGINAL if self.is_original else TakeKind.SYNTHETIC


@dataclass(frozen=True, slots=True)
class Piece:
    """One phrase of a take: its samples [source_start, source_end) play over [start, end) of the record."""

    source_start: int
    source_end: int
    start: int
    end: int

    @property
    def speed(self) -> float:
        """Samples of the take for each sample of the record; above 1.0 is faster than spoken."""
        return (self.source_end - self.source_start) / (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how the chosen take sits: record range, speed (1.0 as spoken, above is faster),
    gain in dB, the end of the slot it was given, and why it was fitted so. `pace`: how much faster than by
    itself the voice spoke, because it was asked for a length; what is heard is `speed` times that.

    `pieces` are its phrases in order, disjoint in source and record; the first starts at `start`, the
    last ends at `end`, or before it where a room rings on. Without pieces the whole take plays over
    [start, end).
    """

    start: int
    end: int
    slot_end: int
    speed: float = 1.0
    gain_db: float = 0.0
    reason: str = ""
    pieces: tuple[Piece, ...] = ()
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class GainPoint:
    """A keyframe of a clip's gain, `at` samples after the clip's start. The gain moves between two of them
    in a straight line as a factor, and stays before the first and after the last."""

    at: int
    gain_db: float


@dataclass(frozen=True, slots=True)
class ClipEdit:
    """What an editor did to a line's clip without moving it; the take and its placed file stay as they are.

    `head` and `tail` are samples cut off either end of the placed sound, `fade_in` and `fade_out` samples
    inside what is left. `gain_db` and `levels` come on top of the level that the mix gave the line.
    """

    head: int = 0
    tail: int = 0
    gain_db: float = 0.0
    muted: bool = False
    fade_in: int = 0
    fade_out: int = 0
    levels: tuple[GainPoint, ...] = ()


UNEDITED = ClipEdit()
