"""The dialogue list: every line in both languages, in order of time."""

from __future__ import annotations

from rythmo_bridge.papers.paper import TIME_WIDTH, Paper, format_range, list_facts, make_words_column
from rythmo_bridge.tables.sheet import Cell, Column, Sheet
from rythmo_bridge.timeline import DialogueEntry, Timeline

TITLE = "Dialogue list"


def make_dialogue_list(timeline: Timeline) -> Paper:
    """Return the dialogue list of a timeline."""
    columns = (
        Column("No.", 6),
        Column("Loop", 7),
        Column("In", TIME_WIDTH),
        Column("Out", TIME_WIDTH),
        Column("Character", 18, wrap=True),
        make_words_column("Original", timeline.source_language),
        make_words_column("Translation", timeline.language),
        Column("Line", 11),
        Column("Notes", 30, wrap=True),
    )
    rows = tuple(_make_row(timeline, number, entry) for number, entry in enumerate(timeline.dialogue, 1))
    facts = list_facts(timeline)
    heading = " · ".join((TITLE, *facts))
    return Paper(TITLE, facts, (Sheet(TITLE, columns, rows, frozen=2, heading=heading),))


def _make_row(timeline: Timeline, number: int, entry: DialogueEntry) -> tuple[Cell, ...]:
    start, end = format_range(timeline, entry.start, entry.end)
    words = entry.text, entry.translation
    return (number, entry.loop, start, end, entry.speaker, *words, entry.line, " ".join(entry.notes))
