from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.errors import InputError
from rythmo.script.pace import PaceUnit, choose_unit, count_units, default_pace, load_pace, word_budget

PUBLISHED = {
    "ja": 4.0,
    "zh": 3.5,
    "es": 3.0,
    "fr": 3.0,
    "ko": 3.0,
    "it": 3.0,
    "pt": 3.0,
    "ar": 2.5,
    "hi": 2.5,
    "de": 2.2,
}


@pytest.mark.parametrize(("language", "rate"), PUBLISHED.items())
def test_the_published_rates_are_the_defaults(language: str, rate: float) -> None:
    assert word_budget(10, language) == math.floor(Fraction(str(rate)) * 10 * Fraction("0.85"))


def test_budgets_are_exact_where_floats_are_not() -> None:
    # 2.0 * 3.0 * 0.85 is 5.1; 20 * 3.0 * 0.85 is 51 and 50.999999 in floats.
    assert word_budget(2, "es") == 5
    assert word_budget(20, "es") == 51


@given(
    st.fractions(min_value=0, max_value=600),
    st.fractions(min_value=0, max_value=600),
    st.sampled_from(["es", "ja", "xx"]),
)
def test_more_time_never_has_less_room(one: Fraction, other: Fraction, language: str) -> None:
    assert word_budget(min(one, other), language) <= word_budget(max(one, other), language)
    assert word_budget(one, language) >= 1


def test_scripts_without_spaces_count_characters() -> None:
    assert choose_unit("zh") is PaceUnit.CHARACTERS
    assert choose_unit("es") is PaceUnit.WORDS
    assert count_units("你好，世界！", "zh") == 4
    assert count_units("No sabía, de verdad, que New-York...", "es") == 6
    assert count_units("It's 3.5 metres", "en") == 3
    assert count_units("नमस्ते दुनिया", "hi") == 2
    assert count_units("สวัสดี", "th") == 4, "vowel marks sit on the letter before them"


def test_a_table_of_ones_own(tmp_path) -> None:
    file = tmp_path / "pace.toml"
    file.write_text("filled = 1.0\ndefault = 2\n[words_per_second]\nes = 4.1\n[characters_per_second]\n")
    pace = load_pace(file)
    assert pace.budget(10, "es") == 41
    assert pace.budget(10, "qq") == 20


@pytest.mark.parametrize(
    "text",
    [
        "filled = 1",
        "nonsense",
        "filled='x'\ndefault=1\n[words_per_second]\n[characters_per_second]",
        "filled=0.85\ndefault=-1\n[words_per_second]\n[characters_per_second]",
    ],
)
def test_what_is_not_a_table(tmp_path, text: str) -> None:
    file = tmp_path / "pace.toml"
    file.write_text(text)
    with pytest.raises(InputError, match="speaking rates"):
        load_pace(file)


def test_every_rate_is_one_that_people_reach() -> None:
    pace = default_pace()
    assert all(1 < rate < 5 for rate in pace.words_per_second.values())
    assert all(3 <= rate <= 10 for rate in pace.characters_per_second.values())
