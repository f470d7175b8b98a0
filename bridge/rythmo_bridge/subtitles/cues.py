"""The values that subtitles are passed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: [start, end) in samples from the programme's first frame.

    `text` has its line breaks as newlines and no markup; `speaker` is the name that the file gave, if any.
    """

    start: int
    end: int
    text: str
    speaker: str | None = None

    @property
    def length(self) -> int:
        """Return the samples on screen."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Subtitles:
    """All cues of one language (ISO 639-1), in order of start."""

    language: str
    cues: tuple[Cue, ...] = ()
