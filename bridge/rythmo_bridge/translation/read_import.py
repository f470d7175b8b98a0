"""Read a file that a translator sends back, a table or subtitles, and pair it with a project's lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rythmo.errors import InputError
from rythmo.files import make_printable
from rythmo.script.model import Script
from rythmo.script.subtitle_file import ExpectedSubtitles
from rythmo_bridge.subtitles.srt import read_file
from rythmo_bridge.tables.csv_file import read_csv
from rythmo_bridge.tables.sheet import ReadTable
from rythmo_bridge.tables.xlsx_file import read_xlsx
from rythmo_bridge.translation.columns import Columns, choose_columns, find_columns
from rythmo_bridge.translation.pairing import pair_cues, pair_rows
from rythmo_bridge.translation.pairs import Import, Pair
from rythmo_bridge.translation.rows import read_rows

WORKBOOKS = frozenset({".xlsx", ".xlsm"})
TABLES = frozenset({".csv", ".tsv", ".tab", ".txt"})
_OLD_WORKBOOKS = {".xls": "Excel 97", ".ods": "OpenDocument", ".numbers": "Numbers"}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is read: `columns` chosen by a person (kind -> head, letter or number; "" for none), the
    `encoding` of its text, and the project's glossary."""

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table as a person sees it who has to say what its columns are: `columns` are None where nobody knows,
    or where the file is subtitles."""

    table: ReadTable
    columns: Columns | None


_PLAIN = ImportOptions()


def is_table(path: Path) -> bool:
    """Whether a file is read as a table; everything else is read as subtitles.

    Raises InputError for workbooks that are not XLSX.
    """
    suffix = path.suffix.lower()
    if suffix in _OLD_WORKBOOKS:
        raise InputError(
            f"{make_printable(path)} is a workbook of {_OLD_WORKBOOKS[suffix]}.",
            hint="Save it as XLSX or CSV.",
        )
    return suffix in WORKBOOKS or suffix in TABLES


def read_layout(path: Path, script: Script, encoding: str = "") -> TableLayout:
    """Read a table and find out what its columns are.Of several sheets the one with most known heads.

    Raises InputError.
    """
    if path.suffix.lower() in WORKBOOKS:
        tables = read_xlsx(path)
    else:
        tables = (read_csv(path, script.target_language, encoding),)
    found = [
        TableLayout(table, find_columns(table, script.source_language, script.target_language))
        for table in tables
    ]
    return max(found, key=lambda each: len(each.columns.places) if each.columns else -1)


def read_import(path: Path, script: Script, options: ImportOptions = _PLAIN) -> Import:
    """Read the file and pair it with the script. Nothing is changed.

    Raises InputError (SubtitleError for subtitles) for a file that cannot be read, or in which no column is
    known to hold the translation; UsageError for columns that do not exist.
    """
    if not is_table(path):
        return _read_subtitles(path, script, options)
    layout = read_layout(path, script, options.encoding)
    columns = choose_columns(layout.table, layout.columns, options.columns)
    rows = read_rows(layout.table, columns, script.programme)
    if not rows:
        raise InputError(f"{make_printable(path)} has no rows below its head.", hint="Is it the right sheet?")
    paired = pair_rows(script, rows, options.terms)
    return _finish(script, path, layout.table.form, paired.pairs, (*layout.table.notes, *paired.notes))


def _read_subtitles(path: Path, script: Script, options: ImportOptions) -> Import:
    programme = script.programme
    expected = ExpectedSubtitles(
        language=script.target_language,
        other=script.source_language,
        encoding=options.encoding,
        rate=programme.rate,
        drop=programme.drop,
        cast=tuple(speaker.name for speaker in script.speakers),
    )
    read = read_file(path, programme.sample_rate, expected)
    paired = pair_cues(script, read.cues, options.terms)
    form = f"{path.suffix.lstrip('.').upper() or 'SRT'}, {read.encoding.removesuffix('-sig')}"
    return _finish(script, path, form, paired.pairs, (*read.notes, *paired.notes))


def _finish(script: Script, path: Path, form: str, pairs: tuple[Pair, ...], notes: tuple[str, ...]) -> Import:
    covered = {pair.line for pair in pairs}
    missing = tuple(line.id for line in script.lines if line.id not in covered)
    return Import(make_printable(path.name), form, pairs, missing, notes)
