"""Give what a segmentation network tells apart the edges that a detector of speech hears.

The network's frames say well who speaks, and less well when: its turns begin late, end early, and change
hands for a syllable in the middle of a sentence. The detector's spans are exact to some milliseconds, and
they know nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rythmo.engines.base import Turn
from rythmo.timebase import SAMPLE_RATE

_SHORTEST = round(0.5 * SAMPLE_RATE)
"""Samples under which a person's part of an unbroken span is taken to be the others'."""
_NEAR = SAMPLE_RATE
"""Samples within which a span that the network did not hear belongs to the person next to it."""
_SYLLABLE = round(0.3 * SAMPLE_RATE)
"""Samples under which a turn belongs to the one next to it, unless there is a longer pause between."""
_ALONE = round(0.3 * SAMPLE_RATE)
"""Samples from which a turn that the detector did not hear is kept."""


def fit_to_spans(turns_heard: Sequence[Turn], spans: Sequence[tuple[int, int]]) -> tuple[Turn, ...]:
    """Return the turns with the edges of `spans` ([start, end) in samples at 48 kHz), in order of start.

    A span without anybody goes to whoever speaks within a second of it. Where people speak at once, the one
    who has less of the span keeps a turn of their own beside the other's. Without spans nothing changes.
    """
    if not spans:
        return tuple(turns_heard)
    fitted = [one for span in spans for one in _share_out(span, turns_heard)]
    unheard = [one for one in turns_heard if not any(_overlap(one, span) > 0 for span in spans)]
    fitted += [one for one in unheard if one.end - one.start >= _ALONE]
    return tuple(_follow(sorted(fitted, key=lambda one: (one.start, one.speaker))))


def _follow(turns: Sequence[Turn]) -> list[Turn]:
    """Give a syllable to whoever speaks right after it, or spoke right before: "Sir," is no turn."""
    found = list(turns)
    for at, one in enumerate(found):
        if one.end - one.start >= _SYLLABLE:
            continue
        others = [found[near] for near in (at + 1, at - 1) if 0 <= near < len(found)]
        beside = [
            (_gap(one, other), other.speaker) for other in others if other.end - other.start >= _SHORTEST
        ]
        if beside and min(beside)[0] <= _SYLLABLE:
            found[at] = replace(one, speaker=min(beside)[1])
    return found


def _gap(one: Turn, other: Turn) -> int:
    return max(0, one.start - other.end, other.start - one.end)


def _share_out(span: tuple[int, int], turns_heard: Sequence[Turn]) -> list[Turn]:
    start, end = span
    inside = [
        replace(one, start=max(one.start, start), end=min(one.end, end))
        for one in turns_heard
        if _overlap(one, span) > 0
    ]
    if not inside:
        near = min(turns_heard, key=lambda one: max(one.start - end, start - one.end), default=None)
        if near is None or max(near.start - end, start - near.end) > _NEAR:
            return []
        return [Turn(start, end, near.speaker)]
    turns = _take_turns(inside)
    turns[0] = replace(turns[0], start=start)
    turns[-1] = replace(turns[-1], end=end)
    for at in range(len(turns) - 1):
        middle = (turns[at].end + turns[at + 1].start) // 2
        turns[at], turns[at + 1] = replace(turns[at], end=middle), replace(turns[at + 1], start=middle)
    return [*turns, *_beside(inside, turns)]


def _take_turns(inside: Sequence[Turn]) -> list[Turn]:
    """Return who has the span after whom: the longest parts, without those that are too short to be turns."""
    total = _totals(inside)
    turns: list[Turn] = []
    for one in sorted(inside, key=lambda one: (one.start, -total[one.speaker])):
        last = turns[-1] if turns else None
        if last is not None and last.speaker == one.speaker:
            turns[-1] = replace(last, end=max(last.end, one.end))
        elif last is None or one.end > last.end:
            turns.append(replace(one, start=max(one.start, last.end)) if last else one)
    while len(turns) > 1:
        least = min(range(len(turns)), key=lambda at: turns[at].end - turns[at].start)
        if turns[least].end - turns[least].start >= _SHORTEST:
            break
        del turns[least]
        turns = _join_neighbours(turns)
    return turns


def _join_neighbours(turns: Sequence[Turn]) -> list[Turn]:
    joined: list[Turn] = []
    for one in turns:
        if joined and joined[-1].speaker == one.speaker:
            joined[-1] = replace(joined[-1], end=one.end)
        else:
            joined.append(one)
    return joined


def _beside(inside: Sequence[Turn], turns: Sequence[Turn]) -> list[Turn]:
    """Return turns_heard that lie within somebody else's turn, and are long enough to be heard as such."""
    return [
        one
        for one in inside
        if one.end - one.start >= _SHORTEST
        and any(
            turn.speaker != one.speaker and turn.start <= one.start and one.end <= turn.end for turn in turns
        )
    ]


def _totals(inside: Iterable[Turn]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in inside:
        total[one.speaker] = total.get(one.speaker, 0) + one.end - one.start
    return total


def _overlap(one: Turn, span: tuple[int, int]) -> int:
    return min(one.end, span[1]) - max(one.start, span[0])
