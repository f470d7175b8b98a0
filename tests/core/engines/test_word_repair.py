"""What recognisers write wrongly: loops, words without length, words that a list lacks."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.speech.word_repair import (
    TimedWord,
    attach_marks,
    collapse_loops,
    count_looped,
    insert_missing_words,
    spread_stacked,
)
from rythmo.engines.speech.word_times import spread_words, to_words
from rythmo.script import store

DATA = os.environ.get("RYTHMO_TEST_DATA")


def timed(text: str, start: float = 0.0, step: float = 0.3) -> list[TimedWord]:
    return [
        TimedWord(word, start + n * step, start + (n + 1) * step, 0.9) for n, word in enumerate(text.split())
    ]


def text_of(words) -> str:
    return " ".join(word.text for word in words)


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, no! I said no.",
        "Ha ha ha ha ha ha.",
        "Who told you that? Who told you that? Nobody.",
        "Row, row, row your boat. Merrily, merrily, merrily, merrily, life is but a dream.",
        "We shall fight on the beaches, we shall fight on the landing grounds, we shall fight in the fields",
    ],
)
def test_what_people_repeat_stays(text: str) -> None:
    assert text_of(collapse_loops(timed(text))) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("So. " + "Who told you that? " * 13, "So. Who told you that?"),
        ("Thank you for watching. " * 4 + "Good morning.", "Thank you for watching. Good morning."),
        ("the " * 40, "the"),
        ("and the data and the " * 6 + "password", "and the data and the password"),
    ],
)
def test_a_loop_is_said_once_and_doubted(text: str, left: str) -> None:
    found = collapse_loops(timed(text))
    assert text_of(found) == left
    assert min(word.confidence for word in found) <= 0.2
    assert count_looped(timed(text)) == len(text.split()) - len(left.split())


@pytest.mark.needs_data
def test_the_loop_of_the_case_is_caught() -> None:
    if not DATA:
        pytest.skip("RYTHMO_TEST_DATA is not set")
    case = json.loads((Path(DATA) / "cases/dubbing/12-asr-silence/asr2-loop.json").read_text())
    start, end, text = case["segments"][1]
    (one,) = [words for words in [collapse_loops(spread_words(text, start, end, "en"))] if words]
    assert text_of(one) == "Who told you that?"
    assert one[-1].end_s <= end


def test_words_that_share_a_time_are_spread_over_the_time_there_is() -> None:
    words = [
        *timed("Nobody said", 10.0),
        *(TimedWord(word, 10.6, 10.6) for word in ["a", "word", "to", "me."]),
    ]
    found = to_words(words, 1000, end=20_000)
    assert [word.text for word in found] == ["Nobody", "said", "a", "word", "to", "me."]
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(word.end - word.start >= 50 for word in found)
    assert 11_000 <= found[-1].end <= 12_000


def test_a_stack_before_the_next_word_keeps_out_of_it() -> None:
    words = [TimedWord("one", 1.0, 1.0), TimedWord("two", 1.0, 1.0), TimedWord("three", 1.5, 2.0)]
    one, two, three = spread_stacked(words, 5.0)
    assert (one.start_s, two.end_s) == (1.0, pytest.approx(1.5))
    assert one.end_s == two.start_s
    assert three == words[2]


def test_a_stack_without_any_room_shares_the_word_before() -> None:
    words = [TimedWord("one", 1.0, 2.0), TimedWord("two", 5.0, 5.0), TimedWord("three", 5.0, 5.0)]
    found = spread_stacked(words, 5.0)
    assert found[0].start_s == 1.0
    assert all(word.end_s - word.start_s > 0.1 for word in found)


def test_numerals_that_a_list_lacks_are_put_back() -> None:
    words = timed("was bad I paid", 64.9)
    found = insert_missing_words(words, "2014 was bad. I paid $43,000.")
    assert [word.text for word in found] == ["2014", "was", "bad.", "I", "paid", "$43,000."]
    assert found[0].start_s < 64.9
    assert found[-1].start_s == pytest.approx(words[-1].end_s)
    assert found[-1].end_s > found[-1].start_s


def test_one_in_the_middle_gets_the_pause_between_its_neighbours() -> None:
    words = [TimedWord("at", 1.0, 1.2), TimedWord("today", 2.0, 2.4)]
    assert insert_missing_words(words, "at 10:30 today")[1] == TimedWord(
        "10:30", 1.2, pytest.approx(2.0), None
    )
    tight = [TimedWord("at", 1.0, 1.2), TimedWord("today", 1.2, 1.8)]
    found = to_words(insert_missing_words(tight, "at 10:30 today"), 1000, end=5000)
    assert [word.text for word in found] == ["at", "10:30", "today"]
    assert all(word.end - word.start > 100 for word in found)


def test_the_running_text_does_not_undo_what_the_list_heard_otherwise() -> None:
    assert (
        text_of(insert_missing_words(timed("the coast is clear"), "The ghost is clear."))
        == "The coast is clear."
    )


times = st.floats(-5, 50) | st.just(float("nan")) | st.just(float("inf"))
any_words = st.lists(
    st.builds(TimedWord, st.sampled_from(["ab", "no", "word"]), times, times, st.none() | times), max_size=40
)


@given(any_words)
def test_whatever_comes_words_are_in_order_inside_and_plain(words: list[TimedWord]) -> None:
    found = to_words(
        [TimedWord(w.text, np.float64(w.start_s), np.float32(w.end_s), w.confidence) for w in words],
        16_000,
        offset=1000,
        end=200_000,
    )
    assert all(1000 <= word.start < word.end <= 200_000 for word in found)
    assert [word.start for word in found] == sorted(word.start for word in found)
    assert all(word.confidence is None or 0 <= word.confidence <= 1 for word in found)
    assert store.decode_json(store.encode_json(found), list) is not None


@given(any_words)
def test_a_second_look_for_loops_finds_none_of_the_same_phrase(words: list[TimedWord]) -> None:
    once = collapse_loops(words)
    assert len(once) <= len(words)
    assert {word.text for word in once} == {word.text for word in words}


def test_numbers_missing_from_a_script_without_spaces_are_inserted():
    words = [
        TimedWord(text, n * 0.5, n * 0.5 + 0.4, 0.9) for n, text in enumerate(["第", "章は", "年です。"])
    ]
    found = insert_missing_words(words, "第3章は2024年です。")
    assert [word.text for word in found] == ["第", "3", "章は", "2024", "年です。"]
    assert insert_missing_words(words, "まったく別の文です。") == words


def test_punctuation_that_was_timed_as_a_word_is_attached():
    texts = ["¿", "Qué", "?", "50", "%", "-", "♪", "Sí", "!"]
    words = [TimedWord(text, n * 0.5, n * 0.5 + 0.4) for n, text in enumerate(texts)]
    assert [word.text for word in attach_marks(words)] == ["¿Qué?", "50", "%", "Sí!"]
    assert attach_marks([TimedWord("…", 0, 1)]) == []


def test_a_loop_of_signs_is_one_of_words():
    words = [TimedWord(sign, n * 0.2, n * 0.2 + 0.1) for n, sign in enumerate(["我们", "走", "吧"] * 5)]
    assert [word.text for word in collapse_loops(words)] == ["我们", "走", "吧"]
    assert len(collapse_loops(words[:9])) == 9
