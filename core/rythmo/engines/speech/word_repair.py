"""Repair of recognisers' words: words without length, words missing from a list, loops.

The functions are pure and the same for every recogniser; `word_times.to_words` and the adapters call them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_LETTERS = re.compile(r"[^\w]+")
# The length below which a word has no real time: recognisers give such times to words they could not place.
_LEAST_S = 0.02
# The length of an average word, when nothing better is known.
_USUAL_S = 0.3
# The longest time for an inserted word, enough for a sum of money, so that it doesn't fill a whole pause.
_LONGEST_S = 1.2
# The number of words in the longest phrase that can be a loop.
_LONGEST_LOOP = 16
# The letters from which a phrase counts as long. Short phrases need more repeats, since people say "No, no,
# no".
_LETTERS_OF_CHANCE, _LETTERS_OF_A_SIGN = 12, 3
_OPENING_MARKS = "¿¡“«([{„「『《〈"
_CLOSING_MARKS = ".,!?…;:)]}”»\"'。、」』》〉\uff0c\uff01\uff1f\uff1b\uff1a؟،"
_SAID_SIGNS = "%‰&@#§$€£¥₹+=°½¼¾"
# The highest confidence of what is left of a loop, so that a person checks it.
_DOUBT = 0.2


class TimedWord(NamedTuple):
    """A word as a recogniser returns it; times are in seconds from the start of its audio."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None
    language: str = ""
    """Empty for the language that the recogniser was told to expect."""


def bare(word: str) -> str:
    """Return only the word's letters and digits, in lower case."""
    return _LETTERS.sub("", word).casefold()


def collapse_loops(words: Sequence[TimedWord]) -> list[TimedWord]:
    """Reduce each phrase that is repeated over and over to one occurrence.

    A recogniser that goes wrong may repeat a phrase until its output is full. The remaining occurrence gets a
    low confidence, and as much of the loop's time as its words need.
    """
    out: list[TimedWord] = []
    letters = [bare(word.text) for word in words]
    at = 0
    while at < len(words):
        size, count = _loop_at(letters, at)
        if count < 2:
            out.append(words[at])
            at += 1
            continue
        phrase, end_s = words[at : at + size], words[at + size * count - 1].end_s
        out += _retimed(phrase, phrase[0].start_s, min(end_s, phrase[0].start_s + size * _USUAL_S))
        at += size * count
    return out


def count_looped(words: Sequence[TimedWord]) -> int:
    """Return how many words are repeats in loops."""
    return len(words) - len(collapse_loops(words))


