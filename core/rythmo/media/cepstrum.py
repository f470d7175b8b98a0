"""Mel-frequency cepstral coefficients as SyncNet was trained with them. Pure.

They are those of the package python_speech_features with its defaults: windows of 25 ms without a taper, one
each 10 ms, 26 triangular bands, 13 coefficients after a lifter, the first of which is the logarithm of the
energy. A network takes what it was trained with, so none of this is a matter of taste.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

Floats = NDArray[np.float64]
RATE = 16_000
STEP = 160
"""Samples from one window to the next."""
COEFFICIENTS = 13
_WINDOW, _TRANSFORM = 400, 512
_BANDS = 26
_EMPHASIS = 0.97
_LIFTER = 22
_FULL_SCALE = 32768.0
"""The package is given 16-bit samples."""
_NOTHING = float(np.finfo(np.float64).eps)


def measure_cepstrum(samples: NDArray[np.float32]) -> Floats:
    """Return the coefficients, shape (windows, 13), of mono samples from -1 to 1 at 16 kHz.

    Window n begins with sample 160 n; the last one is filled up with silence.
    """
    sound = np.asarray(samples, np.float64) * _FULL_SCALE
    if not sound.size:
        return np.zeros((0, COEFFICIENTS))
    raised = np.concatenate([sound[:1], sound[1:] - _EMPHASIS * sound[:-1]])
    count = 1 + max(0, -(-(len(raised) - _WINDOW) // STEP))
    padded = np.pad(raised, (0, max(0, (count - 1) * STEP + _WINDOW - len(raised))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::STEP][:count]
    power = np.square(np.abs(np.fft.rfft(windows, _TRANSFORM, axis=1))) / _TRANSFORM
    bands = np.log(_without_zeros(power @ _draw_bands().T))
    found: Floats = dct(bands, type=2, axis=1, norm="ortho")[:, :COEFFICIENTS]
    found *= 1 + _LIFTER / 2 * np.sin(np.pi * np.arange(COEFFICIENTS) / _LIFTER)
    found[:, 0] = np.log(_without_zeros(power.sum(axis=1)))
    return found


def _without_zeros(values: Floats) -> Floats:
    return np.where(values == 0, _NOTHING, values)


@cache
def _draw_bands() -> Floats:
    """Return the weights of the bands, shape (26, 257): triangles between whole steps of the transform."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, _BANDS + 2) / 2595) - 1)
    edges = np.floor((_TRANSFORM + 1) * hertz / RATE)
    step = np.arange(_TRANSFORM // 2 + 1)
    bands = np.zeros((_BANDS, len(step)))
    for band, (low, middle, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        rising, falling = (low <= step) & (step < middle), (middle <= step) & (step < high)
        bands[band, rising] = (step[rising] - low) / (middle - low)
        bands[band, falling] = (high - step[falling]) / (high - middle)
    return bands
