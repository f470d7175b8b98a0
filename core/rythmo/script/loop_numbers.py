"""Number recording loops, and keep the numbers that were handed out. Pure.

A loop's number is on paper in the studio as soon as a cue sheet was delivered. So an edit never renumbers:
lines keep their loop, new lines join the loop that they lie in or next to, and a loop that has to be added
between 12 and 13 is 12A. Numbers of loops that went away are not given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby
from string import ascii_uppercase

from rythmo.script.loops import Loop, LoopSettings, fits_one_loop, group_lines, make_loop
from rythmo.script.model import Line, sort_lines
from rythmo.timebase import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class LoopPlan:
    """The loops of a script in order of start, the settings they follow, and every number ever given."""

    loops: tuple[Loop, ...] = ()
    settings: LoopSettings = field(default_factory=LoopSettings)
    used: tuple[str, ...] = ()

    def find_numbers(self) -> dict[str, str]:
        """Return the number of each line's loop, by the line's id."""
        return {line: loop.number for loop in self.loops for line in loop.lines}


def plan_loops(lines: Iterable[Line], settings: LoopSettings, rate: int = SAMPLE_RATE) -> LoopPlan:
    """Group lines into loops and number them from 1."""
    groups = group_lines(lines, settings, rate)
    loops = tuple(make_loop(str(number), group) for number, group in enumerate(groups, 1))
    return LoopPlan(loops, settings, tuple(loop.number for loop in loops))


def update_loops(plan: LoopPlan, lines: Iterable[Line], rate: int = SAMPLE_RATE) -> LoopPlan:
    """Return the plan for lines that were edited since: the same loops, as far as the lines allow.

    A line that moved to another loop's time, or went to another character of a plan by character, is placed
    anew; as few lines as possible change their loop.
    """
    ordered, settings = sort_lines(lines), plan.settings
    names = _Names(plan)
    if settings.by == "time":
        groups = _place_lines(ordered, plan.loops, settings, rate, names)
    else:
        speakers = dict.fromkeys(line.speaker for line in ordered)
        groups = [
            group
            for speaker in speakers
            for group in _place_lines(
                [line for line in ordered if line.speaker == speaker],
                [loop for loop in plan.loops if speaker in loop.speakers],
                settings,
                rate,
                names,
            )
        ]
    loops = sorted((make_loop(*group) for group in groups), key=lambda loop: (loop.start, loop.lines[0]))
    return LoopPlan(tuple(loops), settings, tuple(names.used))


class _Names:
    """Gives numbers that no loop ever had."""

    def __init__(self, plan: LoopPlan) -> None:
        self._loops = plan.loops
        self.used = list(plan.used)

    def add_at(self, start: int) -> str:
        """Return a number for a new loop that starts there: the next one after all loops, else the number of
        the loop before it with a letter."""
        before = [loop for loop in self._loops if loop.start <= start]
        if len(before) == len(self._loops):
            name = str(max(map(_read_base, self.used), default=0) + 1)
        else:
            base = _read_base(before[-1].number) if before else 0
            name = next(new for letters in _count_letters() if (new := f"{base}{letters}") not in self.used)
        self.used.append(name)
        return name


def _read_base(number: str) -> int:
    """Return the whole number that a loop's number begins with."""
    return int(number.rstrip(ascii_uppercase) or 0)


def _count_letters() -> Iterator[str]:
    """Yield A, B ... Z, AA, AB ..."""
    for number in count(1):
        letters, left = "", number
        while left:
            left, rest = divmod(left - 1, len(ascii_uppercase))
            letters = ascii_uppercase[rest] + letters
        yield letters


_STAYED = 2
"""The weight of a line that did not move, against 1."""
Group = tuple[str, Sequence[Line]]


def _place_lines(
    lines: Sequence[Line], loops: Sequence[Loop], settings: LoopSettings, rate: int, names: _Names
) -> list[Group]:
    """Return the number and the lines of each loop. `lines` and `loops` are in order of start."""
    ranks = _rank_lines(lines, loops)
    kept: dict[int, list[Line]] = {}
    for line, rank in zip(lines, ranks, strict=True):
        if rank is not None:
            kept.setdefault(rank, []).append(line)
    groups: list[Group] = []
    left: int | None = None
    for rank, run in groupby(range(len(lines)), key=lambda at: ranks[at]):
        places = list(run)
        if rank is not None:
            left = rank
            continue
        right = next((one for one in ranks[places[-1] + 1 :] if one is not None), None)
        loose = [lines[at] for at in places]
        loose = _join_neighbours(loose, left, right, kept, settings, rate)
        groups += [(names.add_at(one[0].start), one) for one in group_lines(loose, settings, rate)]
    groups += [(loops[rank].number, sort_lines(members)) for rank, members in kept.items()]
    return groups


def _join_neighbours(
    loose: list[Line],
    left: int | None,
    right: int | None,
    kept: dict[int, list[Line]],
    settings: LoopSettings,
    rate: int,
) -> list[Line]:
    """Add lines to the loops on either side of them, and return those that fit neither."""
    if left is not None and left == right:
        kept[left] += loose
        return []
    rest = list(loose)
    while left is not None and rest and fits_one_loop(sort_lines([*kept[left], rest[0]]), settings, rate):
        kept[left].append(rest.pop(0))
    while right is not None and rest and fits_one_loop(sort_lines([rest[-1], *kept[right]]), settings, rate):
        kept[right].append(rest.pop())
    return rest


def _rank_lines(lines: Sequence[Line], loops: Sequence[Loop]) -> list[int | None]:
    """Return the place of each line's loop among the loops, None for lines that have to be placed.

    The lines that keep their loop are the longest series in which loops follow in order. A line that is still
    where its loop was counts more than one that moved.
    """
    known = {line: rank for rank, loop in enumerate(loops) for line in loop.lines}
    ranks = [known.get(line.id) for line in lines]
    best = _HighestBefore(len(loops))
    previous: dict[int, int] = {}
    for at, (line, rank) in enumerate(zip(lines, ranks, strict=True)):
        if rank is None:
            continue
        total, previous[at] = best.find(rank)
        stayed = loops[rank].start <= line.start < loops[rank].end
        best.put(rank, (total + (_STAYED if stayed else 1), at))
    kept: set[int] = set()
    _, last = best.find(len(loops) - 1)
    while last >= 0:
        kept.add(last)
        last = previous[last]
    return [rank if at in kept else None for at, rank in enumerate(ranks)]


class _HighestBefore:
    """The best series that ends in a loop or in one before it: its weight and the place of its last line.

    It is a Fenwick tree, because a film has thousands of lines.
    """

    def __init__(self, count: int) -> None:
        self._tree = [(0, -1)] * (count + 1)

    def find(self, rank: int) -> tuple[int, int]:
        """Return the best one that ends in the loop `rank` or before it."""
        found, place = (0, -1), rank + 1
        while place > 0:
            found = max(found, self._tree[place])
            place -= place & -place
        return found

    def put(self, rank: int, series: tuple[int, int]) -> None:
        """Add a series that ends in that loop."""
        place = rank + 1
        while place < len(self._tree):
            self._tree[place] = max(self._tree[place], series)
            place += place & -place
