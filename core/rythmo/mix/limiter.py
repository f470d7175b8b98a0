"""Compute the gain curve that keeps the mix under its ceiling: one curve, applied to every stem alike.

The gain that each sample needs is held over its surroundings and smoothed by a window of the same width, so
the curve never exceeds what is needed and has no corner. Away from peaks it is exactly 1, and a sample's need
reaches no further than `REACH`. So any span can be rendered alone and comes out the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rythmo.timebase import SAMPLE_RATE

Curve = NDArray[np.float64]

# 10 ms before a peak and after it the gain is down: shorter is heard as a crackle, longer as pumping.
_HALF = SAMPLE_RATE // 100
_OVERSAMPLING = 4
# On each side, in samples of the input; BS.1770-4 Annex 2 uses 12 in all.
_TAPS = 12
_WIDE = 2 * _HALF
REACH = _WIDE + 4 * _TAPS
"""In samples: how far a sample can be from what changes its gain."""
# Between samples a peak rises at most this far above them in any sound that is not a test signal (6 dB).
_NEAR = 0.5


def find_needed_gain(mix: NDArray[np.float64], ceiling: float, *, true_peak: bool) -> Curve | None:
    """Return the gain each sample needs, shape (n,), for `mix` of shape (channels, n).

    None when it is 1 throughout. With `true_peak` the peaks between samples count (ITU-R BS.1770-4, four
    times oversampled).
    """
    peaks = np.abs(mix).max(axis=0)
    if true_peak and peaks.max(initial=0.0) > ceiling * _NEAR:
        peaks = _add_peaks_between(mix, peaks, ceiling)
    if peaks.max(initial=0.0) <= ceiling:
        return None
    need: Curve = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
    return need


def _add_peaks_between(
    mix: NDArray[np.float64], peaks: NDArray[np.float64], ceiling: float
) -> NDArray[np.float64]:
    """Add the peaks between samples, computed only where the samples come near the ceiling."""
    from scipy.signal import upfirdn

    taps = interpolation_taps()
    out = peaks.copy()
    near = np.flatnonzero(peaks > ceiling * _NEAR)
    gaps = np.flatnonzero(np.diff(near) > 2 * _TAPS)
    for first, last in zip(near[np.r_[0, gaps + 1]], near[np.r_[gaps, near.size - 1]], strict=True):
        a, b = max(0, int(first) - 2 * _TAPS), min(mix.shape[1], int(last) + 2 * _TAPS + 1)
        over = np.abs(upfirdn(taps, mix[:, a:b], _OVERSAMPLING, axis=1)).max(axis=0)
        over = over[_TAPS * _OVERSAMPLING :][: (b - a) * _OVERSAMPLING].reshape(-1, _OVERSAMPLING).max(axis=1)
        # A peak between two samples counts for both.
        both = np.maximum(over, np.r_[over[:1], over[:-1]])
        # Further out the taps lack samples beyond the piece, so the values there are wrong.
        inner = slice(int(first), int(last) + 1)
        out[inner] = np.maximum(out[inner], both[int(first) - a : int(last) + 1 - a])
    return out


def interpolation_taps() -> NDArray[np.float64]:
    """Return the low-pass of the four-times oversampling: a windowed sinc of 12 samples on each side."""
    n = np.arange(-_TAPS * _OVERSAMPLING, _TAPS * _OVERSAMPLING + 1) / _OVERSAMPLING
    taps: NDArray[np.float64] = np.sinc(n) * np.kaiser(n.size, 8.0)
    return taps


def smooth_gain(need: Curve) -> Curve:
    """Smooth the gains needed in a span; exact from `REACH` samples inside its ends."""
    from scipy.ndimage import correlate1d, minimum_filter1d

    window = np.hanning(2 * _HALF + 3)[1:-1]
    out = np.ones_like(need)
    low = np.flatnonzero(need < 1)
    breaks = np.flatnonzero(np.diff(low) > 2 * _WIDE)
    for first, last in zip(low[np.r_[0, breaks + 1]], low[np.r_[breaks, low.size - 1]], strict=True):
        a, b = max(0, int(first) - _WIDE), min(need.size, int(last) + _WIDE + 1)
        held = minimum_filter1d(need[a:b], 2 * _HALF + 1, mode="nearest")
        # The reduction, not the gain, is smoothed: where there is none it stays exactly zero.
        out[a:b] = 1 - correlate1d(1 - held, window / window.sum(), mode="nearest")
    return out
