"""Mouths and sounds: correlation, the lag of a file, and what is not believed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.faces.model import Face
from rythmo.faces.mouth import compare, find_best_lag, find_file_lag, follow_mouth, measure_envelope
from rythmo.faces.rows import pack_faces
from rythmo.faces.tracks import find_tracks, make_shots

RATE = 25.0


def speech(seed=0, count=100):
    """A curve that moves as speech does: a few syllables a second, with pauses."""
    rng = np.random.default_rng(seed)
    swell = np.abs(np.sin(np.cumsum(rng.uniform(0.2, 0.7, count))))
    return swell * (np.convolve(rng.random(count), np.ones(9) / 9, "same") > 0.45)


def test_a_mouth_that_follows_the_sound_is_told_from_one_that_does_not() -> None:
    sound = speech()
    same = compare(sound + 0.1, sound, RATE)
    other = compare(speech(9), sound, RATE)
    assert same.correlation == pytest.approx(1)
    assert other.correlation < 0.5


def test_less_than_a_second_says_nothing() -> None:
    mouth = np.full(100, np.nan)
    mouth[:20] = speech()[:20]
    assert compare(mouth, speech(), RATE) is None


@given(st.integers(-6, 6))
def test_the_lag_of_a_line_is_found(lag) -> None:
    sound = speech(3, 160)
    found = find_best_lag(np.roll(sound, -lag)[10:150], sound[10:150], RATE)
    assert found.lag == lag


def test_the_file_has_one_lag_over_all_its_lines() -> None:
    pairs = [(speech(seed)[:90], np.roll(speech(seed), 10)[:90]) for seed in range(4)]
    assert find_file_lag(pairs, RATE) == 10
    assert find_file_lag([(mouth, speech(seed)[:90]) for seed, (mouth, _) in enumerate(pairs)], RATE) == 0


def test_a_single_short_line_gives_the_file_no_lag() -> None:
    assert find_file_lag([(speech()[:50], np.roll(speech(), 10)[:50])], RATE) == 0


def test_a_curve_bridges_short_gaps_only_and_takes_the_track_for_its_measure() -> None:
    frames = [
        (
            n,
            (
                Face(
                    (0.4, 0.3, 0.6, 0.6),
                    opening=None if n in (20, 21, *range(40, 60)) else 0.1 + 0.2 * (n % 2),
                ),
            ),
        )
        for n in range(100)
    ]
    rows = pack_faces(frames)
    (track,) = find_tracks(rows, make_shots((), 100), RATE)
    curve = follow_mouth(track, rows, RATE)
    assert np.isfinite(curve.opening[:40]).all()
    assert np.isnan(curve.opening[45:55]).all()
    assert np.nanmax(curve.opening) == pytest.approx(1, abs=0.01)
    assert np.isnan(curve.cut(-5, 0)).all()


def test_a_mouth_that_is_never_seen_has_no_curve() -> None:
    rows = pack_faces([(n, (Face((0.4, 0.3, 0.6, 0.6)),)) for n in range(20)])
    (track,) = find_tracks(rows, make_shots((), 20), RATE)
    assert np.isnan(follow_mouth(track, rows, RATE).opening).all()


def test_the_envelope_lies_on_the_frames() -> None:
    samples = np.zeros(48_000, np.float32)
    samples[19_200:28_800] = 0.5  # frames 10 to 14 at 25 a second
    found = measure_envelope(samples, 0, -2, 30, Fraction(25))
    assert np.flatnonzero(found > 0.5).tolist() == [12, 13, 14, 15, 16]
    assert not measure_envelope(np.zeros(100, np.float32), 0, 0, 4, Fraction(25)).any()
