"""How long words take to be said, at least and at most: what is outside was not said as written. Pure.

The limits are wide: they tell a take that broke off, or that goes on after its words, from one that is
hurried or slow. Figures: the fastest speech in languages with an alphabet is about 25 letters a second, and
in those written in syllables or words about 10 signs a second.
"""

from __future__ import annotations

from dataclasses import dataclass

from rythmo.script.model import Flag
from rythmo.script.pace import PaceUnit, choose_unit

LENGTH_CODES = ("take-short", "take-long")
"""The codes of flags that `judge_length` raises."""

_SHORT_DIGIT, _LONG_DIGIT = 1, 8
"""Letters that a digit is read as: "100" is one short word, "1984" may be five."""


@dataclass(frozen=True, slots=True)
class _Rates:
    """Signs a second: the fastest that can be spoken and the slowest that is; and the seconds that a take may
    last longer than that."""

    fastest: float
    slowest: float
    spare: float = 2.5


_RATES = {PaceUnit.WORDS: _Rates(35.0, 6.0), PaceUnit.CHARACTERS: _Rates(14.0, 2.0)}


def judge_length(seconds: float, text: str, language: str) -> tuple[Flag, ...]:
    """Flag a take of `text` whose speech lasts `seconds`, where that cannot be these words and only these."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    signs, rates = letters + digits, _RATES[choose_unit(language)]
    if signs and seconds < (letters + _SHORT_DIGIT * digits) / rates.fastest:
        message = f"It lasts {seconds * 1000:.0f} ms for {signs} letters: words are missing."
        return (Flag("take-short", message),)
    if signs and seconds > (letters + _LONG_DIGIT * digits) / rates.slowest + rates.spare:
        message = f"It lasts {seconds:.1f} s for {signs} letters: there is more in it than its words."
        return (Flag("take-long", message),)
    return ()
