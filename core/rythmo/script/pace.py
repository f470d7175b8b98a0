"""How many words a line has time for, by language; the figures are data in `pace.toml`."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from rythmo.errors import InputError

_GAP = re.compile(r"[\s\u2013\u2014/\u2026]+|\.{2,}")
_LETTER = re.compile(r"[^\W_]")


class PaceUnit(StrEnum):
    """What a budget counts."""

    WORDS = "words"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True)
class Pace:
    """Rates by language code; exact numbers, so that budgets do not depend on rounding."""

    filled: Fraction
    default: Fraction
    words_per_second: Mapping[str, Fraction]
    characters_per_second: Mapping[str, Fraction]

    def choose_unit(self, language: str) -> PaceUnit:
        """Characters for scripts without spaces, words for all others."""
        return PaceUnit.CHARACTERS if language in self.characters_per_second else PaceUnit.WORDS

    def per_second(self, language: str) -> Fraction:
        """Units a second."""
        table = (
            self.characters_per_second
            if self.choose_unit(language) is PaceUnit.CHARACTERS
            else self.words_per_second
        )
        return table.get(language, self.default)

    def budget(self, seconds: float | Fraction, language: str) -> int:
        """floor(seconds * rate * filled), and at least 1: even the shortest line says something."""
        return max(1, math.floor(Fraction(seconds) * self.per_second(language) * self.filled))

    def count_units(self, text: str, language: str) -> int:
        """Return how many units of that language a text has; punctuation and spaces do not count."""
        if self.choose_unit(language) is PaceUnit.CHARACTERS:
            return len(_LETTER.findall(text))
        # By gaps, not by runs of letters: the vowel signs of Hindi are not letters to `re`.
        return sum(1 for word in _GAP.split(text) if _LETTER.search(word))


def load_pace(path: Path | None = None) -> Pace:
    """Read the table in `path`, or the built-in one. Raises InputError for any other file."""
    text = path.read_text(encoding="utf-8") if path else _read_built_in()
    try:
        data = tomllib.loads(text, parse_float=Fraction)
        return Pace(
            filled=_parse_rate(data["filled"]),
            default=_parse_rate(data["default"]),
            words_per_second=_parse_rates(data["words_per_second"]),
            characters_per_second=_parse_rates(data["characters_per_second"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path} is not a table of speaking rates: {error}.", hint="Copy pace.toml and change that."
        ) from error


def word_budget(seconds: float | Fraction, language: str) -> int:
    """Return the budget by the built-in table, in `choose_unit(language)`: 2 s of Spanish have room for 5
    words."""
    return default_pace().budget(seconds, language)


def choose_unit(language: str) -> PaceUnit:
    """Return what `word_budget` counts in that language."""
    return default_pace().choose_unit(language)


def count_units(text: str, language: str) -> int:
    """Return how much of a budget a text uses."""
    return default_pace().count_units(text, language)


@cache
def default_pace() -> Pace:
    """Return the built-in table."""
    return load_pace()


def _read_built_in() -> str:
    return files("rythmo.script").joinpath("pace.toml").read_text(encoding="utf-8")


def _parse_rate(value: Any) -> Fraction:
    rate = Fraction(value)
    if rate <= 0:
        raise ValueError(f"{value} is not above zero")
    return rate


def _parse_rates(table: Mapping[str, Any]) -> dict[str, Fraction]:
    return {language: _parse_rate(value) for language, value in table.items()}
