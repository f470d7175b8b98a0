"""Translate lines in windows, with the surrounding dialogue and a length limit for each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from rythmo.engines.base import EngineInfo, Kind, TranslationLine, TranslationRequest
from rythmo.script import glossary, language_check
from rythmo.script.answer_wrapping import strip_wrapping
from rythmo.script.model import Flag, Line, Script, Severity, Status
from rythmo.script.pace import word_budget
from rythmo.script.slots import Slot
from rythmo.script.text_checks import find_faults, find_refusal, find_repeats
from rythmo.settings import TranslateSettings
from rythmo.stages.context import Context
from rythmo.stages.kept_original import is_kept, translated_from
from rythmo.stages.lines import DOUBTFUL_WORDS
from rythmo.stages.translation_cache import translate_cached
from rythmo.timebase import SAMPLE_RATE

GLOSSARY = "glossary"
"""Capability of translators that follow a glossary. Every translation is checked against the glossary."""
NO_TRANSLATION = "no-translation"
DOUBTFUL = "doubtful-translation"
"""A translation in the wrong language or letters, far too short or long, or the same for several lines."""
BUDGET = "budget"
"""Capability of translators that can write to a number of words. Only they receive one."""
# How much longer than the original a line may be when silence follows: the limit that quality control
# accepts, and half a second for the shortest lines.
_LONGER, _SPILL_SECONDS = 1.2, 0.5


def windows(lines: Sequence[Line], size: int) -> list[range]:
    """Return index ranges of `size` lines each."""
    return [range(start, min(start + size, len(lines))) for start in range(0, len(lines), size)]


def run(script: Script, window: range, places: Mapping[str, Slot], context: Context) -> tuple[Line, ...]:
    """Translate the window's lines. Lines that have a translation keep it.

    `places` holds the lines' slots, from which the number of words that fit is derived.
    """
    lines, target = script.lines, script.target_language
    inside = [lines[i] for i in window]
    terms = context.settings.translate.glossary
    open_ = [line for line in inside if not is_kept(line)]
    missing = [line for line in open_ if not line.translation and not _is_by_hand(line)]
    if not missing:
        return _all_checked(inside, terms, script)
    # A first translation requests the whole window, including lines that the user has translated since.
    # So an edit does not change the request, and its neighbours keep the cached answer.
    fresh = all(not line.translation or _is_by_hand(line) for line in open_)
    wanted = open_ if fresh else missing
    info = context.engines.info(Kind.TRANSLATOR, target)
    names = [speaker.name for speaker in script.speakers]
    said: dict[str, str] = {}
    for source in dict.fromkeys(translated_from(line, script) for line in wanted):
        own = [line for line in wanted if translated_from(line, script) == source]
        request = _request(script, window, own, places, info, context.settings.translate)
        answer = translate_cached(replace(request, source=source), context)
        for line, text in zip(own, answer, strict=True):
            said[line.id] = strip_wrapping(text, line.spoken_text, (line.speaker, *names))
    gaps = {line.id for line in missing}
    done = [_translated(line, said[line.id]) if line.id in gaps else line for line in inside]
    return _all_checked(done, terms, script)


def _is_by_hand(line: Line) -> bool:
    """Whether a person decides the line's translation: it is written by hand, or the line is locked."""
    return line.locked or "translation" in line.edited


def _all_checked(lines: Sequence[Line], terms: glossary.Glossary, script: Script) -> tuple[Line, ...]:
    languages = script.source_language, script.target_language
    repeats = find_repeats([(line.text, line.translation) for line in lines])
    message = "The translation is doubtful: lines next to it have the same words."
    return tuple(
        checked.add_flags(Flag(DOUBTFUL, message)) if place in repeats else checked
        for place, checked in enumerate(_checked(line, terms, languages) for line in lines)
    )


def budget(line: Line, slot: Slot, language: str) -> int:
    """Return how many words (or characters) fit a line: its own length and a little of the silence after it.

    A line far longer than the original looks wrong however much silence follows.
    """
    rate = SAMPLE_RATE
    allowed = max(round(line.length * _LONGER), line.length + round(_SPILL_SECONDS * rate))
    return word_budget(Fraction(min(max(slot.length, line.length), allowed), rate), language)


def _request(
    script: Script,
    window: range,
    wanted: Sequence[Line],
    places: Mapping[str, Slot],
    info: EngineInfo,
    settings: TranslateSettings,
) -> TranslationRequest:
    lines, target, around = script.lines, script.target_language, settings.context

    def ask(line: Line) -> TranslationLine:
        most = budget(line, places[line.id], target) if BUDGET in info.capabilities else None
        return TranslationLine(line.id, line.speaker, line.spoken_text, most)

    # Only terms in these lines, so that a changed glossary retranslates only the windows it concerns.
    said = glossary.select_terms([line.text for line in wanted], settings.glossary)
    terms = said if GLOSSARY in info.capabilities else {}
    before = lines[max(0, window.start - around) : window.start]
    after = lines[window.stop : window.stop + around]
    return TranslationRequest(
        lines=tuple(ask(line) for line in wanted),
        source=script.source_language,
        target=target,
        before=tuple(_around(line) for line in before),
        after=tuple(_around(line) for line in after),
        glossary=terms,
    )


def _around(line: Line) -> TranslationLine:
    return TranslationLine(line.id, line.speaker, line.spoken_text)


def _translated(line: Line, text: str) -> Line:
    refusal = find_refusal(line.spoken_text, text)
    if text.strip() and refusal is None:
        return replace(line, translation=text.strip(), status=Status.TRANSLATED).without_flags(NO_TRANSLATION)
    message = "The translator gave nothing usable for this line: dub again to retry, or write it yourself."
    flag = Flag(NO_TRANSLATION, message, Severity.ERROR)
    return replace(line, translation="").add_flags(flag)


def _checked(line: Line, terms: glossary.Glossary, languages: tuple[str, str]) -> Line:
    """Flag a line whose translation is doubtful, or misses a glossary term that the user did not overrule."""
    language = languages[1]
    line = line.without_flags(GLOSSARY, DOUBTFUL, *((DOUBTFUL_WORDS,) if "text" in line.edited else ()))
    if is_kept(line):
        return line
    faults = find_faults(
        line.spoken_text,
        line.spoken_translation,
        source=line.language or languages[0],
        target=language,
        terms=terms,
        detect=language_check.compare_languages,
    )
    if line.spoken_translation and faults:
        line = line.add_flags(Flag(DOUBTFUL, f"The translation is doubtful: {faults[0].message}."))
    if "translation" in line.edited or not line.translation:
        return line
    lost = glossary.find_missing_terms(line.text, line.translation, terms, language)
    if not lost:
        return line
    told = ", ".join(f"“{term}”" for term in lost)
    return line.add_flags(Flag(GLOSSARY, f"The translation does not have {told}, as the glossary asks."))
