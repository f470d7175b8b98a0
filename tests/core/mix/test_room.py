"""A room put on dry speech is found again, and put on a take makes it like the original."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.mix.room_acoustics import BANDS_HZ, Room, apply_room, measure_room

RATE = 48_000


def dry(seed: int, seconds: float = 12.0) -> np.ndarray:
    """Bursts of noise with the tilt and the rhythm of speech, and silence between them."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    noise = np.cumsum(rng.normal(0, 1, count)) * 0.02 + rng.normal(0, 0.3, count)
    noise -= np.convolve(noise, np.ones(2000) / 2000, "same")
    gate = np.zeros(count)
    at = 0
    while at < count:
        length = int(rng.integers(8_000, 20_000))
        gate[at : at + length] = np.hanning(length)[: count - at] ** 0.3
        at += length + int(rng.integers(30_000, 50_000))
    return (0.1 * noise * gate / np.abs(noise).max()).astype(np.float32)


def test_the_same_sound_has_no_room():
    found = measure_room(dry(1), dry(2), RATE)
    assert np.abs(found.eq).max() < 1.0
    assert found.decay == 0


def test_a_tone_is_found_again_and_held_within_6_db():
    tilt = tuple(np.linspace(8, -8, len(BANDS_HZ)))
    found = measure_room(apply_room(dry(1), Room(tilt), RATE), dry(2), RATE)
    assert np.corrcoef(found.eq, tilt)[0, 1] > 0.95
    assert 3 < max(found.eq) <= 6
    assert -6 <= min(found.eq) < -3


@pytest.mark.parametrize("decay", [0.5, 0.9])
def test_a_long_decay_is_found_again(decay):
    found = measure_room(apply_room(dry(1), Room(decay=decay, wet=-10), RATE), dry(2), RATE)
    assert found.decay == pytest.approx(decay, rel=0.4)


def test_a_room_brings_a_take_closer_to_the_original():
    room = Room(tuple(np.linspace(6, -6, len(BANDS_HZ))), 0.7, -12)
    original, take = apply_room(dry(1), room, RATE), dry(2)
    placed = apply_room(take, measure_room(original, take, RATE), RATE)
    before, after = (np.abs(measure_room(original, sound, RATE).eq).mean() for sound in (take, placed))
    assert after < 0.5 * before


def test_length_loudness_and_onset_stay():
    sound = dry(3, 2.0)
    out = apply_room(sound, Room(tuple(np.linspace(5, -5, len(BANDS_HZ))), 0.6, -12), RATE)
    assert out.shape == sound.shape
    assert out.dtype == np.float32
    assert np.square(out).sum() == pytest.approx(np.square(sound).sum(), rel=0.01)
    late = np.concatenate([np.zeros(5000, np.float32), sound])
    assert np.abs(apply_room(late, Room(decay=0.5, wet=-12), RATE)[:5000]).max() < 1e-6


def test_too_little_sound_makes_no_room():
    assert measure_room(np.zeros(100, np.float32), dry(1), RATE) == Room()
    assert measure_room(dry(1), np.zeros(RATE, np.float32), RATE) == Room()
    silence = np.zeros(1000, np.float32)
    assert apply_room(silence, Room(decay=0.5), RATE) is silence
