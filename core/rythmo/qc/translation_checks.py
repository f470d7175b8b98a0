"""Find doubtful translations by their text alone. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from rythmo.qc.report_model import Finding
from rythmo.script import language_check, pace
from rythmo.script.model import Line, Script, Severity
from rythmo.script.text_checks import find_faults

DOUBTFUL = "doubtful-translation"
NO_TRANSLATION = "no-translation"

# Letters in a second of speech, in languages with an alphabet: the scale of lengths.
_LETTERS_PER_SECOND = 14.0
# Variance of a translation's length for each letter: Gale and Church, "A Program for Aligning Sentences in
# Bilingual Corpora" (Computational Linguistics 19, 1993).
_VARIANCE = 6.8
_DEVIATIONS = 2.5
# A line with fewer letters is too short to judge its translation's length.
_SHORTEST = 20
# With fewer lines, translations are expected to be as long as their originals.
_FEWEST_LINES = 8


def judge_translations(script: Script) -> tuple[Finding, ...]:
    """Find lines whose translation is empty, copied, in another language, or too short or too long.

    A fault that a line has a flag for is not reported again. A person's own wording may be of any length.
    """
    lines = [line for line in script.lines if _is_translated(line, script)]
    usual = _usual_ratio(lines, script)
    found = []
    for line in lines:
        code, message = _find_fault(line, script, usual)
        if message and code not in {flag.code for flag in line.flags}:
            severity = Severity.ERROR if code == NO_TRANSLATION else Severity.WARNING
            start = line.placement.start if line.placement else line.start
            found.append(Finding(line.id, start, severity, code, message))
    return tuple(found)


def _is_translated(line: Line, script: Script) -> bool:
    """Tell whether the line has words, and is not left in the original's sound or its own language."""
    is_original = line.take is not None and line.take.is_original
    own = line.language or script.source_language
    return bool(line.spoken_text.strip()) and not is_original and own != script.target_language


def _find_fault(line: Line, script: Script, usual: float) -> tuple[str, str]:
    """Return (code, message) of the first fault; two empty texts where there is none."""
    source, target = line.language or script.source_language, script.target_language
    if not line.spoken_translation.strip():
        return NO_TRANSLATION, "The line has words and no translation."
    faults = find_faults(
        line.spoken_text,
        line.spoken_translation,
        source=source,
        target=target,
        detect=language_check.compare_languages,
    )
    if faults:
        return DOUBTFUL, f"The translation is doubtful: {faults[0].message}."
    if "translation" in line.edited:
        return DOUBTFUL, ""
    if fault := _find_number_fault(line.spoken_text, line.spoken_translation):
        return DOUBTFUL, fault
    return DOUBTFUL, _length_fault(line, source, target, usual)


def _find_number_fault(text: str, translation: str) -> str:
    """Return a message where both texts hold figures, and each has one that the other lacks.

    Figures of one digit are often written out, and a figure may be left out or spelled: only another one in
    its place is a fault.
    """
    said, used = _count_figures(text), _count_figures(translation)
    missing, added = list(said - used), list(used - said)
    if not missing or not added:
        return ""
    return f"The translation is doubtful: it says {added[0]} where the original says {missing[0]}."


def _count_figures(text: str) -> Counter[str]:
    """Count the figures of two digits and more, without separators of thousands."""
    joined = re.sub(r"(?<=\d)[.,\u00a0\u202f'](?=\d{3}(?!\d))", "", text)
    return Counter(str(int(figure)) for figure in re.findall(r"\d{2,}", joined))


def _length_fault(line: Line, source: str, target: str, usual: float) -> str:
    said, used = _text_extent(line.spoken_text, source) * usual, _text_extent(line.spoken_translation, target)
    if max(said, used) < _SHORTEST:
        return ""
    deviations = (used - said) / math.sqrt(_VARIANCE * (said + used) / 2)
    if abs(deviations) <= _DEVIATIONS:
        return ""
    what = "short: something may be left out" if deviations < 0 else "long: something may be added"
    return f"The translation is doubtful: it has {used / said:.0%} of the usual length and is too {what}."


def _usual_ratio(lines: Sequence[Line], script: Script) -> float:
    """Return how long translations are compared with their originals here: the median over the lines."""
    ratios = [
        used / said
        for line in lines
        if (said := _text_extent(line.spoken_text, line.language or script.source_language)) >= _SHORTEST
        and (used := _text_extent(line.spoken_translation, script.target_language))
    ]
    return median(ratios) if len(ratios) >= _FEWEST_LINES else 1.0


def _text_extent(text: str, language: str) -> float:
    """Return the length of a text in letters.

    A sign that stands for a syllable or a word counts for as many letters as it takes time to say.
    """
    signs = sum(map(str.isalnum, text))
    if pace.choose_unit(language) is pace.PaceUnit.WORDS:
        return float(signs)
    return signs * _LETTERS_PER_SECOND / float(pace.load_pace().per_second(language))
