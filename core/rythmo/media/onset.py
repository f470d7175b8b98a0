"""The moment at which speech rises out of steady noise, to the millisecond. Pure.

A frame of noise varies by several decibels, so a soft consonant that lies at the level of the noise is seen
only over many frames. Here the mean of longer and longer stretches before the known speech is tested against
the noise, band by band (the cube root of a mean power is nearly normal: Wilson and Hilferty, 1931). Where a
stretch is too strong for noise, its beginning is the change point of greatest likelihood, and the search goes
on from there. What stays below the noise is extrapolated from the slope with which the sound rises.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FRAME_SECONDS = 0.002
_WINDOW_SECONDS = 0.008
_BINS = 1024
_BANDS_HZ = (120, 400, 700, 1000, 1500, 2200, 3200, 4500, 6500, 9000, 12500, 16000, 22000)
_BEFORE_SECONDS, _AFTER_SECONDS = 0.6, 0.14
_FEWEST_FRAMES = 15
# Standard deviations above the noise: of three frames in a row, and of a stretch beside the speech.
_SURE, _LIKELY = 5.0, 4.0
# A click with its window, and the deviations above which what follows it is more than noise.
_CLICK_FRAMES, _PRESENT = 8, 1.5
_STRETCHES = (3, 5, 8, 13, 20, 30, 45)
# The last frames before the speech see it in their windows.
_FURTHEST, _LEAKING, _MOST_RATIO = 60, 3, 10.0
_JOINED_BANDS = (1, 2, 3, 5, 12)
# Below this ratio a band has stopped; and from which logarithm of the likelihood ratio on it is believed.
_STOPPED_RATIO, _LOWEST_RATIO, _STOPPED_EVIDENCE = 0.5, 1e-3, 25.0
_RISE_FRAMES = 12
_SLOWEST_DB_PER_FRAME = 0.6
_MOST_EXTRAPOLATED = 8
_ABRUPT_DB = 9.0
# A sound that rises out of the noise is looked at in blocks: how many, when it is at its top, when it was so
# at once, the slowest rise (dB a block), and over how many blocks it is followed below the noise.
_BLOCK_SECONDS, _RISE_BLOCKS = 0.001, 16
_TOP_DB, _STEP_DB, _SLOWEST_DB, _MOST_HIDDEN = 3.0, 12.0, 3.0, 16.0
# A frame is seen as soon as its window reaches into the speech.
_LAG_SECONDS = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class _Excess:
    """Frames from before the speech: power beside the noise's, shape (frames, bands), the shape parameter of
    each band's distribution, the noise's own power in each band, and from how many independent frames it is
    known."""

    ratio: Floats
    shape: Floats
    noise: Floats
    known: float

    def independent(self, frames: int) -> float:
        """Return the number of independent frames in a stretch, less for a noise that is known badly."""
        return 1 / (1 / (1 + (frames - 1) / 2) + 1 / self.known)


def find_onset(
    samples: Floats, rate: int, coarse: int, *, earliest: int, noise: Floats, quietest: float
) -> tuple[int, bool]:
    """Return the first sample of the speech that is known to go on at `coarse`, and whether it rises at once.

    Such an onset lies near that sample, which the windows see a little early; `trace_rise` finds it.

    Args:
        samples: The recording, shape (n,). rate: Its sample rate. coarse: A sample near the onset, as the
            frames of the coarse search have it. earliest: Speech does not begin before this sample. noise:
            Samples of the noise before the speech, shape (m,). quietest: The amplitude below which a sound is
            no speech, in silence.
    """
    begin = max(earliest, coarse - round(_BEFORE_SECONDS * rate), 0)
    hop = round(FRAME_SECONDS * rate)
    excess = _measure(samples[begin : coarse + round(_AFTER_SECONDS * rate)], noise, rate)
    if excess is None:
        return coarse, False
    first = _first_sure(excess, (coarse - begin) // hop)
    stop = _noise_end(excess, first)
    if stop is not None:
        # The noise stops before the words: what is above the silence is speech.
        at = begin + stop * hop
        loud = np.flatnonzero(np.abs(samples[at : begin + (first + _RISE_FRAMES) * hop]) > quietest)
        return (at + int(loud[0]) if loud.size else begin + first * hop), False
    extended = _extend(excess, first)
    rises = extended == first
    ahead = 0 if rises else _hidden_frames(excess, extended, quietest)
    return max(begin, begin + (extended - ahead) * hop + round(_LAG_SECONDS * rate)), rises


def trace_rise(samples: Floats, at: int, rate: int, *, loud: float, quietest: float) -> int:
    """Return where a sound begins that rises out of the noise after sample `at`.

    From its first sample above `loud`, which no noise reaches, it is followed down to `quietest` with the
    slope of its first milliseconds; a sound that sets in with its full level begins there.
    """
    block = max(1, round(_BLOCK_SECONDS * rate))
    found = np.flatnonzero(np.abs(samples[at : at + _RISE_BLOCKS * block]) > loud)
    if not found.size:
        return at
    first = at + int(found[0])
    rise = np.abs(samples[first : first + _RISE_BLOCKS * block])
    rise = rise[: rise.size // block * block].reshape(-1, block).max(axis=1)
    if not rise.size:
        return first
    levels = 20 * np.log10(np.maximum(rise, loud))
    above = levels[0] - 20 * math.log10(loud)
    highest = int(np.flatnonzero(levels >= levels.max() - _TOP_DB)[0])
    if highest == 0 and above > _STEP_DB:
        return first
    slope = max(_SLOWEST_DB, float(levels[highest] - levels[0]) / max(1, highest))
    hidden = (20 * math.log10(loud / max(quietest, 1e-9)) + above) / slope
    return max(0, min(at, first - int(min(_MOST_HIDDEN, hidden) * block)))


def _measure(samples: Floats, noise: Floats, rate: int) -> _Excess | None:
    frames, model = _powers(samples, rate), _powers(noise, rate)
    if len(model) < _FEWEST_FRAMES:
        return None
    # The first and last windows reach past the ends of the noise.
    model = model[2:-2]
    mean = np.maximum(model.mean(axis=0), 1e-30)
    widths = np.diff(_BANDS_HZ)[: frames.shape[1]]
    shape = np.maximum(1.0, widths * _WINDOW_SECONDS / 2)
    measured = mean**2 / np.maximum(model.var(axis=0), 1e-30)
    return _Excess(
        frames / mean, np.minimum(shape, np.maximum(0.7, measured)), mean, 1 + (len(model) - 1) / 2
    )


def _powers(samples: Floats, rate: int) -> Floats:
    """Mean power of each frame in each band, shape (frames, bands); a frame is seen from its middle."""
    window, hop = round(_WINDOW_SECONDS * rate), round(FRAME_SECONDS * rate)
    count = max(1, -(-samples.size // hop))
    half = (window - hop) // 2
    padded = np.zeros(count * hop + window)
    padded[half : half + samples.size] = samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][:count]
    shape = np.hanning(window)
    size = max(_BINS, window)
    power = np.square(np.abs(np.fft.rfft(frames * shape, size, axis=1))) / np.square(shape).sum()
    edges = np.searchsorted(np.fft.rfftfreq(size, 1 / rate), _BANDS_HZ)
    bands = [power[:, a:b].mean(axis=1) for a, b in pairwise(edges) if b > a]
    stacked: Floats = np.stack(bands, axis=1)
    return stacked


def _deviations(ratio: Floats, shape: Floats) -> Floats:
    """Return how many standard deviations mean powers lie above the noise's."""
    spread = 1 / (9 * np.maximum(shape, 0.5))
    value: Floats = (np.cbrt(ratio) - (1 - spread)) / np.sqrt(spread)
    return value


