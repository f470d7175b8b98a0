"""What can be wrong with a translated line, found without a person. Pure; every source of text passes here.

A *hard* fault makes the text useless (nothing there, a refusal, an answer that is no translation); a *soft*
one leaves it usable and worth a look. `strip_wrapping` first takes off what models put around an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rythmo.script import pace
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

_QUOTES = (
    ("“", "”"), ('"', '"'), ("«", "»"), ("„", "“"), ("„", "”"), ("‘", "’"), ("'", "'"),
    ("「", "」"), ("『", "』"), ("`", "`"),
)  # fmt: skip
_LEAD = re.compile(
    r"^(?:sure|certainly|of course|okay|ok|here(?:'s| is) (?:the|your) translation|the translation is"
    r"|translation|translated text|traducci[óo]n|traduction|übersetzung|traduzione|tradu[çc][ãa]o|перевод"
    r"|翻译|译文|訳)[^:：\n]{0,60}[:：]\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:\n+|(?<=[.!?…\"”»)])\s*|\s(?=[(\[]))[(\[]?"
    r"(?:note|translator'?s? note|explanation|literally|nota(?: del traductor)?|note du traducteur|remarque"
    r"|anmerkung|hinweis|nota del traduttore|примечание|注)\s*[:：].*\Z",
    re.IGNORECASE | re.DOTALL,
)
# Apologies with what a model says after one; people in films say that they are sorry, too.
_REFUSAL = re.compile(
    r"^(?:i['’]m sorry,? (?:but )?i (?:can|am|do)|i['’]m sorry,? but (?:as|i)"
    r"|sorry,? (?:but )?i (?:can['’]?t|cannot)"
    r"|i (?:can['’]?t|cannot|am unable to|['’]m unable to|am not able to) "
    r"(?:assist|help|translate|provide|comply|fulfil)"
    r"|as an? (?:ai|artificial|large) "
    r"|lo siento,? (?:pero )?no puedo (?:ayudar|traducir|proporcionar|cumplir|asistir)"
    r"|como (?:un )?(?:modelo|inteligencia|ia)\b"
    r"|je suis désolée?,? (?:mais )?je ne peux pas (?:aider|traduire|fournir)"
    r"|en tant qu['’](?:ia|intelligence|assistant)"
    r"|es tut mir leid,? (?:aber )?ich kann (?:das|dies|dir|ihnen) nicht|als (?:ki|sprachmodell)"
    r"|mi dispiace,? (?:ma )?non posso (?:aiutare|tradurre)|desculpe,? (?:mas )?não posso"
    r"|извините,? (?:но )?я не могу|как (?:ии|языковая модель)|抱歉，?我(?:无法|不能)"
    r"|申し訳(?:ありません|ございません)が)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?:\[([^\]\n]{1,30})\]|([^\W\d_][\w .'-]{0,29}))\s*[:：]\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class TranslationFault:
    """One thing that is wrong, in words that can be shown to a person and to a model."""

    code: str
    message: str
    hard: bool = True


def strip_wrapping(text: str, original: str = "", speakers: Sequence[str] = ()) -> str:
    """Return the text alone: without quotation marks around it, a lead ("Translation: ..."), a translator's
    note, bold marks, and the label of one of `speakers`, as far as the original has none of them."""
    text = text.strip()
    if not _LEAD.match(original):
        text = _LEAD.sub("", text)
    if not _TAIL.search(original):
        text = _TAIL.sub("", text)
    if "**" in text and "**" not in original:
        text = text.replace("**", "")
    label = _LABEL.match(text)
    if label and not _LABEL.match(original):
        name = (label.group(1) or label.group(2)).casefold().strip()
        if name in {speaker.casefold() for speaker in speakers if speaker}:
            text = text[label.end() :]
    for first, last in _QUOTES:
        inner = text[len(first) : -len(last)]
        around = len(text) > 2 and text.startswith(first) and text.endswith(last)
        if around and first not in inner and last not in inner and not original.lstrip().startswith(_OPENING):
            text = inner
            break
    return text.strip()


_OPENING = tuple(first for first, _ in _QUOTES)


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
    if not translation.strip():
        return (TranslationFault("empty", "there was no translation"),)
    checks = (
        find_refusal(original, translation),
        find_language_fault(original, translation, source, target, terms or {}, detect),
        find_size_fault(original, translation, source, target),
    )
    return tuple(fault for fault in checks if fault is not None)[:1]


def find_refusal(original: str, translation: str) -> TranslationFault | None:
    """Find a model's refusal to translate. People in films do say that they are sorry."""
    if not _REFUSAL.match(translation.strip()) or _REFUSAL.match(original.strip()):
        return None
    if re.match(r"\W*(?:i['’]?m (?:so )?sorry|sorry)\b", original, re.IGNORECASE):
        return None
    return TranslationFault("refusal", "it is a refusal, not a translation; translate the words themselves")


def find_size_fault(original: str, translation: str, source: str, target: str) -> TranslationFault | None:
    """Find an answer far too short or too long: the model obeyed the dialogue, or talked about it."""
    if pace.choose_unit(source) is not pace.choose_unit(target):
        return None
    said, used = pace.count_units(original, source), pace.count_units(translation, target)
    if said >= 6 and used < said * _STUNTED:
        return TranslationFault("size", "it leaves out most of what is said; translate the words themselves")
    if used > said * _BLOATED + 6:
        return TranslationFault("size", "it is far longer than what is said; give the translation alone")
    return None


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
