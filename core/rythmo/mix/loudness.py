"""Measure loudness and peaks after ITU-R BS.1770-4 and EBU R128, block by block, and match a line's gain.

The tests compare it with ffmpeg's ebur128 and pyloudnorm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from statistics import median

import numpy as np
from numpy.typing import NDArray

from rythmo.media.audio import replace_nonnumbers

Floats = NDArray[np.float64]
Channels = NDArray[np.float32]

SILENCE = -math.inf
"""The loudness of what is below the absolute gate."""

# The constants of ITU-R BS.1770-4: offset of the loudness formula, the two gates in LUFS and LU.
_OFFSET = -0.691
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_STEP = 0.1
# Gating blocks of 400 ms, a new one every 100 ms.
_PER_BLOCK = 4
_SURROUND_WEIGHT = 1.41
_TRUE_PEAK_TAPS = 48
_MOST_RISE = 3.0
"""How many times higher than all samples around it a value between samples can be: the absolute values of the
interpolation's weights for any point between two samples sum to 2.2 at most."""
_FRAME = 1024
_FADED = 1e-20
"""The state of the K filter that counts as silence: 400 dB below full scale."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated and highest momentary loudness in LUFS, true peak in dBTP, sample peak in dBFS."""

    integrated: float
    momentary_max: float
    true_peak: float
    sample_peak: float


@cache
def k_weighting(rate: int) -> Floats:
    """Return the K filter as second-order sections, shape (2, 6): head shelf and high pass of BS.1770-4.

    The standard gives coefficients at 48 kHz only. These are its analogue prototypes (Brecht De Man,
    "Evaluation of implementations of the EBU R128 loudness measurement", AES 145, 2018) at any rate.
    """
    shelf_hz, shelf_gain, shelf_q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    pass_hz, pass_q = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * shelf_hz / rate)
    high = 10 ** (shelf_gain / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / shelf_q + k * k
    shelf = [
        (high + band * k / shelf_q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / shelf_q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / shelf_q + k * k) / a0,
    ]
    k = math.tan(math.pi * pass_hz / rate)
    a0 = 1 + k / pass_q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / pass_q + k * k) / a0]
    return np.array([shelf, high_pass])


def channel_weights(channels: int) -> Floats:
    """Return BS.1770's weights in WAVE order: the LFE does not count, surrounds count 1.41."""
    if channels <= 3:
        return np.ones(channels)
    weights = [1.0, 1.0, *([_SURROUND_WEIGHT] * 2)] if channels == 4 else [1.0, 1.0, 1.0]
    if channels == 5:
        weights += [_SURROUND_WEIGHT] * 2
    elif channels > 5:
        weights += [0.0, *([_SURROUND_WEIGHT] * (channels - 4))]
    return np.array(weights)


