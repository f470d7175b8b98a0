"""Which speech of somebody is taken to know or to clone them by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.casting.clean_speech import (
    LEAST,
    MOST,
    TARGET,
    MeasuredSpan,
    choose_clean_spans,
    find_solo_speech,
)
from rythmo.script.model import Line, Word

RATE = 48_000


def line(speaker, start, end, words=()):
    return Line(f"{speaker}_{start:04}", speaker, round(start * RATE), round(end * RATE), "x", words)


def seconds(spans):
    return [(start / RATE, end / RATE) for start, end in spans]


def test_only_speech_in_which_nobody_else_speaks_the_longest_first():
    lines = [line("S1", 0, 4), line("S2", 3, 5), line("S1", 6, 12), line("S1", 20, 20.4)]
    assert seconds(find_solo_speech(lines, "S1")) == [(6.0, 12.0), (0.0, 2.9)]
    assert seconds(find_solo_speech(lines, "S2")) == [(4.1, 5.0)]


def test_a_line_that_was_stretched_counts_from_its_first_word_to_its_last():
    words = (Word("a", 2 * RATE, 3 * RATE), Word("b", 3 * RATE, 4 * RATE))
    assert seconds(find_solo_speech([line("S1", 0, 9, words)], "S1")) == [(2.0, 4.0)]


def measured(levels, *, peaks=None):
    """Spans of 2 s each, with what is measured on them by their number."""
    spans = tuple((n * 3 * RATE, n * 3 * RATE + 2 * RATE) for n in range(len(levels)))

    def measure(start, end):
        number = start // (3 * RATE)
        return MeasuredSpan(start, end, (peaks or {}).get(number, 0.5), levels[number])

    return choose_clean_spans(spans, measure)


def numbers(found):
    return [one.start // (3 * RATE) for one in found]


def test_clean_speech_is_taken_until_there_are_eight_seconds():
    assert numbers(measured([30.0] * 9)) == [0, 1, 2, 3]


def test_clipped_speech_is_never_taken():
    assert numbers(measured([30.0] * 6, peaks={0: 1.0, 2: 0.9995})) == [1, 3, 4, 5]
    assert measured([30.0], peaks={0: 1.0}) == ()


def test_where_little_is_clean_the_clearest_of_the_rest_fills_up_to_five_seconds():
    assert numbers(measured([20.0, 7.0, 12.0, 9.0, 3.0])) == [0, 2, 3], "2 s clean, 12 dB, then 9 dB"
    assert numbers(measured([2.0, 4.0, 1.0])) == [1], "of what is not clear, one rather than nobody"


@pytest.mark.parametrize("length", [15, 40, 200])
def test_one_long_speech_is_cut_to_fifteen_seconds(length):
    (one,) = choose_clean_spans([(0, length * RATE)], lambda a, b: MeasuredSpan(a, b, 0.5, 30.0))
    assert one.length == MOST


spans = st.lists(st.tuples(st.integers(RATE // 2, 20 * RATE), st.floats(-10, 40)), min_size=1, max_size=20)


@given(spans)
def test_there_are_never_more_than_fifteen_seconds_and_five_where_there_are_five(found):
    placed, clock = [], 0
    for length, level in sorted(found, reverse=True):
        placed.append((clock, clock + length, level))
        clock += length + RATE
    levels = {start: level for start, _, level in placed}
    chosen = choose_clean_spans(
        [(a, b) for a, b, _ in placed], lambda a, b: MeasuredSpan(a, b, 0.5, levels[a])
    )
    total = sum(one.length for one in chosen)
    assert 0 < total <= MOST
    assert [one.start for one in chosen] == sorted(one.start for one in chosen)
    clear = sum(min(b - a, MOST) for a, b, level in placed if level >= 15)
    if clear >= TARGET:
        assert total >= min(LEAST, clear), "enough clean speech is used"
