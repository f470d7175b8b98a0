"""The values that tables are written from and read into."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that a spreadsheet computes. `value` is what it comes to now, for files without formulas.

    `{row}` in `text` becomes the number of the cell's row.
    """

    text: str
    value: int | float


Cell = str | int | float | Formula | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a written table.

    `width` is in characters. `locked` cells cannot be typed into until the sheet's protection is taken off.
    `choices` are the values that a cell may have. `limit` names the column whose number this column's
    should not exceed: cells above it are shown in red. An `upright` title is written from bottom to top, for
    narrow columns. `shade` ("DDEBF7") fills cells that hold something.
    """

    title: str
    width: int = 12
    locked: bool = True
    wrap: bool = False
    right_to_left: bool = False
    choices: tuple[str, ...] = ()
    limit: str = ""
    upright: bool = False
    shade: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to write. Every row has a cell for each column.

    `frozen` columns stay in sight while others scroll, as the head does; `heading` is printed above each page
    of a sheet made for paper; `help` explains the table to whoever opens it.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    frozen: int = 1
    protected: bool = False
    help: tuple[str, ...] = ()
    heading: str = ""


@dataclass(frozen=True, slots=True)
class CellNote:
    """A note that somebody pinned to a cell in a spreadsheet program."""

    author: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadCell:
    """A cell as it was read. `is_formula` where it holds a formula or a formula's error instead of words."""

    text: str = ""
    is_formula: bool = False
    note: CellNote | None = None


EMPTY = ReadCell()


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table as it was read, before anybody knows which row is its head.

    `rows` are all rows from the first on, each with as many cells as it needs: row 1 of the spreadsheet is
    `rows[0]`. `form` says what kind of file it was ("CSV, semicolons, cp1252").
    """

    rows: tuple[tuple[ReadCell, ...], ...]
    form: str
    name: str = ""
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)


def find_cell(row: tuple[ReadCell, ...], column: int | None) -> ReadCell:
    """Return a row's cell; an empty one where the row ends before it, or there is no such column."""
    return EMPTY if column is None or column >= len(row) else row[column]