def _first_sure(excess: _Excess, coarse: int) -> int:
    """Return the first of three frames in a row, from a little before `coarse` on, that are no noise."""
    begin = max(0, coarse - 5)
    above = _deviations(excess.ratio[begin:], excess.shape).max(axis=1) > _SURE
    runs = np.flatnonzero(above[:-2] & above[1:-1] & above[2:])
    return begin + int(runs[0]) if runs.size else min(coarse, len(excess.ratio) - 1)


def _noise_end(excess: _Excess, first: int) -> int | None:
    """Return the frame in which the noise stops, if it does before `first`.

    Speech adds to noise, so bands that fall far below it tell that it is gone, also where a soft consonant
    is as loud as the noise in other bands.
    """
    begin, end = max(0, first - _FURTHEST * 2), first - _LEAKING
    if end - begin < 2:
        return None
    lengths = np.arange(end - begin, 1, -1)
    ratio = np.cumsum(excess.ratio[begin:end][::-1], axis=0)[::-1][:-1] / lengths[:, np.newaxis]
    ratio = np.maximum(ratio, _LOWEST_RATIO)
    evidence = excess.shape * np.where(ratio < _STOPPED_RATIO, ratio - 1 - np.log(ratio), 0.0)
    independent = 1 / (1 / (1 + (lengths - 1) / 2) + 1 / excess.known)
    total = evidence.sum(axis=1) * independent
    best = int(total.argmax())
    return begin + best if total[best] > _STOPPED_EVIDENCE else None


