"""Judge how good the bed is where it replaces the original, without knowing the true one. Pure.

What was removed (original minus M&E) is the estimate of the voice. Whatever in the M&E rises and falls with
it, band by band, is taken for voice that was left behind. That is a regression of power envelopes: music that
happens to follow the voice counts too, so the result errs on the strict side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from rythmo.media import spectra
from rythmo.media.audio import replace_nonnumbers

Sound = NDArray[np.float32]
Floats = NDArray[np.float64]

_LOWEST_HZ, _HIGHEST_HZ, _BANDS = 90.0, 8000.0, 20
_LEAST_FRAMES = 12
# A third of a second.
_FADER_FRAMES = 31
_FLOOR_DB = -60.0
# Percentile of a band's frame powers that counts as its room tone.
_QUIET = 20
_EMPTY = 1e-12


@dataclass(frozen=True, slots=True)
class VoiceLeak:
    """Power of the voice that was removed, and of the part of it that stayed, summed over the region."""

    voice: float
    left: float

    @property
    def db(self) -> float | None:
        """How far the rest lies below the voice; None where there was no voice."""
        if self.voice <= _EMPTY:
            return None
        return round(max(_FLOOR_DB, 10 * math.log10(max(self.left, _EMPTY) / self.voice)), 2)


def measure_leak(original: Sound, me: Sound, rate: int) -> VoiceLeak:
    """Measure the leak in one region, arrays of shape (channels, samples)."""
    original, me = replace_nonnumbers(original), replace_nonnumbers(me)
    taken = measure_band_powers((original - me).mean(axis=0, keepdims=True), rate)
    stayed = measure_band_powers(me.mean(axis=0, keepdims=True), rate)
    if len(taken) < _LEAST_FRAMES:
        return VoiceLeak(0.0, 0.0)
    rise, swell = _remove_slow_changes(taken), _remove_slow_changes(stayed)
    slope = np.maximum(0, (rise * swell).mean(axis=0) / (np.square(rise).mean(axis=0) + _EMPTY**2))
    return VoiceLeak(float(taken.sum()), float((slope * taken.sum(axis=0)).sum()))


def _remove_slow_changes(powers: Floats) -> Floats:
    """Keep what moves faster than a mixer's fader, which dips the music whenever somebody speaks."""
    slow: Floats = uniform_filter1d(powers, _FADER_FRAMES, axis=0)
    return powers - slow


def measure_hollowness(inside: Sound, around: Sound, rate: int) -> float | None:
    """Measure by how many dB the quiet moments inside lie below those around, mean over bands.

    0 where the bed is no emptier than the scene next to it; None for too short a sound.
    """
    within, beside = measure_band_powers(inside, rate), measure_band_powers(around, rate)
    if len(within) < _LEAST_FRAMES or len(beside) < _LEAST_FRAMES:
        return None
    low, ground = np.percentile(within, _QUIET, axis=0), np.percentile(beside, _QUIET, axis=0)
    audible = ground > _EMPTY
    if not audible.any():
        return 0.0
    drop = 10 * np.log10((ground[audible] + _EMPTY) / (low[audible] + _EMPTY))
    return round(float(np.maximum(0, drop).mean()), 2)


def measure_band_powers(sound: Sound, rate: int) -> Floats:
    """Measure power in bands of equal width on a logarithmic scale, mean over channels: shape (frames,
    bands)."""
    sound = replace_nonnumbers(sound)
    size = spectra.frame_size(rate)
    frames = spectra.frame_count(sound.shape[1], size) if sound.shape[1] else 0
    # The first and last frames look past the ends.
    first, last = 3, frames - 3
    if last <= first:
        return np.zeros((0, _BANDS))
    planes = spectra.analyse(sound, size, first, last)
    power = (np.square(planes.real) + np.square(planes.imag)).mean(axis=0, dtype=np.float64)
    top = min(_HIGHEST_HZ, 0.45 * rate)
    edges = np.geomspace(_LOWEST_HZ, top, _BANDS + 1) * size / rate
    at = np.maximum(np.arange(1, _BANDS + 2), np.rint(edges)).astype(np.intp)
    return np.add.reduceat(power[:, : at[-1]], at[:-1], axis=1) / (size * size)
