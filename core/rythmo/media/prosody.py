"""Measure a voice: pitch, range, brightness, level and rate of speech, from the samples alone.

Pitch is YIN (de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music", JASA
111, 2002), in numpy over all frames at once. Syllables are counted as in de Jong and Wempe ("Praat script to
detect syllable nuclei", Behavior Research Methods 41, 2009): voiced peaks of the level. Music or noise under
the speech biases every measure, so pass in separated speech.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from rythmo.media.audio import Audio
from rythmo.script.model import Prosody

Floats = NDArray[np.float64]

# For level and brightness.
_RATE = 16_000
# For pitch: half the work, and the parabola through the dip keeps the precision (0.2 %).
_PITCH_RATE = 8_000
_HOP_SECONDS = 0.010
_SPECTRUM = 512
# Samples at the pitch rate (32 ms) compared at every lag; the longest lag adds to that.
_WINDOW = 256
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 520.0
_LONGEST_LAG = int(_PITCH_RATE / _LOWEST_HZ) + 2
_SHORTEST_LAG = int(_PITCH_RATE / _HIGHEST_HZ) - 1
_SPAN_SECONDS = (_WINDOW + _LONGEST_LAG) / _PITCH_RATE
# YIN's threshold; speech frames below it are voiced. White noise stays above 0.5.
_APERIODIC = 0.20
# Frames that far below the loud ones are not speech.
_GATE_DB = 30.0
_SILENT_DB = -75.0
# Of 10 ms: less says nothing about a speaker.
_FEWEST_VOICED = 15
# Frames at a time, so that an hour of speech needs no more memory than a minute.
_BLOCK = 4096


def measure_prosody(audio: Audio) -> Prosody:
    """Measure the prosody of one speaker's speech: the mean of the channels, at 16 kHz or above.

    Pitch in Hz over voiced frames: median, 10th and 90th percentile. Brightness: median over voiced frames of
    the spectral centroid between 100 and 8000 Hz, by magnitude. Level: RMS of active speech in dBFS. Fields
    are None where there is too little speech (under 0.15 s voiced) or none at all.
    """
    mono = audio.mono()
    if not np.isfinite(mono.samples).all():
        return Prosody()
    signal, power = _levels(mono)
    active = _find_active(power)
    if not active.any():
        return Prosody()
    level = float(10 * np.log10(power[active].mean()))
    pitch = _voiced_pitch(mono, active)
    voiced = pitch > 0
    if voiced.sum() < _FEWEST_VOICED:
        return Prosody(level_db=level)
    low, median, high = np.percentile(pitch[voiced], (10, 50, 90))
    return Prosody(
        pitch_hz=float(median),
        pitch_low_hz=float(low),
        pitch_high_hz=float(high),
        brightness_hz=_measure_brightness(signal, voiced),
        level_db=level,
        syllables_per_second=_measure_syllable_rate(power, voiced, active),
    )


def track_pitch(audio: Audio) -> Floats:
    """Return the pitch in Hz every 10 ms, 0 where unvoiced; frame k is centred near 10 k + 25 ms.

    Empty for a sound shorter than one frame (49 ms), and for samples that are not numbers.
    """
    mono = audio.mono()
    if not np.isfinite(mono.samples).all():
        return np.zeros(0)
    return _voiced_pitch(mono, _find_active(_levels(mono)[1]))


def active_level_db(audio: Audio) -> float | None:
    """Return the RMS level of active speech in dBFS (frames within 30 dB of the loud ones).

    None for silence, for less than one frame (49 ms), and for samples that are not numbers.
    """
    mono = audio.mono()
    if not np.isfinite(mono.samples).all():
        return None
    _, power = _levels(mono)
    active = _find_active(power)
    return float(10 * np.log10(power[active].mean())) if active.any() else None


def _levels(mono: Audio) -> tuple[Floats, Floats]:
    """Return the signal at 16 kHz, and the mean square of each frame of the span used for pitch."""
    signal = mono.at_rate(_RATE).samples[0].astype(np.float64)
    length = round(_SPAN_SECONDS * _RATE)
    total = np.concatenate([[0.0], np.cumsum(signal**2)])
    starts = np.arange(0, max(0, signal.size - length + 1), round(_HOP_SECONDS * _RATE))
    return signal, np.maximum((total[starts + length] - total[starts]) / length, 1e-20)


def _frames(signal: Floats, length: int, rate: int) -> Floats:
    hop = round(_HOP_SECONDS * rate)
    frames: Floats = np.lib.stride_tricks.sliding_window_view(signal, length)[::hop]
    return frames


def _find_active(power: Floats) -> NDArray[np.bool_]:
    if power.size == 0:
        return np.zeros(0, bool)
    loud = np.percentile(power, 95)
    floor = 10 ** (_SILENT_DB / 10)
    return np.asarray(power > max(loud * 10 ** (-_GATE_DB / 10), floor))


def _voiced_pitch(mono: Audio, active: NDArray[np.bool_]) -> Floats:
    """Return the pitch of each frame in Hz, 0 where it is not active or not voiced."""
    pitch = np.zeros(active.size)
    signal = _low_part(mono.at_rate(_PITCH_RATE).samples[0].astype(np.float64))
    if signal.size < _WINDOW + _LONGEST_LAG:
        return pitch
    frames = _frames(signal, _WINDOW + _LONGEST_LAG, _PITCH_RATE)
    wanted = np.flatnonzero(active[: len(frames)])
    for start in range(0, wanted.size, _BLOCK):
        rows = wanted[start : start + _BLOCK]
        pitch[rows] = _yin(frames[rows])
    return _drop_outliers(pitch)


def _low_part(signal: Floats) -> Floats:
    """50 to 900 Hz, without delay: hiss, breath and high formants hide the period, rumble poses as one."""
    from scipy.signal import sosfiltfilt

    if signal.size < 64:
        return signal
    low: Floats = sosfiltfilt(_design_pitch_filter(), signal)
    return low


@cache
def _design_pitch_filter() -> Floats:
    from scipy.signal import butter

    sections: Floats = butter(2, (50.0, 900.0), "band", fs=_PITCH_RATE, output="sos")
    return sections


def _yin(frames: Floats) -> Floats:
    """Pitch of each row in Hz, 0 where it is not periodic."""
    difference = _difference(frames)
    lags = np.arange(1, difference.shape[1])
    # YIN equation 8: the difference over its own mean so far; no bias to short lags.
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    normal = np.ones_like(difference)
    normal[:, 1:] = difference[:, 1:] / np.maximum(mean, 1e-20)
    lag = _find_first_dip(normal)
    rows = np.arange(len(frames))
    periodic = normal[rows, lag] < _APERIODIC
    return np.asarray(np.where(periodic, _PITCH_RATE / _refine_lag(normal, lag), 0.0))


def _difference(frames: Floats) -> Floats:
    """YIN equation 6 for all lags, through one FFT a frame (the window against the longer frame)."""
    length = frames.shape[1]
    # The lags asked for never wrap around: the window ends where the longest lag begins to count.
    size = 1 << (length - 1).bit_length()
    spectrum = np.fft.rfft(frames, size, axis=1)
    window = np.fft.rfft(frames[:, :_WINDOW], size, axis=1)
    cross = np.fft.irfft(spectrum * window.conj(), size, axis=1)[:, : _LONGEST_LAG + 1]
    total = np.concatenate([np.zeros((len(frames), 1)), np.cumsum(frames**2, axis=1)], axis=1)
    energy = total[:, _WINDOW : _WINDOW + _LONGEST_LAG + 1] - total[:, : _LONGEST_LAG + 1]
    return np.asarray(np.maximum(energy[:, :1] + energy - 2 * cross, 0.0))


def _find_first_dip(normal: Floats) -> NDArray[np.intp]:
    """Find the bottom of the first dip below the threshold, else the deepest: not an octave too low."""
    search = normal[:, _SHORTEST_LAG:_LONGEST_LAG]
    below = search < _APERIODIC
    bottom = np.zeros_like(below)
    bottom[:, :-1] = search[:, :-1] <= search[:, 1:]
    first = np.argmax(below & bottom, axis=1)
    found = (below & bottom).any(axis=1)
    return np.asarray(np.where(found, first, np.argmin(search, axis=1)) + _SHORTEST_LAG, dtype=np.intp)


def _refine_lag(normal: Floats, lag: NDArray[np.intp]) -> Floats:
    """Refine the lag to a fraction of a sample: the vertex of the parabola through three points."""
    rows = np.arange(len(lag))
    left, middle, right = (normal[rows, lag + step] for step in (-1, 0, 1))
    curve = left - 2 * middle + right
    shift = np.where(curve > 1e-12, 0.5 * (left - right) / np.maximum(curve, 1e-12), 0.0)
    return np.asarray(lag + np.clip(shift, -1, 1))


def _drop_outliers(pitch: Floats) -> Floats:
    """Drop lone voiced frames, and those an octave away from their surroundings or from the speaker."""
    pitch = pitch.copy()
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    # "same" would give five values for a sound of fewer frames.
    beside = np.convolve(voiced, np.ones(5))[2:-2]
    pitch[beside < 3] = 0.0
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    octaves = np.abs(np.log2(np.maximum(pitch, 1.0) / np.median(pitch[voiced])))
    pitch[octaves > 0.9] = 0.0
    around = np.lib.stride_tricks.sliding_window_view(np.pad(pitch, 3), 7)
    near = np.median(np.where(around > 0, around, pitch[:, None]), axis=1)
    jump = np.abs(np.log2(np.maximum(pitch, 1.0) / np.maximum(near, 1.0)))
    pitch[jump > 0.4] = 0.0
    return pitch


def _measure_brightness(signal: Floats, voiced: NDArray[np.bool_]) -> float:
    frames = _frames(signal, _SPECTRUM, _RATE)[: voiced.size][voiced]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(_SPECTRUM), axis=1))
    hertz = np.fft.rfftfreq(_SPECTRUM, 1 / _RATE)
    band = hertz >= 100
    weight = spectrum[:, band]
    return float(np.median((weight @ hertz[band]) / np.maximum(weight.sum(axis=1), 1e-20)))


def _measure_syllable_rate(
    power: Floats, voiced: NDArray[np.bool_], active: NDArray[np.bool_]
) -> float | None:
    """Count voiced peaks of the level with dips of 2 dB between them, per second of active speech."""
    from scipy.signal import find_peaks

    smooth = np.convolve(power, np.hanning(7) / np.hanning(7).sum(), mode="same")
    peaks, _ = find_peaks(10 * np.log10(np.maximum(smooth, 1e-20)), prominence=2.0)
    seconds = float(active.sum()) * _HOP_SECONDS
    count = int(voiced[peaks].sum()) if len(peaks) else 0
    return count / seconds if count else None
