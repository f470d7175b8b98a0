"""Make the table that a translator or dialogue adapter works on: a row for each line of the script."""

from __future__ import annotations

from pathlib import Path

from rythmo.errors import UsageError
from rythmo.files import make_printable, require_writable, write_atomically
from rythmo.script.model import Line, Script
from rythmo.script.pace import PaceUnit, choose_unit, count_units
from rythmo.script.review_state import Comment, ReviewState
from rythmo.script.slots import FitSettings, Slot, find_slots
from rythmo.stages.translate import budget
from rythmo.timebase import find_frame, format_timecode, nearest_frame
from rythmo_bridge.tables.csv_file import render_csv
from rythmo_bridge.tables.sheet import Cell, Column, Formula, Sheet
from rythmo_bridge.tables.xlsx_file import render_xlsx
from rythmo_bridge.translation import columns as heads
from rythmo_bridge.translation.version_stamp import stamp_line

FORMATS = ("xlsx", "csv")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
# The id and the character stay in sight.
_FROZEN = 2


def export_table(script: Script, target: Path, settings: FitSettings | None = None) -> None:
    """Write the translator's table; the suffix chooses XLSX or CSV.

    `settings` are those of the project's fit, from which the seconds that a line has follow. Raises
    UsageError for another suffix, OutputError when it cannot be written.
    """
    form = target.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise UsageError(
            f"{make_printable(target)} is not a table.", hint="Give it a name that ends in .xlsx or .csv."
        )
    require_writable(target.absolute().parent)
    write_atomically(target, render_table(script, form, settings))


def render_table(script: Script, form: str, settings: FitSettings | None = None) -> bytes:
    """Return the bytes of the table in "xlsx" or "csv"."""
    sheet = make_translation_sheet(script, settings)
    return render_xlsx(sheet) if form == "xlsx" else b"\xef\xbb\xbf" + render_csv(sheet).encode()


def make_translation_sheet(script: Script, settings: FitSettings | None = None) -> Sheet:
    """Return the table of a script's lines."""
    slots = find_slots(script.lines, script.programme.length, settings)
    names = {speaker.id: speaker.name for speaker in script.speakers}
    columns = _make_columns(script)
    letter = heads.format_column_letter(
        next(n for n, c in enumerate(columns) if c.title.startswith(heads.TRANSLATION))
    )
    rows = tuple(
        _make_row(line, names.get(line.speaker, line.speaker), slots[line.id], script, letter)
        for line in script.lines
    )
    return Sheet(
        f"{script.programme.name} {script.target_language}",
        columns,
        rows,
        frozen=_FROZEN,
        protected=True,
        help=_write_help(script),
    )


def _make_columns(script: Script) -> tuple[Column, ...]:
    source, target = script.source_language, script.target_language
    unit = choose_unit(target)
    return (
        Column(heads.LINE, 11),
        Column(heads.CHARACTER, 16),
        Column(heads.START, 13),
        Column(heads.END, 13),
        Column("Duration (s)", 10),
        Column("Available (s)", 10),
        Column(
            f"{heads.ORIGINAL} ({source})",
            46,
            locked=False,
            wrap=True,
            right_to_left=source in _RIGHT_TO_LEFT,
        ),
        Column(
            f"{heads.TRANSLATION} ({target})",
            46,
            locked=False,
            wrap=True,
            right_to_left=target in _RIGHT_TO_LEFT,
        ),
        Column(f"Used ({unit})", 9, limit=f"Fits ({unit})"),
        Column(f"Fits ({unit})", 9),
        Column(heads.DIRECTION, 20, locked=False, wrap=True),
        Column(heads.STATE, 11, locked=False, choices=tuple(ReviewState)),
        Column(heads.COMMENTS, 36, locked=False, wrap=True),
        Column("Flags", 36, wrap=True),
        Column(heads.STAMP, 12),
    )


def _make_words_column(head: str, language: str) -> Column:
    right_to_left = language in _RIGHT_TO_LEFT
    return Column(f"{head} ({language})", 46, locked=False, wrap=True, right_to_left=right_to_left)


def _make_row(line: Line, name: str, slot: Slot, script: Script, letter: str) -> tuple[Cell, ...]:
    programme, target = script.programme, script.target_language
    rate, samples = programme.rate, programme.sample_rate
    frames = find_frame(line.start, rate, samples), nearest_frame(line.end, rate, samples)
    times = (format_timecode(programme.start_frame + f, rate, drop=programme.drop) for f in frames)
    start, end = times
    return (
        line.id,
        name,
        start,
        end,
        round(line.length / samples, 2),
        round(slot.length / samples, 2),
        line.text,
        line.translation,
        _count_used(line.translation, target, letter),
        budget(line, slot, target),
        line.direction,
        line.review_state.value,
        "\n".join(format_comment(comment) for comment in line.open_comments),
        " ".join(flag.message for flag in line.flags),
        str(stamp_line(line)),
    )


def _count_used(text: str, language: str, letter: str) -> Formula:
    """Return a cell that counts while the translator types."""
    cell = f"{letter}{{row}}"
    if choose_unit(language) is PaceUnit.CHARACTERS:
        return Formula(f"=LEN({cell})", count_units(text, language))
    bare = f"TRIM({cell})"
    counted = f'=IF(LEN({bare})=0,0,LEN({bare})-LEN(SUBSTITUTE({bare}," ",""))+1)'
    return Formula(counted, count_units(text, language))


def format_comment(comment: Comment) -> str:
    """Return a comment as one line of its cell. What comes back in just these words is no new comment."""
    return f"{comment.author}, {comment.time[:10]}: {comment.text}"


def _write_help(script: Script) -> tuple[str, ...]:
    unit = choose_unit(script.target_language)
    return (
        f"Write the words of the dub into “{heads.TRANSLATION} ({script.target_language})”, a line a row.",
        f"“Fits” is how many {unit} fit the time that the line has; “Used” turns red above it.",
        f"A wrong word in “{heads.ORIGINAL}” may be corrected: whoever reads the table in is asked.",
        f"“{heads.STATE}” is one of {', '.join(ReviewState)}. Approved words are final.",
        f"Write remarks below those in “{heads.COMMENTS}”, or pin a note to any cell of the row.",
        "Rows may be sorted, filtered and left out.",
        f"Leave “{heads.LINE}” and “{heads.STAMP}” as they are: the rows are known by them.",
        "The grey columns are locked so that nobody changes them by accident; there is no password.",
    )
