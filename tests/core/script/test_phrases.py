"""Phrases of the original against phrases of a take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.script.model import Line, Word
from rythmo.script.phrases import TakePhrases, find_original_phrases, make_single_phrase, match_phrases


def line(*words: tuple[int, int], end: int = 1000) -> Line:
    return Line("L", "S1", 0, end, "t", words=tuple(Word("w", a, b) for a, b in words))


def test_words_split_at_pauses():
    assert find_original_phrases(line((0, 300), (320, 400), (600, 1000)), 100) == ((0, 400), (600, 1000))
    assert find_original_phrases(line(), 100) == ((0, 1000),)
    assert find_original_phrases(line((0, 300), (250, 1000)), 100) == ((0, 1000),)


def test_words_outside_the_line_split_nothing():
    assert find_original_phrases(line((-500, -300), (0, 1000), (1500, 1600)), 100) == ((0, 1000),)


def test_equal_numbers_of_phrases_answer_to_each_other():
    grouped, onsets = match_phrases(((0, 400), (600, 1000)), TakePhrases(((5, 300), (350, 700))))
    assert grouped.phrases == ((5, 300), (350, 700))
    assert onsets == (0, 600)


def test_a_pause_with_no_partner_stays_inside_its_phrase():
    grouped, onsets = match_phrases(((0, 500), (600, 1000)), TakePhrases(((0, 100), (120, 500), (600, 1000))))
    assert grouped.phrases == ((0, 500), (600, 1000))
    assert onsets == (0, 600)


def test_pauses_far_apart_in_the_sentence_are_not_paired():
    grouped, onsets = match_phrases(((0, 100), (200, 1000)), TakePhrases(((0, 800), (900, 1000))))
    assert grouped.phrases == ((0, 1000),)
    assert onsets == (0,)


@pytest.mark.parametrize("phrases", [(), ((5, 5),), ((5, 3),), ((0, 10), (5, 20)), ((-1, 4),)])
def test_phrases_out_of_order_are_refused(phrases):
    with pytest.raises(ValueError, match="sorted, disjoint"):
        TakePhrases(phrases)


def test_the_whole_of_a_take():
    assert make_single_phrase(10).length == 10
    assert TakePhrases(((2, 5), (7, 9))).as_one_phrase().phrases == ((2, 9),)


@st.composite
def _spans(draw):
    edges = sorted(draw(st.sets(st.integers(0, 10_000), min_size=2, max_size=12)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@given(_spans(), _spans())
def test_grouping_keeps_all_speech_in_order(original, spoken):
    grouped, onsets = match_phrases(original, TakePhrases(spoken))
    assert len(grouped.phrases) == len(onsets) <= min(len(original), len(spoken))
    assert list(onsets) == sorted(set(onsets))
    assert onsets[0] == original[0][0]
    assert set(onsets) <= {start for start, _ in original}
    assert grouped.start == spoken[0][0]
    assert grouped.end == spoken[-1][1]
    starts, ends = {a for a, _ in spoken}, {b for _, b in spoken}
    assert all(a in starts and b in ends for a, b in grouped.phrases)
