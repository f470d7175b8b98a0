"""Preparation of text for espeak-ng, and processing of its sound. Pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio

SLOWEST, FASTEST = 80, 400
"""Words a minute: espeak-ng's lower limit, and the fastest that a listener can follow."""
_TOLERANCE = 0.005
_MOST_TRIES = 8
# The threshold of silence below the loudest step: espeak-ng's pauses are digital silence, and its quietest
# consonants are louder than this.
_SILENCE_DB = -46.0
_BEFORE_SECONDS, _AFTER_SECONDS, _RAMP_SECONDS = 0.005, 0.015, 0.002
_TILT_HZ = 1200.0
# Symbols that espeak-ng would spell out, or that are markup in other engines.
_UNSPOKEN = str.maketrans(dict.fromkeys("<>[]{}|\\^~*_`#", " "))


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Mono float32 samples at `rate`."""

    samples: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.samples.size / self.rate


def clean_text(text: str) -> str:
    """Remove markup and control characters (after 0x01 espeak-ng reads commands) from a text.

    Raises EngineFailedError when no letter or digit is left.
    """
    kept = "".join(
        " " if unicodedata.category(char)[0] == "C" and char not in "\u200c\u200d" else char for char in text
    )
    words = " ".join(kept.translate(_UNSPOKEN).split())
    if not any(char.isalnum() for char in words):
        raise EngineFailedError(
            f"There is nothing to speak in {text!r}.", hint="Write at least one word, or delete the line."
        )
    return words


def tune_rate(say: Callable[[int], Waveform], seconds: float | None, *, natural: int) -> Waveform:
    """Return the trimmed sound of `say` at the rate whose length is nearest to `seconds`; None: the natural
    rate.

    Length is roughly inverse to rate, so the search interpolates between the nearest known rates on either
    side.
    """
    known = {natural: trim_silence(say(natural))}
    if seconds is None or seconds <= 0:
        return known[natural]
    for _ in range(_MOST_TRIES):
        best = min(known, key=lambda rate: (abs(known[rate].seconds - seconds), rate))
        if abs(known[best].seconds - seconds) <= _TOLERANCE * seconds:
            break
        rate = _next_rate({rate: sound.seconds for rate, sound in known.items()}, seconds)
        if rate in known:
            break
        known[rate] = trim_silence(say(rate))
    best = min(known, key=lambda rate: (abs(known[rate].seconds - seconds), rate))
    return known[best]


def _next_rate(lengths: dict[int, float], seconds: float) -> int:
    slower = [rate for rate, length in lengths.items() if length >= seconds]
    faster = [rate for rate, length in lengths.items() if length < seconds]
    if slower and faster:
        low, high = max(slower), min(faster)
        share = (lengths[low] - seconds) / (lengths[low] - lengths[high])
        guess = round(low + share * (high - low))
        return guess if high - low < 2 else min(max(guess, min(low, high) + 1), max(low, high) - 1)
    nearest = max(slower) if slower else min(faster)
    return min(FASTEST, max(SLOWEST, round(nearest * lengths[nearest] / seconds)))


def trim_silence(sound: Waveform) -> Waveform:
    """Remove the silence at both ends, except 5 ms before the first sound and 15 ms after the last."""
    step = max(1, sound.rate // 400)
    count = sound.samples.size // step
    if count == 0:
        raise EngineFailedError(
            "espeak-ng returned no sound.", hint="Check that the text is in the target language."
        )
    loud = np.abs(sound.samples[: count * step]).reshape(count, step).max(axis=1)
    heard = np.flatnonzero(loud > loud.max() * 10 ** (_SILENCE_DB / 20))
    if loud.max() <= 0:
        raise EngineFailedError(
            "espeak-ng returned only silence.", hint="Check that the text is in the target language."
        )
    start = max(0, heard[0] * step - round(_BEFORE_SECONDS * sound.rate))
    end = min(sound.samples.size, (heard[-1] + 1) * step + round(_AFTER_SECONDS * sound.rate))
    return Waveform(sound.samples[start:end], sound.rate)


def finish_waveform(sound: Waveform, tilt_db: float, gain_db: float) -> Audio:
    """Trim, tilt and amplify a sound, with 2 ms ramps at both ends."""
    from scipy.signal import sosfilt

    sound = trim_silence(sound)
    samples = sosfilt(_tilt(round(tilt_db, 2), sound.rate), sound.samples.astype(np.float64)) * 10 ** (
        gain_db / 20
    )
    ramp = np.linspace(0.0, 1.0, min(samples.size // 2, round(_RAMP_SECONDS * sound.rate)), endpoint=False)
    samples[: ramp.size] *= ramp
    samples[samples.size - ramp.size :] *= ramp[::-1]
    return Audio(samples.astype(np.float32)[np.newaxis], sound.rate)


@cache
def _tilt(tilt_db: float, rate: int) -> Any:
    """Return a first-order shelf that raises frequencies above 1.2 kHz by `tilt_db` relative to those
    below."""
    gain = 10 ** (tilt_db / 20)
    warped = np.tan(np.pi * _TILT_HZ / rate)
    # The analogue prototype is (sqrt(gain) s + 1) / (s / sqrt(gain) + 1), mapped by the bilinear transform.
    root = np.sqrt(gain)
    top, bottom = np.array([warped + root, warped - root]), np.array([warped + 1 / root, warped - 1 / root])
    numerator, denominator = top / bottom[0], bottom / bottom[0]
    return np.array([[numerator[0], numerator[1], 0.0, 1.0, denominator[1], 0.0]])
