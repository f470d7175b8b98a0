"""The value that holds sound in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""float32, shape (channels, samples), full scale is +-1."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Sound in memory: `samples` of shape (channels, samples) at `rate`.

    It is a value: do not write into the array of one that you were given.
    """

    samples: Samples
    rate: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.dtype != np.float32:
            got = f"{self.samples.dtype} {self.samples.shape}"
            raise ValueError(f"expected float32 (channels, samples), got {got}")

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[0])

    @property
    def length(self) -> int:
        """Number of samples in each channel."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """Length in seconds, for messages and engines. Positions are kept in samples."""
        return self.length / self.rate

    def cut(self, start: int, end: int) -> Audio:
        """Return samples [start, end), clipped to the sound's length."""
        return Audio(self.samples[:, max(0, start) : max(0, start, end)], self.rate)

    def mono(self) -> Audio:
        """Return the mean of all channels."""
        return self if self.channels == 1 else Audio(self.samples.mean(axis=0, keepdims=True), self.rate)

    def at_rate(self, rate: int) -> Audio:
        """Resample with soxr at very high quality: no offset, ceil(n * rate / self.rate) samples."""
        if rate == self.rate:
            return self
        length = -(-self.length * rate // self.rate)
        out = np.zeros((self.channels, length), np.float32)
        for channel, samples in enumerate(self.samples):
            new = soxr.resample(samples, self.rate, rate, quality="VHQ")
            out[channel, : min(length, new.size)] = new[:length]
        return Audio(out, rate)


def make_silence(channels: int, length: int, rate: int) -> Audio:
    """Return `length` samples of silence in each channel."""
    return Audio(np.zeros((channels, length), np.float32), rate)


def replace_nonnumbers(samples: Samples) -> Samples:
    """Return `samples`, of any shape, with zero in place of NaN and infinity."""
    good = np.isfinite(samples)
    return samples if good.all() else np.where(good, samples, np.float32(0)).astype(np.float32)
