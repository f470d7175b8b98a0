"""Directions that are emotion vectors, and those that are words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.script.emotions import NAMES, describe_emotions, parse_emotions


def test_a_list_of_emotions_is_a_vector_in_one_order():
    found = parse_emotions("Sad: 0.7, happy=.2,calm 1")
    assert list(found.items()) == [("happy", 0.2), ("sad", 0.7), ("calm", 1.0)]


@pytest.mark.parametrize(
    "words",
    ["", " ", "sad", "sadly, under her breath", "sad 0.7, quickly", "sad 2", "sad 0.7, sad 0.3", "sad 0",
     "0.7", "sad 0.7,", "angry 1.5", "sad -0.2"],
)  # fmt: skip
def test_anything_else_is_words(words):
    assert parse_emotions(words) == {}


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(1, 10).map(lambda n: n / 10), min_size=1))
def test_what_is_written_is_read(vector):
    assert parse_emotions(", ".join(f"{name} {strength}" for name, strength in vector.items())) == vector
    said = describe_emotions(vector)
    assert all(name in said for name in vector)


def test_in_words_the_strongest_comes_first():
    assert describe_emotions({"happy": 0.2, "sad": 0.7, "calm": 0.5}) == "very sad, calm, slightly happy"
