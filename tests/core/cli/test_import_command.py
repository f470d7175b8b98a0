"""`rythmo export` and `rythmo import`: what is shown, what is taken, and what is voiced for it."""

from __future__ import annotations

import openpyxl
import pytest


@pytest.fixture
def table(call, project, tmp_path):
    """The project's table, after a translator changed a row, broke one and commented on one."""
    path = tmp_path / "t.xlsx"
    assert call("export", project, path)[0] == 0
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    heads = {str(cell.value).split(" (")[0]: cell.column for cell in page[1]}
    page.cell(2, heads["Translation"]).value = "b9"
    page.cell(3, heads["Translation"]).value = "=1+1"
    page.cell(4, heads["Comments"]).value = "Who is this?"
    book.save(path)
    return path


def test_an_import_is_shown_then_taken_and_only_changed_lines_are_voiced(call, project, calls, table):
    before = project.script_file.read_bytes()
    code, told = call("import", project, table)
    assert (code, told["applied"], told["counts"]["words"], told["counts"]["refused"]) == (0, False, 1, 1)
    assert project.script_file.read_bytes() == before
    code, told = call("import", project, table, "--apply", "--author", "Ana")
    assert (code, calls.spoken) == (0, ["b9"])
    old, new = told["lines"], project.load().lines
    assert old == [new[0].id, new[2].id]
    assert (new[0].translation, new[2].comments[0].author) == ("b9", "Ana")
    # The same file again has nothing more to say, and all of it is one step of undo.
    assert call("import", project, table, "--apply")[1]["lines"] == []
    assert call("line", project, "--undo")[0] == 0
    assert [line.comments for line in project.load().lines] == [()] * len(new)
    assert project.load().lines[0].translation != "b9"


def test_comments_alone_voice_and_mix_nothing(call, project, calls, table):
    code, told = call("import", project, table, "--apply", "--leave", "r2")
    assert (code, told["deliveries"], calls.spoken) == (0, [], [])
    assert len(project.load().lines[2].comments) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--take", "r99"), "r99"),
        (("--column", "target"), "column"),
        (("--column", "nonsense=A"), "nonsense"),
    ],
)
def test_wrong_flags_are_one_clear_error(call, project, table, words, told):
    code, said = call("import", project, table, *words)
    assert (code, said["event"]) == (2, "error")
    assert told in said["message"]


def test_a_table_is_never_written_over_by_accident(call, project, table):
    assert call("export", project, table)[0] == 2
    assert call("export", project, table, "--force")[0] == 0
    assert call("export", project, table.with_suffix(".pdf"))[0] == 2
    assert call("import", project, table.with_name("none.csv"))[0] == 2
