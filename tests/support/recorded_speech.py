"""Speech whose first and last samples are known, and the noise that recordings have around it."""

from __future__ import annotations

from functools import cache

import numpy as np
from tests.support.speech_like import sentence

RATE = 48_000


@cache
def sentences() -> tuple[np.ndarray, ...]:
    """Three sentences, float32 at 48 kHz, from the first to the last sample within 50 dB of the peak."""
    return tuple(_trimmed(sentence(number)) for number in range(3))


def _trimmed(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * 10 ** (-50 / 20))
    return sound[loud[0] : loud[-1] + 1]


def noise(kind: str, length: int, dbfs: float, rng: np.random.Generator) -> np.ndarray:
    """White or pink noise, or mains hum with some hiss; its RMS in dBFS."""
    sound = rng.normal(0, 1, max(2, length))
    if kind == "pink":
        spectrum = np.fft.rfft(sound)
        sound = np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.size + 1)), sound.size)
    if kind == "hum":
        time = np.arange(sound.size) / RATE
        sound = 0.3 * sound + np.sin(2 * np.pi * 50 * time) + 0.5 * np.sin(2 * np.pi * 100 * time)
    return (sound / sound.std() * 10 ** (dbfs / 20))[:length].astype(np.float32)
