"""Read a dialogue list (XLSX, CSV) as a script or a translation: a row for each line, with its timecode."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from rythmo.errors import SubtitleError
from rythmo.files import make_printable
from rythmo.script.language_check import guess_language, is_foreign
from rythmo.script.model import Programme
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.script.subtitle_file import ExpectedSubtitles, FileCue, SubtitleFile
from rythmo_bridge.tables.csv_file import read_csv
from rythmo_bridge.tables.sheet import ReadTable, find_cell
from rythmo_bridge.tables.xlsx_file import read_xlsx
from rythmo_bridge.translation.columns import Columns, Field, find_columns
from rythmo_bridge.translation.rows import TableRow, read_rows

WORKBOOKS = frozenset({".xlsx", ".xlsm"})
SUFFIXES = WORKBOOKS | {".csv", ".tsv"}
_USUAL_RATE = Fraction(25)
_READING_CPS = 15
_HINT = "Its first row names the columns: In, Out, Character, Original, Translation."


def read_table_script(path: Path, sample_rate: int, expected: ExpectedSubtitles) -> SubtitleFile:
    """Return the words of a table in the expected language, in order of start, in samples.

    Of columns of an original and a translation, the one that reads as the expected language is taken. A row
    without an end lasts to the next one, at most as long as its words take to read.

    Raises:
        InputError: The table cannot be read.
        SubtitleError: It has no column of words or of times, or its words are in the other language.
    """
    name = make_printable(path)
    if path.suffix.lower() in WORKBOOKS:
        tables: Sequence[ReadTable] = read_xlsx(path)
    else:
        tables = (read_csv(path, expected.language, expected.encoding),)
    found = [(table, find_columns(table, expected.other, expected.language)) for table in tables]
    table, columns = max(found, key=lambda each: len(each[1].places) if each[1] else -1)
    if columns is None or Field.START not in columns.places:
        raise SubtitleError(f"{name} has no columns of words and times that are known.", hint=_HINT)
    programme = Programme(
        path.stem, "", 1, sample_rate, 1, frame_rate=expected.rate or _USUAL_RATE, drop=expected.drop
    )
    rows = [row for row in read_rows(table, columns, programme) if row.start is not None]
    column = _choose_words(rows, table, columns, expected.language)
    rows = sorted(rows, key=lambda row: row.start or 0)
    # The last row has none after it.
    followed = zip(rows, [*(row.start for row in rows[1:]), None], strict=False)
    cues = [cue for row, after in followed if (cue := _make_cue(row, after, column, sample_rate)) is not None]
    spoken = [cue for cue in cues if strip_sound_notes(cue.text)]
    if not spoken:
        raise SubtitleError(f"{name} has no row with words and a time.", hint=_HINT)
    if is_foreign(" ".join(cue.text for cue in spoken), expected.language, expected.other):
        raise SubtitleError(
            f"The words of {name} are not in the expected language.",
            hint="--script is for the words of the original, --translation for those of the dub.",
        )
    sounds = tuple(cue for cue in cues if not strip_sound_notes(cue.text))
    return SubtitleFile(tuple(spoken), sounds, table.notes, table.form)


def _choose_words(rows: Sequence[TableRow], table: ReadTable, columns: Columns, language: str) -> Field:
    """Return the column of words in a language: the one whose head says so ("Original (en)"), else the one
    that reads so, else the only one with words."""
    texts = {
        Field.SOURCE: " ".join(row.source or "" for row in rows).strip(),
        Field.TARGET: " ".join(row.target or "" for row in rows).strip(),
    }
    filled = [field for field, text in texts.items() if text and field in columns.places]
    base = language.partition("-")[0]
    heads = {field: find_cell(table.rows[columns.head], columns.places.get(field)).text for field in filled}
    named = [field for field in filled if columns.head >= 0 and heads[field].casefold().endswith(f"({base})")]
    likely = named or [field for field in filled if guess_language(texts[field]) == base]
    return next(iter([*likely, *filled]), Field.TARGET)


def _make_cue(row: TableRow, following: int | None, column: Field, sample_rate: int) -> FileCue | None:
    text = (row.source if column is Field.SOURCE else row.target) or ""
    if row.start is None or not text:
        return None
    end = row.end
    if end is None or end <= row.start:
        end = row.start + max(sample_rate * 7 // 10, len(text) * sample_rate // _READING_CPS)
        if following is not None and following > row.start:
            end = min(end, following)
    return FileCue(row.start, end, text, row.character or None, line=row.number)
