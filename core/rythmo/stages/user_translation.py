"""Pair the cues of the user's own translation with the original lines. Pure.

Translators split, merge and shift cues. A cue over two lines is divided by its sentences, several cues in one
line are joined, and a constant offset of the whole file is removed before pairing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from statistics import median

from rythmo.script.edit_marks import add_names
from rythmo.script.model import Flag, Line, Severity, Status
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.script.subtitle_file import FileCue
from rythmo.timebase import SAMPLE_RATE

# A cue over two lines is divided when it covers at least this share of both.
_COVERED = 0.5
_LEAST_SHIFT = SAMPLE_RATE * 4 // 10
_FURTHEST = 30 * SAMPLE_RATE
_NEAR = SAMPLE_RATE * 3 // 10
_GRID = SAMPLE_RATE // 10
_MOST_SPLITS = 14
_SENTENCE = re.compile(r"(?<=[.!?…。！？؟])[\"'»”’)\]]*(?:\s+|(?<=[。！？]))(?=\S)")


@dataclass(frozen=True, slots=True)
class PairedTranslation:
    """The result of pairing: lines with translations, cues without a line, and the shift of the file.

    `moved` is in samples; negative when the file was late.
    """

    lines: tuple[Line, ...]
    unpaired: tuple[FileCue, ...]
    moved: int = 0
    shared: int = 0
    """Number of cues that were divided over several lines."""
    cues: Mapping[str, tuple[FileCue, ...]] = field(default_factory=dict)


"""The cues of each line that has any, by the line's id, each with the words that are the line's."""


def pair_translation(
    lines: Sequence[Line], cues: Sequence[FileCue], names: Mapping[str, str]
) -> PairedTranslation:
    """Give each line the cues that overlap it most. `names` maps speaker ids to names.

    Where two people speak at once, a cue that names its speaker goes to that speaker's line. Lines
    without a cue are flagged and stay silent; they are never translated by machine behind the user's back.
    An approved line keeps its words.
    """
    shift = _shift(lines, cues)
    said: dict[str, list[FileCue]] = defaultdict(list)
    unpaired: list[FileCue] = []
    count = 0
    for cue in cues:
        if not cue.text.strip():
            continue
        placed = replace(cue, start=cue.start + shift, end=cue.end + shift)
        several = _several(placed, lines, cues, shift)
        if several:
            count += 1
            for line, text in several:
                said[line.id].append(replace(placed, text=text, shown=""))
            continue
        best = _best(placed, lines, names)
        if best is None:
            unpaired.append(placed)
        else:
            said[best.id].append(placed)
    done = tuple(_translated(line, said.get(line.id, [])) for line in lines)
    by_line = {line_id: tuple(own) for line_id, own in said.items()}
    return PairedTranslation(done, tuple(unpaired), shift, count, by_line)


def _shift(lines: Sequence[Line], cues: Sequence[FileCue]) -> int:
    """Find the constant that moves the cues onto the lines; 0 when none is needed or none is clear."""
    if len(cues) < 3 or len(lines) < 3:
        return 0
    starts = [line.start for line in lines]
    candidates = [d for cue in cues for d in _distances(cue, starts)]
    often = Counter(round(distance / _GRID) * _GRID for distance in candidates)
    tried = [distance for distance, _ in often.most_common(8)]
    best = max(tried, key=lambda shift: (_hits(cues, starts, shift), -abs(shift)), default=0)
    there, here = _hits(cues, starts, best), _hits(cues, starts, 0)
    if abs(best) < _LEAST_SHIFT or there < 0.7 * min(len(cues), len(lines)) or there < here + 2:
        return 0
    near = [d for d in candidates if abs(d - best) <= _NEAR]
    return round(median(near))


def _distances(cue: FileCue, starts: Sequence[int]) -> list[int]:
    low, high = (bisect_left(starts, cue.start + edge) for edge in (-_FURTHEST, _FURTHEST))
    return [start - cue.start for start in starts[low:high]]


def _hits(cues: Sequence[FileCue], starts: Sequence[int], shift: int) -> int:
    """Count the cues that begin where a line does."""
    count = 0
    for cue in cues:
        at = cue.start + shift
        place = bisect_left(starts, at - _NEAR)
        count += place < len(starts) and starts[place] <= at + _NEAR
    return count


def _several(
    cue: FileCue, lines: Sequence[Line], cues: Sequence[FileCue], shift: int
) -> list[tuple[Line, str]]:
    """Divide a cue over the lines it covers, each with its part; [] when it belongs to one line."""
    if cue.part is not None or cue.speaker:
        return []
    inside = [line for line in lines if _shared(cue, line) >= _COVERED * line.length]
    # A line covered by another cue as well takes its words from that one.
    mine = [
        line
        for line in inside
        if not any(
            other.line != cue.line and _shared(_at(other, shift), line) > _shared(cue, line) / 2
            for other in cues
        )
    ]
    parts = _parts(cue) if len(mine) > 1 else []
    if len(parts) < 2:
        return []
    mine = _fewest(mine, len(parts))
    return list(zip(mine, _fitted(parts, [len(line.text) for line in mine]), strict=True))


def _at(cue: FileCue, shift: int) -> FileCue:
    return replace(cue, start=cue.start + shift, end=cue.end + shift)


def _shared(cue: FileCue, line: Line) -> int:
    return max(0, min(cue.end, line.end) - max(cue.start, line.start))


def _parts(cue: FileCue) -> list[str]:
    """Split a cue into its sentences, else into its lines on screen."""
    sentences = [part for part in _SENTENCE.split(cue.text) if strip_sound_notes(part)]
    rows = [
        row for row in cue.shown.replace("<i>", "").replace("</i>", "").split("\n") if strip_sound_notes(row)
    ]
    return sentences if len(sentences) > 1 else rows


def _fewest(lines: Sequence[Line], count: int) -> list[Line]:
    """Return the `count` longest lines, in order."""
    longest = sorted(lines, key=lambda line: -line.length)[:count]
    return [line for line in lines if line in longest]


def _fitted(parts: Sequence[str], sizes: Sequence[int]) -> list[str]:
    """Join the parts, in order, into as many texts as there are sizes, as close to their proportions as
    possible."""
    if len(parts) > _MOST_SPLITS:
        parts = [*parts[: _MOST_SPLITS - 1], " ".join(parts[_MOST_SPLITS - 1 :])]
    total, letters = sum(sizes), [len(part) for part in parts]
    wanted = [size / total for size in sizes]

    def cost(cuts: tuple[int, ...]) -> float:
        edges = [0, *cuts, len(parts)]
        shares = [sum(letters[a:b]) / sum(letters) for a, b in pairwise(edges)]
        return sum((share - want) ** 2 for share, want in zip(shares, wanted, strict=True))

    best = min(combinations(range(1, len(parts)), len(sizes) - 1), key=cost)
    return [" ".join(parts[a:b]) for a, b in pairwise([0, *best, len(parts)])]


def _best(cue: FileCue, lines: Sequence[Line], names: Mapping[str, str]) -> Line | None:
    def merit(line: Line) -> tuple[bool, float]:
        named = cue.speaker is not None and names.get(line.speaker, "").casefold() == cue.speaker.casefold()
        return named, _shared(cue, line) / max(1, min(cue.end - cue.start, line.length))

    overlapping = [line for line in lines if cue.start < line.end and line.start < cue.end]
    return max(overlapping, key=merit, default=None)


def _translated(line: Line, cues: list[FileCue]) -> Line:
    if line.is_approved:
        return line
    edited = add_names(line.edited, "translation")
    text = " ".join(" ".join(cue.text.split()) for cue in cues)
    shown = cues[0].shown if len(cues) == 1 else ""
    if strip_sound_notes(text):
        done = replace(
            line, translation=text, translation_as_shown=shown, status=Status.TRANSLATED, edited=edited
        )
        return done.without_flags("no-translation")
    flag = Flag("no-translation", "The translation file has no text at this line's time.", Severity.WARNING)
    return replace(line, translation="", status=Status.RECOGNISED, edited=edited).add_flags(flag)
