"""Give takes the room of a scene: tone and reverberation of the original speech. Optional.

A simple filter and a simple tail, both cautious, so that a voice recorded dry sits in the scene rather than
in front of it. Measured for a speaker over all of their lines: one line is too short to tell a room from a
word.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rythmo.media.audio import replace_nonnumbers

Mono = NDArray[np.float32]
Floats = NDArray[np.float64]

BANDS_HZ = tuple(125.0 * 2 ** (k / 2) for k in range(13))
"""Half octaves from 125 Hz to 8 kHz."""

_MOST_DB = 6.0
# Not all of a difference is the room: the rest is whose voice it is.
_SHARE = 0.7
_TAPS = 1023
_FRAME = 0.01
_SEED = 1
# Speech falls off as fast as this by itself (T60 in seconds): below there is no room to be heard.
_DRIEST = 0.35
_LONGEST = 1.2
_FEWEST = 3
_FROM_DB, _TO_DB = -12.0, -30.0
# More than the flutter of a decay: somebody speaks again.
_RISE_DB = 6.0
_DRY = (0.0, -30.0)


@dataclass(frozen=True, slots=True)
class Room:
    """`eq` in dB for each of BANDS_HZ; `decay` is the T60 in seconds (0: dry); `wet` is the tail's level in
    dB relative to the voice."""

    eq: tuple[float, ...] = (0.0,) * len(BANDS_HZ)
    decay: float = 0.0
    wet: float = -30.0


def measure_room(original: Mono, takes: Mono, rate: int) -> Room:
    """Compare a speaker's original lines with that speaker's takes; both mono, end to end.

    Returns a flat and dry room where there is too little sound to tell.
    """
    original, takes = replace_nonnumbers(original), replace_nonnumbers(takes)
    ours, theirs = _band_levels(takes, rate), _band_levels(original, rate)
    if ours is None or theirs is None:
        return Room()
    difference = _SHARE * (theirs - ours)
    difference -= difference.mean()
    padded = np.pad(difference, 1, mode="edge")
    smooth = np.clip((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4, -_MOST_DB, _MOST_DB)
    decay, wet = _measure_decay(original, rate)
    return Room(tuple(round(float(value), 2) for value in smooth), round(decay, 3), round(wet, 1))


def _band_levels(samples: Mono, rate: int) -> Floats | None:
    """Measure the mean level of each band in dB over the frames that hold speech."""
    size = 1 << (round(0.04 * rate)).bit_length()
    count = samples.size // size
    if count < 8:
        return None
    frames = samples[: count * size].reshape(count, size).astype(np.float64) * np.hanning(size)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    loud = power.sum(axis=1)
    power = power[loud > loud.max() * 1e-3]
    hertz = np.fft.rfftfreq(size, 1 / rate)
    edges = [BANDS_HZ[0] / 2**0.25, *(f * 2**0.25 for f in BANDS_HZ)]
    if power.size == 0 or not loud.max() > 0:
        return None
    mean = power.mean(axis=0)
    bands = [mean[(hertz >= a) & (hertz < b)].sum() for a, b in pairwise(edges)]
    # What lies 60 dB below the loudest band is a recording's limit, not a room.
    floor = max(bands) * 1e-6
    levels: Floats = 10 * np.log10(np.maximum(bands, floor))
    return levels


def _measure_decay(samples: Mono, rate: int) -> tuple[float, float]:
    """Measure T60 in seconds and the tail's level in dB: medians over the falls after words; (0, -30) when
    dry."""
    frame = round(_FRAME * rate)
    count = samples.size // frame
    if not count:
        return _DRY
    power = np.square(samples[: count * frame].astype(np.float64)).reshape(count, frame).mean(axis=1)
    levels = 10 * np.log10(np.convolve(power, np.ones(3) / 3, "same") + 1e-12)
    falls = [fall for at in _find_word_ends(levels) if (fall := _fit_decay(levels, at))]
    if len(falls) < _FEWEST:
        return _DRY
    decay, wet = (float(value) for value in np.median(falls, axis=0))
    return _DRY if decay < _DRIEST else (min(decay, _LONGEST), float(np.clip(wet, -30, -8)))


def _find_word_ends(levels: Floats) -> list[int]:
    """Return the frames after which loud speech stops."""
    loud = levels > levels.max() - 15
    return [int(at) for at in np.flatnonzero(loud[:-1] & ~loud[1:])]


def _fit_decay(levels: Floats, at: int) -> tuple[float, float] | None:
    """Return T60 and the level at which the tail sets in, relative to the speech before it.

    None where there is no fall. The line is fitted between 12 and 30 dB below the speech: above that the
    voice itself dies away.
    """
    speech = float(levels[max(0, at - 10) : at + 1].max())
    after = levels[at + 1 : at + 101] - speech
    low = np.flatnonzero(after < _TO_DB)
    if not low.size:
        return None
    after = after[: low[0]]
    if (after - np.minimum.accumulate(after) > _RISE_DB).any():
        return None
    part = np.flatnonzero(after < _FROM_DB)
    if part.size < 4:
        return _DRY
    slope, start = np.polyfit(part, after[part], 1)
    return (-60 / slope * _FRAME, float(start)) if slope < 0 else None


def apply_room(samples: Mono, room: Room, rate: int) -> Mono:
    """Return `samples` in that room, of the same length and loudness; the tail ends where they end.

    The filter is minimum-phase, so nothing sounds before its onset.
    """
    from scipy.signal import oaconvolve

    if not samples.any():
        return samples
    out = oaconvolve(samples.astype(np.float64), _tone_filter(room, rate))[: samples.size]
    if room.decay > 0:
        out = out + oaconvolve(out, _reverb_tail(room, rate))[: samples.size]
    same = np.sqrt(np.square(samples.astype(np.float64)).sum() / max(1e-20, float(np.square(out).sum())))
    result: Mono = (out * same).astype(np.float32)
    return result


def _tone_filter(room: Room, rate: int) -> Floats:
    from scipy.signal import firwin2, minimum_phase

    hertz = [0.0, *BANDS_HZ, rate / 2]
    gains = 10 ** (np.array([room.eq[0], *room.eq, room.eq[-1]]) / 20)
    taps: Floats = minimum_phase(firwin2(_TAPS, np.array(hertz), gains, fs=rate), half=False)
    return taps


def _reverb_tail(room: Room, rate: int) -> Floats:
    """Make noise that decays, duller than the voice, at the tail's energy; it starts 5 ms after the sound."""
    from scipy.signal import butter, sosfilt

    t = np.arange(round(room.decay * rate)) / rate
    noise = np.random.default_rng(_SEED).normal(size=t.size) * 10 ** (-3 * t / room.decay)
    dull = sosfilt(butter(1, 4000, fs=rate, output="sos"), noise)
    dull *= 10 ** (room.wet / 20) / np.sqrt(np.square(dull).sum())
    return np.concatenate([np.zeros(round(0.005 * rate)), dull])
