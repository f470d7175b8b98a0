"""The dialogue list: every line in both languages, in order of time."""

from __future__ import annotations

from rythmo_bridge.papers.paper import Paper, make_line_paper, make_words_column
from rythmo_bridge.tables.sheet import Cell, Column
from rythmo_bridge.timeline import DialogueEntry, Timeline

TITLE = "Dialogue list"


def make_dialogue_list(timeline: Timeline) -> Paper:
    """Return the dialogue list of a timeline."""
    columns = (
        make_words_column("Original", timeline.source_language),
        make_words_column("Translation", timeline.language),
        Column("Line", 11),
        Column("Notes", 30, wrap=True),
    )
    return make_line_paper(TITLE, timeline, columns, _make_cells)


def _make_cells(entry: DialogueEntry) -> tuple[Cell, ...]:
    return (entry.text, entry.translation, entry.line, " ".join(entry.notes))
