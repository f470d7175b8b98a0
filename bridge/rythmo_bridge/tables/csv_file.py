"""Writes tables as CSV that Excel opens rightly, and reads CSV as spreadsheets of all languages save it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice
from pathlib import Path

from rythmo.errors import InputError
from rythmo.files import make_printable, write_atomically
from rythmo_bridge.subtitles.encodings import decode
from rythmo_bridge.tables.formula_guard import guard_cell, is_formula, unguard_cell
from rythmo_bridge.tables.sheet import Cell, Formula, ReadCell, ReadTable, Sheet

MAX_BYTES = 64 << 20
MAX_ROWS = 100_000
MAX_CELL = 100_000
"""Characters of one cell. Excel holds 32767."""
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LOOKED_AT = 200
_SEPARATOR_LINE = "sep="
_HINT = "Save the table as CSV in UTF-8, or as XLSX."


def write_csv(sheet: Sheet, target: Path) -> None:
    """Write the table as UTF-8 with a byte order mark, without which Excel takes it for Windows-1252."""
    write_atomically(target, b"\xef\xbb\xbf" + render_csv(sheet).encode())


def render_csv(sheet: Sheet) -> str:
    """Return the table as text; words that look like formulas are marked as words."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.title for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([guard_cell(_format_cell(cell)) for cell in row])
    return out.getvalue()


def _format_cell(cell: Cell) -> str:
    if isinstance(cell, Formula):
        cell = cell.value
    return "" if cell is None else str(cell)


def read_csv(path: Path, language: str = "", encoding: str = "") -> ReadTable:
    """Read a table whose delimiter and encoding are found by looking at it.

    `language` is that of the words, which helps to tell code pages apart; `encoding` overrides that.
    Raises InputError.
    """
    name = make_printable(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{name} is larger than {MAX_BYTES >> 20} MB.", hint="Is it a table of lines?")
        decoded = decode(path.read_bytes(), name, language, encoding)
    except OSError as error:
        raise InputError(
            f"{name} cannot be read: {error.strerror or error}.", hint="Check the path."
        ) from error
    text = decoded.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    delimiter, text, skipped = _take_separator_line(text)
    delimiter = delimiter or _find_delimiter(text)
    notes = (
        (f"It was read as {decoded.encoding}; choose another with --encoding.",) if decoded.guessed else ()
    )
    rows = ((),) * skipped + _parse_rows(text, delimiter, name)
    form = f"CSV, {_DELIMITERS.get(delimiter, delimiter)}, {decoded.encoding.removesuffix('-sig')}"
    return ReadTable(rows, form, path.name, notes)


def _take_separator_line(text: str) -> tuple[str, str, int]:
    """Return the delimiter that Excel's own first line `sep=;` names, the rest of the text, and the number of
    lines taken off."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith(_SEPARATOR_LINE) and len(first) == len(_SEPARATOR_LINE) + 1:
        return first[-1], rest, 1
    return "", text, 0


def _find_delimiter(text: str) -> str:
    """Return the delimiter that cuts most rows into the same number of cells, more than one."""
    best = (0.0, 0, ",")
    for delimiter in _DELIMITERS:
        try:
            rows = [
                row for row in islice(csv.reader(io.StringIO(text), delimiter=delimiter), _LOOKED_AT) if row
            ]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows)
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width, count = max(wide.items(), key=lambda each: (each[1], each[0]))
        best = max(best, (round(count / len(rows), 2), width, delimiter))
    return best[2]


def _parse_rows(text: str, delimiter: str, name: str) -> tuple[tuple[ReadCell, ...], ...]:
    rows: list[tuple[ReadCell, ...]] = []
    csv.field_size_limit(MAX_CELL)
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            if len(rows) >= MAX_ROWS:
                raise InputError(f"{name} has more than {MAX_ROWS} rows.", hint="Is it a table of lines?")
            rows.append(tuple(ReadCell(unguard_cell(cell), is_formula(cell)) for cell in row))
    except csv.Error as error:
        raise InputError(f"{name} is not a table: {error}.", hint=_HINT) from error
    return tuple(rows)
