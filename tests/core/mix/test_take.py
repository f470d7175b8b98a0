"""What a voice engine may return, right and wrong; where speech lies in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.mix.take_check import check_take

RATE = 48_000


def syllables(count: int = 4, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """Harmonic bursts of 200 ms with 60 ms between them: the rhythm of speech."""
    t = np.arange(round(0.2 * rate)) / rate
    tones = [sum(np.sin(2 * np.pi * f * k * t) / k for k in range(1, 12)) for f in (110, 130, 150)]
    gap = np.zeros(round(0.06 * rate))
    parts = [part for i in range(count) for part in (tones[(i + seed) % 3] * np.hanning(t.size), gap)]
    return (0.1 * np.concatenate(parts)).astype(np.float32)


def audio(samples: np.ndarray, rate: int = RATE) -> Audio:
    return Audio(np.atleast_2d(samples).astype(np.float32), rate)


def test_speech_is_found_between_its_silences():
    speech = syllables()
    padded = np.concatenate([np.zeros(5000), speech, np.zeros(20_000)])
    spoken = check_take(audio(padded)).spoken
    onset = 5000 + int(np.flatnonzero(np.abs(speech) > np.abs(speech).max() * 10**-2.5)[0])
    assert spoken.start == onset
    loud = 5000 + int(np.flatnonzero(np.abs(speech) > np.abs(speech).max() * 10**-2.5)[-1])
    assert loud < spoken.end <= loud + 1 + RATE // 20, "the decay is kept"


def test_an_impulse_starts_at_its_own_sample():
    click = np.zeros(RATE)
    click[1234] = 0.5
    assert check_take(audio(click)).spoken.start == 1234


def test_pauses_split_phrases_and_short_gaps_do_not():
    speech = np.concatenate([syllables(3), np.zeros(RATE // 3), syllables(3)])
    phrases = check_take(audio(speech)).spoken.phrases
    assert len(phrases) == 2
    gap = phrases[1][0] - phrases[0][1]
    assert RATE // 3 * 0.8 < gap < RATE // 3 + 0.1 * RATE


def test_weak_consonants_at_the_edges_are_speech():
    """A fricative 40 dB below the vowel's peak leads and ends the line: it must not be trimmed."""
    rng = np.random.default_rng(0)
    hiss = rng.normal(0, 0.1 * 10**-2 / 2, RATE // 20)
    speech = np.concatenate([np.zeros(1000), hiss, syllables(2), hiss, np.zeros(1000)])
    spoken = check_take(audio(speech)).spoken
    assert spoken.start < 1000 + 20
    assert spoken.end > speech.size - 1000 - 20


@pytest.mark.parametrize(
    ("samples", "match"),
    [
        (np.zeros((1, 0)), "no sound"),
        (np.zeros(RATE), "silent"),
        (np.full(RATE, 1e-4), "silent"),
        (np.full(RATE, 0.3), "silent"),  # DC alone
        (np.array([0.1, np.nan, 0.1]), "not numbers"),
        (np.array([0.1, np.inf, 0.1]), "not numbers"),
        (np.random.default_rng(0).normal(0, 0.1, 2 * RATE), "noise"),
        (np.random.default_rng(0).uniform(-1, 1, 2 * RATE), "noise"),
        (np.tile(syllables(4), 12), "lasts"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(samples, match):
    with pytest.raises(EngineFailedError, match=match) as refused:
        check_take(audio(samples), original_length=RATE)
    assert refused.value.hint


def test_ten_times_too_much_is_refused_and_twice_is_not():
    line = syllables(4)
    check_take(audio(np.tile(line, 2)), original_length=line.size)
    with pytest.raises(EngineFailedError, match="lasts 10"):
        check_take(audio(np.tile(line, 10)), original_length=line.size)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_rate_and_layout_comes_out_mono_at_the_project_s(rate, channels):
    speech = syllables(4, rate)
    heard = check_take(audio(np.tile(speech, (channels, 1)), rate))
    assert heard.samples.ndim == 1
    assert heard.samples.size == pytest.approx(speech.size * RATE / rate, abs=2)
    assert heard.spoken.length == pytest.approx(check_take(audio(syllables(4))).spoken.length, rel=0.05)


def test_dc_is_taken_out_and_told():
    heard = check_take(audio(syllables() + 0.05))
    assert abs(float(heard.samples.mean())) < 1e-4
    assert [flag.code for flag in heard.flags] == ["take-dc"]


def test_clipping_is_told():
    assert [flag.code for flag in check_take(audio(np.clip(syllables() * 20, -1, 1))).flags] == [
        "take-clipped"
    ]
    assert check_take(audio(syllables())).flags == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 30_000)), min_size=1, max_size=8),
    st.floats(0.01, 1.0),
    st.integers(0, 2**32 - 1),
)
def test_any_take_is_refused_or_has_phrases_inside_itself(parts, level, seed):
    rng = np.random.default_rng(seed)
    samples = np.concatenate([rng.normal(0, level, n) if loud else np.zeros(n) for loud, n in parts])
    try:
        heard = check_take(audio(np.clip(samples, -1, 1)))
    except EngineFailedError:
        return
    edges = [edge for phrase in heard.spoken.phrases for edge in phrase]
    assert edges == sorted(set(edges))
    assert edges[0] >= 0
    assert edges[-1] <= heard.samples.size
    assert np.isfinite(heard.samples).all()
