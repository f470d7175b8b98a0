"""Perth's networks in numpy against the original, and what they do to sound at 48 kHz."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.engines.adapters.perth import network
from rythmo.engines.adapters.perth.watermark import INFO, PerthWatermark
from rythmo.engines.local.wheel_weights import PERTH, list_missing, weight_file
from rythmo.media.audio import Audio

if list_missing(PERTH):
    pytest.skip("resemble-perth is not installed", allow_module_level=True)

# What resemble-perth 1.0.1 gives with torch 2.13 for `voice()`: some samples of the signal that it adds, its
# RMS, and its scores. It takes such a steady buzz for marked even where it is not.
POSITIONS = [5_000, 20_000, 30_001, 60_000, 90_000]
SIGNAL = [0.0100840, -0.0083869, 0.0067520, -0.0080372, -0.0041676]
LEVEL, UNMARKED_SCORE, MARKED_SCORE = 0.0126354, 0.99953, 1.00014


def voice(seconds=3.0, rate=network.RATE):
    """A buzz with the harmonics and the rhythm of a voice, with silence in the middle."""
    time = np.arange(round(seconds * rate)) / rate
    tones = sum(np.sin(2 * np.pi * 140 * number * time + number) / number for number in range(1, 20))
    sound = 0.1 * tones * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time))
    sound[round(1.25 * rate) : round(1.5 * rate)] = 0
    return sound.astype(np.float32)


@pytest.fixture(scope="module")
def perth():
    return network.load_network(weight_file(PERTH))


@pytest.fixture(scope="module")
def engine():
    return PerthWatermark()


def test_the_networks_give_what_the_original_gives(perth):
    sound = voice()
    added = network.find_mark_signal(perth, sound)
    assert np.allclose(added[POSITIONS], SIGNAL, atol=2e-6)
    assert np.isclose(np.sqrt(np.mean(added**2)), LEVEL, rtol=1e-4)
    assert np.isclose(network.score_mark(perth, sound), UNMARKED_SCORE, atol=1e-4)
    assert np.isclose(network.score_mark(perth, sound + added), MARKED_SCORE, atol=1e-4)


def test_above_the_mark_the_sound_stays_as_it_is(engine):
    rate = 48_000
    hiss = np.random.default_rng(7).normal(0, 0.003, rate * 3).astype(np.float32)
    sound = Audio((voice(rate=rate) + hiss)[np.newaxis], rate)
    added = (engine.mark(sound).samples - sound.samples)[0]
    power = np.abs(np.fft.rfft(added)) ** 2
    above = np.fft.rfftfreq(added.size, 1 / rate) > 2_100
    assert power[above].sum() < 1e-6 * power.sum()
    silence = added[round(1.3 * rate) : round(1.45 * rate)]
    assert np.abs(silence).max() < 0.1 * np.abs(added).max()


def test_long_sound_is_marked_in_pieces_without_a_seam(engine, monkeypatch):
    rate = network.RATE
    sound = Audio(voice(9.0)[np.newaxis], rate)
    whole = engine.mark(sound).samples - sound.samples
    monkeypatch.setattr("rythmo.engines.speech.low_rate_mark.PIECE_SECONDS", 4)
    pieces = engine.mark(sound).samples - sound.samples
    assert np.square(pieces - whole).mean() < 0.02 * np.square(whole).mean()
    assert engine.find(Audio(sound.samples + pieces, rate)).found


def test_the_mark_survives_a_change_of_rate_and_of_level(engine):
    marked = engine.mark(Audio(voice(rate=48_000)[np.newaxis], 48_000))
    for changed in (
        marked.at_rate(44_100).at_rate(48_000),
        marked.at_rate(16_000),
        Audio(marked.samples * np.float32(0.25), 48_000),
    ):
        assert engine.find(changed).score > 0.99


def test_what_is_short_has_no_mark(perth):
    short = voice(0.03)
    assert not network.find_mark_signal(perth, short).any()
    assert network.score_mark(perth, short) == 0
    assert INFO.licence == "MIT"
