"""Properties of the clustering, on vectors with known owners."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.engines.speech.clustering import absorb_flips, by_appearance, cluster


def _voices(people: int, each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    owners = random.permutation(np.repeat(np.arange(people), each))
    vectors = np.eye(12)[owners] + 0.05 * random.random((len(owners), 12))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), owners


def _windows(count: int, seconds: float = 1.6) -> np.ndarray:
    """Windows that do not overlap, as (start, end) in seconds."""
    starts = 2.0 * seconds * np.arange(count)
    return np.stack([starts, starts + seconds], axis=1)


@settings(deadline=None)  # the first call loads scipy
@given(st.integers(1, 8), st.integers(3, 9), st.integers(0, 99))
def test_clear_voices_are_found_without_a_count(people: int, each: int, seed: int) -> None:
    vectors, owners = _voices(people, each, seed)
    ones = np.ones(len(vectors))
    assert np.array_equal(cluster(vectors, _windows(len(vectors)), ones), by_appearance(owners))


@settings(deadline=None)  # the first call loads scipy
@given(st.integers(1, 10), st.integers(0, 99))
def test_a_given_count_is_obeyed(count: int, seed: int) -> None:
    vectors, _ = _voices(3, 5, seed)
    ones = np.ones(len(vectors))
    labels = cluster(vectors, _windows(len(vectors)), 0.3 * ones, count=count)
    assert set(labels.tolist()) == set(range(count))


def test_equal_vectors_still_give_the_count_and_too_few_windows_give_what_there_is() -> None:
    same = np.tile(np.eye(4)[0], (5, 1))
    assert len(set(cluster(same, _windows(5), np.ones(5), count=3))) == 3
    assert len(set(cluster(same[:2], _windows(2), np.ones(2), count=3))) <= 2
    assert cluster(same[:0], _windows(0), np.ones(0)).size == 0


def test_a_short_flip_is_absorbed_and_a_long_one_is_not() -> None:
    labels = np.array([0, 0, 0, 1, 0, 0, 1, 1, 1, 0])
    assert absorb_flips(labels, 2).tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1, 0]


def _spread(centre: int, each: int, spread: float) -> np.ndarray:
    """Unit vectors around axis `centre`, cosine 1 / (1 + spread^2) among them."""
    rows = np.zeros((each, 40))
    rows[:, centre] = 1.0
    rows[np.arange(each), 10 + 12 * centre + np.arange(each)] = spread
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_one_lively_speaker_is_not_split() -> None:
    """Cosines of 0.64 between all windows are one person's who has them everywhere."""
    vectors = _spread(0, 10, 0.75)
    assert set(cluster(vectors, _windows(10), np.ones(10)).tolist()) == {0}


def test_two_calm_speakers_with_the_same_cosine_between_them_are_two() -> None:
    calm = np.zeros((10, 3))
    calm[:5], calm[5:] = (1.0, 0.0, 0.0), (0.64, np.sqrt(1 - 0.64**2), 0.0)
    assert cluster(calm, _windows(10), np.ones(10)).tolist() == [0] * 5 + [1] * 5


def test_a_short_odd_sound_is_nobody_and_a_short_different_voice_is_somebody() -> None:
    calm = np.tile(np.eye(3)[0], (6, 1))
    for cosine, people in ((0.6, 1), (0.4, 2)):
        odd = np.array([[cosine, np.sqrt(1 - cosine**2), 0.0]])
        weights = np.array([1.0] * 6 + [1.0])
        assert len(set(cluster(np.vstack([calm, odd]), _windows(7), weights).tolist())) == people


def test_windows_that_share_sound_do_not_make_a_voice_look_constant() -> None:
    """The same vectors are one person or two by whether their windows overlap."""
    vectors = np.repeat([[1.0, 0.0], [0.69, np.sqrt(1 - 0.69**2)]], 2, axis=0)
    tight = np.array([[0.0, 1.6], [0.2, 1.8], [9.0, 10.6], [9.2, 10.8]])
    assert len(set(cluster(vectors, tight, np.ones(4)).tolist())) == 1
    many = np.repeat(vectors, 10, axis=0)
    assert len(set(cluster(many, _windows(40), np.ones(40)).tolist())) == 2
