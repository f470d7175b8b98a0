"""Writing out of text that a voice would misread: abbreviations, money, times, years, ranges. Pure.

The words are in spoken_text.toml. Other numerals are left as they are, because espeak-ng reads them in each
language.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_NUMBER = r"\d+(?:[.,]\d{3})*(?:[.,]\d{1,2})?(?![\d])"
_TIME = re.compile(r"(?<![\d:.,])([01]?\d|2[0-4])(?::|h(?=\d))([0-5]\d)(?:\s?(?:h|Uhr|hs?\.?))?(?![\d:])")
_TIME_ALONE = re.compile(r"(?<![\d:.,])([01]?\d|2[0-4])\s?h\b")
_YEAR = re.compile(r"(?<![\d.,:/])(1[1-9]|20)(\d\d)(?![\d:/]|[.,]\d)")
_RANGE = re.compile(r"(?<![\d-])(\d+)\s?[-\u2013]\s?(\d+)(?![\d-])")
_MINUS = re.compile(r"(?<![\w\d.,)])[-\u2212](?=\d)")
_LOOSE = re.compile(r" ([,;:.!?])(?!\d)")
_CENTS = re.compile(r"[.,](\d\d)$")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language reads signs (see spoken_text.toml)."""

    range: str
    minus: str
    conjunction: str
    time: str
    full_hour: str
    early: str
    years: str = ""
    hundred: str = ""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    before_number: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, tuple[str, str, str, str]] = field(default_factory=dict)


def wording_of(language: str) -> Wording | None:
    """Return the wording for a language tag; None if the table has none."""
    return _wordings().get(language.lower().replace("_", "-").split("-")[0])


def write_out(text: str, language: str) -> str:
    """Return the text with signs and abbreviations written as words of that language."""
    text = unicodedata.normalize("NFC", text)
    wording = wording_of(language)
    if wording is None:
        return text
    for step in (_currencies, _times, _years, _ranges, _before_numbers, _abbreviations):
        text = step(text, wording)
    return _LOOSE.sub(r"\1", " ".join(text.split()))


@cache
def _wordings() -> Mapping[str, Wording]:
    table = tomllib.loads(Path(__file__).with_name("spoken_text.toml").read_text("utf-8"))
    return {
        language: Wording(
            conjunction=entry.pop("and"),
            currencies={sign: tuple(names) for sign, names in entry.pop("currencies", {}).items()},
            **entry,
        )
        for language, entry in table.items()
    }


def _currencies(text: str, wording: Wording) -> str:
    for sign in sorted(wording.currencies, key=len, reverse=True):
        names = wording.currencies[sign]
        before = rf"{re.escape(sign)}\s?(?P<sum>{_NUMBER})"
        after = rf"(?<![\d.,])(?P<sum>{_NUMBER})\s?{re.escape(sign)}"
        for pattern in (before, after):
            text = re.sub(pattern, _sum_in(names, wording.conjunction), text)
    return text


def _sum_in(names: tuple[str, str, str, str], conjunction: str) -> Callable[[re.Match[str]], str]:
    one, many, hundredth, hundredths = names

    def write(found: re.Match[str]) -> str:
        amount = found["sum"]
        cents = _CENTS.search(amount)
        whole = amount[: cents.start()] if cents else amount
        words = [whole, one if whole == "1" else many]
        if cents and int(cents[1]) and hundredth:
            part = str(int(cents[1]))
            words += [conjunction, part, hundredth if part == "1" else hundredths]
        return f" {' '.join(word for word in words if word)} "

    return write


def _times(text: str, wording: Wording) -> str:
    def write(found: re.Match[str]) -> str:
        hour, minute = int(found[1]), int(found[2])
        form = wording.full_hour if minute == 0 else wording.early if minute < 10 else wording.time
        return form.format(h=hour, m=minute)

    text = _TIME.sub(write, text)
    return _TIME_ALONE.sub(lambda found: wording.full_hour.format(h=int(found[1])), text)


def _years(text: str, wording: Wording) -> str:
    def write(found: re.Match[str]) -> str:
        century, year = found[1], found[2]
        if wording.years == "hundreds" and century != "20":
            return f"{century} {wording.hundred} {int(year) or ''}".strip()
        if wording.years == "pairs" and not (century == "20" and year < "10"):
            return f"{century} {'hundred' if year == '00' else f'oh {year[1]}' if year[0] == '0' else year}"
        return found[0]

    return _YEAR.sub(write, text) if wording.years else text


def _ranges(text: str, wording: Wording) -> str:
    text = _RANGE.sub(rf"\1 {wording.range} \2", text)
    return _MINUS.sub(f"{wording.minus} ", text)


def _before_numbers(text: str, wording: Wording) -> str:
    for short in sorted(wording.before_number, key=len, reverse=True):
        spoken = wording.before_number[short].strip()
        text = re.sub(rf"(?<!\w){re.escape(short)}\s?(?=\d)", f"{spoken} ", text)
    return text


def _abbreviations(text: str, wording: Wording) -> str:
    for short in sorted(wording.abbreviations, key=len, reverse=True):
        spoken = wording.abbreviations[short]

        def write(found: re.Match[str], spoken: str = spoken, short: str = short) -> str:
            return spoken + ("." if short.endswith(".") and _ends_sentence(found, short) else "")

        text = re.sub(rf"(?<![\w.]){re.escape(short)}(?!\w)", write, text)
    return text


def _ends_sentence(found: re.Match[str], short: str) -> bool:
    """Return whether an abbreviation's full stop also ends the sentence; that of a title never does."""
    rest = found.string[found.end() :].lstrip(" \"'\u201d\u2019)")
    return not rest or (short[0].islower() and rest[0].isupper())
