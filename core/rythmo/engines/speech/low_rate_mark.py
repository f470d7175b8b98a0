"""Add to a sound what a network made for it at a lower rate, so that everything above stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from rythmo.media.audio import Audio
from rythmo.progress import CancelToken

Mono = NDArray[np.float32]

PIECE_SECONDS = 30
"""Seconds that are marked together: longer sound is marked in pieces, to save memory."""
_OVERLAP_SECONDS = 2


def add_mark(sound: Audio, rate: int, find_signal: Callable[[Mono], Mono], cancel: CancelToken) -> Audio:
    """Return the sound with the mark added to each channel: same rate, shape and timing.

    `find_signal` returns what to add to one channel at `rate`, of the same length. Only that is resampled.
    Raises CancelledError.
    """
    cancel.check()
    low = sound.at_rate(rate)
    added = np.stack([_mark_channel(samples, rate, find_signal, cancel) for samples in low.samples])
    back = Audio(added, rate).at_rate(sound.rate).samples[:, : sound.length]
    missing = sound.length - back.shape[1]
    return Audio(sound.samples + np.pad(back, ((0, 0), (0, missing))), sound.rate)


def lower_voices(sound: Audio, rate: int, cancel: CancelToken) -> Iterator[Mono]:
    """Yield each channel at `rate`, and then the mean of several: a mark in one may be lost in the mean.

    Raises CancelledError.
    """
    heard = [*sound.samples, sound.samples.mean(axis=0)] if sound.channels > 1 else list(sound.samples)
    for samples in heard:
        cancel.check()
        yield Audio(samples[np.newaxis], sound.rate).at_rate(rate).samples[0]


def _mark_channel(samples: Mono, rate: int, find_signal: Callable[[Mono], Mono], cancel: CancelToken) -> Mono:
    """Return the mark of one channel; pieces of a long one fade into each other."""
    piece, overlap = PIECE_SECONDS * rate, _OVERLAP_SECONDS * rate
    out = np.zeros_like(samples)
    ramp = np.linspace(0, 1, overlap, dtype=np.float32)
    for start in range(0, max(1, samples.size - overlap), piece - overlap):
        cancel.check()
        part = find_signal(samples[start : start + piece])
        if start:
            part[:overlap] *= ramp[: part.size]
        if start + piece < samples.size:
            part[-overlap:] *= ramp[::-1]
        out[start : start + piece] += part
    return out
