"""How late one sound is against another: shifts put in by hand are found to the sample."""

from __future__ import annotations

import numpy as np
import pytest
from speech_like import two_voices

from rythmo.engines.speech.alignment import measure_offset, shift_back

RATE = 44_100


def shifted(sound, offset):
    """`sound` late by `offset` samples (negative: early), as long as before."""
    out = np.zeros_like(sound)
    if offset >= 0:
        out[:, offset:] = sound[:, : sound.shape[1] - offset]
    else:
        out[:, :offset] = sound[:, -offset:]
    return out


@pytest.fixture(scope="module")
def mix():
    draw = np.random.default_rng(3)
    said = two_voices(4.0).at_rate(RATE).samples
    return said + (0.02 * draw.normal(size=said.shape)).astype(np.float32)


@pytest.mark.parametrize("offset", [0, 1, 37, 1105, 4000, -1, -2205])
def test_a_shift_is_found_to_the_sample_and_taken_back(mix, offset):
    late = shifted(0.8 * mix, offset)
    assert measure_offset(mix, late, 4410) == offset
    back = shift_back(late, offset, mix.shape[1])
    inner = slice(5000, -5000)
    assert np.array_equal(back[:, inner], (0.8 * mix)[:, inner])


def test_a_shift_is_found_under_other_sound(mix):
    other = 0.3 * np.random.default_rng(4).normal(size=mix.shape) * np.abs(mix).max()
    assert measure_offset(mix, shifted(mix, 441) + other.astype(np.float32), 4410) == 441


def test_sounds_that_have_nothing_in_common_are_left_where_they_are(mix):
    noise = np.random.default_rng(5).normal(size=mix.shape).astype(np.float32)
    assert measure_offset(mix, noise, 4410) == 0
    assert measure_offset(mix, np.zeros_like(mix), 4410) == 0


def test_a_shift_beyond_the_limit_is_not_guessed(mix):
    found = measure_offset(mix, shifted(mix, 6000), 4410)
    assert found == 0 or abs(found) <= 4410
    assert shift_back(mix[:, :0], 0, 100).shape == (2, 100)
