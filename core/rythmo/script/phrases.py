"""Phrases: the stretches of speech between pauses, in an original line and in a take of it.

Pure. Where both pause at about the same point of the sentence, the phrases of the take can be laid on
the onsets of the original's phrases, so that mouth and voice start and stop together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rythmo.script.model import Line

Span = tuple[int, int]

_SAME_POINT = 0.2
"""Two pauses match when they lie within this share of the line from each other: word order differs
between languages, and a pause matched across a whole clause would tear the sentence."""


@dataclass(frozen=True, slots=True)
class TakePhrases:
    """Where a take holds speech: its phrases as [start, end) in its own samples, sorted and disjoint."""

    phrases: tuple[Span, ...]

    def __post_init__(self) -> None:
        edges = [edge for span in self.phrases for edge in span]
        if not self.phrases or edges[0] < 0 or any(b <= a for a, b in self.phrases) or edges != sorted(edges):
            raise ValueError(f"phrases must be sorted, disjoint and not empty: {self.phrases}")

    @property
    def start(self) -> int:
        """The first sample of speech."""
        return self.phrases[0][0]

    @property
    def end(self) -> int:
        """One past the last sample of speech."""
        return self.phrases[-1][1]

    @property
    def length(self) -> int:
        """Samples from the first to the last of speech, pauses included."""
        return self.end - self.start

    def as_one_phrase(self) -> TakePhrases:
        """Return the take as one phrase, pauses included."""
        return TakePhrases(((self.start, self.end),))


def make_single_phrase(length: int) -> TakePhrases:
    """Return a take that is speech from its first sample to its last."""
    return TakePhrases(((0, length),))


def find_original_phrases(line: Line, pause: int) -> tuple[Span, ...]:
    """Return the line's phrases: its words, split where at least `pause` samples pass between two of them.

    The first starts and the last ends where the line does. One phrase when there are no word times.
    """
    gaps = [
        (before.end, after.start)
        for before, after in pairwise(line.words)
        if after.start - before.end >= pause and line.start < before.end and after.start < line.end
    ]
    edges = [line.start, *(edge for gap in gaps for edge in gap), line.end]
    if edges != sorted(edges):
        return ((line.start, line.end),)
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def match_phrases(original: Sequence[Span], spoken: TakePhrases) -> tuple[TakePhrases, tuple[int, ...]]:
    """Return the take regrouped into phrases that answer to the original's, and the onset of each in the
    record.

    Pauses are paired by how far into the line they come, as many as possible, the closest ones first;
    those without a partner stay inside a phrase.
    """
    ours = _measure_pause_points(spoken.phrases)
    theirs = _measure_pause_points(original)
    pairs = _pair_pauses(ours, theirs)
    cuts = [0, *(i + 1 for i, _ in pairs), len(spoken.phrases)]
    phrases = tuple((spoken.phrases[a][0], spoken.phrases[b - 1][1]) for a, b in pairwise(cuts))
    onsets = (original[0][0], *(original[j + 1][0] for _, j in pairs))
    return TakePhrases(phrases), onsets


def _measure_pause_points(phrases: Sequence[Span]) -> list[float]:
    """Return how much of the speech has been said at each pause."""
    total = sum(b - a for a, b in phrases)
    said, fractions = 0, []
    for a, b in phrases[:-1]:
        said += b - a
        fractions.append(said / total)
    return fractions


def _pair_pauses(ours: Sequence[float], theirs: Sequence[float]) -> list[tuple[int, int]]:
    """Return the order-keeping pairing with the most pairs, and among those the least distance."""
    best: list[list[tuple[int, float, tuple[tuple[int, int], ...]]]] = [
        [(0, 0.0, ())] * (len(theirs) + 1) for _ in range(len(ours) + 1)
    ]
    for i, a in enumerate(ours, 1):
        for j, b in enumerate(theirs, 1):
            options = [best[i - 1][j], best[i][j - 1]]
            distance = abs(a - b)
            if distance <= _SAME_POINT:
                count, cost, pairs = best[i - 1][j - 1]
                options.append((count + 1, cost + distance, (*pairs, (i - 1, j - 1))))
            best[i][j] = min(options, key=lambda option: (-option[0], option[1]))
    return list(best[-1][-1][2])
