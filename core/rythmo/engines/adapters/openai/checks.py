"""What can be wrong with a translated line, found without a person: pure functions.

A *hard* fault makes the text useless (nothing there, the wrong language, an answer that is no translation);
a *soft* one leaves it usable (too long for its time, a glossary term missing).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from rythmo.script import pace
from rythmo.script.glossary import folded, missing_terms

OVER_BUDGET = 1.5
"""From this multiple of its budget a line is asked again."""

_SURE = 0.97
_FEWEST_WORDS = 4
_FEWEST_LETTERS = 8
_STUNTED = 0.2
_BLOATED = 3

# The first word of a letter's Unicode name is its script. Languages that are not listed: no check.
_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(["zh", "yue"], ("CJK",)),
    "ja": ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
    "ko": ("HANGUL", "CJK"),
    **dict.fromkeys(["ru", "uk", "be", "bg", "mk", "kk", "ky", "mn"], ("CYRILLIC",)),
    **dict.fromkeys(["ar", "fa", "ur", "ps", "sd", "ug"], ("ARABIC",)),
    **dict.fromkeys(["hi", "mr", "ne", "sa"], ("DEVANAGARI",)),
    "el": ("GREEK",),
    "he": ("HEBREW",),
    "th": ("THAI",),
    "ka": ("GEORGIAN",),
    "hy": ("ARMENIAN",),
    "ta": ("TAMIL",),
    "te": ("TELUGU",),
    "bn": ("BENGALI",),
    **dict.fromkeys(
        [
            "en",
            "es",
            "fr",
            "de",
            "it",
            "pt",
            "ca",
            "gl",
            "ro",
            "nl",
            "sv",
            "da",
            "no",
            "nb",
            "fi",
            "pl",
            "cs",
            "sk",
        ],
        ("LATIN",),
    ),
    **dict.fromkeys(
        ["hu", "tr", "id", "ms", "vi", "eo", "et", "lv", "lt", "sl", "hr", "eu", "is", "ga"], ("LATIN",)
    ),
}

Detect = Callable[[str, str, str], float | None]
"""(text, source, target) -> how probably the text is in the source language; None: cannot tell."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, in words that can be shown to a person and to a model."""

    code: str
    message: str
    hard: bool = True


def find_faults(
    original: str,
    translation: str,
    *,
    source: str,
    target: str,
    budget: int | None = None,
    glossary: Mapping[str, str] | None = None,
    detect: Detect | None = None,
) -> tuple[Fault, ...]:
    """Everything wrong with one translation; empty when it can be used as it is."""
    if not translation.strip():
        return (Fault("empty", "there was no translation"),)
    foreign = _language_fault(original, translation, source, target, glossary or {}, detect)
    if foreign is not None:
        return (foreign,)
    checks = (
        _size_fault(original, translation, source, target),
        *_glossary_faults(original, translation, glossary or {}, target),
        _budget_fault(translation, target, budget),
    )
    return tuple(fault for fault in checks if fault is not None)


def _glossary_faults(
    original: str, translation: str, glossary: Mapping[str, str], target: str
) -> list[Fault]:
    terms = missing_terms(original, translation, glossary, target)
    return [Fault("glossary", f"it must contain exactly: {term}", hard=False) for term in terms]


def _budget_fault(translation: str, target: str, budget: int | None) -> Fault | None:
    if budget is None:
        return None
    used = pace.count(translation, target)
    if used <= budget * OVER_BUDGET:
        return None
    return Fault("budget", f"it has {used} {pace.unit(target)}; there is time for {budget}", hard=False)


def _size_fault(original: str, translation: str, source: str, target: str) -> Fault | None:
    """An answer far shorter or longer than what was said is not its translation: a model that obeyed the
    dialogue, or talked about it."""
    if pace.unit(source) is not pace.unit(target):
        return None
    said, used = pace.count(original, source), pace.count(translation, target)
    if said >= 6 and used < said * _STUNTED:
        return Fault("size", "it leaves out most of what is said; translate the words themselves")
    if used > said * _BLOATED + 6:
        return Fault("size", "it is far longer than what is said; give the translation alone")
    return None


def _language_fault(
    original: str,
    translation: str,
    source: str,
    target: str,
    glossary: Mapping[str, str],
    detect: Detect | None,
) -> Fault | None:
    if source == target:
        return None
    wrong = Fault("language", "it is not in the language that was asked for")
    text = _without(translation, glossary.values())
    if sum(map(str.isalpha, text)) >= _FEWEST_LETTERS and not _in_script(text, target):
        return wrong
    if pace.count(original, source) < _FEWEST_WORDS:
        return None
    if folded(text) == folded(_without(original, glossary)):
        return Fault("language", "it was not translated") if any(map(str.isalnum, text)) else None
    enough = pace.count(text, source) >= _FEWEST_WORDS
    likely = detect(text, source, target) if detect and enough else None
    return wrong if likely is not None and likely > _SURE else None


def _without(text: str, terms: Any) -> str:
    for term in terms:
        text = re.sub(re.escape(term), " ", text, flags=re.IGNORECASE)
    return text


def _in_script(text: str, language: str) -> bool:
    scripts = _SCRIPTS.get(language)
    letters = [character for character in text if character.isalpha()]
    if scripts is None or not letters:
        return True
    return sum(_script_of(letter) in scripts for letter in letters) >= len(letters) / 2


def _script_of(letter: str) -> str:
    return unicodedata.name(letter, "?").split(" ")[0]


def detect_with_langid(text: str, source: str, target: str) -> float | None:
    """The probability that a text is in `source` rather than `target`, by py3langid; None for languages
    that it does not know. Between two candidates it is right even on half a line."""
    scores = dict(_identifier().rank(text))
    if source not in scores or target not in scores:
        return None
    # The scores are logarithms of likelihoods; between two candidates their difference decides.
    difference = min(700.0, float(scores[target] - scores[source]))
    return 1 / (1 + math.exp(difference))


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
