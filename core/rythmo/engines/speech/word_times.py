"""Conversion of recognisers' words to Words with ordered sample positions, and division of long audio."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

from rythmo.engines.base import Turn
from rythmo.engines.speech.word_repair import (
    TimedWord,
    attach_marks,
    bare,
    collapse_loops,
    spread_stacked,
)
from rythmo.media.audio import Audio
from rythmo.script import pace
from rythmo.script.model import Word

_WINDOW_MS = 100


def to_words(timed: Iterable[TimedWord], rate: int, *, offset: int = 0, end: int) -> tuple[Word, ...]:
    """Return words with positions in [offset, end) samples, in order, each at least one sample long.

    Recognisers return times after the end of the sound, words without length, steps back in time, and
    repeated phrases (see word_repair.py). The result contains plain Python values only.
    """
    words: list[Word] = []
    at, limit_s = offset, (end - offset) / rate
    for one in spread_stacked(collapse_loops(attach_marks(_in_order(timed, limit_s))), limit_s):
        start = min(max(at, offset + round(one.start_s * rate)), end - 1)
        stop = min(max(start + 1, offset + round(one.end_s * rate)), end)
        words.append(Word(one.text, start, stop, one.confidence, one.language))
        at = start
    return tuple(words)


def _in_order(timed: Iterable[TimedWord], limit_s: float) -> list[TimedWord]:
    out: list[TimedWord] = []
    at = 0.0
    for one in timed:
        if text := str(one.text).strip():
            start = min(max(at, _finite(one.start_s, at)), limit_s)
            stop = min(max(start, _finite(one.end_s, start)), limit_s)
            out.append(TimedWord(text, start, stop, _share(one.confidence), one.language))
            at = start
    return out


def _finite(value: float, otherwise: float) -> float:
    # float(), because libraries return numpy's numbers, which msgspec and json can't write.
    return float(value) if math.isfinite(value) else otherwise


def _share(confidence: float | None) -> float | None:
    if confidence is None or not math.isfinite(confidence):
        return None
    return min(1.0, max(0.0, float(confidence)))


def spread_words(
    text: str, start_s: float, end_s: float, language: str, confidence: float | None = None
) -> list[TimedWord]:
    """Distribute the words of a text over a stretch of time, each in proportion to its letters.

    This is for recognisers that time only whole sentences. Scripts without spaces give one word per
    character.
    """
    parts = split(text, language)
    weights = [max(1, len(bare(part))) for part in parts]
    edges = np.concatenate([[0.0], np.cumsum(weights)]) / max(1, sum(weights))
    at = [start_s + float(edge) * (end_s - start_s) for edge in edges]
    return [TimedWord(part, at[n], at[n + 1], confidence) for n, part in enumerate(parts)]


def split(text: str, language: str) -> list[str]:
    """Split a text into words with their punctuation."""
    if pace.choose_unit(language) is pace.PaceUnit.WORDS:
        return text.split()
    # Latin words and numbers stay whole inside Chinese or Japanese.
    return re.findall(r"[A-Za-z0-9'’]+[^\w\s]*|\w[^\w\s]*|[^\w\s]+", text)  # noqa: RUF001 - both apostrophes


def pieces(sound: Audio, turns: Sequence[Turn], longest_s: float) -> list[tuple[int, int]]:
    """Return [start, end) of pieces of at most `longest_s` seconds, cut where nobody speaks.

    A cut is in the widest gap between turns in a piece's last third, or else at its quietest tenth of a
    second.
    """
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
    """Return stretches of speech as [start, end) in samples, in order, without overlaps.

    They have a margin of `margin_s`, are joined over gaps up to `join_s`, and are at most `longest_s` long.
    """
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
