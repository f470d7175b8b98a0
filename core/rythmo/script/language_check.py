"""Which language a text is in, as far as a few words tell, by py3langid."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from rythmo.script.writing_systems import measure_script_share

_LEAST_LETTERS = 12
_SURE = 0.97


def compare_languages(text: str, one: str, other: str) -> float | None:
    """Return the probability that a text is in `one` rather than in `other`, by py3langid; None for languages
    that it does not know. Between two candidates it is right even on half a line."""
    scores = dict(_load_identifier().rank(text))
    if one not in scores or other not in scores:
        return None
    # The scores are logarithms of likelihoods; between two candidates their difference decides.
    difference = min(700.0, float(scores[other] - scores[one]))
    return 1 / (1 + math.exp(difference))


def guess_language(text: str) -> str | None:
    """Return the language (ISO 639-1) that a longer text is most likely in; None where there are too few
    letters."""
    if sum(map(str.isalpha, text)) < 3 * _LEAST_LETTERS:
        return None
    return str(_load_identifier().rank(text)[0][0])


def is_foreign(text: str, wanted: str, instead: str = "") -> bool:
    """Tell whether a text is surely not in `wanted`: in another script, or clearly in `instead`, if that is
    named.

    A text of few letters is never judged, nor is one in a language that is not known.
    """
    if sum(map(str.isalpha, text)) < _LEAST_LETTERS:
        return False
    share = measure_script_share(text, wanted)
    if share is not None and share < 0.5:
        return True
    likely = compare_languages(text, instead, wanted) if instead and instead != wanted else None
    return likely is not None and likely > _SURE


@cache
def _load_identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