def _extend(excess: _Excess, first: int) -> int:
    """Return the beginning of the sound before `first` that is too strong, for too long, to be noise."""
    # Nothing hidden is stronger than this; clicks and the beginning of the speech are.
    ratio = np.minimum(excess.ratio, _MOST_RATIO)
    sums = np.vstack([np.zeros(ratio.shape[1]), np.cumsum(ratio, axis=0)])
    while first > _LEAKING + 2:
        strongest, bands = _LIKELY, None
        end = first - _LEAKING
        for length in _STRETCHES:
            begin = max(0, end - length)
            mean = (sums[end] - sums[begin]) / (end - begin)
            independent = excess.independent(end - begin)
            for joined in _neighbours(mean.size):
                weights = excess.shape[joined]
                pooled = np.asarray((mean[joined] * weights).sum() / weights.sum())
                value = float(_deviations(pooled, np.asarray(weights.sum() * independent)))
                if value > strongest:
                    strongest, bands = value, joined
        if bands is None:
            break
        change = _change_point(excess, bands, first)
        if change >= first or _is_click(excess, bands, change, first):
            break
        first = change
    return first


def _neighbours(count: int) -> Iterator[slice]:
    for width in _JOINED_BANDS:
        for begin in range(count - width + 1):
            yield slice(begin, begin + width)


def _change_point(excess: _Excess, bands: slice, first: int) -> int:
    """Return the frame from which a constant excess up to `first` is likeliest."""
    begin = max(0, first - _FURTHEST)
    weights = excess.shape[bands]
    power = (np.minimum(excess.ratio[begin:first, bands], _MOST_RATIO) * weights).sum(axis=1) / weights.sum()
    lengths = np.arange(power.size, 1, -1)
    ratio = np.maximum(np.cumsum(power[::-1])[::-1][:-1] / lengths, 1.0)
    likelihood = (1 + (lengths - 1) / 2) * (ratio - 1 - np.log(ratio))
    return begin + int(likelihood.argmax()) if likelihood.size else first


def _is_click(excess: _Excess, bands: slice, begin: int, end: int) -> bool:
    """Whether what is found lies in the first frames alone, with noise between it and the speech."""
    # The last frames see the speech in their windows.
    rest = excess.ratio[begin + _CLICK_FRAMES : end - _CLICK_FRAMES // 2, bands]
    if not rest.size:
        return False
    weights = excess.shape[bands]
    ratio = np.asarray((rest.mean(axis=0) * weights).sum() / weights.sum())
    return float(_deviations(ratio, np.asarray(weights.sum() * excess.independent(len(rest))))) < _PRESENT


def _hidden_frames(excess: _Excess, first: int, quietest: float) -> int:
    """Return how many frames of the rise lie below the noise, by its slope afterwards.

    None do where the speech begins far above the noise.
    """
    rise = excess.ratio[first : first + _RISE_FRAMES]
    if not len(rise) or 10 * np.log10(rise[:4].mean(axis=0).max() + 1e-12) > _ABRUPT_DB:
        return 0
    power = (np.maximum(rise - 1, 0) * excess.noise).sum(axis=1)
    level = 10 * np.log10(power + 1e-30)
    if level.size < _RISE_FRAMES:
        return 0
    slope = max(_SLOWEST_DB_PER_FRAME, float(np.polyfit(np.arange(level.size), level, 1)[0]))
    above = float(np.median(level[:3])) - 20 * np.log10(max(quietest, 1e-9))
    return int(min(_MOST_EXTRAPOLATED, max(0.0, above / slope)))
