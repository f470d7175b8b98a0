"""Every measure of takes and lines holds for any sound: from no sample on, silent or not a number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.any_sound import RATE, sounds

from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.media.prosody import active_level_db, measure_prosody, track_pitch
from rythmo.mix import bed_residue, loudness, room_acoustics
from rythmo.mix.placed_sound import render_take
from rythmo.mix.stretch import stretch
from rythmo.mix.take_check import check_take
from rythmo.mix.voice_reach import find_reach
from rythmo.qc.line_measures import count_clipped
from rythmo.script.takes import Piece, Placement

MANY = settings(max_examples=30, deadline=None)


def _is_number_or_none(value: float | None) -> bool:
    return value is None or math.isfinite(value)


@MANY
@given(sounds())
def test_prosody_is_numbers_or_nothing(sound):
    audio = Audio(sound[np.newaxis], RATE)
    heard = measure_prosody(audio)
    assert all(_is_number_or_none(getattr(heard, name)) for name in type(heard).__slots__)
    assert _is_number_or_none(active_level_db(audio))
    assert np.isfinite(track_pitch(audio)).all()


@pytest.mark.parametrize("milliseconds", range(1, 160, 3))
def test_prosody_of_every_voiced_length(milliseconds):
    length = milliseconds * RATE // 1000
    time = np.arange(length) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 12)).astype(np.float32)
    pitch = measure_prosody(Audio(0.1 * buzz[np.newaxis], RATE)).pitch_hz
    assert pitch is None or pitch == pytest.approx(120, rel=0.02)


@MANY
@given(sounds())
def test_loudness_is_a_level_or_silence(sound):
    found = loudness.measure_level(sound, RATE)
    assert math.isfinite(found) or found == loudness.SILENCE
    whole = loudness.measure_loudness([sound[np.newaxis]], RATE, 1)
    for value in (whole.integrated, whole.momentary_max, whole.true_peak, whole.sample_peak):
        assert math.isfinite(value) or value == loudness.SILENCE
    assert count_clipped(sound) <= sound.size


@MANY
@given(sounds(), sounds())
def test_a_gain_is_always_a_number(take, original):
    take_level, own = loudness.measure_level(take, RATE), loudness.measure_level(original, RATE)
    peak = float(np.abs(take).max(initial=0.0))
    gain = loudness.line_gain(take_level, own, loudness.speaker_level([own]), peak)
    assert math.isfinite(gain)
    assert abs(gain) <= 60


@MANY
@given(sounds(), st.integers(1, 3 * RATE))
def test_a_take_is_refused_or_placed_with_numbers(sound, length):
    take = Audio(sound[np.newaxis], RATE)
    try:
        heard = check_take(take)
    except EngineFailedError as error:
        assert error.hint
        return
    assert 0 <= heard.spoken.start < heard.spoken.end <= sound.size
    pieces = (Piece(heard.spoken.start, heard.spoken.end, 100, 100 + length),)
    for placement in (
        Placement(100, 100 + length, 100 + length, pieces=pieces),
        Placement(100, 100 + length, 0),
    ):
        out = render_take(take, placement, RATE, room=room_acoustics.Room(decay=0.4), handle=48)
        assert out.shape == (length + 96,)
        assert np.isfinite(out).all()


@MANY
@given(sounds(longest=RATE), st.integers(1, RATE))
def test_a_stretch_has_the_length_that_was_asked_for(sound, length):
    assert stretch(np.nan_to_num(sound, posinf=1, neginf=-1), RATE, length).shape == (length,)


@MANY
@given(sounds(), sounds())
def test_the_bed_and_the_room_are_measured_or_not(one, other):
    count = min(one.size, other.size)
    assert _is_number_or_none(
        bed_residue.measure_leak(one[np.newaxis, :count], other[np.newaxis, :count], RATE).db
    )
    assert _is_number_or_none(bed_residue.measure_hollowness(one[np.newaxis], other[np.newaxis], RATE))
    found = room_acoustics.measure_room(one, other, RATE)
    assert np.isfinite([*found.eq, found.decay, found.wet]).all()


@MANY
@given(sounds(), st.integers(0, RATE), st.integers(0, RATE))
def test_reach_is_never_inside_the_words(sound, start, length):
    def read(a, b):
        out = np.zeros((1, max(0, b - a)), np.float32)
        left, right = max(0, a), min(sound.size, b)
        if right > left:
            out[0, left - a : right - a] = sound[left:right]
        return out

    begins, ends = find_reach(read, start, start + length, RATE)
    assert begins <= start
    assert ends >= start + length
