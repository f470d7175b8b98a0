"""Writes tables as XLSX, ready to be worked on, and reads the XLSX of Excel, LibreOffice and Google."""

from __future__ import annotations

import datetime
import io
import math
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rythmo.counts import format_count
from rythmo.errors import InputError
from rythmo.files import make_printable, write_atomically
from rythmo_bridge.tables.formula_guard import guard_mark, is_formula, unguard_cell
from rythmo_bridge.tables.sheet import EMPTY, Cell, CellNote, Column, Formula, ReadCell, ReadTable, Sheet

MAX_UNPACKED_BYTES = 256 << 20
MAX_ROWS = 100_000
MAX_COLUMNS = 256
# Unpacked bytes for a packed one above which a part is no spreadsheet but a bomb; real ones pack 20 to 1.
_FROM_BYTES = 30
_HEAD_FILL, _LOCKED_FILL, _OVER_FILL = "FF2B3A4A", "FFF2F2F2", "FFF8B4B4"
# The height of a line in Excel's usual font.
_LINE_POINTS = 15.0
# Characters that XML cannot hold.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
# What Excel writes before a threaded comment, for programs that know only the old notes.
_THREADED = re.compile(r"\[Threaded comment\].*?Comment:\s*", re.DOTALL)
_NO_DATE = datetime.datetime(1980, 1, 1)  # noqa: DTZ001 - the earliest that a ZIP can hold, without a zone
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_HINT = "Save it again as XLSX, or as CSV in UTF-8."


def write_xlsx(sheet: Sheet, target: Path) -> None:
    """Write the table with a frozen head, filters, wrapped words and widths, and set up for printing.

    Cells of words are typed as text, so that none is run as a formula.
    """
    write_atomically(target, render_xlsx(sheet))