def _loop_at(letters: Sequence[str], at: int) -> tuple[int, int]:
    """Return the size of the phrase that begins at `at` and its number of repeats; (0, 0) for no loop."""
    for size in range(1, min(_LONGEST_LOOP, (len(letters) - at) // 2) + 1):
        phrase = letters[at : at + size]
        count = 1
        while letters[at + count * size : at + (count + 1) * size] == phrase:
            count += 1
        if count >= _least_repeats(phrase):
            return size, count
    return 0, 0


def _least_repeats(phrase: Sequence[str]) -> int:
    return 4 if sum(map(_count_letters, phrase)) >= _LETTERS_OF_CHANCE else 8


def _count_letters(word: str) -> int:
    """Return a word's letters; a sign of Chinese, Japanese or Korean writing is worth several."""
    return sum(_LETTERS_OF_A_SIGN if "\u3040" <= char <= "\ud7ff" else 1 for char in word)


def _retimed(words: Sequence[TimedWord], start_s: float, end_s: float) -> list[TimedWord]:
    doubtful = [
        word._replace(confidence=min(_DOUBT, 1.0 if word.confidence is None else word.confidence))
        for word in words
    ]
    return share_time(doubtful, start_s, max(end_s, words[-1].end_s))


def share_time(words: Sequence[TimedWord], start_s: float, end_s: float) -> list[TimedWord]:
    """Distribute the words over [start_s, end_s), each in proportion to its letters."""
    weights = [max(1, len(bare(word.text))) for word in words]
    whole, at, out = sum(weights), start_s, []
    for word, weight in zip(words, weights, strict=True):
        until = at + (end_s - start_s) * weight / whole
        out.append(word._replace(start_s=at, end_s=until))
        at = until
    return out


def spread_stacked(words: Sequence[TimedWord], end_s: float) -> list[TimedWord]:
    """Spread each run of words with the same timestamp over the available time.

    That time ends at the next word's start or at `end_s` (the end of the sound), and is at most what the
    words need at average speed.
    """
    out = list(words)
    at = 0
    while at < len(out):
        stop = _end_of_stack(out, at)
        if stop - at < 2 and out[at].end_s - out[at].start_s >= _LEAST_S:
            at += 1
            continue
        start_s = out[at].start_s
        following = out[stop].start_s if stop < len(out) else end_s
        room = min(max(following, out[stop - 1].end_s), start_s + _USUAL_S * (stop - at))
        # Without time before the next word, the run shares the time of the word before it.
        if room - start_s < _LEAST_S * (stop - at) and at:
            before = out[at - 1]
            out[at - 1 : stop] = share_time(out[at - 1 : stop], before.start_s, max(room, before.end_s))
        else:
            out[at:stop] = share_time(out[at:stop], start_s, room)
        at = stop
    return out


def _end_of_stack(words: Sequence[TimedWord], at: int) -> int:
    """Return the index after the words that begin with the word at `at`; the last may have a length."""
    stop = at + 1
    while stop < len(words) and words[stop].start_s - words[at].start_s < _LEAST_S:
        stop += 1
    return stop


def insert_missing_words(words: Sequence[TimedWord], text: str) -> list[TimedWord]:
    """Return the words as the running text writes them, and insert those that are missing from the list.

    Word lists have no commas and capitals, and some leave out numerals and sums of money. Inserted words get
    the time between their neighbours.
    """
    written = text.split()
    if 2 * len(written) <= len(words):
        # A script without spaces.
        return _insert_unspaced(words, text)
    ours, theirs = [bare(word.text) for word in words], [bare(word) for word in written]
    out: list[TimedWord] = []
    for tag, mine, my_end, its, its_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            out += [words[mine + n]._replace(text=written[its + n]) for n in range(my_end - mine)]
        elif tag == "insert":
            out += _between(written[its:its_end], words, mine)
        else:
            # The list and the text disagree about a word. Keep the list's, which has times.
            out += words[mine:my_end]
    return out


def _insert_unspaced(words: Sequence[TimedWord], text: str) -> list[TimedWord]:
    """Return the words with what stands between them in a text without spaces.

    Where not all of them are in it, they are returned as they are.
    """
    out: list[TimedWord] = []
    at = 0
    for place, word in enumerate(words):
        found = text.find(word.text.strip(), at)
        if found < 0:
            return list(words)
        if bare(text[at:found]):
            out += _between([text[at:found]], words, place)
        at = found + len(word.text.strip())
        out.append(word)
    return [*out, *_between([text[at:]], words, len(words))] if bare(text[at:]) else out


def attach_marks(words: Sequence[TimedWord]) -> list[TimedWord]:
    """Return the words with punctuation that stands alone attached to the word that it belongs to.

    Some recognisers time a full stop as a word. Signs of music, dashes, and marks without a word near them
    are left out. Signs that are said (%, &, $) stay.
    """
    out: list[TimedWord] = []
    opening = ""
    for word in words:
        text = word.text.strip()
        if not text or any(char.isalnum() or char in _SAID_SIGNS for char in text):
            out.append(word._replace(text=opening + text) if opening else word)
            opening = ""
        elif all(char in _OPENING_MARKS for char in text):
            opening = text
        elif (
            out
            and all(char in _CLOSING_MARKS for char in text)
            and word.start_s - out[-1].end_s <= _LONGEST_S
        ):
            out[-1] = out[-1]._replace(text=out[-1].text + text)
    return out


def _between(lost: Sequence[str], words: Sequence[TimedWord], at: int) -> list[TimedWord]:
    """Time missing words between the words at `at - 1` and `at`; without a gap they share one timestamp."""
    if not words:
        return []
    start_s = words[at - 1].end_s if at else max(0.0, words[0].start_s - _USUAL_S * len(lost))
    end_s = words[at].start_s if at < len(words) else start_s + _USUAL_S * len(lost)
    sure = words[min(at, len(words) - 1)].confidence
    end_s = min(max(start_s, end_s), start_s + _LONGEST_S * len(lost))
    return share_time([TimedWord(word, 0.0, 0.0, sure) for word in lost], start_s, end_s)
