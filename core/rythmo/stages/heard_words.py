"""Correct a recogniser's words with the help of detected speech. Pure.

Recognisers write sentences into silence ("Thank you for watching."), repeat one sentence a dozen times,
stretch a first word back over the pause before it, and give the last words of a line the same time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rythmo.engines.base import Turn
from rythmo.script.model import Word
from rythmo.timebase import SAMPLE_RATE

Span = tuple[int, int]

# A word this close to speech belongs to it: diarizers cut the edges, and recognisers time roughly.
_NEAR = SAMPLE_RATE * 2 // 5
_EARLY = SAMPLE_RATE * 3 // 10
# How far before its sentence a first word may lie and still belong to it.
_EARLIEST = 3 * SAMPLE_RATE
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "\uff01", "\uff1f", "؟")
_LONG_WORD = SAMPLE_RATE * 6 // 5
_LEAST_WORD = SAMPLE_RATE // 50
_USUAL_WORD = SAMPLE_RATE // 4
# Words per second that nobody keeps up for long.
_TOO_FAST = 7.0
_LONGEST_LOOP = 12


@dataclass(frozen=True, slots=True)
class CleanedWords:
    """Plausible words, and what happened to the others."""

    words: tuple[Word, ...]
    dropped: tuple[Word, ...] = ()
    """Words where nobody speaks."""
    looped: tuple[Word, ...] = ()
    """Words that only the recogniser repeated."""
    moved: int = 0
    """How many first words began far before the speech and were moved."""


def clean_words(words: Sequence[Word], turns: Sequence[Turn], activity: Sequence[Span] = ()) -> CleanedWords:
    """Clean up words with the diarizer's turns and any further speech `activity`. Positions are samples.

    Without turns and activity, nobody speaks and all words are dropped.
    """
    speech = merge_spans([*((turn.start, turn.end) for turn in turns), *activity])
    ordered = sorted(words, key=lambda word: (word.start, word.end))
    kept, looped = remove_loops(spread_stacked(ordered, speech))
    placed, dropped, moved = _held(kept, speech)
    return CleanedWords(tuple(placed), tuple(dropped), tuple(looped), moved)


def _held(words: Sequence[Word], speech: Sequence[Span]) -> tuple[list[Word], list[Word], int]:
    """Return (words in speech, words outside speech, how many were moved into speech)."""
    kept: list[Word] = []
    dropped: list[Word] = []
    moved, at = 0, 0
    while at < len(words):
        stop = at
        while stop < len(words) and not near_speech(words[stop], speech):
            stop += 1
        if stop > at:
            first = _first_words(words[at:stop], words[stop : stop + 1], speech)
            kept += first
            dropped += () if first else words[at:stop]
            moved += len(first)
            at = stop
            continue
        word = _begun_late(words[at], kept[-1] if kept else None, speech)
        moved += word != words[at]
        kept.append(word)
        at += 1
    return kept, dropped, moved


def _first_words(early: Sequence[Word], following: Sequence[Word], speech: Sequence[Span]) -> list[Word]:
    """Move one or two words in the silence before a sentence to where its speech begins; [] for others."""
    if len(early) > 2 or not following or early[-1].text.endswith(_SENTENCE_ENDS):
        return []
    after = following[0]
    onset = next((start for start, end in speech if end > after.start - _NEAR), after.start)
    if after.start - early[0].start > _EARLIEST or onset < early[-1].start:
        return []
    end = max(after.start, onset + _LEAST_WORD * len(early))
    return _over(early, onset, end)


def merge_spans(spans: Sequence[Span]) -> list[Span]:
    """Sort spans and join those that touch."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def near_speech(word: Word, speech: Sequence[Span], reach: int = _NEAR) -> bool:
    """Tell whether somebody speaks during a word or close to it. `speech` is in order and disjoint."""
    first = bisect_right([end for _, end in speech], word.start - reach)
    return first < len(speech) and speech[first][0] < word.end + reach