def render_xlsx(*sheets: Sheet) -> bytes:
    """Return the bytes of a workbook with these sheets; the same sheets give the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.created = book.properties.modified = _NO_DATE
    for sheet in sheets:
        page = book.create_sheet(_sheet_name(sheet.title))
        _write_rows(page, sheet)
        _lay_out_page(page, sheet)
    helped = [line for sheet in sheets for line in sheet.help]
    if helped:
        _write_help(book.create_sheet("Help"), helped)
    out = io.BytesIO()
    book.save(out)
    return _remove_dates(out.getvalue())


def _remove_dates(data: bytes) -> bytes:
    """Return a workbook without the time of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as same:
        for name in book.namelist():
            part = book.read(name)
            if name == "docProps/core.xml":
                # openpyxl stamps the time of saving over `modified`.
                part = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", part)
            same.writestr(zipfile.ZipInfo(name, _NO_DATE.timetuple()[:6]), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", _drop_control(title))[:31].strip("' ") or "Table"


def _write_rows(page: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill, Protection

    head = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor=_HEAD_FILL)
    grey = PatternFill("solid", fgColor=_LOCKED_FILL)
    for number, column in enumerate(sheet.columns, 1):
        cell = page.cell(1, number)
        _set_text(cell, column.title)
        cell.font, cell.fill = head
        cell.alignment = Alignment(
            wrap_text=True, vertical="center", textRotation=90 if column.upright else 0
        )
    styles = [
        (
            Alignment(wrap_text=each.wrap, vertical="top", readingOrder=2 if each.right_to_left else 0),
            Protection(locked=each.locked),
        )
        for each in sheet.columns
    ]
    for at, row in enumerate(sheet.rows, 2):
        for number, (value, column) in enumerate(zip(row, sheet.columns, strict=True), 1):
            cell = page.cell(at, number)
            if isinstance(value, str):
                _set_text(cell, guard_mark(value))
            elif isinstance(value, Formula):
                cell.value = value.text.replace("{row}", str(at))
            else:
                cell.value = value
            if column.shade and value not in (None, ""):
                cell.fill = PatternFill("solid", fgColor=f"FF{column.shade}")
            if not column.locked:
                # "Text" as the format: what is typed later is not turned into a date or a formula either.
                cell.number_format = "@"
            elif sheet.protected:
                cell.fill = grey
            cell.alignment, cell.protection = styles[number - 1]


def _set_text(cell: Any, text: str) -> None:
    cell.value = _drop_control(text)
    cell.data_type = "s"


def _drop_control(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _lay_out_page(page: Any, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    last = len(sheet.rows) + 1
    end = get_column_letter(len(sheet.columns))
    page.freeze_panes = page.cell(2, sheet.frozen + 1)
    page.auto_filter.ref = f"A1:{end}{last}"
    titles = [column.title for column in sheet.columns]
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = column.width
        cells = f"{letter}2:{letter}{max(2, last)}"
        if column.choices:
            _add_choices(page, column, cells)
        if column.limit:
            _mark_above(page, cells, letter, get_column_letter(titles.index(column.limit) + 1))
    page.print_title_rows = "1:1"
    page.print_area = f"A1:{end}{last}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.center.text = "&A   &P / &N"
    if sheet.heading:
        # An ampersand begins a code in a header. Excel takes 255 characters at most.
        page.oddHeader.center.text = _drop_control(sheet.heading)[:120].replace("&", "&&")
        page.print_options.gridLines = True
        _set_heights(page, sheet)
    if sheet.protected:
        page.protection.sheet = True
        # In this element "False" means that it stays allowed.
        page.protection.autoFilter = page.protection.sort = False
        page.protection.formatColumns = page.protection.formatRows = page.protection.formatCells = False


def _set_heights(page: Any, sheet: Sheet) -> None:
    """Give rows the height that their wrapped words need: LibreOffice prints them one line high otherwise."""
    upright = [len(column.title) for column in sheet.columns if column.upright]
    if upright:
        page.row_dimensions[1].height = min(200, 12 + 6 * max(upright))
    for at, row in enumerate(sheet.rows, 2):
        lines = max(
            (_count_lines(cell, column.width) for cell, column in zip(row, sheet.columns, strict=True)),
            default=1,
        )
        page.row_dimensions[at].height = _LINE_POINTS * min(lines, 30)


def _count_lines(cell: Cell, width: int) -> int:
    """Return how many lines a cell of words fills in a column; words are broken a little early."""
    if not isinstance(cell, str):
        return 1
    return sum(max(1, math.ceil(len(part) / (0.9 * width))) for part in cell.split("\n"))


def _add_choices(page: Any, column: Column, cells: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    allowed = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
    allowed.error = f"Choose one of: {', '.join(column.choices)}."
    page.add_data_validation(allowed)
    allowed.add(cells)


def _mark_above(page: Any, cells: str, letter: str, limit: str) -> None:
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill

    red = PatternFill("solid", bgColor=_OVER_FILL)
    over = f"AND(ISNUMBER(${limit}2),${letter}2>${limit}2)"
    page.conditional_formatting.add(cells, FormulaRule(formula=[over], fill=red))


def _write_help(page: Any, lines: Iterable[str]) -> None:
    from openpyxl.styles import Alignment

    page.column_dimensions["A"].width = 100
    for at, line in enumerate(lines, 1):
        _set_text(page.cell(at, 1), line)
        page.cell(at, 1).alignment = Alignment(wrap_text=True, vertical="top")


def read_xlsx(path: Path) -> tuple[ReadTable, ...]:
    """Read every visible sheet of a workbook, in order. Raises InputError.

    Formulas are not computed. Notes that people pinned to cells are kept.
    """
    name = make_printable(path)
    _require_small(path, name)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, data_only=False, keep_links=False)
        tables = tuple(_read_sheet(page, name) for page in book.worksheets if page.sheet_state == "visible")
    except InputError:
        raise
    except (
        InvalidFileException, zipfile.BadZipFile, OSError, KeyError, ValueError, TypeError, AttributeError,
        IndexError, SyntaxError, NotImplementedError,
    ) as error:  # fmt: skip
        # openpyxl lets all of these through for a damaged workbook; ElementTree's errors are SyntaxErrors.
        raise InputError(f"{name} is not a workbook that can be read.", hint=_HINT) from error
    if not tables:
        raise InputError(f"{name} has no sheet with cells.", hint=_HINT)
    return tables


def _require_small(path: Path, name: str) -> None:
    """Raise InputError for what is no ZIP archive, and for one that unpacks to more than a table can be."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise InputError(f"{name} is not an XLSX workbook.", hint=_HINT) from error
    bomb = any(
        part.file_size > (1 << 20) and part.file_size > 100 * _FROM_BYTES * max(1, part.compress_size)
        for part in parts
    )
    if bomb or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise InputError(f"{name} unpacks to far more than a table of lines.", hint=_HINT)


def _read_sheet(page: Any, name: str) -> ReadTable:
    if page.max_row > MAX_ROWS or page.max_column > 16_384:
        raise InputError(f"{name} has {format_count(page.max_row, 'row')}.", hint=f"{MAX_ROWS} are the most.")
    rows = [
        _trim_cells([_read_cell(cell) for cell in row])
        for row in page.iter_rows(max_col=min(page.max_column, MAX_COLUMNS))
    ]
    while rows and not rows[-1]:
        rows.pop()
    return ReadTable(tuple(rows), "XLSX", page.title)


def _trim_cells(cells: list[ReadCell]) -> tuple[ReadCell, ...]:
    while cells and cells[-1] == EMPTY:
        cells.pop()
    return tuple(cells)


def _read_cell(cell: Any) -> ReadCell:
    note = cell.comment
    pinned = CellNote(note.author or "", _THREADED.sub("", note.text or "").strip()) if note else None
    value = cell.value
    if value is None:
        return ReadCell(note=pinned) if pinned and pinned.text else EMPTY
    typed = cell.data_type in ("f", "e")
    text = unguard_cell(value) if isinstance(value, str) and not typed else _format_value(value)
    wrong = typed or (isinstance(value, str) and not cell.quotePrefix and is_formula(text) and text[0] == "#")
    return ReadCell(text, wrong, pinned if pinned and pinned.text else None)


def _format_value(value: Any) -> str:
    """Return a typed value as words: whole numbers without a point, times as a clock."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.timedelta):
        hundredths = round(value.total_seconds() * 1000)
        seconds, thousandths = divmod(hundredths, 1000)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", timespec="seconds")
    text = getattr(value, "text", None)  # an array formula
    return str(text) if text is not None else str(value)
