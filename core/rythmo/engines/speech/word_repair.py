"""Repair what recognisers write: words without length, words that a list lacks, loops.

Pure, and the same for every recogniser: `wordtimes.to_words` and the adapters call it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_LETTERS = re.compile(r"[^\w]+")
_LEAST_S = 0.02
"""A word shorter than this has no time of its own: recognisers stamp words that they could not place so."""
_USUAL_S = 0.3
"""What an average word takes where nothing better is known."""
_LONGEST_S = 1.2
"""What a sum of money takes: a word that is put back before a pause does not fill it."""
_LONGEST_LOOP = 16
"""Words of the longest phrase that is looked for as a loop."""
_LETTERS_OF_CHANCE = 12
"""People do say "No, no, no, no": short repeats count as a loop later than long ones do."""
_DOUBT = 0.2
"""Confidence of what is left of a loop, at most: a person should look at it."""


class Timed(NamedTuple):
    """A word as a recogniser gives it: seconds from the start of the sound that it was given."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None
    language: str = ""
    """Empty: the language that the recogniser was asked for."""


def bare(word: str) -> str:
    """Return the word's letters and digits alone, in small letters."""
    return _LETTERS.sub("", word).casefold()


def collapse_loops(words: Sequence[Timed]) -> list[Timed]:
    """Return the words with each phrase that is repeated over and over said once.

    Recognisers that lose their way repeat a phrase until they run out of room. What is left of a loop gets a
    low confidence, and as much of the loop's time as its words need.
    """
    out: list[Timed] = []
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


def count_looped(words: Sequence[Timed]) -> int:
    """Return how many words are repeats of a loop."""
    return len(words) - len(collapse_loops(words))


def _loop_at(letters: Sequence[str], at: int) -> tuple[int, int]:
    """Size of the phrase that begins at `at`, and how often it is said in a row; (0, 0) for no loop."""
    for size in range(1, min(_LONGEST_LOOP, (len(letters) - at) // 2) + 1):
        phrase = letters[at : at + size]
        count = 1
        while letters[at + count * size : at + (count + 1) * size] == phrase:
            count += 1
        if count >= _least_repeats(phrase):
            return size, count
    return 0, 0


def _least_repeats(phrase: Sequence[str]) -> int:
    return 4 if sum(map(len, phrase)) >= _LETTERS_OF_CHANCE else 8


def _retimed(words: Sequence[Timed], start_s: float, end_s: float) -> list[Timed]:
    doubtful = [
        word._replace(confidence=min(_DOUBT, 1.0 if word.confidence is None else word.confidence))
        for word in words
    ]
    return share_time(doubtful, start_s, max(end_s, words[-1].end_s))


def share_time(words: Sequence[Timed], start_s: float, end_s: float) -> list[Timed]:
    """Return the words over [start_s, end_s), each as long as its letters say."""
    weights = [max(1, len(bare(word.text))) for word in words]
    whole, at, out = sum(weights), start_s, []
    for word, weight in zip(words, weights, strict=True):
        until = at + (end_s - start_s) * weight / whole
        out.append(word._replace(start_s=at, end_s=until))
        at = until
    return out


def spread_stacked(words: Sequence[Timed], end_s: float) -> list[Timed]:
    """Return the words with each run that shares one time stamp spread over the time there is.

    That is up to the next word's start, or up to `end_s` (the end of the sound) and no more than the words
    need; where nothing follows for long, the run keeps to its usual speed.
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
        # No time at all before the next word: the word before gives some of its own.
        if room - start_s < _LEAST_S * (stop - at) and at:
            before = out[at - 1]
            out[at - 1 : stop] = share_time(out[at - 1 : stop], before.start_s, max(room, before.end_s))
        else:
            out[at:stop] = share_time(out[at:stop], start_s, room)
        at = stop
    return out


def _end_of_stack(words: Sequence[Timed], at: int) -> int:
    """Index behind the words that begin where the word at `at` begins; the last may have a length."""
    stop = at + 1
    while stop < len(words) and words[stop].start_s - words[at].start_s < _LEAST_S:
        stop += 1
    return stop


def complete(words: Sequence[Timed], text: str) -> list[Timed]:
    """Return the words as the running text writes them, with those that the list lacks put back.

    Word lists come without commas and capitals, and some leave out numerals and sums of money. What is put
    back gets the time between its neighbours.
    """
    written = text.split()
    ours, theirs = [bare(word.text) for word in words], [bare(word) for word in written]
    out: list[Timed] = []
    for tag, mine, my_end, its, its_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            out += [words[mine + n]._replace(text=written[its + n]) for n in range(my_end - mine)]
        elif tag == "insert":
            out += _between(written[its:its_end], words, mine)
        else:
            # The list and the text disagree about a word: the list has the times.
            out += words[mine:my_end]
    return out


def _between(lost: Sequence[str], words: Sequence[Timed], at: int) -> list[Timed]:
    """Lost words, timed between the words at `at - 1` and `at`; a stack where there is no time."""
    if not words:
        return []
    start_s = words[at - 1].end_s if at else max(0.0, words[0].start_s - _USUAL_S * len(lost))
    end_s = words[at].start_s if at < len(words) else start_s + _USUAL_S * len(lost)
    sure = words[min(at, len(words) - 1)].confidence
    end_s = min(max(start_s, end_s), start_s + _LONGEST_S * len(lost))
    return share_time([Timed(word, 0.0, 0.0, sure) for word in lost], start_s, end_s)
