"""Everything that is not dialogue: the score, the train, the rain and a few effects, in true stereo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from .music import Stereo, score
from .story import AUDIO_DELAY, RATE

_MUSIC_DB = -37.0
_TRAIN_DB = -45.0
_RAIN_DB = -54.0
_SWELL_DB = 5.5
_DIP_DB = 7.0
_CLACK_EVERY = int(1.66 * RATE)

Mono = NDArray[np.float64]


def _noise(random: np.random.Generator, length: int, low: float, high: float, order: int = 2) -> Mono:
    band = signal.butter(order, (low, high), "bandpass", fs=RATE, output="sos")
    return np.asarray(signal.sosfilt(band, random.standard_normal(length)))


def _at_level(sound: NDArray[np.floating], level_db: float) -> Stereo:
    return np.asarray(sound * 10 ** (level_db / 20) / np.sqrt((sound**2).mean()), np.float32)


def _train(length: int) -> Stereo:
    """Rumble, different left and right, and wheels over rail joints: ta-dam, ta-dam."""
    random = np.random.default_rng(11)
    rumble = np.stack(
        [_noise(random, length, 35, 160) + 0.25 * _noise(random, length, 160, 500, 1) for _ in "LR"]
    )
    time = np.arange(int(0.16 * RATE)) / RATE
    for joint in range(RATE // 3, length - RATE, _CLACK_EVERY):
        for offset, gain, side in ((0, 1.0, 0), (int(0.17 * RATE), 0.8, 1)):
            thud = _noise(random, time.size, 90, 420) * np.exp(-time * 38)
            part = slice(joint + offset, joint + offset + time.size)
            rumble[side, part] += 3.5 * gain * thud
            rumble[1 - side, part] += 1.4 * gain * thud
    return _at_level(rumble, _TRAIN_DB)


def _rain(length: int) -> Stereo:
    """A dark hiss that breathes, and drops against the window."""
    random = np.random.default_rng(23)
    breath = 1 + 0.25 * np.sin(2 * np.pi * 0.13 * np.arange(length) / RATE)
    hiss = np.stack([_noise(random, length, 600, 2800, 1) * breath for _ in "LR"])
    hiss = signal.sosfilt(signal.butter(2, 5000, fs=RATE, output="sos"), hiss)
    time = np.arange(RATE // 60) / RATE
    for at in random.integers(0, length - RATE, 5 * length // RATE):
        drop = np.sin(2 * np.pi * random.uniform(900, 2600) * time) * np.exp(-time * 320)
        hiss[random.integers(2), at : at + time.size] += random.uniform(0.5, 2.5) * drop
    return _at_level(hiss, _RAIN_DB)


def _rustle() -> Mono:
    """Claws in a bag: short scratches."""
    random = np.random.default_rng(31)
    out = np.zeros(int(1.1 * RATE))
    for at in (0.0, 0.11, 0.2, 0.52, 0.61, 0.7, 0.78):
        size = int(0.07 * RATE)
        start = int(at * RATE)
        out[start : start + size] += _noise(random, size, 500, 2600) * np.hanning(size)
    return 0.16 * out


def _door() -> Mono:
    """A sliding door: a rising hiss, then the stop."""
    random = np.random.default_rng(37)
    size = int(0.55 * RATE)
    slide = _noise(random, size, 150, 900, 1) * np.linspace(0.1, 1, size) ** 2
    stop = _noise(random, int(0.3 * RATE), 60, 300) * np.exp(-np.arange(int(0.3 * RATE)) / RATE * 22)
    return 0.09 * np.concatenate([slide, 6 * stop])


def _meow() -> Mono:
    """A small cat: harmonics of a gliding tone through an opening and closing mouth."""
    time = np.arange(int(0.8 * RATE)) / RATE
    arc = np.sin(np.pi * time / 0.8)
    phase = 2 * np.pi * np.cumsum(560 + 190 * arc**0.8 - 140 * time) / RATE
    out = np.zeros(time.size)
    for k in range(1, 8):
        pitch = k * (560 + 190 * arc)
        mouth = 900 + 1300 * arc
        out += np.sin(k * phase) / (1 + ((pitch - mouth) / 500) ** 2) / k**0.5
    return 0.035 * out * arc**1.2


def _making_room(sound: Stereo, free: NDArray[np.float32]) -> Stereo:
    """The mixer's hand: under dialogue the band of consonants (700 to 3500 Hz) steps back by `_DIP_DB`."""
    band = signal.butter(1, (700, 3500), "bandpass", fs=RATE, output="sos")
    inside = signal.sosfiltfilt(band, sound, axis=1)
    return np.asarray(sound - (1 - 10 ** (-_DIP_DB / 20)) * (1 - free) * inside, np.float32)


def _dynamics(length: int, dialogue: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """1 where nobody speaks for long, 0 in dialogue, gliding over a second or so."""
    free = np.ones(length, np.float32)
    for start, end in dialogue:
        free[max(0, start - RATE // 2) : end + RATE] = 0
    # A glide needs no more than 100 points a second.
    coarse = ndimage.uniform_filter1d(free[:: RATE // 100], 120, mode="nearest")
    return np.interp(np.arange(length), np.arange(coarse.size) * (RATE // 100), coarse).astype(np.float32)


def bed(length: int, dialogue: Sequence[tuple[int, int]], rustle: int, door: int, meow: int) -> Stereo:
    """Music and effects, (2, length), silent until the file's audio begins; it fades in and out.

    `dialogue` holds the lines' [start, end); `rustle`, `door` and `meow` are the samples of three effects.
    """
    free = _dynamics(length, dialogue)
    music = _at_level(score(length, AUDIO_DELAY + RATE // 8, free), _MUSIC_DB)
    out = _making_room(music * 10 ** (_SWELL_DB / 20 * free) + _train(length) + _rain(length), free)
    for start, sound, left, right in (
        (rustle, _rustle(), 0.35, 1.0),
        (door, _door(), 1.0, 0.5),
        (meow, _meow(), 0.45, 1.0),
    ):
        part = out[:, start : start + sound.size]
        part += (np.array([[left], [right]]) * sound[: part.shape[1]]).astype(np.float32)
    fade = np.zeros(length, np.float32)
    fade[AUDIO_DELAY:] = 1
    fade[AUDIO_DELAY : AUDIO_DELAY + RATE // 2] = np.linspace(0, 1, RATE // 2)
    fade[-2 * RATE :] *= np.linspace(1, 0, 2 * RATE, dtype=np.float32) ** 2
    return np.asarray(out * fade, np.float32)
