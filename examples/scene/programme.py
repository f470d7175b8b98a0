"""The scene as a whole: lines at their samples, clean speech, bed and mix."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .bed import bed
from .music import Stereo
from .story import CUES, FIRST_LINE, FRAME_RATE, RATE, SPEAKERS, TAIL, Cue
from .voices import Mono, Word, speak


@dataclass(frozen=True, slots=True)
class Line:
    """A line of dialogue at [start, end) samples of the programme."""

    id: str
    speaker: str
    text: str
    start: int
    end: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """All of the sound, aligned to the first frame of the picture; `mix` is speech (centre) plus bed."""

    lines: tuple[Line, ...]
    speech: dict[str, Mono]
    bed: Stereo
    frames: int

    @property
    def length(self) -> int:
        return int(self.bed.shape[1])

    @property
    def mix(self) -> Stereo:
        return np.asarray(self.bed + np.sum(list(self.speech.values()), axis=0), np.float32)


def _quantised(samples: Mono | Stereo) -> Mono | Stereo:
    """On the grid of 16 bits, so that the truth's files hold exactly what was mixed."""
    return np.asarray(np.round(samples * 32768) / 32768, np.float32)


def _place(cues: tuple[Cue, ...]) -> list[tuple[Line, int, Mono]]:
    placed = []
    end = FIRST_LINE
    for number, cue in enumerate(cues, 1):
        speech = speak(cue)
        start = end + cue.gap_ms * RATE // 1000
        offset = start - speech.words[0].start
        words = tuple(word.later(offset) for word in speech.words)
        end = words[-1].end
        placed.append(
            (Line(f"L{number:02}", cue.speaker, cue.plain, start, end, words), offset, speech.samples)
        )
    return placed


def build() -> Programme:
    """The whole scene's sound, the same on every run."""
    placed = _place(CUES)
    lines = tuple(line for line, _, _ in placed)
    samples_a_frame = Fraction(RATE) / FRAME_RATE
    frames = -(-(lines[-1].end + TAIL) // samples_a_frame)
    length = int(frames * samples_a_frame)
    speech = {name: np.zeros(length, np.float32) for name in SPEAKERS}
    for line, offset, samples in placed:
        speech[line.speaker][offset : offset + samples.size] += samples
    turns = [(line.start, line.end) for line in lines]
    first_guard = next(line for line in lines if line.speaker == "GUARD")
    startled = next(line for line in lines if line.text.startswith("Wait"))
    sound = bed(
        length,
        turns,
        rustle=startled.start - int(1.35 * RATE),
        door=first_guard.start - int(1.1 * RATE),
        meow=lines[-1].end + int(1.3 * RATE),
    )
    return Programme(lines, {k: _quantised(v) for k, v in speech.items()}, _quantised(sound), int(frames))
