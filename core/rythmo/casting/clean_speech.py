"""Which speech of somebody is clean enough to know or to clone them by. Pure, apart from the measuring it is
given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rythmo.script.model import Line
from rythmo.timebase import SAMPLE_RATE

TARGET = 8 * SAMPLE_RATE
LEAST = 5 * SAMPLE_RATE
MOST = 15 * SAMPLE_RATE
_MARGIN = SAMPLE_RATE // 10
"""What two people share is left out, and this much on either side: reverberation and late onsets."""
_SHORTEST = SAMPLE_RATE // 2
_MOST_LOOKED_AT = 60
_CLEAR_DB = 15.0
_FAIR_DB = 6.0
_CLIPPED = 0.999


@dataclass(frozen=True, slots=True)
class MeasuredSpan:
    """[start, end) of the programme: the peak of the original there (1.0 is full scale), and the level of
    speech over what is not speech, in dB."""

    start: int
    end: int
    peak: float
    over_residue_db: float

    @property
    def length(self) -> int:
        """Samples."""
        return self.end - self.start


Measure = Callable[[int, int], MeasuredSpan]


def find_solo_speech(lines: Sequence[Line], speaker: str) -> tuple[tuple[int, int], ...]:
    """Return where that speaker speaks and nobody else does: samples, the longest first."""
    others = [(line.start - _MARGIN, line.end + _MARGIN) for line in lines if line.speaker != speaker]
    spans = (
        span
        for line in lines
        if line.speaker == speaker
        for span in _subtract_spans(_trim_to_words(line), others)
    )
    return tuple(sorted((s for s in spans if s[1] - s[0] >= _SHORTEST), key=lambda s: (s[0] - s[1], s)))


def _trim_to_words(line: Line) -> tuple[int, int]:
    """From the first word to the last: a line that a person stretched holds silence."""
    if not line.words:
        return line.start, line.end
    start, end = max(line.start, line.words[0].start), min(line.end, line.words[-1].end)
    return (start, end) if start < end else (line.start, line.end)


def _subtract_spans(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    parts = [span]
    for start, end in others:
        parts = [
            part for a, b in parts for part in ((a, min(b, start)), (max(a, end), b)) if part[0] < part[1]
        ]
    return parts


def choose_clean_spans(spans: Sequence[tuple[int, int]], measure: Measure) -> tuple[MeasuredSpan, ...]:
    """Return the longest clean spans, in order of time, until there are 8 s of them; never above 15 s.

    Clean is: not clipped, speech 15 dB above what is left in the bed. Where that gives less than 5 s, spans
    of 6 dB are taken as well, the clearest first; where there is nothing at all, whatever is not clipped.
    """
    taken: list[MeasuredSpan] = []
    rest: list[MeasuredSpan] = []
    for start, end in spans[:_MOST_LOOKED_AT]:
        if _sum_lengths(taken) >= TARGET:
            break
        found = measure(start, min(end, start + MOST))
        if found.peak < _CLIPPED:
            (taken if found.over_residue_db >= _CLEAR_DB else rest).append(found)
    for one in sorted(rest, key=lambda m: (-m.over_residue_db, m.start)):
        if _sum_lengths(taken) >= LEAST or (taken and one.over_residue_db < _FAIR_DB):
            break
        taken.append(one)
    return tuple(sorted(_keep_within_limit(taken), key=lambda m: m.start))


def _keep_within_limit(taken: Sequence[MeasuredSpan]) -> list[MeasuredSpan]:
    """In order of choice while they stay within the longest allowed; the first always."""
    kept: list[MeasuredSpan] = []
    for one in taken:
        if not kept or _sum_lengths(kept) + one.length <= MOST:
            kept.append(one)
    return kept


def _sum_lengths(found: Iterable[MeasuredSpan]) -> int:
    return sum(one.length for one in found)
