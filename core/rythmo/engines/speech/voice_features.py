"""Logarithmic mel energies as Kaldi computes them: the input of networks that were trained on those.

Frames of 25 ms every 10 ms, whole ones only; without dither; pre-emphasis 0.97; Povey's window; 80 triangles
from 20 Hz to 8 kHz on the mel scale 1127 ln(1 + f / 700).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE = 16_000
HOP = 160
LENGTH = 400
BANDS = 80
_FFT = 512
_LOWEST_HZ = 20.0
_EMPHASIS = 0.97
_FLOOR = np.finfo(np.float32).eps
_BLOCK = 3000
"""Frames transformed together: 30 s, so that an hour doesn't need all its spectra at once."""


def log_mels(wave: Floats) -> Floats:
    """Return log mel energies (frames, 80) of `wave` (16 kHz, within +-1); none for less than 25 ms."""
    if wave.size < LENGTH:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(wave, LENGTH)[::HOP]
    window = np.hanning(LENGTH) ** 0.85
    bank = _mel_bank()
    return np.concatenate(
        [_block(frames[first : first + _BLOCK], window, bank) for first in range(0, len(frames), _BLOCK)]
    )


def _block(frames: Floats, window: NDArray[np.float64], bank: NDArray[np.float64]) -> Floats:
    centred = frames - frames.mean(axis=1, keepdims=True, dtype=np.float64)
    before = np.concatenate([centred[:, :1], centred[:, :-1]], axis=1)
    power = np.abs(np.fft.rfft((centred - _EMPHASIS * before) * window, _FFT)) ** 2
    return np.asarray(np.log(np.maximum(power @ bank, _FLOOR)), np.float32)


def _mel_bank() -> NDArray[np.float64]:
    edges = np.linspace(_mel(_LOWEST_HZ), _mel(RATE / 2), BANDS + 2)
    bins = _mel(np.arange(_FFT // 2 + 1) * RATE / _FFT)
    step = edges[1] - edges[0]
    rising, falling = (bins[:, None] - edges[:-2]) / step, (edges[2:] - bins[:, None]) / step
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float64)


def _mel(hertz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0), np.float64)
