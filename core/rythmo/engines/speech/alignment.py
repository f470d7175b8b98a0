"""Measurement of the delay between two sounds, for model libraries that pad without saying by how much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rythmo.media.audio import Samples

# Below this normalised correlation, the two sounds are not the same with a delay.
_ALIKE = 0.5
_LONGEST = 1 << 20


def measure_offset(reference: Samples, other: Samples, most: int) -> int:
    """Return by how many samples `other` is late (negative: early), at most `most` either way.

    The shapes are (channels, samples). About 20 s in the middle are compared. The result is 0 when the sounds
    are too different.
    """
    one, two = _middle(reference.mean(axis=0)), _middle(other.mean(axis=0))
    size = min(one.size, two.size)
    if size == 0:
        return 0
    one, two = one[:size], two[:size]
    scale = float(np.linalg.norm(one) * np.linalg.norm(two))
    if scale == 0 or not np.isfinite(scale):
        return 0
    padded = 1 << (2 * size - 1).bit_length()
    spectrum = np.conj(np.fft.rfft(one, padded)) * np.fft.rfft(two, padded)
    likeness = np.fft.irfft(spectrum, padded) / scale
    lags = np.arange(-min(most, size - 1), min(most, size - 1) + 1)
    best = int(np.argmax(likeness[lags]))
    return int(lags[best]) if likeness[lags[best]] > _ALIKE else 0


def shift_back(late: Samples, offset: int, length: int) -> Samples:
    """Return `late` moved back by `offset` samples and cut or padded with zeros to `length`."""
    result = np.zeros((late.shape[0], length), np.float32)
    start, skip = max(0, -offset), max(0, offset)
    part = late[:, skip : skip + length - start]
    result[:, start : start + part.shape[1]] = part
    return result


def _middle(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    start = max(0, (sound.size - _LONGEST) // 2)
    return sound[start : start + _LONGEST].astype(np.float64)
