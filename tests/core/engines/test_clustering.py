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


@settings(deadline=None)  # the first call loads scipy
@given(st.integers(1, 8), st.integers(3, 9), st.integers(0, 99))
def test_clear_voices_are_found_without_a_count(people: int, each: int, seed: int) -> None:
    vectors, owners = _voices(people, each, seed)
    ones = np.ones(len(vectors))
    assert np.array_equal(cluster(vectors, 1.6 * ones, ones), by_appearance(owners))


@settings(deadline=None)  # the first call loads scipy
@given(st.integers(1, 10), st.integers(0, 99))
def test_a_given_count_is_obeyed(count: int, seed: int) -> None:
    vectors, _ = _voices(3, 5, seed)
    ones = np.ones(len(vectors))
    labels = cluster(vectors, 1.6 * ones, 0.3 * ones, count=count)
    assert set(labels.tolist()) == set(range(count))


def test_equal_vectors_still_give_the_count_and_too_few_windows_give_what_there_is() -> None:
    same = np.tile(np.eye(4)[0], (5, 1))
    assert len(set(cluster(same, np.ones(5), np.ones(5), count=3))) == 3
    assert len(set(cluster(same[:2], np.ones(2), np.ones(2), count=3))) <= 2
    assert cluster(same[:0], np.ones(0), np.ones(0)).size == 0


def test_a_short_flip_is_absorbed_and_a_long_one_is_not() -> None:
    labels = np.array([0, 0, 0, 1, 0, 0, 1, 1, 1, 0])
    assert absorb_flips(labels, 2).tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1, 0]
