"""The cue sheet: what is recorded, loop by loop, with room for what happens in the studio."""

from __future__ import annotations

from rythmo_bridge.papers.paper import (
    TIME_WIDTH,
    Paper,
    format_range,
    format_screen,
    format_seconds,
    list_facts,
    make_words_column,
    sort_by_loop,
)
from rythmo_bridge.tables.sheet import Cell, Column, Sheet
from rythmo_bridge.timeline import DialogueEntry, Timeline

TITLE = "Cue sheet"


def make_cue_sheet(timeline: Timeline) -> Paper:
    """Return the cue sheet of a timeline. Its times are those of the original that the actor follows."""
    columns = (
        Column("Loop", 7),
        Column("Cue", 11),
        Column("In", TIME_WIDTH),
        Column("Out", TIME_WIDTH),
        Column("Seconds", 9),
        Column("Character", 18, wrap=True),
        Column("Screen", 9),
        make_words_column("Original", timeline.source_language, 40),
        make_words_column("Translation", timeline.language, 44),
        Column("Direction", 18, wrap=True),
        Column("Take", 7, locked=False),
        Column("Notes", 22, locked=False, wrap=True),
    )
    rows = tuple(_make_row(timeline, entry) for entry in sort_by_loop(timeline))
    facts = list_facts(timeline)
    heading = " · ".join((TITLE, *facts))
    return Paper(TITLE, facts, (Sheet(TITLE, columns, rows, frozen=2, heading=heading),))


def _make_row(timeline: Timeline, entry: DialogueEntry) -> tuple[Cell, ...]:
    start, end = entry.spoken_range
    times = format_range(timeline, start, end)
    seconds = format_seconds(timeline, end - start)
    return (
        entry.loop,
        entry.line,
        *times,
        seconds,
        entry.speaker,
        format_screen(entry),
        entry.text,
        entry.translation,
        entry.direction,
        "",
        "",
    )
