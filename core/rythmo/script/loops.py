"""Group lines into recording loops, the stretches that a dubbing studio records one at a time. Pure.

A loop ends where the trade ends it. The defaults are what Spanish adapters are taught: at most 30 seconds,
ten lines of 60 characters, five of them by one character without a break, and a new loop after six seconds
of silence ("El doblaje: takes para dobladores", En pocas palabras, 2012; "La segmentación del texto",
Traducción audiovisual, Utah Education Network). French loops last about 30 seconds as well. In the United
States each speech of a character is a loop of its own, for which `by = "character"` comes nearest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rythmo.errors import UsageError
from rythmo.script.model import Line, sort_lines
from rythmo.timebase import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """Where recording loops end.

    `by` is "time" (a loop holds everybody who speaks in it) or "character" (each character has loops of their
    own). `text_lines` counts lines of `line_width` characters, as a dubbing script prints them;
    `speaker_lines` those of one character without a break. A line that exceeds a limit alone is a loop alone.
    """

    by: Literal["time", "character"] = "time"
    longest_seconds: float = 30.0
    pause_seconds: float = 6.0
    text_lines: int = 10
    speaker_lines: int = 5
    line_width: int = 60

    def __post_init__(self) -> None:
        numbers = (
            self.longest_seconds,
            self.pause_seconds,
            self.text_lines,
            self.speaker_lines,
            self.line_width,
        )
        if not all(math.isfinite(number) and number > 0 for number in numbers):
            raise UsageError("A limit of the loops is not above 0.", hint="Give seconds and lines above 0.")


@dataclass(frozen=True, slots=True)
class Loop:
    """Lines that are recorded together: [start, end) in samples, ids of lines in order of start, and of the
    speakers in order of their first line. `number` is what people call it: "12", or "12A" for one that came
    later."""

    number: str
    start: int
    end: int
    lines: tuple[str, ...]
    speakers: tuple[str, ...]


_DEFAULTS = LoopSettings()


def group_lines(
    lines: Iterable[Line], settings: LoopSettings = _DEFAULTS, rate: int = SAMPLE_RATE
) -> list[list[Line]]:
    """Return the lines of each loop, in order of the loops' starts. `rate` is samples a second.

    Where a stretch of speech exceeds a limit, it is cut at the longest silence in the second half of what
    fits.
    """
    ordered = sort_lines(lines)
    lanes = [ordered] if settings.by == "time" else _split_by_speaker(ordered)
    groups = [group for lane in lanes for group in _cut_lane(lane, settings, rate)]
    return sorted(groups, key=lambda group: (group[0].start, group[0].id))


def make_loop(number: str, lines: Sequence[Line]) -> Loop:
    """Return the loop that these lines, in order of start, make."""
    return Loop(
        number,
        lines[0].start,
        max(line.end for line in lines),
        tuple(line.id for line in lines),
        tuple(dict.fromkeys(line.speaker for line in lines)),
    )


def fits_one_loop(lines: Sequence[Line], settings: LoopSettings, rate: int = SAMPLE_RATE) -> bool:
    """Whether lines, in order of start, keep every limit of one loop."""
    return _count_fitting(lines, settings, rate) == len(lines)


def _split_by_speaker(lines: Sequence[Line]) -> list[list[Line]]:
    lanes: dict[str, list[Line]] = {}
    for line in lines:
        lanes.setdefault(line.speaker, []).append(line)
    return list(lanes.values())


def _cut_lane(lane: Sequence[Line], settings: LoopSettings, rate: int) -> Iterable[list[Line]]:
    rest = list(lane)
    while rest:
        count = _count_fitting(rest, settings, rate)
        if count < len(rest) and not _is_pause(rest[:count], rest[count], settings, rate):
            count = _choose_cut(rest, count)
        yield rest[:count]
        rest = rest[count:]


def _count_fitting(lines: Sequence[Line], settings: LoopSettings, rate: int) -> int:
    """Return how many lines, from the first, make one loop; at least one."""
    end, total, run, speaker = lines[0].start, 0, 0, ""
    for count, line in enumerate(lines):
        length = _count_text_lines(line, settings.line_width)
        run = run + length if line.speaker == speaker else length
        total, speaker = total + length, line.speaker
        over = (
            _is_pause(lines[:count], line, settings, rate)
            or max(end, line.end) - lines[0].start > settings.longest_seconds * rate
            or total > settings.text_lines
            or run > settings.speaker_lines
        )
        if count and over:
            return count
        end = max(end, line.end)
    return len(lines)


def _is_pause(before: Sequence[Line], line: Line, settings: LoopSettings, rate: int) -> bool:
    """Whether so much silence lies before a line that it begins a loop."""
    if not before:
        return False
    return line.start - max(one.end for one in before) >= settings.pause_seconds * rate


def _choose_cut(lines: Sequence[Line], count: int) -> int:
    """Return after how many lines to cut, where `count` would fit: before the longest silence in the second
    half of them, the last one of several."""
    ends = [lines[0].end]
    for line in lines[1:count]:
        ends.append(max(ends[-1], line.end))
    candidates = range(max(1, (count + 1) // 2), count + 1)
    return max(candidates, key=lambda at: (max(0, lines[at].start - ends[at - 1]), at))


def _count_text_lines(line: Line, width: int) -> int:
    """Return how many lines of a printed script its words fill."""
    return max(1, math.ceil(len(line.spoken_translation or line.spoken_text) / width))
