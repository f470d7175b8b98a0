"""The cross-reference: which characters are in which loops, from which recording days are planned."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from rythmo_bridge.papers.paper import TIME_WIDTH, Paper, format_range, format_seconds, list_facts
from rythmo_bridge.tables.sheet import Cell, Column, Sheet
from rythmo_bridge.timeline import DialogueEntry, Timeline

TITLE = "Cross-reference"
_MOST_COLUMNS = 40
"""Characters with a column of their own; a page holds no more. Those with the fewest lines share one."""
_LINE_WIDTH = 60
_SHADE = "DDEBF7"


def make_cross_reference(timeline: Timeline) -> Paper:
    """Return the cross-reference of a timeline: a table of characters, and one of loops."""
    facts = list_facts(timeline)
    heading = " · ".join((TITLE, *facts))
    people = _group_by_speaker(timeline)
    return Paper(
        TITLE, facts, (_list_characters(timeline, people, heading), _list_loops(timeline, people, heading))
    )


def _group_by_speaker(timeline: Timeline) -> dict[str, list[DialogueEntry]]:
    """Return the lines of each character, the one with the most lines first."""
    people: dict[str, list[DialogueEntry]] = {}
    for entry in timeline.dialogue:
        people.setdefault(entry.speaker, []).append(entry)
    return dict(sorted(people.items(), key=lambda item: -len(item[1])))


def _list_characters(timeline: Timeline, people: dict[str, list[DialogueEntry]], heading: str) -> Sheet:
    columns = (
        Column("Character", 22, wrap=True),
        Column("Lines", 7),
        Column("Loops", 7),
        Column(f"Lines of {_LINE_WIDTH}", 10),
        Column("Words", 8),
        Column("Seconds", 9),
        Column("First", TIME_WIDTH),
        Column("Last", TIME_WIDTH),
        Column("In loops", 60, wrap=True),
    )
    order = [loop.number for loop in timeline.loops]
    rows = tuple(_describe_character(timeline, name, entries, order) for name, entries in people.items())
    return Sheet("Characters", columns, rows, heading=heading)


def _describe_character(
    timeline: Timeline, name: str, entries: Sequence[DialogueEntry], order: Sequence[str]
) -> tuple[Cell, ...]:
    loops = {entry.loop for entry in entries if entry.loop}
    texts = [entry.translation or entry.text for entry in entries]
    first, last = (
        min(entry.spoken_range[0] for entry in entries),
        max(entry.spoken_range[1] for entry in entries),
    )
    return (
        name,
        len(entries),
        len(loops),
        sum(max(1, math.ceil(len(text) / _LINE_WIDTH)) for text in texts),
        sum(len(text.split()) for text in texts),
        format_seconds(timeline, sum(end - start for start, end in (one.spoken_range for one in entries))),
        *format_range(timeline, first, last),
        join_numbers([number for number in order if number in loops], order),
    )


def join_numbers(numbers: Sequence[str], order: Sequence[str]) -> str:
    """Return loops' numbers as people write them: those that follow one another as "3-6"."""
    place = {number: at for at, number in enumerate(order)}
    parts: list[list[str]] = []
    for number in numbers:
        if parts and place[number] == place[parts[-1][-1]] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(part[0] if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def _list_loops(timeline: Timeline, people: dict[str, list[DialogueEntry]], heading: str) -> Sheet:
    shown = list(people) if len(people) <= _MOST_COLUMNS else list(people)[: _MOST_COLUMNS - 1]
    others = set(people) - set(shown)
    columns = (
        Column("Loop", 7),
        Column("In", TIME_WIDTH),
        Column("Out", TIME_WIDTH),
        Column("Seconds", 9),
        Column("Lines", 7),
        Column("Characters", 11),
        *(Column(name, 5, upright=True, shade=_SHADE) for name in shown),
        *((Column(f"{len(others)} others", 5, upright=True, shade=_SHADE),) if others else ()),
    )
    counts: dict[str, Counter[str]] = {}
    for entry in timeline.dialogue:
        counts.setdefault(entry.loop, Counter())[entry.speaker] += 1
    rows = []
    for loop in timeline.loops:
        count = counts.get(loop.number, Counter())
        cells: list[Cell] = [
            loop.number,
            *format_range(timeline, loop.start, loop.end),
            format_seconds(timeline, loop.end - loop.start),
            count.total(),
            len(count),
        ]
        cells += [count[name] or None for name in shown]
        if others:
            cells.append(sum(count[name] for name in others) or None)
        rows.append(tuple(cells))
    return Sheet("Loops", columns, tuple(rows), heading=heading)
