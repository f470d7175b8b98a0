"""The time each line may fill, and the tracks that placed lines go to. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rythmo.errors import UsageError
from rythmo.script.model import Line, sort_lines
from rythmo.script.on_screen import OnScreen, Presence
from rythmo.timebase import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class FitSettings:
    """Limits of the fit. Lengths in samples of the record, speeds as factors (above 1.0 is faster).

    A need up to `reword_above` is stretched rather than reworded: a few percent are not heard, and each
    rewrite costs a translation and a take. `fill_below`: a take that fills less of the original line
    is slowed; `reword_below`: one that fills less than that is worth a longer wording. `slowest_spoken`: the
    least pace that an engine is asked to speak at itself, which sounds more natural than a stretch. `tail`:
    how long a room may ring after the last word, where the slot has room for it.

    Where the picture was looked at, lines follow it. With lips (`with_lips`, set for each line that is on
    screen), a take that would go on for more than `lips_late` after they have closed is hurried by up to
    `lips_speed`, if that brings it to its end in time. Off screen a short take is not slowed, and another
    wording is asked for above `unseen_reword_above` and below `unseen_reword_below` only.
    """

    guard: int = SAMPLE_RATE // 20
    preferred_speed: float = 1.2
    hard_speed: float = 1.5
    slowest: float = 0.85
    slowest_spoken: float = 0.85
    rewrites: int = 2
    reword_above: float = 1.05
    reword_below: float = 0.7
    fill_below: float = 0.95
    phrase_pause: int = SAMPLE_RATE // 4
    least_pause: int = SAMPLE_RATE * 6 // 100
    tail: int = 0
    rate: int = SAMPLE_RATE
    lips_late: int = SAMPLE_RATE // 4
    lips_speed: float = 1.1
    unseen_reword_above: float = 1.2
    unseen_reword_below: float = 0.5
    with_lips: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.slowest <= 1 <= self.preferred_speed <= self.hard_speed or not math.isfinite(
            self.hard_speed
        ):
            raise UsageError(
                f"Speeds {self.slowest}, {self.preferred_speed}, {self.hard_speed} are not in order.",
                hint="It must be: 0 < slowest <= 1 <= preferred <= hard.",
            )

    def for_presence(self, seen: OnScreen | None) -> FitSettings:
        """Return the limits for a line of which the picture shows that."""
        if seen is None or seen.presence in (Presence.UNCLEAR, Presence.PARTLY):
            return self
        if seen.presence is Presence.ON:
            return replace(self, with_lips=True)
        return replace(
            self,
            with_lips=False,
            fill_below=0.0,
            reword_above=max(self.reword_above, self.unseen_reword_above),
            reword_below=min(self.reword_below, self.unseen_reword_below),
        )

    def after_pace(self, pace: float) -> FitSettings:
        """Return the limits that are left for a take that was spoken at `pace` times its own."""
        if pace == 1:
            return self
        return replace(
            self,
            preferred_speed=max(1.0, self.preferred_speed / max(1.0, pace)),
            hard_speed=max(1.0, self.hard_speed / max(1.0, pace)),
            slowest=min(1.0, self.slowest / min(1.0, pace)),
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """The time a line may fill: [start, end). At `own_next` the same speaker's next line starts."""

    start: int
    end: int
    own_next: int
    programme_end: int

    @property
    def length(self) -> int:
        """Samples in the slot."""
        return self.end - self.start


def find_slots(lines: Iterable[Line], length: int, settings: FitSettings | None = None) -> dict[str, Slot]:
    """Return the slot of each line, by id.

    A slot grows from the line's end into the silence that follows, to the next onset of anyone less the
    guard; lines that began before this one ended go on overlapping it. It ends at the same speaker's next
    start and at the programme's end (`length` samples) at the latest. Where an editor cut (`Line.until`) it
    ends there, whatever lies around it.
    """
    guard = (settings or FitSettings()).guard
    ordered = sort_lines(lines)
    starts = [line.start for line in ordered]
    own_next: dict[str, int] = {}
    found: dict[str, Slot] = {}
    for line in reversed(ordered):
        found[line.id] = _find_slot(line, own_next.get(line.speaker), starts, length, guard)
        own_next[line.speaker] = line.start
    return {line.id: found[line.id] for line in ordered}


def find_some_slots(
    lines: Iterable[Line], ids: Collection[str], length: int, settings: FitSettings | None = None
) -> dict[str, Slot]:
    """Return what `find_slots` returns for the lines of these ids.

    A film has thousands of lines, of which an edit changes one.
    """
    guard = (settings or FitSettings()).guard
    ordered = sort_lines(lines)
    starts = [line.start for line in ordered]
    found: dict[str, Slot] = {}
    for number, line in enumerate(ordered):
        if line.id in ids:
            own = (
                other.start for other in islice(ordered, number + 1, None) if other.speaker == line.speaker
            )
            found[line.id] = _find_slot(line, next(own, None), starts, length, guard)
    return found


def _find_slot(line: Line, own_next: int | None, starts: Sequence[int], length: int, guard: int) -> Slot:
    """Return a line's slot, given the same speaker's next start and all lines' starts in order."""
    own = max(length, line.end) if own_next is None else own_next
    end = max(line.end, _find_silence_end(starts, line.end, length, guard))
    last = max(length, line.start)
    end = min(end, own) if line.until is None else line.until
    return Slot(line.start, max(line.start, min(end, last)), own, last)


def _find_silence_end(starts: Sequence[int], end: int, length: int, guard: int) -> int:
    index = bisect_left(starts, end)
    return starts[index] - guard if index < len(starts) else length


def assign_lanes(lines: Iterable[Line]) -> dict[str, int]:
    """Return which track of its speaker each placed line goes to, by id: 0 unless it would overlap there.

    Lines of one speaker on one lane never overlap; only flagged lines make a second lane.
    """
    ends: dict[str, list[int]] = {}
    found: dict[str, int] = {}
    for line in sort_lines(lines):
        if line.placement is None:
            continue
        taken = ends.setdefault(line.speaker, [])
        lane = next((i for i, end in enumerate(taken) if end <= line.placement.start), len(taken))
        taken[lane : lane + 1] = [line.placement.end]
        found[line.id] = lane
    return found