def remove_loops(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """Return (words without the recogniser's repetitions, the repeated words).

    A phrase repeated faster than anyone can speak is kept once and spread over the whole time.
    """
    kept: list[Word] = []
    left: list[Word] = []
    at = 0
    while at < len(words):
        size, times = _loop(words, at)
        loop = words[at : at + size * times]
        if times < 2 or not _impossible(loop, size, times):
            kept.append(words[at])
            at += 1
            continue
        kept += _over(words[at : at + size], loop[0].start, max(word.end for word in loop))
        left += loop[size:]
        at += size * times
    return kept, left


def _loop(words: Sequence[Word], at: int) -> tuple[int, int]:
    """Return (length of the phrase in words, number of repetitions) of the loop that begins at `at`."""
    best = (1, 1)
    for size in range(1, min(_LONGEST_LOOP, (len(words) - at) // 2) + 1):
        phrase = [_letters(word) for word in words[at : at + size]]
        times, place = 1, at + size
        while [_letters(word) for word in words[place : place + size]] == phrase:
            times, place = times + 1, place + size
        if times > 1 and size * times > best[0] * best[1]:
            best = (size, times)
    return best


def _impossible(loop: Sequence[Word], size: int, times: int) -> bool:
    """Tell whether nobody can have said that: too fast, or a long phrase far too often."""
    seconds = (max(word.end for word in loop) - loop[0].start) / SAMPLE_RATE
    fast = len(loop) / max(seconds, 0.1) > _TOO_FAST
    return (
        (fast and times >= (3 if size > 1 else 5)) or (size >= 4 and times >= 4) or (size >= 2 and times >= 8)
    )


def _letters(word: Word) -> str:
    return "".join(char for char in word.text.casefold() if char.isalnum()) or word.text


def _over(words: Sequence[Word], start: int, end: int) -> list[Word]:
    """Spread words over [start, end) in proportion to their numbers of letters."""
    sizes = [max(1, len(_letters(word))) for word in words]
    total, at, found = sum(sizes), 0, []
    for word, size in zip(words, sizes, strict=True):
        low, high = (start + (end - start) * part // total for part in (at, at + size))
        found.append(replace(word, start=low, end=max(high, low + 1)))
        at += size
    return found


def spread_stacked(words: Sequence[Word], speech: Sequence[Span]) -> list[Word]:
    """Spread words that share one moment up to the next word or to the end of the speech there."""
    found: list[Word] = []
    at = 0
    while at < len(words):
        stop = at + 1
        while stop < len(words) and words[stop].start - words[at].start < _LEAST_WORD * (stop - at):
            stop += 1
        stack = words[at:stop]
        lasted = max(word.end for word in stack) - stack[0].start
        stacked = lasted < _LEAST_WORD * len(stack) and (len(stack) > 1 or lasted <= 0)
        if not stacked:
            found.append(replace(words[at], end=max(words[at].end, words[at].start + 1)))
            at += 1
            continue
        following = words[stop].start if stop < len(words) else None
        found += _over(stack, *_room(found, stack, following, speech))
        at = stop
    return found


def _room(before: list[Word], stack: Sequence[Word], following: int | None, speech: Sequence[Span]) -> Span:
    """Return the time for stacked words: up to the end of the speech, else taken from a long word before."""
    start = stack[0].start
    wanted = start + _USUAL_WORD * len(stack)
    ends = [end for begin, end in speech if begin <= start < end]
    end = min([wanted, *ends, *([following] if following is not None else [])])
    if end - start >= _LEAST_WORD * 2 * len(stack) or not before:
        return start, max(end, start + len(stack))
    # They stand at the end of the speech: the word before them is shortened to make room.
    last = before[-1]
    if last.end <= last.start or start - last.start > 2 * SAMPLE_RATE:
        return start, max(end, start + _LEAST_WORD * len(stack))
    letters = [len(_letters(word)) or 1 for word in (last, *stack)]
    border = last.start + (max(end, start) - last.start) * letters[0] // sum(letters)
    before[-1] = replace(last, end=max(border, last.start + 1))
    return before[-1].end, max(end, start, before[-1].end + len(stack))


def _begun_late(word: Word, before: Word | None, speech: Sequence[Span]) -> Word:
    """Move the start of a word that reaches back over a pause to where its speech begins."""
    inside = [span for span in speech if span[0] < word.end and word.start < span[1]]
    if not inside:
        return word
    first, last = inside[0], inside[-1]
    if first[0] - word.start > _EARLY:
        return replace(word, start=min(first[0], word.end - 1))
    over_pause = len(inside) > 1 and last[0] - inside[-2][1] > _NEAR and word.end - word.start > _LONG_WORD
    if over_pause and before is not None and before.end > inside[-2][1] - _EARLY:
        # The speech before the pause belongs to the previous word.
        return replace(word, start=min(last[0], word.end - 1))
    return word


def count_covered(spans: Sequence[Span], start: int, end: int) -> int:
    """Count the samples of [start, end) that lie in spans (in order, disjoint)."""
    first = bisect_left([stop for _, stop in spans], start + 1)
    total = 0
    for low, high in spans[first:]:
        if low >= end:
            break
        total += min(high, end) - max(low, start)
    return total
