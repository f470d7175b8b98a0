"""The score: a slow waltz in A minor for piano, strings and bass, from sines and filtered saws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from .story import RATE

Stereo = NDArray[np.float32]

BEAT = 40_000
"""72 beats a minute, in samples."""
_BAR = 3 * BEAT
_CHORDS = {
    "Am": (45, (57, 60, 64)),
    "F": (41, (57, 60, 65)),
    "C": (48, (55, 60, 64)),
    "G": (43, (55, 59, 62)),
    "Dm": (50, (57, 62, 65)),
    "E": (40, (56, 59, 64)),
}
_PROGRESSION = ("Am", "F", "C", "G", "Am", "Dm", "E", "E", "Am", "F", "C", "G", "Dm", "E", "Am", "Am")
_MELODY = (
    ((76, 0, 2), (74, 2, 1)),
    ((72, 0, 3),),
    ((79, 0, 1.5), (76, 1.5, 1.5)),
    ((74, 0, 2), (71, 2, 1)),
    ((72, 0, 1), (74, 1, 1), (76, 2, 1)),
    ((77, 0, 2), (74, 2, 1)),
    ((76, 0, 1.5), (74, 1.5, 0.5), (71, 2, 1)),
    ((68, 0, 3),),
)


def _hertz(note: int) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


def _piano(note: int, seconds: float) -> NDArray[np.float64]:
    """Decaying, slightly stretched partials; higher ones die sooner, as on strings."""
    time = np.arange(int(seconds * RATE)) / RATE
    base = _hertz(note)
    out = np.zeros(time.size)
    for k in range(1, 8):
        frequency = k * base * np.sqrt(1 + 0.0004 * k * k)
        if frequency < 7000:
            out += np.sin(2 * np.pi * frequency * time) * np.exp(-time * (0.9 + 0.7 * k)) / k**1.4
    return out * np.minimum(1, time / 0.004) * np.minimum(1, (seconds - time) / 0.08)


def _strings(note: int, seconds: float, drift: float) -> NDArray[np.float64]:
    """A detuned, darkened saw with a slow bow; `drift` sets this player's phase and tuning."""
    time = np.arange(int(seconds * RATE)) / RATE
    frequency = _hertz(note) * (1 + 0.0015 * np.sin(drift))
    phase = frequency * time + 0.003 * frequency / 5 * np.sin(2 * np.pi * 5 * time + drift) + drift
    bow = np.minimum(1, time / 0.7) * np.minimum(1, (seconds - time) / 0.9)
    dark = signal.butter(2, 900, fs=RATE, output="sos")
    return np.asarray(signal.sosfilt(dark, signal.sawtooth(2 * np.pi * phase)) * bow * 0.16)


def _put(out: Stereo, start: int, sound: NDArray[np.float64], gain: float, pan: float) -> None:
    """Add at `start`, panned from -1 (left) to 1 (right) at constant power."""
    part = out[:, start : start + sound.size]
    angle = (pan + 1) * np.pi / 4
    part[0] += (gain * np.cos(angle) * sound[: part.shape[1]]).astype(np.float32)
    part[1] += (gain * np.sin(angle) * sound[: part.shape[1]]).astype(np.float32)


def _hall(dry: Stereo) -> Stereo:
    """Two independent decaying noises: a wide hall of 1.8 s."""
    random = np.random.default_rng(7)
    time = np.arange(int(1.8 * RATE)) / RATE
    out = dry.copy()
    for channel in range(2):
        tail = random.standard_normal(time.size) * np.exp(-time * 3.8)
        tail = signal.sosfilt(signal.butter(1, 3500, fs=RATE, output="sos"), tail)
        wet = signal.fftconvolve(dry[channel], tail / np.sqrt((tail**2).sum()))[: dry.shape[1]]
        out[channel] += (0.45 * wet).astype(np.float32)
    return out


def score(length: int, start: int, tune: NDArray[np.float32]) -> Stereo:
    """The waltz from `start` on, (2, length); `tune` (0 to 1 a sample) brings the melody forward."""
    out = np.zeros((2, length), np.float32)
    for bar, position in enumerate(range(start, length - RATE, _BAR)):
        bass, notes = _CHORDS[_PROGRESSION[bar % len(_PROGRESSION)]]
        _put(out, position, _piano(bass, 2.6), 0.3 + 0.2 * float(tune[position]), -0.15)
        for player, note in enumerate(notes):
            _put(
                out,
                position,
                _strings(note, _BAR / RATE + 0.8, bar + 2.1 * player),
                0.8,
                (-0.9, 0.9, 0.5)[player],
            )
        for beat, note in ((1, notes[1]), (1.5, notes[2]), (2, notes[2]), (2.5, notes[1])):
            at = position + int(beat * BEAT)
            if at < length:
                _put(out, at, _piano(note, 1.8), 0.06 + 0.18 * float(tune[at]), 0.55)
        for note, beat, beats in _MELODY[bar % len(_MELODY)]:
            at = position + int(beat * BEAT)
            if at < length:
                _put(out, at, _piano(note, beats * BEAT / RATE + 1.2), 0.05 + 0.45 * float(tune[at]), -0.55)
    return _hall(out)
