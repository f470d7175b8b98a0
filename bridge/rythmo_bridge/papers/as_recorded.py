"""The as-recorded script: what is heard in the dub, when, and whose voice it is."""

from __future__ import annotations

from rythmo.script.takes import TakeKind
from rythmo_bridge.papers.paper import TIME_WIDTH, Paper, format_range, list_facts, make_words_column
from rythmo_bridge.tables.sheet import Cell, Column, Sheet
from rythmo_bridge.timeline import DialogueEntry, Timeline

TITLE = "As-recorded script"
NOT_RECORDED = "not recorded"


def make_as_recorded(timeline: Timeline) -> Paper:
    """Return the as-recorded script of a timeline. Its times are those at which the takes are heard."""
    columns = (
        Column("No.", 6),
        Column("Loop", 7),
        Column("In", TIME_WIDTH),
        Column("Out", TIME_WIDTH),
        Column("Character", 18, wrap=True),
        make_words_column("Recorded", timeline.language),
        make_words_column("Original", timeline.source_language, 40),
        Column("Voice", 18, wrap=True),
        Column("Take", 17),
        Column("Speed", 7),
        Column("Remarks", 30, wrap=True),
    )
    rows = tuple(_make_row(timeline, number, entry) for number, entry in enumerate(timeline.dialogue, 1))
    facts = list_facts(timeline)
    heading = " · ".join((TITLE, *facts))
    return Paper(TITLE, facts, (Sheet(TITLE, columns, rows, frozen=2, heading=heading),))


def _make_row(timeline: Timeline, number: int, entry: DialogueEntry) -> tuple[Cell, ...]:
    times = format_range(timeline, entry.start, entry.end)
    head = number, entry.loop, *times, entry.speaker
    if not entry.take:
        return (*head, "", entry.text, "", "", None, NOT_RECORDED)
    speed = round(entry.speed, 2)
    return (
        *head,
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
