"""Short-time spectra that add up to the sound they came from, one block of frames at a time.

Frames lie on one grid for the whole sound, so work in blocks gives the same result as work in one piece. Both
windows are the square root of a Hann window; four Hann windows shifted by a quarter sum to 2.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Spectra = NDArray[np.complex64]
"""Shape (channels, frames, bins)."""

_OVERLAP = 4


@cache
def _window(size: int) -> NDArray[np.float32]:
    return np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


def frame_size(rate: int) -> int:
    """Return about 43 ms in samples, divisible by 64: 2048 at 48 kHz."""
    return max(64, round(2048 * rate / 48_000 / 64) * 64)


def frame_count(length: int, size: int) -> int:
    """Count the frames that cover `length` samples: the first begins before the sound, the last ends after
    it."""
    return -(-length // (size // _OVERLAP)) + _OVERLAP - 1


def analyse(sound: NDArray[np.float32], size: int, first: int, last: int) -> Spectra:
    """Return the spectra of frames [first, last) of `sound`, shape (channels, samples); zeros beyond its
    ends."""
    hop = size // _OVERLAP
    start, end = (first - _OVERLAP + 1) * hop, (last - 1) * hop + hop
    left, right = max(0, -start), max(0, end - sound.shape[1])
    piece = np.pad(sound[:, max(0, start) : end], ((0, 0), (left, right)))[:, : end - start]
    frames = np.lib.stride_tricks.sliding_window_view(piece, size, axis=1)[:, ::hop]
    spectra: Spectra = np.fft.rfft(frames * _window(size), axis=2).astype(np.complex64)
    return spectra


def synthesise(spectra: Spectra, size: int) -> NDArray[np.float32]:
    """Add up the frames: shape (channels, (frames + 3) * size / 4).

    The sound of frame 0 begins at sample 0.
    """
    hop = size // _OVERLAP
    channels, frames, _ = spectra.shape
    sound = np.fft.irfft(spectra, size, axis=2).astype(np.float32) * (_window(size) / 2)
    quarters = sound.reshape(channels, frames, _OVERLAP, hop)
    out = np.zeros((channels, frames + _OVERLAP - 1, hop), np.float32)
    for quarter in range(_OVERLAP):
        out[:, quarter : quarter + frames] += quarters[:, :, quarter]
    return out.reshape(channels, -1)
