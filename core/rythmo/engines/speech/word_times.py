"""Words as recognisers give them, made into Words with sample positions in order; and cuts for long sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

from rythmo.engines.base import Turn
from rythmo.media.audio import Audio
from rythmo.script import pace
from rythmo.script.model import Word

_LETTERS = re.compile(r"[^\w]+")
_WINDOW_MS = 100
_GUESSED_S = 0.3
"""How long a word is taken to be that a recogniser did not time."""


class Timed(NamedTuple):
    """A word as a recogniser gives it: seconds from the start of the sound that it was given."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


def to_words(timed: Iterable[Timed], rate: int, *, offset: int = 0, end: int) -> tuple[Word, ...]:
    """Words with samples in [offset, end), in order, none shorter than a sample.

    Recognisers give times past the end of the sound, words of no length, and now and then a step back.
    """
    words: list[Word] = []
    at = offset
    for one in timed:
        text = one.text.strip()
        if not text:
            continue
        start = min(max(at, offset + round(one.start_s * rate)), end - 1)
        stop = min(max(start + 1, offset + round(one.end_s * rate)), end)
        words.append(Word(text, start, stop, one.confidence))
        at = start
    return tuple(words)


def spread(
    text: str, start_s: float, end_s: float, language: str, confidence: float | None = None
) -> list[Timed]:
    """The words of a text over a stretch of time, each as long as its letters say: for recognisers that
    time only whole sentences. Scripts without spaces give a word for each character."""
    parts = split(text, language)
    weights = [max(1, len(_LETTERS.sub("", part))) for part in parts]
    edges = np.concatenate([[0.0], np.cumsum(weights)]) / max(1, sum(weights))
    at = [start_s + float(edge) * (end_s - start_s) for edge in edges]
    return [Timed(part, at[n], at[n + 1], confidence) for n, part in enumerate(parts)]


def split(text: str, language: str) -> list[str]:
    """Words with the punctuation that belongs to them."""
    if pace.unit(language) is pace.Unit.WORDS:
        return text.split()
    # Latin words and numbers stay whole inside Chinese or Japanese.
    return re.findall(r"[A-Za-z0-9'’]+[^\w\s]*|\w[^\w\s]*|[^\w\s]+", text)  # noqa: RUF001 - both apostrophes


def punctuate(words: Sequence[Timed], text: str) -> list[Timed]:
    """Give words the spelling of the running text: word lists come without commas and capitals.

    Words that the list lacks (some recognisers leave numerals out) get the time between their neighbours.
    """
    written = text.split()
    ours, theirs = [_bare(word.text) for word in words], [_bare(word) for word in written]
    result: list[Timed] = []
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for kind, mine, mine_end, its, its_end in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(words[mine:mine_end], written[its:its_end], strict=True)
            result += [word._replace(text=spelling) for word, spelling in pairs]
        elif kind == "insert":
            following = words[mine].start_s if mine < len(words) else None
            result += _between(result, following, written[its:its_end])
        else:
            result += words[mine:mine_end]
    return result


def _between(before: list[Timed], following: float | None, missing: Sequence[str]) -> list[Timed]:
    """Place words that have no times between the word before them and the one after."""
    missing = [word for word in missing if _bare(word)]
    start = before[-1].end_s if before else max(0.0, (following or 0.0) - _GUESSED_S * len(missing))
    end = start + _GUESSED_S * len(missing) if following is None else max(following, start)
    if missing and end - start < _GUESSED_S * len(missing) / 4 and before:
        # No time is left: the word before them was drawn out over it.
        start = before[-1].start_s + (before[-1].end_s - before[-1].start_s) / (len(missing) + 1)
        before[-1] = before[-1]._replace(end_s=start)
    step = (end - start) / max(1, len(missing))
    return [Timed(word, start + n * step, start + (n + 1) * step) for n, word in enumerate(missing)]


def _bare(word: str) -> str:
    return _LETTERS.sub("", word).casefold()


def pieces(sound: Audio, turns: Sequence[Turn], longest_s: float) -> list[tuple[int, int]]:
    """[start, end) of pieces of at most `longest_s`, cut where nobody speaks: in the widest gap between
    turns in a piece's last third, or else at its quietest tenth of a second."""
    longest = max(1, round(longest_s * sound.rate))
    found, start = [], 0
    while sound.length - start > longest:
        earliest = start + longest * 2 // 3
        cut = _gap(turns, earliest, start + longest) or _quietest(sound, earliest, start + longest)
        found.append((start, cut))
        start = cut
    if sound.length > start:
        found.append((start, sound.length))
    return found


def join_turns(
    turns: Sequence[Turn], sound: Audio, longest_s: float, *, join_s: float = 1.0, margin_s: float = 0.2
) -> list[tuple[int, int]]:
    """Stretches of speech as [start, end), with a margin, joined over gaps up to `join_s`, in order and
    apart, each at most `longest_s`."""
    longest, join, margin = (round(seconds * sound.rate) for seconds in (longest_s, join_s, margin_s))
    found: list[tuple[int, int]] = []
    for turn in sorted(turns, key=lambda one: one.start):
        start, end = max(0, turn.start - margin), min(sound.length, turn.end + margin)
        if found and start <= found[-1][1] + join and end - found[-1][0] <= longest:
            found[-1] = (found[-1][0], max(found[-1][1], end))
            continue
        start = max(start, found[-1][1]) if found else start
        while end - start > longest:
            found.append((start, start + longest))
            start += longest
        if end > start:
            found.append((start, end))
    return found


def _gap(turns: Sequence[Turn], earliest: int, latest: int) -> int | None:
    spoken = sorted((turn.start, turn.end) for turn in turns if turn.end > earliest and turn.start < latest)
    if not turns:
        return None
    gaps, at = [], earliest
    for start, end in spoken:
        if start > at:
            gaps.append((start - at, (at + start) // 2))
        at = max(at, end)
    if latest > at:
        gaps.append((latest - at, (at + latest) // 2))
    return max(gaps)[1] if gaps else None


def _quietest(sound: Audio, earliest: int, latest: int) -> int:
    window = max(1, sound.rate * _WINDOW_MS // 1000)
    part = sound.cut(earliest, latest).mono().samples[0].astype(np.float64)
    count = max(1, part.size // window)
    energy = np.square(part[: count * window]).reshape(count, -1).sum(axis=1)
    return earliest + int(np.argmin(energy)) * window + window // 2
