"""What a recogniser decodes at once: turns joined over short pauses, long ones cut at the quietest place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import Turn

Span = tuple[int, int]

RATE = 16_000
PAD = RATE // 5
"""Sound around an utterance, as far as the neighbours leave it: no word is decoded twice."""
_JOIN = round(0.3 * RATE)
_LONGEST = 15 * RATE
"""What is decoded at once is held whole in memory, and cannot be cancelled inside."""
_SHORTEST = 5 * RATE
_STEP = RATE // 100
_QUIET = 20
"""Steps that a cut's quietness is measured over: 0.2 s, longer than the closure of a stop."""


def utterances(wave: NDArray[np.float32], turns: Sequence[Turn]) -> list[Span]:
    """Spans of `wave` (mono, 16 kHz) in order, none of which overlap; all of it where there are no turns.

    Turns of one speaker are joined over pauses under 0.3 s. Turns that overlap are one utterance.
    """
    spans = _joined(turns) if turns else [(0, wave.size)]
    padded = _padded(spans, wave.size) if turns else spans
    return [part for span in padded for part in _short_parts(wave, span)]


def _joined(turns: Sequence[Turn]) -> list[Span]:
    spans: list[tuple[int, int, str]] = []
    for turn in sorted(turns, key=lambda turn: (turn.start, turn.end)):
        start, end, speaker = spans[-1] if spans else (0, -1, "")
        near = turn.speaker == speaker and turn.start - end < _JOIN and turn.end - start < _LONGEST
        if spans and (near or turn.start < end):
            spans[-1] = (start, max(end, turn.end), turn.speaker)
        else:
            spans.append((turn.start, turn.end, turn.speaker))
    return [(start, end) for start, end, _ in spans]


def _padded(spans: Sequence[Span], length: int) -> list[Span]:
    halves = [(b[0] - a[1]) // 2 for a, b in pairwise(spans)]
    before, after = [PAD, *halves], [*halves, PAD]
    return [
        (max(0, start - min(PAD, left)), min(length, end + min(PAD, right)))
        for (start, end), left, right in zip(spans, before, after, strict=True)
    ]


def _short_parts(wave: NDArray[np.float32], span: Span) -> list[Span]:
    """Cut where it is quietest between 5 s and 15 s, as often as needed."""
    parts: list[Span] = []
    start, end = span
    while end - start > _LONGEST:
        room = wave[start + _SHORTEST : min(start + _LONGEST, end - _STEP)]
        steps = room[: room.size // _STEP * _STEP].reshape(-1, _STEP).astype(np.float64)
        power = np.convolve((steps**2).mean(1), np.ones(_QUIET), "valid")
        cut = start + _SHORTEST + (int(power.argmin()) + _QUIET // 2) * _STEP
        parts.append((start, cut))
        start = cut
    return [*parts, (start, end)]
