"""Reads the programme's sound from files that hold one chunk each, across the seams."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rythmo.media.audio import Audio, Samples
from rythmo.media.scenes import Chunk
from rythmo.media.wav import read_audio
from rythmo.timebase import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class ChunkedAudio:
    """The programme's sound as one file per chunk, readable at any range.

    Where two chunks overlap, the sound fades linearly from one to the other, so a seam is never a step. `key`
    is the hash of all parts.
    """

    parts: tuple[tuple[Chunk, Path], ...]
    key: str
    channels: int
    rate: int = SAMPLE_RATE

    def read(self, start: int, end: int) -> Audio:
        """Read samples [start, end) of the programme; silence outside it."""
        out = np.zeros((self.channels, max(0, end - start)), np.float32)
        for index, (chunk, path) in enumerate(self.parts):
            left, right = max(start, chunk.start), min(end, chunk.end)
            if left >= right:
                continue
            samples = read_audio(path, left - chunk.start, right - chunk.start).samples
            out[:, left - start : right - start] += samples * self._weight(index, left, right)
        return Audio(out, self.rate)

    def samples(self, start: int, end: int) -> Samples:
        """Read samples [start, end) as a bare array (channels, n)."""
        return self.read(start, end).samples

    def _weight(self, index: int, left: int, right: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        position = np.arange(left, right, dtype=np.float64) + 0.5
        weight = np.ones(right - left)
        chunk = self.parts[index][0]
        if index > 0 and (before := self.parts[index - 1][0].end) > chunk.start:
            weight *= np.clip((position - chunk.start) / (before - chunk.start), 0.0, 1.0)
        if index + 1 < len(self.parts) and (after := self.parts[index + 1][0].start) < chunk.end:
            weight *= np.clip((chunk.end - position) / (chunk.end - after), 0.0, 1.0)
        return weight.astype(np.float32)
