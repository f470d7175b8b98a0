"""Capitals and full stops for the bare words of an English recogniser. Pure: words in, words out.

A heuristic on pauses and word order, not a language model. It knows no names of people or places, writes
no commas, and takes a statement spoken as a question for a statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rythmo.script.model import Word


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_MONTHS = "january february april june july august september october november december"
"""Without march and may, which are more often verbs."""
_ALWAYS = _set(f"{_DAYS} {_MONTHS} mr mrs ms dr")
_PRONOUNS = _set("i you he she it we they this that these those there anyone anybody")
_WH = _set("what where when who whom whose why how which")
_HOW = _set("many much long far old often about come")
_AUXILIARIES = _set(
    "am is are was were do does did have has had can could will would shall should may might must"
)
_WH_CONTRACTED = frozenset(f"{word}'{end}" for word in _WH for end in ("s", "re", "d", "ll"))
_LEADING = _set("so and but well oh now then excuse me sir madam please okay")
"""May come before a question."""
_OPENERS = _set("i you he she it we they there please no yes and but so what where why who how")
_NEVER_LAST = _set(
    "a an the my your his her our their its of to for from in on at with by and or but if than as is are was "
    "were be am very"
)


def sentences(
    words: Sequence[Word], rate: int, *, pause: float = 0.5, short_pause: float = 0.18
) -> list[Word]:
    """The words of one speaker's speech with capitals, and with "." or "?" on the last of each sentence.

    A sentence ends at a pause (seconds; `rate` is that of the positions). At a pause that is only short it
    ends where the words allow: the next ones could open a sentence, and the last one could end one.
    """
    out: list[Word] = []
    start = 0
    for index in range(1, len(words) + 1):
        if index == len(words) or _ends(words, index, rate, pause, short_pause):
            out += _sentence(words[start:index])
            start = index
    return out


def is_question(texts: Sequence[str]) -> bool:
    """Whether bare lower-case words ask: a question word and an auxiliary, or an auxiliary and a pronoun."""
    rest = list(texts)
    while len(rest) > 2 and rest[0] in _LEADING:
        rest.pop(0)
    if len(rest) < 2:
        return bool(rest) and rest[0] in _WH
    first, second = rest[:2]
    if first in _WH:
        return second in _AUXILIARIES or (first == "how" and second in _HOW) or _asks_which(rest)
    return first in _WH_CONTRACTED or (_is_auxiliary(first) and second in _PRONOUNS)


def _asks_which(texts: Sequence[str]) -> bool:
    """As in "what time is it": one word between, which is not the subject of a clause ("what I was")."""
    return (
        texts[0] in {"what", "which", "whose", "how"}
        and texts[1] not in _PRONOUNS
        and len(texts) > 2
        and texts[2] in _AUXILIARIES
    )


def _is_auxiliary(text: str) -> bool:
    return text in _AUXILIARIES or (text.endswith("n't") and text != "ain't")


def _ends(words: Sequence[Word], index: int, rate: int, pause: float, short_pause: float) -> bool:
    gap = (words[index].start - words[index - 1].end) / rate
    if gap >= pause:
        return True
    following = [word.text for word in words[index : index + 2]]
    opens = following[0] in _OPENERS or is_question(following)
    return gap >= short_pause and opens and words[index - 1].text not in _NEVER_LAST


def _sentence(words: Sequence[Word]) -> list[Word]:
    texts = [_cased(word.text) for word in words]
    mark = "?" if is_question([word.text for word in words]) else "."
    texts[0] = texts[0][:1].upper() + texts[0][1:]
    texts[-1] = texts[-1].rstrip(".") + mark
    return [replace(word, text=text) for word, text in zip(words, texts, strict=True)]


def _cased(text: str) -> str:
    if text == "i" or text.startswith("i'"):
        return "I" + text[1:]
    bare = text.rstrip(".")
    stem = bare.removesuffix("'s")
    # "mr." loses its dot: one inside a sentence reads as its end.
    return bare[:1].upper() + bare[1:] if stem in _ALWAYS else text
