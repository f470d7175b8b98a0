from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.base import Turn
from rythmo.engines.speech.word_repair import TimedWord, insert_missing_words
from rythmo.engines.speech.word_times import join_turns, pieces, split, spread_words, to_words
from rythmo.media.audio import Audio, make_silence

times = st.floats(-5, 50, allow_nan=False)


@given(st.lists(st.builds(TimedWord, st.text(max_size=5), times, times), max_size=20))
def test_words_are_in_order_and_inside(timed: list[TimedWord]) -> None:
    words = to_words(timed, 16_000, offset=1000, end=200_000)
    # Marks alone are left out or attached to a word.
    assert len(words) >= sum(any(map(str.isalnum, one.text)) for one in timed)
    assert all(1000 <= word.start < word.end <= 200_000 for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)


def test_words_keep_their_samples() -> None:
    (word,) = to_words([TimedWord(" hello", 0.5, 1.25, 0.9)], 48_000, offset=100, end=10**6)
    assert (word.text, word.start, word.end, word.confidence) == ("hello", 24_100, 60_100, 0.9)


def test_spread_gives_longer_words_more_time() -> None:
    one, two = spread_words("I understood", 2.0, 4.0, "en")
    assert (one.start_s, two.end_s) == (2.0, pytest.approx(4.0))
    assert two.end_s - two.start_s > 5 * (one.end_s - one.start_s)
    assert spread_words("", 0.0, 1.0, "en") == []
    assert spread_words("?!", 0.0, 1.0, "en") == [TimedWord("?!", 0.0, 1.0)]


def test_scripts_without_spaces_are_split_by_character() -> None:
    assert split("你好，OpenAI 世界！", "zh") == ["你", "好，", "OpenAI", "世", "界！"]
    assert split("Don't stop.", "en") == ["Don't", "stop."]


def test_punctuation_comes_back() -> None:
    words = [TimedWord(word, n, n + 1) for n, word in enumerate(["hello", "world", "its", "me", "uh"])]
    assert [w.text for w in insert_missing_words(words, "Hello, world! It's me.")] == [
        "Hello,",
        "world!",
        "It's",
        "me.",
        "uh",
    ]
    assert [w.start_s for w in insert_missing_words(words, "Hello, world! It's me.")] == [0, 1, 2, 3, 4]
    assert insert_missing_words(words, "") == words


@given(st.integers(0, 500), st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), max_size=8))
def test_pieces_cover_everything_once(length: int, spans: list[tuple[int, int]]) -> None:
    turns = [Turn(start, start + size, "A") for start, size in spans]
    found = pieces(make_silence(1, length, 10), turns, 10.0)
    assert all(0 < end - start <= 100 for start, end in found)
    assert [start for start, _ in found[1:]] == [end for _, end in found[:-1]]
    assert sum(end - start for start, end in found) == length


def test_pieces_are_cut_between_turns() -> None:
    turns = [Turn(0, 80, "A"), Turn(90, 300, "B")]
    assert pieces(make_silence(1, 150, 10), turns, 10.0)[0] == (0, 85)


def test_without_turns_pieces_are_cut_where_it_is_quiet() -> None:
    sound = np.full((1, 1500), 0.5, np.float32)
    sound[0, 830:870] = 0.0
    (_, cut), *_ = pieces(Audio(sound, 100), (), 10.0)
    assert 830 <= cut <= 870


def test_turns_are_joined_and_never_longer_than_a_model_hears() -> None:
    turns = [Turn(100, 300, "A"), Turn(350, 500, "B"), Turn(2000, 9000, "A"), Turn(9000, 9100, "B")]
    found = join_turns(turns, make_silence(1, 20_000, 100), 28.0)
    assert found[0] == (80, 520)
    assert found[-1][1] == 9120
    assert all(0 < end - start <= 2800 for start, end in found)
    assert all(one[1] <= two[0] for one, two in pairwise(found))
    assert join_turns([], make_silence(1, 100, 100), 28.0) == []
