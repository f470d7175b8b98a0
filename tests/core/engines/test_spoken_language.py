"""The language of each stretch: one foreign word is no change, a foreign half is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.speech.spoken_language import HeardStretch, decide_languages, find_main_language


def heard(*stretches: tuple[float, str, float]) -> list[HeardStretch]:
    """Stretches of (seconds, likeliest language, its likelihood); the rest is spread over some others."""
    out = []
    for seconds, code, likelihood in stretches:
        rest = {other: (1 - likelihood) / 4 for other in ("en", "es", "pt", "de", "cy") if other != code}
        out.append(HeardStretch(seconds, {code: likelihood, **rest}))
    return out


def test_two_halves_are_kept_apart() -> None:
    found = decide_languages(heard(*[(6, "en", 0.97)] * 3, *[(6, "pt", 0.95)] * 3), "en")
    assert found == ["en"] * 3 + ["pt"] * 3
    assert decide_languages(heard(*[(6, "en", 0.97)] * 3, *[(6, "pt", 0.95)] * 3), "pt") == found


def test_a_dialogue_in_two_languages_changes_at_each_long_turn() -> None:
    turns = [(5.0, "en", 0.98), (5.0, "pt", 0.98)] * 4
    assert decide_languages(heard(*turns), "en") == ["en", "pt"] * 4


@pytest.mark.parametrize(
    "doubt",
    [
        (0.6, "pt", 0.99),  # a shout: too short to tell
        (1.2, "cy", 0.9),
        (8.0, "cy", 0.45),  # noise has no language
    ],
)
def test_where_there_is_doubt_the_expected_language_stays(doubt: tuple[float, str, float]) -> None:
    assert decide_languages(heard((6, "en", 0.9), doubt, (6, "en", 0.9)), "en") == ["en"] * 3


def test_short_turns_between_foreign_ones_are_foreign_too() -> None:
    stretches = heard((6, "pt", 0.98), (0.8, "en", 0.5), (6, "pt", 0.98))
    assert decide_languages(stretches, "en") == ["pt"] * 3


def test_several_short_stretches_prove_what_one_does_not() -> None:
    assert decide_languages(heard(*[(2.0, "de", 0.95)] * 4), "en") == ["de"] * 4


def test_the_main_language_is_that_of_most_speech() -> None:
    assert find_main_language(heard((1, "en", 0.9), (6, "de", 0.9), (2, "en", 0.8))) == "de"
    assert find_main_language([]) == ""
    assert decide_languages([], "en") == []


@given(
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from(["en", "es", "pt"]), st.floats(0, 1)), max_size=20)
)
def test_each_stretch_has_a_language_that_was_expected_or_heard(stretches) -> None:
    found = decide_languages(heard(*stretches), "xx")
    assert len(found) == len(stretches)
    assert set(found) <= {"xx", "en", "es", "pt"}
