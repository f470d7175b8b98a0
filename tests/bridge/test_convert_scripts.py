"""`rythmo convert` between scripts, subtitles and lists."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook

from rythmo.cli import main
from rythmo_bridge.deliver import deliver
from rythmo_bridge.script_file import is_script_file

SRT = """1
00:00:01,000 --> 00:00:03,000
ANA: Are you there?

2
00:00:04,000 --> 00:00:05,000
[door slams]

3
00:00:06,000 --> 00:00:08,520
ANA: <i>Nobody answers,
and it is getting dark.</i>
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "scene.en.srt"
    path.write_text(SRT, encoding="utf-8")
    return path


@pytest.mark.parametrize("middle", ["stl", "vtt", "ttml"])
def test_subtitles_keep_their_cues(script, tmp_path, middle):
    there, back = tmp_path / f"there.en.{middle}", tmp_path / "back.en.srt"
    assert main(["convert", str(script), str(there)]) == 0
    assert main(["convert", str(there), str(back)]) == 0
    text = back.read_text(encoding="utf-8")
    assert "00:00:06,000 --> 00:00:08,520" in text and "answers,\n" in text


@pytest.mark.parametrize(
    "name",
    ["x.detx", "x.original.dapt.ttml", "x.cue-sheet.xlsx", "x.cross-reference.xlsx", "x.dialogue-list.csv"],
)
def test_subtitles_become_scripts_and_lists(script, tmp_path, name):
    assert main(["convert", str(script), str(tmp_path / name)]) == 0
    assert (tmp_path / name).stat().st_size


def test_a_script_keeps_its_languages_loops_and_people(dub, tmp_path, capsys):
    (path,) = deliver(dub.folder, dub.script, ["dapt-pre-recording"], source=None)
    assert main(["convert", str(path), str(tmp_path / "x.cue-sheet.xlsx")]) == 0
    rows = list(load_workbook(tmp_path / "x.cue-sheet.xlsx").active.values)[1:]
    assert [row[1] for row in rows] == [line.id for line in dub.script.lines]
    first = rows[0]
    assert (first[2], first[5], first[7], first[8]) == ("01:00:00:02", "Ana", "line 0", "línea 0")


def test_a_script_is_no_timeline_and_holds_no_dub(script, tmp_path, capsys):
    for target, word in (("x.otio", "is a script"), ("x.as-recorded.xlsx", "is a script")):
        assert main(["convert", str(script), str(tmp_path / target)]) == 2
        assert word in capsys.readouterr().err


def test_xml_files_are_told_apart_by_what_they_hold(tmp_path):
    for name, text, found in (
        ("a.xml", "<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'/>", True),
        ("b.xml", "<xmeml version='5'/>", False),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert is_script_file(tmp_path / name) is found
    assert not is_script_file(tmp_path / "missing.xml")
