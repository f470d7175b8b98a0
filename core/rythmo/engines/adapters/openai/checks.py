"""Checks of a chat model's translations: those for every translation, plus its budget and glossary.

A *hard* fault makes the text useless. A *soft* one leaves it usable (too long for its time, a glossary term
missing). The checks for every translation are in script/text_checks.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from rythmo.script import language_check, pace, text_checks
from rythmo.script.glossary import find_missing_terms
from rythmo.script.text_checks import Detect, TranslationFault

__all__ = ["OVER_BUDGET", "Detect", "TranslationFault", "detect_with_langid", "find_faults"]

OVER_BUDGET = 1.5
"""The multiple of its budget above which a line is requested again."""


def find_faults(
    original: str,
    translation: str,
    *,
    source: str,
    target: str,
    budget: int | None = None,
    glossary: Mapping[str, str] | None = None,
    detect: Detect | None = None,
) -> tuple[TranslationFault, ...]:
    """Return all faults of one translation; empty when it can be used unchanged.

    Args:
        original: The line in the source language.
        translation: The line in the target language.
        source: The source language.
        target: The target language.
        budget: The number of words that the line has time for; None for no limit.
        glossary: Terms and their translations.
        detect: Return the probability that a text is in the source language.
    """
    terms = glossary or {}
    common = text_checks.find_faults(
        original, translation, source=source, target=target, terms=terms, detect=detect
    )
    if any(fault.code in ("empty", "refusal", "language") for fault in common):
        return common
    own = (
        *common,
        *_glossary_faults(original, translation, terms, target),
        _budget_fault(translation, target, budget),
    )
    return tuple(fault for fault in own if fault is not None)


def _glossary_faults(
    original: str, translation: str, glossary: Mapping[str, str], target: str
) -> list[TranslationFault]:
    terms = find_missing_terms(original, translation, glossary, target)
    return [TranslationFault("glossary", f"it must contain exactly: {term}", hard=False) for term in terms]


def _budget_fault(translation: str, target: str, budget: int | None) -> TranslationFault | None:
    if budget is None:
        return None
    used = pace.count_units(translation, target)
    if used <= budget * OVER_BUDGET:
        return None
    return TranslationFault(
        "budget", f"it has {used} {pace.choose_unit(target)}; there is time for {budget}", hard=False
    )


def detect_with_langid(text: str, source: str, target: str) -> float | None:
    """Return the probability that a text is in `source` rather than `target`; None for unknown languages."""
    return language_check.compare_languages(text, source, target)
