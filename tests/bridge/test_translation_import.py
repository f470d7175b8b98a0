"""A table goes out to a translator and comes back: pairs, refusals, corrections, comments and states."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest
from dubbed_script import make_script
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import InputError, ScriptError, UsageError
from rythmo.script.edits import edit_line
from rythmo.script.locks import set_locked
from rythmo.script.review_edits import add_comment, set_review_state
from rythmo.script.review_state import ReviewState
from rythmo.timebase import find_frame, format_timecode
from rythmo_bridge.subtitles.cues import Cue
from rythmo_bridge.subtitles.srt import render
from rythmo_bridge.translation.apply_import import apply_import
from rythmo_bridge.translation.describe_import import format_import
from rythmo_bridge.translation.pairs import PairedBy, RefusalCode
from rythmo_bridge.translation.read_import import ImportOptions, read_import
from rythmo_bridge.translation.table_export import export_table

WHEN = datetime(2026, 11, 30, 10, 15, tzinfo=UTC)
ORIGINALS = (
    "Excuse me, may I sit here for a while?",
    "Of course, please take a seat.",
    "I was afraid that I was too late for the train.",
    "It is a long way to the coast.",
    "What was that noise in the corridor?",
    "It is only an old radio of my father.",
)
SPANISH = (
    "Disculpe, ¿puedo sentarme aquí un rato?",
    "Por supuesto, siéntese, por favor.",
    "Tenía miedo de llegar tarde al tren.",
    "Hay un largo camino hasta la costa.",
    "¿Qué fue ese ruido en el pasillo?",
    "Es sólo una vieja radio de mi padre.",
)


@pytest.fixture
def script():
    made = make_script(count=len(ORIGINALS))
    lines = tuple(
        replace(line, text=text, translation=spanish)
        for line, text, spanish in zip(made.lines, ORIGINALS, SPANISH, strict=True)
    )
    return replace(made, lines=lines)


def take(script, found, **how):
    return apply_import(script, found, found.decide(**how), author="Ana", time=WHEN)


def edit_workbook(path, *changes):
    """Change cells as a spreadsheet program does: (row, head, value)."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    heads = {str(cell.value).split(" (")[0]: cell.column for cell in page[1]}
    for row, head, value in changes:
        page.cell(row, heads[head]).value = value
    book.save(path)


def refusals(found):
    return {pair.rows[0]: pair.refusal.code for pair in found.pairs if pair.refusal}


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_table_that_nobody_changed_changes_nothing(script, tmp_path, form):
    script, _ = add_comment(script, script.lines[1].id, "=Really? - yes", author="Ana", time=WHEN)
    script = set_review_state(script, script.lines[2].id, ReviewState.APPROVED)
    path = tmp_path / f"t.{form}"
    export_table(script, path)
    found = read_import(path, script)
    assert not found.changed and not found.missing
    assert found.counts["same"] == len(script.lines)
    assert take(script, found, corrections=True) == script


def test_a_spreadsheet_s_changes_are_shown_and_taken_row_by_row(script, tmp_path):
    path = tmp_path / "t.xlsx"
    export_table(script, path)
    edit_workbook(
        path,
        (2, "Translation", "Perdone, ¿me puedo sentar aquí?"),
        (2, "State", "Reviewed"),
        (3, "Translation", "I do not speak any Spanish at all, sorry about that."),
        (4, "Translation", "=SUM(A1:A9)"),
        (5, "Translation", None),
        (5, "Comments", "What coast?"),
        (6, "Line", "S9_9999"),
        (7, "Original", "It is only an old radio of my mother."),
    )
    found = read_import(path, script)
    assert refusals(found) == {
        3: RefusalCode.LANGUAGE, 4: RefusalCode.FORMULA, 5: RefusalCode.EMPTY, 6: RefusalCode.UNKNOWN_ID,
    }  # fmt: skip
    assert found.missing == (script.lines[4].id,)
    done = take(script, found)
    first, second, third, fourth, fifth, sixth = done.lines
    assert (first.translation, first.review_state) == (
        "Perdone, ¿me puedo sentar aquí?",
        ReviewState.REVIEWED,
    )
    assert (second, third, fifth, sixth) == tuple(script.lines[n] for n in (1, 2, 4, 5))
    assert (fourth.translation, fourth.comments[0].text) == (SPANISH[3], "What coast?")
    told = format_import(found, found.decide())
    assert "REFUSED: The cell holds a formula." in told and "--corrections takes it" in told
    # A person who looked at it may overrule a check, and take the correction; its words stay.
    done = take(script, found, overrule={"r3", "r4"}, corrections=True)
    assert done.lines[1].translation.startswith("I do not speak")
    assert done.lines[2] == script.lines[2], "a formula is never taken"
    assert (done.lines[5].text, done.lines[5].translation) == (
        "It is only an old radio of my mother.", SPANISH[5],
    )  # fmt: skip


def test_sorted_rows_keep_their_lines_and_slipped_columns_are_refused(script, tmp_path):
    path = tmp_path / "t.csv"
    export_table(script, path)
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    head, body = rows[0], rows[1:]
    words = head.index("Translation (es)")

    def write(body):
        out = io.StringIO()
        csv.writer(out, delimiter=";").writerows([head, *body])
        path.write_bytes(out.getvalue().encode("cp1252"))

    write(body[::-1])
    assert not read_import(path, script).changed
    # The original and the translation were sorted without the ids.
    source = head.index("Original (en)")
    slipped = [
        [*row[:source], *other[source : words + 1], *row[words + 1 :]]
        for row, other in zip(body, body[1:] + body[:1], strict=True)
    ]
    write(slipped)
    found = read_import(path, script)
    assert set(refusals(found).values()) == {RefusalCode.OTHER_LINE}
    assert take(script, found, corrections=True) == script


def test_an_old_table_does_not_undo_what_was_changed_since(script, tmp_path):
    path = tmp_path / "t.xlsx"
    export_table(script, path)
    edit_workbook(path, (2, "Translation", "Del traductor, puede ser."))
    later = script
    for number in (0, 1):
        later = edit_line(later, script.lines[number].id, translation=f"De la página {number}")
    found = read_import(path, later)
    assert refusals(found) == {2: RefusalCode.CONFLICT}
    assert take(later, found) == later
    assert take(later, found, overrule={"r2"}).lines[0].translation == "Del traductor, puede ser."
    # What changed between the look and the taking is not overwritten either.
    found = read_import(path, script)
    with pytest.raises(ScriptError, match="changed since"):
        take(later, found)


def test_approved_words_are_refused_until_a_person_overrules(script, tmp_path):
    path = tmp_path / "t.xlsx"
    script = set_review_state(script, script.lines[0].id, ReviewState.APPROVED)
    export_table(script, path)
    edit_workbook(path, (2, "Translation", "Otra cosa muy distinta."), (3, "State", "final"))
    found = read_import(path, script)
    assert refusals(found) == {2: RefusalCode.APPROVED}
    assert take(script, found).lines[0] == script.lines[0]
    assert take(script, found).lines[1].is_approved
    assert take(script, found, overrule={"r2"}).lines[0].review_state is ReviewState.TRANSLATED


def test_rows_of_a_locked_line_are_refused_and_the_others_are_taken(script, tmp_path):
    locked = set_locked(script, [script.lines[0].id], locked=True)
    path = tmp_path / "t.xlsx"
    export_table(locked, path)
    edit_workbook(
        path,
        (2, "Translation", "Perdone, ¿me puedo sentar aquí?"),
        (3, "Translation", "Claro que sí, siéntese, por favor."),
    )
    found = read_import(path, locked)
    assert refusals(found) == {2: RefusalCode.LOCKED}
    done = take(locked, found)
    assert done.lines[0] == locked.lines[0]
    assert done.lines[1].translation == "Claro que sí, siéntese, por favor."


def test_foreign_tables_are_paired_by_words_then_time(script, tmp_path):
    path = tmp_path / "agency.csv"
    rows = [["#", "TC In", "TC Out", "Rolle", "Originaltext", "Übersetzung", "Anmerkung"]]
    rate = script.programme.rate
    for number, line in enumerate(script.lines, 1):
        frame = script.programme.start_frame + find_frame(line.start, rate, 48_000)
        start = format_timecode(frame, rate, drop=False)
        original = line.text if number < 4 else ""
        rows.append([str(number), start, "", "Speaker 1", original, f"Versión nueva número {number}", ""])
    rows[3][6] = "Schön"
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    path.write_bytes(out.getvalue().encode("cp1252"))
    found = read_import(path, script)
    assert [pair.by for pair in found.pairs] == [PairedBy.TEXT] * 3 + [PairedBy.TIME] * 3
    done = take(script, found)
    assert [line.translation for line in done.lines] == [f"Versión nueva número {n}" for n in range(1, 7)]
    assert (done.lines[2].comments[0].text, done.lines[2].comments[0].author) == ("Schön", "Ana")


def test_subtitles_are_paired_by_time_and_shown_the_same_way(script, tmp_path):
    path = tmp_path / "es.srt"
    cues = [Cue(x.start, x.end, f"Versión nueva número {n}") for n, x in enumerate(script.lines, 1)]
    path.write_text(
        render([*cues[:5], Cue(script.programme.length - 48_000, script.programme.length, "Nadie")])
    )
    found = read_import(path, script)
    assert [pair.by for pair in found.pairs][:5] == [PairedBy.TIME] * 5
    assert RefusalCode.NO_LINE in refusals(found).values()
    assert found.missing == (script.lines[5].id,)
    done = take(script, found)
    assert done.lines[5] == script.lines[5], "a line that the file does not have stays"
    assert done.lines[0].translation == "Versión nueva número 1"


def test_columns_are_chosen_where_no_head_is_known(script, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(f"{line.id},x,Algo nuevo {n}" for n, line in enumerate(script.lines)))
    with pytest.raises(InputError, match="No column"):
        read_import(path, script)
    chosen = {"id": "A", "target": "3"}
    found = read_import(path, script, ImportOptions(columns=chosen))
    assert [line.translation for line in take(script, found).lines][:2] == ["Algo nuevo 0", "Algo nuevo 1"]
    with pytest.raises(UsageError, match="column"):
        read_import(path, script, ImportOptions(columns={"target": "ZZ"}))


def test_comments_come_once_pinned_notes_too(script, tmp_path):
    path = tmp_path / "t.xlsx"
    script, _ = add_comment(script, script.lines[0].id, "Old", author="Ana", time=WHEN)
    export_table(script, path)
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    column = next(cell.column for cell in page[1] if cell.value == "Comments")
    page.cell(2, column).value += "\nNew one"
    page.cell(3, 2).comment = openpyxl.comments.Comment("Who is this?", "Böb")
    book.save(path)
    done = take(script, read_import(path, script))
    assert [(c.author, c.text) for c in done.lines[0].comments] == [("Ana", "Old"), ("Ana", "New one")]
    assert [(c.author, c.text) for c in done.lines[1].comments] == [("Böb", "Who is this?")]
    assert [line.translation for line in done.lines] == list(SPANISH)
    assert take(done, read_import(path, done)) == done, "the same table again adds nothing"


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=0, max_size=24)


@settings(max_examples=15, deadline=None)
@given(
    words=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4),
    form=st.sampled_from(["csv", "xlsx"]),
)
def test_any_words_go_out_and_come_back(words, form, tmp_path_factory):
    made = make_script(count=len(words))
    lines = tuple(
        replace(line, text=text or "x", translation=spanish, direction=direction)
        for line, (text, spanish, direction) in zip(made.lines, words, strict=True)
    )
    made = replace(made, lines=lines)
    path = tmp_path_factory.mktemp("t") / f"t.{form}"
    export_table(made, path)
    found = read_import(path, made)
    assert take(made, found, corrections=True) == made
