"""Join the words of overlapping chunks without doubling or losing any at a seam. Pure.

Both chunks contain the words of their overlap, a few hundredths of a second apart. Where they agree on a
word, the text changes from one chunk to the other after that word. Where they agree on none, each chunk
gives the words on its side of the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rythmo.media.scenes import Chunk
from rythmo.script.model import Word
from rythmo.timebase import SAMPLE_RATE

# How far apart two chunks may place the same word.
_AGREE = 0.3 * SAMPLE_RATE
# A word this close to a chunk's edge may be cut in half; the other chunk has it whole.
_EDGE = SAMPLE_RATE // 4
# How many earlier words are searched for a duplicate.
_NEAR = 40


@dataclass(frozen=True, slots=True)
class _Side:
    """A chunk's words: the range it contributes, those that match the other chunk at a seam, and its
    edges."""

    words: tuple[Word, ...]
    first: int
    last: int
    agreed: frozenset[int]
    cuts: tuple[int, ...]

    def whole(self, word: Word) -> bool:
        """Tell whether the word is far enough from the chunk's edges not to be cut."""
        return all(abs(word.start - cut) > _EDGE and abs(word.end - cut) > _EDGE for cut in self.cuts)


def join_words(chunks: Sequence[Chunk], words: Sequence[Sequence[Word]]) -> tuple[Word, ...]:
    """Return all words in order of start, each once. `words` are those of each chunk, in programme time.

    A word that only one chunk has, on the other's side, is added when there is no other word at that time.
    """
    kept: list[Word] = []
    left_over: list[Word] = []
    for side in _sides(chunks, [tuple(sorted(said, key=_order)) for said in words]):
        # Duplicates come only from the other chunk; words of one chunk that share a time are different words.
        others = kept[-_NEAR:]
        for place, word in enumerate(side.words):
            if side.first <= place < side.last and (place in side.agreed or not _heard(word, others)):
                kept.append(word)
            elif place not in side.agreed and side.whole(word):
                left_over.append(word)
    for word in left_over:
        if not _heard(word, kept):
            kept.append(word)
    return tuple(sorted(kept, key=_order))


def _order(word: Word) -> tuple[int, int]:
    return word.start, word.end


def _sides(chunks: Sequence[Chunk], words: Sequence[tuple[Word, ...]]) -> list[_Side]:
    firsts, lasts = [0] * len(chunks), [len(said) for said in words]
    agreed: list[set[int]] = [set() for _ in chunks]
    for before, after in pairwise(range(len(chunks))):
        border = (chunks[before].end + chunks[after].start) // 2
        pairs = _agreed(words[before], words[after], chunks[after].start, chunks[before].end)
        agreed[before] |= {left for left, _ in pairs}
        agreed[after] |= {right for _, right in pairs}
        if pairs:
            left, right = min(pairs, key=lambda pair: abs(_middle(words[before][pair[0]]) - border))
            lasts[before], firsts[after] = left + 1, right + 1
        else:
            lasts[before] = sum(_middle(word) < border for word in words[before])
            firsts[after] = sum(_middle(word) < border for word in words[after])
    edges = [
        (*((chunk.start,) if place else ()), *((chunk.end,) if place + 1 < len(chunks) else ()))
        for place, chunk in enumerate(chunks)
    ]
    return [_Side(*side) for side in zip(words, firsts, lasts, map(frozenset, agreed), edges, strict=True)]


def _agreed(before: Sequence[Word], after: Sequence[Word], start: int, end: int) -> list[tuple[int, int]]:
    """Return index pairs of the words that both chunks have between `start` and `end`, in order.

    It is the alignment with the most agreement, where a word counts less the further apart its times are.
    """
    left = [place for place, word in enumerate(before) if word.end > start]
    right = [place for place, word in enumerate(after) if word.start < end]
    best: list[list[tuple[float, tuple[tuple[int, int], ...]]]] = [
        [(0.0, ())] * (len(right) + 1) for _ in range(len(left) + 1)
    ]
    for row, one in enumerate(left, 1):
        for column, other in enumerate(right, 1):
            found = max(best[row - 1][column], best[row][column - 1], key=lambda cell: cell[0])
            worth = _likeness(before[one], after[other])
            score, pairs = best[row - 1][column - 1]
            if worth > 0 and score + worth > found[0]:
                found = score + worth, (*pairs, (one, other))
            best[row][column] = found
    return list(best[-1][-1][1])


def _likeness(one: Word, other: Word) -> float:
    apart = abs(_middle(one) - _middle(other))
    if apart >= _AGREE or _letters(one) != _letters(other):
        return 0.0
    # Squared, so that for a word said twice in a row, one exact match counts more than two near ones.
    return float(1 - apart / _AGREE) ** 2


def _letters(word: Word) -> str:
    return "".join(char for char in word.text.casefold() if char.isalnum()) or word.text


def _middle(word: Word) -> int:
    return (word.start + word.end) // 2


def _heard(word: Word, kept: Sequence[Word]) -> bool:
    """Tell whether a kept word covers the middle of this one, or this one the middle of a kept word."""
    middle = _middle(word)
    return any(old.start <= middle < old.end or word.start <= _middle(old) < word.end for old in kept)
