"""The rows of a translator's table as values, read from the cells of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from rythmo.errors import InputError
from rythmo.script.clean_text import join_to_one_line
from rythmo.script.model import Programme
from rythmo.script.review_state import ReviewState
from rythmo.timebase import frames_to_samples, parse_timecode, seconds_to_samples
from rythmo_bridge.tables.sheet import CellNote, ReadCell, ReadTable
from rythmo_bridge.translation.columns import Columns, Field, fold_head
from rythmo_bridge.translation.version_stamp import VersionStamp, parse_stamp

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,6}))?\Z")
_SECONDS = re.compile(r"\d{1,6}(?:[.,]\d{1,6})?\Z")
_STATES = {
    ReviewState.NEW: "new, untranslated, neu, nuevo, nouveau, nuovo, novo, новый, 新",
    ReviewState.TRANSLATED: "translated, done, draft, ubersetzt, traducido, traduit,tradotto, traduzido,"
    " переведено, 已翻译, 翻訳済み",
    ReviewState.REVIEWED: "reviewed, checked, proofread, gepruft, revisado, revise, relu, rivisto,проверено,"
    " 已审校",
    ReviewState.APPROVED: "approved, final, signed off, freigegeben, aprobado, approuve, valide,approvato,"
    " aprovado, утверждено, 已批准, 承認済み",
}
_BY_WORD = {word.strip(): state for state, words in _STATES.items() for word in words.split(",")}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table, or one cue of a subtitle file. `number` is the row, or the line of the file.

    `start` and `end` are samples from the table's own zero. None: the table does not say.
    """

    number: int
    id: str = ""
    character: str = ""
    start: int | None = None
    end: int | None = None
    source: str | None = None
    target: str | None = None
    direction: str | None = None
    state: ReviewState | None = None
    comment: str = ""
    """The cell of comments as it is, with its line breaks."""
    pinned: tuple[CellNote, ...] = ()
    formula: bool = False
    """Whether its translation is a formula, or the error of one."""
    stamp: VersionStamp | None = None
    """What the line was when the table was exported; None where the table does not tell."""


def read_rows(table: ReadTable, columns: Columns, programme: Programme) -> tuple[TableRow, ...]:
    """Return the rows below the head that hold anything."""
    zero = _find_zero(table, columns, programme)
    rows = (
        _read_row(number, cells, columns, programme, zero)
        for number, cells in enumerate(table.rows, 1)
        if number > columns.head + 1
    )
    return tuple(row for row in rows if _has_content(row))


def _find_zero(table: ReadTable, columns: Columns, programme: Programme) -> int:
    """Return the frame that the timecodes count from: the programme's first, where none is before it."""
    cells = (columns.cell(row, Field.START).text for row in table.rows[columns.head + 1 :])
    frames = [frame for cell in cells if (frame := _parse_frame(cell, programme)) is not None]
    return programme.start_frame if frames and min(frames) >= programme.start_frame else 0


def _has_content(row: TableRow) -> bool:
    words = (row.id, row.source or "", row.target or "", row.comment, row.direction or "")
    return any(word.strip() for word in words) or bool(row.pinned)


def _read_row(
    number: int, cells: tuple[ReadCell, ...], columns: Columns, programme: Programme, zero: int
) -> TableRow:
    def text(field: Field) -> str | None:
        return columns.cell(cells, field).text if field in columns.places else None

    def words(field: Field) -> str | None:
        cell = text(field)
        return None if cell is None else join_to_one_line(cell)

    start, end = (parse_position(text(field) or "", programme, zero) for field in (Field.START, Field.END))
    return TableRow(
        number=number,
        id=join_to_one_line(text(Field.ID) or ""),
        character=join_to_one_line(text(Field.CHARACTER) or ""),
        start=start,
        end=end,
        source=None if columns.cell(cells, Field.SOURCE).is_formula else words(Field.SOURCE),
        target=words(Field.TARGET),
        direction=None if columns.cell(cells, Field.DIRECTION).is_formula else words(Field.DIRECTION),
        state=parse_state(text(Field.STATE) or ""),
        comment=text(Field.COMMENT) or "",
        pinned=tuple(_list_pinned_notes(cells)),
        formula=columns.cell(cells, Field.TARGET).is_formula,
        stamp=parse_stamp(text(Field.STAMP) or ""),
    )


def _list_pinned_notes(cells: Iterable[ReadCell]) -> Iterable[CellNote]:
    for cell in cells:
        if cell.note is not None:
            author = join_to_one_line(cell.note.author)
            # Excel begins a note with its author's name.
            text = cell.note.text.removeprefix(f"{cell.note.author}:")
            yield CellNote(author, join_to_one_line(text))


def parse_state(text: str) -> ReviewState | None:
    """Return the state that a cell namesin one of several languages; None for any other word."""

    return _BY_WORD.get(fold_head(text))


def parse_position(text: str, programme: Programme, zero: int = 0) -> int | None:
    """Return the samples that a cell of times stands for: timecode with frames, a clock, or plain seconds.

    None for anything else. Timecode counts from the frame `zero`, the others from the table's own zero.
    """
    bare = text.strip()
    clock = _CLOCK.match(bare)
    if clock:
        hours, minutes, seconds, part = clock.groups()
        whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
        fraction = Fraction(int(part), 10 ** len(part)) if part else Fraction(0)
        return seconds_to_samples(whole + fraction, programme.sample_rate)
    if _SECONDS.match(bare):
        return seconds_to_samples(Fraction(bare.replace(",", ".")), programme.sample_rate)
    frame = _parse_frame(bare, programme)
    return None if frame is None else frames_to_samples(frame - zero, programme.rate, programme.sample_rate)


def _parse_frame(text: str, programme: Programme) -> int | None:
    try:
        return parse_timecode(text, programme.rate, drop=programme.drop or None).frame
    except InputError:
        return None
