"""Where speech begins and ends in any recording: hiss, hum and clicks around it, DC, silence inside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.any_sound import RATE, sounds
from tests.support.recorded_speech import noise, sentences

from rythmo.media.activity import find_activity

HERE = settings(max_examples=40, deadline=None)


def test_silence_and_nothing_have_no_speech():
    assert find_activity(np.zeros(0, np.float32), RATE) is None
    assert find_activity(np.full(RATE, 0.3, np.float32), RATE) is None


def test_a_second_of_hiss_before_the_words_is_not_speech():
    for speech in sentences():
        hiss = noise("white", RATE, -63, np.random.default_rng(1))
        active = find_activity(np.concatenate([hiss, speech, hiss]), RATE)
        assert active.noise_before == pytest.approx(-63, abs=6)
        assert active.noise_before_length > 0.8 * RATE
        assert abs(active.start - RATE) < 0.02 * RATE
        assert abs(active.end - RATE - speech.size) < 0.06 * RATE


def test_clean_speech_is_found_to_the_sample():
    for speech in sentences():
        padded = np.concatenate([np.zeros(12_345), speech, np.zeros(20_000)]).astype(np.float32)
        active = find_activity(padded, RATE)
        assert abs(active.start - 12_345) <= RATE // 1000
        assert abs(active.end - 12_345 - speech.size) <= RATE // 1000
        assert (active.noise_before, active.click_before, active.click_after) == (None, False, False)


@pytest.mark.parametrize(("seed", "below_peak"), [(0, 38), (1, 38), (2, 28)])
def test_onsets_over_many_recordings_are_within_20_ms_at_the_95th_percentile(seed, below_peak):
    rng = np.random.default_rng(seed)
    errors = [_error(rng, below_peak) for _ in range(80)]
    assert np.percentile(np.abs(errors), 95) <= 20


def _error(rng: np.random.Generator, below_peak: float) -> float:
    """Milliseconds between the onset that is found and the true one, in one made-up recording."""
    speech = sentences()[rng.integers(len(sentences()))].astype(np.float64)
    if rng.random() < 0.3:
        cut = int(speech.size * rng.uniform(0.3, 0.7))
        speech = np.concatenate([speech[:cut], np.zeros(int(rng.uniform(0.1, 1.5) * RATE)), speech[cut:]])
    level = rng.uniform(-40, -3)
    speech *= 10 ** (level / 20) / np.abs(speech).max()
    before, after = (int(rng.choice([0.0, rng.uniform(0.1, 2)]) * RATE) for _ in range(2))
    out = np.concatenate([np.zeros(before), speech, np.zeros(after)])
    hiss = noise(
        rng.choice(["white", "pink", "hum"]), out.size, min(rng.uniform(-80, -45), level - below_peak), rng
    )
    out += hiss * rng.choice(_masks(out.size, before, after))
    if rng.random() < 0.25 and before > 0.2 * RATE:
        at = int(rng.integers(0, before - int(0.1 * RATE)))
        out[at : at + 100] += rng.normal(0, 10 ** (rng.uniform(-40, -6) / 20), 100)
    out += rng.choice([0, 0, 0.05, -0.2])
    return (find_activity(out.astype(np.float32), RATE).start - before) * 1000 / RATE


def _masks(length: int, before: int, after: int) -> np.ndarray:
    """Noise nowhere, before, after, on both sides, and all through."""
    head, tail = np.arange(length) < before, np.arange(length) >= length - after
    return np.stack([head & False, head, tail, head | tail, head | ~head]).astype(float)


@HERE
@given(sounds())
def test_what_is_found_lies_inside_of_any_sound(sound):
    active = find_activity(np.nan_to_num(sound, posinf=1, neginf=-1), RATE)
    if active is not None:
        assert 0 <= active.start < active.end <= sound.size


@HERE
@given(st.integers(1, 5_000), st.integers(0, 3_000))
def test_a_tone_of_any_length_is_found_where_it_is(length, before):
    tone = np.zeros(before + length + 2_000, np.float32)
    tone[before : before + length] = 0.3 * np.cos(2 * np.pi * 300 * np.arange(length) / RATE)
    active = find_activity(tone, RATE)
    assert abs(active.start - before) <= RATE // 200
