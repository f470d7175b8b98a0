"""`Paper`: what is printed for a studio, and the cells that all papers have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rythmo.counts import format_count
from rythmo.languages import language_name
from rythmo.timebase import find_frame, format_timecode, nearest_frame
from rythmo_bridge.tables.sheet import Cell, Column, Sheet
from rythmo_bridge.timeline import DialogueEntry, Timeline

TIME_WIDTH = 13
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_SCREEN = {"ON": "on", "OFF": "off", "ON_OFF": "on, then off", "OFF_ON": "off, then on"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of one or more tables. `facts` are printed under the title: programme, languages, rate."""

    title: str
    facts: tuple[str, ...]
    sheets: tuple[Sheet, ...]


def list_facts(timeline: Timeline) -> tuple[str, ...]:
    """Return what the head of each paper says about the programme."""
    rate = timeline.frame_rate
    shown = f"{float(rate):.3f}".rstrip("0").rstrip(".")
    counted = "drop frame" if timeline.drop else "non-drop" if rate.denominator > 1 else ""
    languages = [language_name(one) for one in (timeline.source_language, timeline.language) if one]
    return tuple(
        fact
        for fact in (
            timeline.name,
            " → ".join(languages),
            f"{shown} fps{f' {counted}' if counted else ''}",
            f"{format_count(len(timeline.dialogue), 'line')}, {format_count(len(timeline.loops), 'loop')}",
        )
        if fact
    )


def format_range(timeline: Timeline, start: int, end: int) -> tuple[str, str]:
    """Return the timecodes of [start, end) in samples."""
    rate, samples = timeline.frame_rate, timeline.sample_rate
    frames = find_frame(start, rate, samples), nearest_frame(end, rate, samples)
    first, last = (format_timecode(timeline.start_frame + f, rate, drop=timeline.drop) for f in frames)
    return first, last


def format_seconds(timeline: Timeline, samples: int) -> float:
    """Return a length in seconds, to a tenth."""
    return round(samples / timeline.sample_rate, 1)


def format_screen(entry: DialogueEntry) -> str:
    """Return whether the speaker is seen, in words; "" where it is not known."""
    return _SCREEN.get(entry.on_screen, "")


def make_words_column(title: str, language: str, width: int = 46) -> Column:
    """Return a column of words in a language."""
    head = f"{title} ({language})" if language else title
    right_to_left = language.partition("-")[0] in _RIGHT_TO_LEFT
    return Column(head, width, wrap=True, right_to_left=right_to_left)


def sort_by_loop(timeline: Timeline) -> Sequence[DialogueEntry]:
    """Return the lines in the order in which their loops are recorded."""
    order = {loop.number: place for place, loop in enumerate(timeline.loops)}
    last = len(order)
    return sorted(timeline.dialogue, key=lambda entry: order.get(entry.loop, last))


def make_line_paper(
    title: str,
    timeline: Timeline,
    columns: Sequence[Column],
    make_cells: Callable[[DialogueEntry], tuple[Cell, ...]],
) -> Paper:
    """Return a paper with a row for each line: its number, loop, times and character, then `columns`.

    `make_cells` gives the cells under `columns`.
    """
    head = (
        Column("No.", 6),
        Column("Loop", 7),
        Column("In", TIME_WIDTH),
        Column("Out", TIME_WIDTH),
        Column("Character", 18, wrap=True),
    )
    rows = tuple(
        (
            number,
            entry.loop,
            *format_range(timeline, entry.start, entry.end),
            entry.speaker,
            *make_cells(entry),
        )
        for number, entry in enumerate(timeline.dialogue, 1)
    )
    facts = list_facts(timeline)
    heading = " · ".join((title, *facts))
    return Paper(title, facts, (Sheet(title, (*head, *columns), rows, frozen=2, heading=heading),))
