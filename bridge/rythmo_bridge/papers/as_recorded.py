"""The as-recorded script: what is heard in the dub, when, and whose voice it is."""

from __future__ import annotations

from rythmo.script.takes import TakeKind
from rythmo_bridge.papers.paper import Paper, make_line_paper, make_words_column
from rythmo_bridge.tables.sheet import Cell, Column
from rythmo_bridge.timeline import DialogueEntry, Timeline

TITLE = "As-recorded script"
NOT_RECORDED = "not recorded"


def make_as_recorded(timeline: Timeline) -> Paper:
    """Return the as-recorded script of a timeline. Its times are those at which the takes are heard."""
    columns = (
        make_words_column("Recorded", timeline.language),
        make_words_column("Original", timeline.source_language, 40),
        Column("Voice", 18, wrap=True),
        Column("Take", 17),
        Column("Speed", 7),
        Column("Remarks", 30, wrap=True),
    )
    return make_line_paper(TITLE, timeline, columns, _make_cells)


def _make_cells(entry: DialogueEntry) -> tuple[Cell, ...]:
    if not entry.take:
        return ("", entry.text, "", "", None, NOT_RECORDED)
    speed = round(entry.speed, 2)
    return (
        entry.recorded,
        entry.text,
        _describe_voice(entry),
        entry.take,
        speed,
        _describe_difference(entry),
    )


def _describe_voice(entry: DialogueEntry) -> str:
    """Return whose voice is heard: a person's, the original's, or that of a named engine."""
    if entry.voice == TakeKind.SYNTHETIC and entry.engine:
        return f"{entry.voice} ({entry.engine})"
    return entry.voice


def _describe_difference(entry: DialogueEntry) -> str:
    """Return a remark where the words of the script were changed after the take was recorded."""
    if entry.recorded.split() == entry.translation.split():
        return ""
    return f"The script says now: {entry.translation}"
