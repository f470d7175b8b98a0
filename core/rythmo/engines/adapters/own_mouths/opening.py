"""How far a mouth opens with a sound of speech: loudness, and how open the vowels are. Pure."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import percentile_filter

from rythmo.timebase import SAMPLE_RATE

Floats = NDArray[np.float64]
_WINDOW = 2048
_AHEAD_SECONDS = 0.03
"""Lips move before the sound that they make."""
_SILENT = 1e-3
"""A take that is never louder than this asks for nothing."""
_RANGE_DB = 32.0
_VOICED = (150.0, 1300.0)
_OPEN = (480.0, 1300.0)
"""Where the first formant of open vowels lies; that of close ones and the murmur of m and n lie below."""
_HISS = 3000.0
_CLOSE_SHARE = 0.65
"""How far the closest vowel opens the mouth, over the openest at the same loudness. On a real recording
mouths went more with loudness than with vowels: 0.4 left them nearly shut over whole words."""
_AROUND_SECONDS = 0.75
_LOCAL_SHARE = 0.5
_QUIETEST_DB = 12.0
"""What is loud is told half by the line and half by so many seconds around, which count as no quieter than so
far below the line: the end of a sentence falls by some decibels, and the mouth does not shut with it."""


def ask_opening(samples: NDArray[np.float32], rate: Fraction, count: int) -> Floats:
    """Return how far the mouth is open in each of `count` frames, 0 (closed) to 1.

    `samples`, shape (n,), at 48 kHz, begin with the first frame.
    """
    if not count or float(np.abs(samples).max(initial=0.0)) < _SILENT:
        return np.zeros(count)
    power = _measure_power(samples, rate, count)
    frequency: Floats = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE).astype(np.float64)
    voiced = _sum_band(power, frequency, *_VOICED)
    level = 10 * np.log10(voiced + 1e-12)
    loud = np.clip((level - _find_full_level(level, rate)) / _RANGE_DB + 1, 0, 1)
    openness = np.clip(_sum_band(power, frequency, *_OPEN) / (voiced + 1e-9) / 0.7, 0, 1)
    hiss = _sum_band(power, frequency, _HISS, SAMPLE_RATE / 2) / (power.sum(axis=1) + 1e-9)
    raw = loud * (_CLOSE_SHARE + (1 - _CLOSE_SHARE) * openness) * (1 - 0.6 * np.clip(hiss, 0, 1))
    smooth = np.convolve(np.pad(raw, 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid")
    smooth[loud <= 0] = 0.0
    return np.asarray(np.clip(smooth / max(0.2, float(np.percentile(smooth, 95))), 0, 1))


def _find_full_level(level: Floats, rate: Fraction) -> Floats:
    """Return the level, in decibels, that opens the mouth fully in each frame."""
    highest = float(np.percentile(level, 95))
    around = 2 * round(_AROUND_SECONDS * float(rate)) + 1
    near = percentile_filter(level, 90, size=min(around, 2 * len(level) - 1), mode="nearest")
    local = np.maximum(near, highest - _QUIETEST_DB)
    return np.asarray(_LOCAL_SHARE * local + (1 - _LOCAL_SHARE) * highest)


def _measure_power(samples: NDArray[np.float32], rate: Fraction, count: int) -> Floats:
    """Return the power spectrum around each frame, shape (count, frequencies)."""
    padded = np.pad(samples.astype(np.float64), _WINDOW * 2)
    centres = (np.arange(count) + 0.5) * float(SAMPLE_RATE / rate) + _AHEAD_SECONDS * SAMPLE_RATE
    starts = np.clip(np.rint(centres).astype(int) + _WINDOW * 2 - _WINDOW // 2, 0, len(padded) - _WINDOW)
    windows = padded[starts[:, None] + np.arange(_WINDOW)] * np.hanning(_WINDOW)
    return np.asarray(np.square(np.abs(np.fft.rfft(windows, axis=1))))


def _sum_band(power: Floats, frequency: Floats, low: float, high: float) -> Floats:
    return np.asarray(power[:, (frequency >= low) & (frequency < high)].sum(axis=1))
