"""Writes the dialogue list (`.csv`): every line in both languages, with timecode, for people and
spreadsheets.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from rythmo.files import write_atomically
from rythmo.timebase import find_frame, format_timecode, nearest_frame
from rythmo_bridge.formats.registry import Format
from rythmo_bridge.tables.formula_guard import guard_cell
from rythmo_bridge.timeline import DialogueEntry, Timeline

COLUMNS = (
    "number",
    "line",
    "speaker",
    "start",
    "end",
    "seconds",
    "text",
    "translation",
    "take",
    "voice",
    "speed",
    "status",
    "notes",
    "start sample",
    "end sample",
    "on screen",
)


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the list as UTF-8 with a byte order mark, without which Excel takes it for Windows-1252."""
    write_atomically(target, b"\xef\xbb\xbf" + render(delivery).encode())
    return (target,)


def render(delivery: Timeline) -> str:
    """Return the table as text, with a row for each line of the script."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for number, entry in enumerate(delivery.dialogue, start=1):
        table.writerow([guard_cell(str(value)) for value in _row(delivery, entry, number)])
    return out.getvalue()


def _row(delivery: Timeline, entry: DialogueEntry, number: int) -> Iterable[object]:
    rate, samples = delivery.frame_rate, delivery.sample_rate
    frames = (find_frame(entry.start, rate, samples), nearest_frame(entry.end, rate, samples))
    times = [format_timecode(delivery.start_frame + f, rate, drop=delivery.drop) for f in frames]
    yield from (number, entry.line, entry.speaker, *times, f"{(entry.end - entry.start) / samples:.3f}")
    yield from (entry.text, entry.translation, entry.take, entry.voice, f"{entry.speed:.2f}", entry.status)
    yield from (" ".join(entry.notes), entry.start, entry.end, entry.on_screen)


FORMAT = Format("csv", ".dialogue-list.csv", "dialogue list in both languages", write=write, timeline=False)