class LoudnessMeter:
    """Measures sound in blocks of any size; memory grows by one number per 100 ms.

    Without `peaks` the true peak is left out, which takes most of the time. Samples that are not numbers
    count as silence, because one of them would spread to everything after it.
    """

    def __init__(self, rate: int, channels: int, *, peaks: bool = True) -> None:
        self._peaks = peaks
        self._rate = rate
        self._step = round(rate * _STEP)
        self._weights = channel_weights(channels)
        self._state = np.zeros((2, channels, 2))
        self._rest = np.zeros((channels, 0))
        self._powers: list[Floats] = []
        self._history = np.zeros((channels, _TRUE_PEAK_TAPS), np.float32)
        self._true_peak = 0.0
        self._sample_peak = 0.0

    def add(self, samples: Channels) -> None:
        """Add the next block: float32 (channels, n)."""
        if not samples.shape[1]:
            return
        samples = replace_nonnumbers(samples)
        weighted = [
            self._weight(samples[:, at : at + self._rate]) for at in range(0, samples.shape[1], self._rate)
        ]
        self._rest = np.concatenate((self._rest, *weighted), axis=1)
        count = self._rest.shape[1] // self._step
        steps = self._rest[:, : count * self._step].reshape(len(self._weights), count, self._step)
        self._powers.append(self._weights @ np.square(steps).mean(axis=2))
        self._rest = self._rest[:, count * self._step :]
        if self._peaks:
            self._add_peaks(samples)

    def _weight(self, samples: Channels) -> Floats:
        """Apply the K filter to at most a second.

        In silence the filter fades to numbers so small that a processor takes 25 times as long for each.
        """
        from scipy.signal import sosfilt

        if not self._state.any() and not samples.any():
            return np.zeros(samples.shape)
        weighted: Floats
        weighted, self._state = sosfilt(
            k_weighting(self._rate), samples.astype(np.float64), axis=1, zi=self._state
        )
        if np.abs(self._state).max() < _FADED:
            self._state = np.zeros_like(self._state)
        return weighted

    def _add_peaks(self, samples: Channels) -> None:
        """Look for a higher true peak, only where the samples come near enough to the highest so far."""
        self._sample_peak = max(self._sample_peak, float(np.abs(samples).max()))
        self._true_peak = max(self._true_peak, self._sample_peak)
        joined = np.concatenate((self._history, samples), axis=1)
        self._history = joined[:, -_TRUE_PEAK_TAPS:]
        factor = 4 if self._rate < 96_000 else 2
        # The block's edges are cut off here and measured together with the next block.
        edge, end = _TRUE_PEAK_TAPS // 4, joined.shape[1] - _TRUE_PEAK_TAPS // 4
        for first, last in _find_loud_frames(joined, self._true_peak / _MOST_RISE):
            a, b = max(edge, first), min(end, last)
            if a < b:
                found = _measure_between(joined[:, a - edge : b + edge], edge, factor)
                self._true_peak = max(self._true_peak, found)

    def result(self) -> Loudness:
        """Return the loudness and peaks so far; silence is minus infinity."""
        powers = np.concatenate(self._powers) if self._powers else np.zeros(0)
        blocks = _gating_blocks(powers)
        return Loudness(
            integrated=_gate_blocks(blocks),
            momentary_max=_lufs(float(blocks.max())) if blocks.size else SILENCE,
            true_peak=_db(self._true_peak),
            sample_peak=_db(self._sample_peak),
        )

    def dialogue(self, spans: Iterable[tuple[int, int]]) -> float:
        """Measure dialogue-gated loudness in LUFS: of the 100 ms steps that lie wholly in `spans` (samples).

        There is no level gate as in BS.1770-1: the gate is that somebody speaks. Minus infinity without any
        dialogue.
        """
        powers = np.concatenate(self._powers) if self._powers else np.zeros(0)
        inside = np.zeros(powers.size, bool)
        for start, end in spans:
            inside[-(-start // self._step) : end // self._step] = True
        return _lufs(float(powers[inside].mean())) if inside.any() else SILENCE

    def momentary(self) -> Floats:
        """Return the momentary loudness in LUFS every 100 ms, over the 400 ms before; minus infinity in
        silence."""
        blocks = _gating_blocks(np.concatenate(self._powers) if self._powers else np.zeros(0))
        with np.errstate(divide="ignore"):
            out: Floats = _OFFSET + 10 * np.log10(blocks)
        return out


def _find_loud_frames(samples: Channels, level: float) -> list[tuple[int, int]]:
    """Return spans that hold every sample above the level, with a frame on either side."""
    loud = np.maximum.reduceat(np.abs(samples).max(axis=0), range(0, samples.shape[1], _FRAME)) > level
    near = np.convolve(loud, np.ones(3), "same") > 0
    edges = np.flatnonzero(np.diff(np.r_[False, near, False].astype(np.int8)))
    return [(int(first) * _FRAME, int(last) * _FRAME) for first, last in edges.reshape(-1, 2)]


def _measure_between(samples: Channels, edge: int, factor: int) -> float:
    """Return the highest value at the samples and between them, without `edge` samples at both ends."""
    from scipy.signal import resample_poly

    over = resample_poly(samples, factor, 1, axis=1, window=("kaiser", 8.0))
    return float(np.abs(over[:, edge * factor : -edge * factor]).max())


def _gating_blocks(powers: Floats) -> Floats:
    if powers.size < _PER_BLOCK:
        return np.zeros(0)
    return np.convolve(powers, np.ones(_PER_BLOCK) / _PER_BLOCK, "valid")


def _gate_blocks(blocks: Floats) -> float:
    loud = blocks[blocks > _power_of(_ABSOLUTE_GATE)]
    if not loud.size:
        return SILENCE
    loud = loud[loud > _power_of(_lufs(float(loud.mean())) + _RELATIVE_GATE)]
    return _lufs(float(loud.mean()))


def _lufs(power: float) -> float:
    return _OFFSET + 10 * math.log10(power) if power > 0 else SILENCE


def _power_of(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _db(peak: float) -> float:
    return 20 * math.log10(peak) if peak > 0 else SILENCE


def measure_loudness(blocks: Iterable[Channels], rate: int, channels: int) -> Loudness:
    """Measure the loudness of sound in blocks of float32 (channels, n)."""
    meter = LoudnessMeter(rate, channels)
    for block in blocks:
        meter.add(block)
    return meter.result()


def measure_level(samples: NDArray[np.float32], rate: int) -> float:
    """Measure the loudness in LUFS of one line, mono, shape (samples,).

    Gated where the line lasts 400 ms, the plain K-weighted power where it is shorter. Minus infinity for
    silence.
    """
    from scipy.signal import sosfilt

    if not samples.size:
        return SILENCE
    samples = replace_nonnumbers(samples)
    meter = LoudnessMeter(rate, 1, peaks=False)
    meter.add(samples[np.newaxis])
    gated = meter.result().integrated
    if gated > SILENCE:
        return gated
    power = float(np.square(sosfilt(k_weighting(rate), samples.astype(np.float64))).mean())
    return _lufs(power) if _lufs(power) > _ABSOLUTE_GATE else SILENCE


GAIN_CLAMP_DB = 6.0
_PEAK_DB = -1.0
_MAX_DB = 30.0


def speaker_level(lines: Iterable[float]) -> float:
    """Return a speaker's own level in LUFS: the median of the levels of their original lines."""
    audible = [value for value in lines if value > SILENCE]
    return float(median(audible)) if audible else SILENCE


def line_gain(take: float, original: float, speaker: float, take_peak: float = 0.0) -> float:
    """Return the gain in dB that gives a take the loudness of the original line, all levels in LUFS.

    A line may lie at most 6 dB from its speaker's own level. Within that the original's dynamics are kept;
    beyond it a wrong measurement is more likely than a whisper or a shout. The loudness of the voice engine
    itself does not count towards the 6 dB. `take_peak` (linear) is kept under -1 dBFS.
    """
    if take == SILENCE or (original == SILENCE and speaker == SILENCE):
        return 0.0
    if speaker == SILENCE:
        speaker = original
    target = speaker if original == SILENCE else original
    target = min(max(target, speaker - GAIN_CLAMP_DB), speaker + GAIN_CLAMP_DB)
    gain = min(max(target - take, -_MAX_DB), _MAX_DB)
    if 0 < take_peak < math.inf:
        gain = min(gain, _PEAK_DB - _db(take_peak))
    return round(gain, 2)
