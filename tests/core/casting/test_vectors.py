"""Who is whom by the vectors of their voices: against the rule in its plain form."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rythmo.casting.speaker_matching import assign_speakers, average_vectors, group_alike, measure_similarity

seeds = st.integers(0, 10_000)
ZEROS = np.zeros(6, np.float32)
NOTHING = np.zeros(0, np.float32)


def people(seed, count, *, blur=0.9):
    """Vectors of which some are much alike."""
    draw = np.random.default_rng(seed)
    common = draw.normal(size=6)
    rows = (blur * common + (1 - blur) * 3 * draw.normal(size=(count, 6))).astype(np.float32)
    return [row / np.linalg.norm(row) for row in rows]


def cost(heard, known, who, threshold):
    return sum(
        1 - threshold if k is None else 1 - measure_similarity(heard[row], known[k])
        for row, k in enumerate(who)
    )


@given(seeds, st.integers(0, 3), st.integers(0, 3), st.floats(0.3, 0.95))
def test_no_other_assignment_costs_less(seed, heard_count, known_count, threshold):
    vectors = people(seed, heard_count + known_count)
    heard, known = vectors[:heard_count], vectors[heard_count:]
    found = assign_speakers(heard, known, threshold)
    best = cost(heard, known, found, threshold)
    taken = [k for k in found if k is not None]
    assert len(taken) == len(set(taken)), "nobody is two people at once"
    for who in itertools.product([None, *range(known_count)], repeat=heard_count):
        real = [k for k in who if k is not None]
        if len(real) == len(set(real)):
            assert best <= cost(heard, known, who, threshold) + 1e-5


@given(seeds, st.integers(1, 8), st.floats(0.5, 0.99))
def test_in_a_group_every_two_are_alike_and_no_two_groups_could_be_one(seed, count, threshold):
    vectors = people(seed, count)
    groups: dict[int, list[int]] = {}
    for index, group in enumerate(group_alike(vectors, threshold)):
        groups.setdefault(group, []).append(index)
    for members in groups.values():
        assert all(
            measure_similarity(vectors[a], vectors[b]) >= threshold - 1e-4
            for a, b in itertools.combinations(members, 2)
        )
    for one, other in itertools.combinations(groups.values(), 2):
        assert min(measure_similarity(vectors[a], vectors[b]) for a in one for b in other) < threshold + 1e-4


def test_the_threshold_itself_is_alike():
    one, other = np.array([1, 0], np.float32), np.array([0.8, 0.6], np.float32)
    assert group_alike([one, other], 0.8) == [0, 0]
    assert group_alike([one, other], 0.81) == [0, 1]


def test_whoever_was_not_heard_is_nobody_elses():
    voice = people(1, 1)[0]
    assert group_alike([voice, ZEROS, voice, NOTHING, ZEROS], 0.8) == [0, 1, 0, 3, 4]
    assert assign_speakers([ZEROS, NOTHING, voice], [voice, ZEROS], 0.5) == [None, None, 0]
    assert assign_speakers([], [voice], 0.5) == []


def test_vectors_of_other_embedders_do_not_compare():
    assert assign_speakers([np.ones(3, np.float32)], [np.ones(4, np.float32)], 0.1) == [None]


@given(seeds)
def test_a_mean_has_length_one_and_silence_no_say(seed):
    rows = np.stack(people(seed, 3))
    assert abs(float(np.linalg.norm(average_vectors(rows))) - 1) < 1e-5
    with_silence = np.vstack([rows, np.zeros((2, 6), np.float32)])
    assert np.allclose(average_vectors(with_silence), average_vectors(rows), atol=1e-5)
    assert not average_vectors(np.zeros((2, 6), np.float32)).any()
