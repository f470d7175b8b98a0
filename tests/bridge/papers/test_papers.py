"""Dialogue list, cue sheet, cross-reference, as-recorded script: workbooks, read by openpyxl, and pages."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from openpyxl import load_workbook

from rythmo.project.kept_loops import FILE
from rythmo.script.loops import LoopSettings
from rythmo_bridge.deliver import deliver, project_timeline
from rythmo_bridge.formats.registry import formats
from rythmo_bridge.papers import browser_pdf
from rythmo_bridge.papers.browser_pdf import find_browser
from rythmo_bridge.papers.cross_reference import join_numbers, make_cross_reference
from rythmo_bridge.papers.html_page import render_html

PAPERS = ("dialogue-list", "cue-sheet", "cross-reference", "as-recorded")
LOOPS = LoopSettings(pause_seconds=0.4)


def _book(dub, name, script=None):
    (path,) = deliver(dub.folder, script or dub.script, [name], source=None, loops=LOOPS)
    return load_workbook(path)


def _rows(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", PAPERS)
def test_every_sheet_is_set_for_paper_and_for_the_screen(dub, name):
    for sheet in _book(dub, name):
        assert sheet.freeze_panes is not None and sheet.freeze_panes[-1] == "2"
        last = f"{sheet.cell(1, sheet.max_column).column_letter}{sheet.max_row}"
        assert sheet.auto_filter.ref == f"A1:{last}"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.print_area.replace("$", "").endswith(f"A1:{last}")
        assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "Scene" in sheet.oddHeader.center.text and "English → Spanish" in sheet.oddHeader.center.text


def test_a_dialogue_list_holds_both_languages_with_timecode(dub):
    rows = _rows(_book(dub, "dialogue-list").active)
    assert [row["Line"] for row in rows] == [line.id for line in dub.script.lines]
    first = rows[0]
    assert (first["No."], first["Loop"], first["In"], first["Character"]) == (1, "1", "01:00:00:02", "Ana")
    assert (first["Original (en)"], first["Translation (es)"]) == ("line 0", "línea 0")
    assert rows[1]["Notes"] == "Too long by 0.3 s."


def test_a_cue_sheet_goes_loop_by_loop_and_leaves_room_to_write(dub):
    line = replace(dub.script.lines[0], direction="whispering")
    rows = _rows(_book(dub, "cue-sheet", dub.script.with_line(line)).active)
    assert [row["Loop"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0]["Direction"] == "whispering" and rows[0]["Take"] is None
    # The times are the original's (28000 samples), not the take's (30011).
    assert rows[0]["Seconds"] == 0.6


def test_a_cross_reference_counts_characters_and_loops(dub):
    book = _book(dub, "cross-reference")
    people = _rows(book["Characters"])
    assert [(row["Character"], row["Lines"], row["In loops"]) for row in people] == [
        ("Ana", 2, "1, 3"),
        ("Böb & <Co>", 2, "2, 4"),
    ]
    loops = _rows(book["Loops"])
    assert [row["Ana"] for row in loops] == [1, None, 1, None]
    assert [row["Loop"] for row in loops] == ["1", "2", "3", "4"]


def test_more_characters_than_a_page_holds_share_a_column(dub):
    timeline = project_timeline(dub.folder, dub.script, None)
    entry = timeline.dialogue[0]
    many = tuple(replace(entry, speaker=f"P{n}", loop="1") for n in range(60))
    paper = make_cross_reference(replace(timeline, dialogue=many))
    titles = [column.title for column in paper.sheets[1].columns]
    assert titles[-1] == "21 others" and len(titles) == 6 + 40


def test_loops_that_follow_one_another_are_joined():
    order = ["1", "2", "2A", "3", "5", "8"]
    assert join_numbers(["1", "2", "2A", "5", "8"], order) == "1-2A, 5-8"
    assert join_numbers(["1", "3"], order) == "1, 3"


def test_an_as_recorded_script_says_what_is_heard(dub):
    one, two = dub.script.lines[:2]
    script = dub.script.with_line(replace(one, translation="otra cosa"))
    script = script.with_line(replace(two, takes=(), chosen=None, placement=None))
    rows = _rows(_book(dub, "as-recorded", script).active)
    assert (rows[0]["Recorded (es)"], rows[0]["Remarks"]) == ("línea 0", "The script says now: otra cosa")
    assert (rows[0]["Take"], rows[0]["Voice"]) == ("S1_0001_t01", "synthetic (test)")
    assert (rows[1]["Recorded (es)"], rows[1]["Remarks"]) == (None, "not recorded")
    assert rows[2]["Remarks"] is None


def test_an_as_recorded_script_says_which_takes_people_spoke(dub):
    one = dub.script.lines[0]
    human = replace(one.takes[0], human=True)
    rows = _rows(_book(dub, "as-recorded", dub.script.with_line(replace(one, takes=(human,)))).active)
    assert [row["Voice"] for row in rows[:2]] == ["human", "synthetic (test)"]


def test_words_are_never_formulas_and_the_same_script_gives_the_same_bytes(dub):
    script = dub.script.with_line(replace(dub.script.lines[0], text='=HYPERLINK("x")'))
    cell = _book(dub, "dialogue-list", script).active["F2"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("x")', "s")
    made = [deliver(dub.folder, script, ["cue-sheet"], source=None)[0].read_bytes() for _ in range(2)]
    assert made[0] == made[1]


def test_numbers_are_kept_once_a_paper_was_delivered(dub):
    deliver(dub.folder, dub.script, ["srt"], source=None, loops=LOOPS)
    assert not (dub.folder / FILE).exists()
    deliver(dub.folder, dub.script, ["cue-sheet"], source=None, loops=LOOPS)
    shorter = replace(dub.script, lines=dub.script.lines[1:])
    assert [row["Loop"] for row in _rows(_book(dub, "cue-sheet", shorter).active)] == ["2", "3", "4"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in ("meta", "col", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_page_is_well_formed_and_escaped(dub):
    text = "<script>alert(1)</script>"
    script = dub.script.with_line(replace(dub.script.lines[0], text=text))
    html = render_html(make_cross_reference(project_timeline(dub.folder, script, None)))
    tags = _Tags()
    tags.feed(html)
    assert not tags.open and "script" not in tags.seen
    assert "Böb &amp; &lt;Co&gt;" in html


@pytest.mark.parametrize("name", [f"{paper}-pdf" for paper in PAPERS])
def test_without_a_browser_the_page_itself_is_handed_over(dub, name, monkeypatch):
    monkeypatch.setattr("rythmo_bridge.papers.paper_formats.find_browser", lambda: None)
    (path,) = deliver(dub.folder, dub.script, [name], source=None)
    assert path.name == f"Scene.es.{name.removesuffix('-pdf')}.html"
    assert "<table>" in path.read_text(encoding="utf-8")
    assert formats()[name].loops


def test_a_named_browser_that_is_missing_is_none(monkeypatch):
    monkeypatch.setenv(browser_pdf.BROWSER, "no-such-browser-anywhere")
    assert find_browser() is None


@pytest.mark.skipif(find_browser() is None, reason="needs a browser of the Chromium family")
def test_a_browser_prints_the_page(dub):
    (path,) = deliver(dub.folder, dub.script, ["cue-sheet-pdf"], source=None)
    data = path.read_bytes()
    assert path.name == "Scene.es.cue-sheet.pdf" and data.startswith(b"%PDF-") and len(data) > 5000
