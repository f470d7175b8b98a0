"""What can be wrong with a translated line, found without a person. Pure; every source of text passes here.

A *hard* fault makes the text useless (nothing there, a refusal, an answer that is no translation); a *soft*
one leaves it usable and worth a look. answer_wrapping.py first takes off what models put around an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rythmo.script import pace
from rythmo.script.answer_wrapping import find_chatter
from rythmo.script.glossary import fold_text
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.script.writing_systems import measure_script_share

_SURE = 0.97
_FEWEST_WORDS = 4
_FEWEST_LETTERS = 8
_STUNTED = 0.2
_BLOATED = 3
_SAME_IN_A_ROW = 3

Detect = Callable[[str, str, str], float | None]
"""(text, source, target) -> how probably the text is in the source language; None: cannot tell."""

# What models say instead of a translation; people in films say that they are sorry, too.
_REFUSAL = re.compile(
    r"^(?:unfortunately,? |sorry,? (?:but )?|i['’]m sorry,? (?:but )?|i apologi[sz]e,? (?:but )?)?(?:"
    r"i (?:can['’]?t|cannot|could not|am unable to|['’]m unable to|am not able to|won['’]t) "
    r"(?:assist|help|translate|provide|comply|fulfil|process)"
    r"|i['’]m (?:unable|not able) to (?:assist|help|translate|provide|comply|fulfil|process))"
    r"|^i['’]m sorry,? (?:but )?(?:i (?:can|am|do)|as)|^sorry,? (?:but )?i (?:can['’]?t|cannot)"
    r"|^as an? (?:ai|artificial|large|language) "
    r"|^(?:could you )?(?:please )?(?:provide|send|share|give)(?: me)? (?:the|a|some) (?:text|line|sentence)"
    r"|^no text (?:was |is )?(?:provided|given)|^there is no text"
    r"|^(?:the|this) (?:text|line) (?:contains|is already)"
    r"|^(?:lo siento|lamentablemente|perdón),? (?:pero )?no puedo (?:ayudar|traducir|propor|cumplir|asistir)"
    r"|^no puedo (?:ayudar|traducir|propor|cumplir|asistir)\w* .*(?:solicitud|petición|texto|es[oa])"
    r"|^(?:por favor,? )?(?:proporcion|env[íi]|comparte|facilit)\w* (?:el|la|un) (?:texto|frase|línea)"
    r"|^no (?:se ha proporcionado|se proporcionó|hay) (?:ningún )?texto"
    r"|^como (?:un )?(?:modelo|inteligencia|ia)\b"
    r"|^(?:je suis désolée?|désolée?|malheureusement),? (?:mais )?je ne peux pas (?:aider|traduire|fournir)"
    r"|^je ne peux pas (?:traduire|fournir|répondre)|^veuillez fournir"
    r"|^en tant qu['’](?:ia|intelligence|assistant|un mod)"
    r"|^(?:es )?tut mir leid,? (?:aber )?ich kann (?:das|dies|dir|ihnen|diesen) nicht|^leider kann ich"
    r"|^ich kann (?:das|dies|diesen \w+) nicht übersetzen|^bitte geben sie (?:den|einen) text"
    r"|^als (?:ki|sprachmodell)"
    r"|^(?:mi dispiace,? (?:ma )?)?non posso (?:aiutare|tradurre|fornire)|^fornisci il testo"
    r"|^(?:desculpe|infelizmente|lamento),? (?:mas )?não posso|^não posso (?:traduzir|ajudar com)"
    r"|^(?:por favor,? )?(?:forneça|envie) o texto|^como (?:um )?modelo de ling"
    r"|^(?:извините|к сожалению),? (?:но )?я не могу|^я не могу (?:перевести|помочь с)"
    r"|^как (?:ии|языковая модель)"
    r"|^(?:很?抱歉|对不起|對不起)，?我(?:无法|無法|不能)|^我(?:无法|不能)(?:翻译|提供)|^请提供"
    r"|^申し訳(?:ありません|ございません)が|^翻訳できません|^죄송(?:합니다|하지만)",
    re.IGNORECASE,
)
# Words about help, texts and translations in the original: then the answer may be its translation.
_ON_TOPIC = re.compile(
    r"help|assist|translat|\btext|provid|comply|unable|cannot|can['’]?t|ayud|traduc|aid|hilf|helf|übersetz|ajud|traduz|aiut"
    r"|помо|перев|帮|助|翻|訳|できません",
    re.IGNORECASE,
)
_SORRY = re.compile(r"\W*(?:i['’]?m (?:so )?sorry|sorry)\b", re.IGNORECASE)
# What programs write where they have nothing.
_PLACEHOLDER = re.compile(
    r"\W*(?:n\W?a|null|none|nil|nan|undefined|untranslatable|untranslated|no translation"
    r"|translation(?: here)?|empty|blank|todo|tbd|text|string|placeholder|error|error:.*)\W*",
    re.IGNORECASE | re.DOTALL,
)
_MOST_REPEATS = 4
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class TranslationFault:
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
    terms: Mapping[str, str] | None = None,
    detect: Detect | None = None,
) -> tuple[TranslationFault, ...]:
    """Return what is wrong with one translation; empty when it can be used as it is. `terms` are left out of
    the judgement of its language (names that stay)."""
    if is_nothing(original, translation):
        return (TranslationFault("empty", "there was no translation"),)
    checks = (
        find_refusal(original, translation),
        find_chatter_fault(original, translation),
        find_language_fault(original, translation, source, target, terms or {}, detect),
        find_size_fault(original, translation, source, target),
    )
    return tuple(fault for fault in checks if fault is not None)[:1]


def is_nothing(original: str, translation: str) -> bool:
    """Tell whether a translation has no words of its own: blank, dots, or a program's word for nothing."""
    has_words = any(map(str.isalnum, translation))
    if not has_words:
        return not translation.strip() or any(map(str.isalnum, strip_sound_notes(original)))
    written = _PLACEHOLDER.fullmatch(translation) is not None
    return written and _PLACEHOLDER.fullmatch(original) is None and len(original.split()) > 1


