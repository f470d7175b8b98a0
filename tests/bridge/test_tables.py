"""Tables as CSV and XLSX: what people's spreadsheets do to them, and what hostile ones try."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import InputError
from rythmo_bridge.tables.csv_file import read_csv, render_csv
from rythmo_bridge.tables.formula_guard import guard_cell, guard_mark, unguard_cell
from rythmo_bridge.tables.sheet import Column, Formula, Sheet
from rythmo_bridge.tables.xlsx_file import read_xlsx, render_xlsx

COLUMNS = (Column("A"), Column("B", locked=False, wrap=True))
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30
)


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


@given(st.text())
def test_guards_are_taken_off_again(text):
    assert unguard_cell(guard_cell(text)) == text
    assert unguard_cell(guard_mark(text)) == text
    assert not guard_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5), form=st.sampled_from(["csv", "xlsx"]))
def test_what_is_written_is_read(rows, form, tmp_path_factory):
    sheet = Sheet("t", COLUMNS, tuple(rows))
    path = tmp_path_factory.mktemp("t") / f"t.{form}"
    path.write_bytes(render_xlsx(sheet) if form == "xlsx" else b"\xef\xbb\xbf" + render_csv(sheet).encode())
    table = read_xlsx(path)[0] if form == "xlsx" else read_csv(path)
    read = [[*row, "", ""][:2] for row in texts(table)]
    wanted = [["A", "B"], *(list(row) for row in rows)]
    while wanted[-1] == ["", ""]:
        wanted.pop()
    assert read[: len(wanted)] == wanted
    assert not any(cell.is_formula for row in table.rows for cell in row if not cell.text.startswith("#"))


@pytest.mark.parametrize(
    ("data", "form"),
    [
        ("Zeile;Übersetzung\r\nS1;„Grüß Gott“\r\n".encode("cp1252"), "CSV, semicolons, cp1252"),
        ("Line\tTranslation\nS1\taño\n".encode("utf-16"), "CSV, tabs, utf-16"),
        (b"sep=;\nLine;Translation\nS1;a, b, c, d\n", "CSV, semicolons, utf-8"),
        (b'Line,Translation\nS1,"a; b; ""c""\nd"\n', "CSV, commas, utf-8"),
    ],
)
def test_tables_of_every_dialect(tmp_path, data, form):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    table = read_csv(path, "de")
    assert table.form == form
    assert texts(table)[-1][0] == "S1"
    assert "\ufffd" not in texts(table)[-1][1]


def test_a_workbook_is_ready_to_be_worked_on():
    columns = (
        Column("Line"),
        Column("Fits"),
        Column("Used", limit="Fits"),
        Column("To do", 40, locked=False),
    )
    rows = (("S1", 3, Formula("=LEN(D{row})", 2), "=SUM(1)"),)
    sheet = Sheet("a/b: [c]", columns, rows, protected=True, help=("Read me.",))
    page = openpyxl.load_workbook(io.BytesIO(render_xlsx(sheet))).worksheets[0]
    assert (page.freeze_panes, page.auto_filter.ref, page.print_area) == (
        "B2",
        "A1:D2",
        "'a b   c'!$A$1:$D$2",
    )
    assert page.print_title_rows == "$1:$1"
    assert page["C2"].value == "=LEN(D2)"
    assert (page["D2"].value, page["D2"].data_type, page["D2"].number_format) == ("=SUM(1)", "s", "@")
    assert page.protection.sheet and page["A2"].protection.locked and not page["D2"].protection.locked
    assert list(page.conditional_formatting)


def test_notes_formulas_and_typed_cells_are_told_apart(tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    page["A1"], page["B1"], page["C1"], page["D1"] = "=1+1", 12.0, True, "#NAME?"
    page["A2"].comment = openpyxl.comments.Comment("Ana:\nReally?", "Ana")
    book.create_sheet("hidden").sheet_state = "hidden"
    path = tmp_path / "t.xlsx"
    book.save(path)
    (table,) = read_xlsx(path)
    assert [(cell.text, cell.is_formula) for cell in table.rows[0]] == [
        ("=1+1", True), ("12", False), ("TRUE", False), ("#NAME?", True),
    ]  # fmt: skip
    assert table.rows[1][0].note.text == "Ana:\nReally?"


def test_no_workbook_is_one_clear_error(tmp_path):
    path = tmp_path / "t.xlsx"
    for data in (b"", b"PK\x03\x04 no", b"<html>"):
        path.write_bytes(data)
        with pytest.raises(InputError):
            read_xlsx(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "0" * (300 << 20))
    with pytest.raises(InputError, match="unpacks"):
        read_xlsx(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(InputError):
        read_xlsx(path)