def find_refusal(original: str, translation: str) -> TranslationFault | None:
    """Find a model's refusal to translate. People in films do say that they are sorry."""
    if not _REFUSAL.match(translation.strip()) or _REFUSAL.match(original.strip()):
        return None
    if _ON_TOPIC.search(original) or _SORRY.match(original):
        return None
    return TranslationFault("refusal", "it is a refusal, not a translation; translate the words themselves")


def find_chatter_fault(original: str, translation: str) -> TranslationFault | None:
    """Find a model's own words beside the translation, which would be spoken: files bring them too."""
    chatter = find_chatter(translation, original)
    if not chatter:
        return None
    shown = chatter if len(chatter) <= _LONGEST_SHOWN else f"{chatter[:_LONGEST_SHOWN].rstrip()} …"
    return TranslationFault("chatter", f"“{shown}” looks like a program's own words", hard=False)


def find_size_fault(original: str, translation: str, source: str, target: str) -> TranslationFault | None:
    """Find an answer far too short or too long, that goes round in circles, or was damaged on the way: the
    model obeyed the dialogue, or talked about it."""
    if "\ufffd" in translation and "\ufffd" not in original:
        return TranslationFault("size", "it holds characters that were lost; give the translation alone")
    if count_repeats(translation) >= max(_MOST_REPEATS, 2 * count_repeats(original)):
        return TranslationFault("size", "it says the same words over and over; give the translation alone")
    if pace.choose_unit(source) is not pace.choose_unit(target):
        return None
    said, used = pace.count_units(original, source), pace.count_units(translation, target)
    if said >= 6 and used < said * _STUNTED:
        return TranslationFault("size", "it leaves out most of what is said; translate the words themselves")
    if used > said * _BLOATED + 6:
        return TranslationFault("size", "it is far longer than what is said; give the translation alone")
    return None


def count_repeats(text: str) -> int:
    """Return how often a phrase of two words or more stands in a row, at most; 1 where none is repeated."""
    words = fold_text(text).split()
    most = 1
    for size in range(2, len(words) // 2 + 1):
        for start in range(len(words) - 2 * size + 1):
            phrase, count = words[start : start + size], 1
            while words[start + count * size : start + (count + 1) * size] == phrase:
                count += 1
            most = max(most, count)
    return most


def find_language_fault(
    original: str,
    translation: str,
    source: str,
    target: str,
    terms: Mapping[str, str],
    detect: Detect | None,
) -> TranslationFault | None:
    """Find a text in the wrong writing system or the source language, or not translated."""
    if source == target:
        return None
    wrong = TranslationFault("language", "it is not in the language that was asked for")
    text = _remove_terms(translation, terms.values())
    if not is_in_script(text, target):
        return wrong
    if pace.count_units(original, source) < _FEWEST_WORDS:
        return None
    if fold_text(text) == fold_text(_remove_terms(original, terms)):
        return TranslationFault("language", "it was not translated") if any(map(str.isalnum, text)) else None
    enough = pace.count_units(text, source) >= _FEWEST_WORDS
    likely = detect(text, source, target) if detect and enough else None
    return wrong if likely is not None and likely > _SURE else None


def is_in_script(text: str, language: str) -> bool:
    """Tell whether at least half of the letters are those of the language; a few letters are never judged."""
    share = measure_script_share(text, language)
    return share is None or share >= 0.5 or sum(map(str.isalpha, text)) < _FEWEST_LETTERS


def find_repeats(pairs: Sequence[tuple[str, str]]) -> frozenset[int]:
    """Places of translations that stand for three different lines or more in a row. `pairs` are (original,
    translation) in order."""
    found: set[int] = set()
    start = 0
    for place in range(1, len(pairs) + 1):
        same = place < len(pairs) and pairs[place][1] == pairs[start][1] and bool(pairs[start][1].strip())
        if same:
            continue
        run = range(start, place)
        originals = {fold_text(strip_sound_notes(pairs[n][0])) for n in run}
        if len(run) >= _SAME_IN_A_ROW and len(originals) >= _SAME_IN_A_ROW:
            found.update(run)
        start = place
    return frozenset(found)


def _remove_terms(text: str, terms: Any) -> str:
    for term in terms:
        text = re.sub(re.escape(term), " ", text, flags=re.IGNORECASE)
    return text
