"""Media is found where the timeline says or where it moved, and missing media is reported."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from counted_sound import write_counted

from rythmo.cli import main
from rythmo.errors import MissingMediaError, TimelineError
from rythmo.settings import TimelineSettings
from rythmo_bridge.assemble.media_search import FoundMedia, MediaFinder, MissingMedia
from rythmo_bridge.assemble.programme import look
from rythmo_bridge.formats.media_paths import path_of
from rythmo_bridge.timeline import Media

XMEML = """<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="5"><sequence><name>Cut</name>
<duration>50</duration><rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>
<media><video><track/></video><audio><track><clipitem id="c1"><name>take</name>
<rate><timebase>25</timebase></rate><start>0</start><end>50</end><in>10</in><out>60</out>
<file id="f1"><name>take.wav</name><pathurl>{url}</pathurl><rate><timebase>25</timebase></rate>
<duration>100</duration><media><audio><channelcount>1</channelcount></audio></media></file>
</clipitem></track></audio></media></sequence></xmeml>"""


def media(url: str, folder: Path, **facts: object) -> Media:
    return Media("m", "take.wav", path_of(url, folder), candidates=(url,), **facts)


@pytest.mark.parametrize(
    "url",
    [
        "{folder}/take one.wav",
        "file://{folder}/take%20one.wav",
        "file://localhost{folder}/take%20one.wav",
        "file:{folder}/take%20one.wav",
        "take one.wav",
        "./take one.wav",
    ],
)
def test_every_way_to_write_a_path(url, tmp_path):
    write_counted(tmp_path / "take one.wav", length=4_800)
    found = MediaFinder(tmp_path).find(media(url.format(folder=tmp_path), tmp_path))
    assert isinstance(found, FoundMedia)
    assert found.path.resolve() == tmp_path / "take one.wav"
    assert not found.moved


@pytest.mark.parametrize(
    "url",
    [
        "/Volumes/gone/Day 1/take.wav",
        "file:///Volumes/gone/Day%201/take.wav",
        r"D:\Projects\Day 1\take.wav",
        "file://localhost/D%3a/Projects/Day%201/take.wav",
        r"\\server\share\Day 1\TAKE.WAV",
    ],
)
def test_what_moved_is_found_by_name_wherever_it_lies(url, tmp_path):
    write_counted(tmp_path / "new" / "deep" / "down" / "take.wav", length=4_800)
    found = MediaFinder(tmp_path, (tmp_path / "new",)).find(media(url, tmp_path))
    assert isinstance(found, FoundMedia)
    assert found.path == tmp_path / "new" / "deep" / "down" / "take.wav"
    assert found.moved


def test_a_tree_that_moved_as_a_whole_keeps_its_folders_apart(tmp_path):
    for day, first in (("Day 1", 5), ("Day 2", 9)):
        write_counted(tmp_path / "new" / day / "take.wav", length=4_800, first=first)
    finder = MediaFinder(tmp_path / "edl", (tmp_path / "new",))
    for day in ("Day 2", "Day 1"):
        found = finder.find(media(f"/old/project/{day}/take.wav", tmp_path))
        assert isinstance(found, FoundMedia)
        assert found.path.parent.name == day


def test_of_several_the_timecode_decides(tmp_path):
    for name, hour in (("a", 1), ("b", 2)):
        write_counted(tmp_path / name / "take.wav", length=48_000, reference=hour * 172_800_000, first=hour)
    wanted = media("/gone/take.wav", tmp_path, start=2 * 172_800_000, length=48_000)
    found = MediaFinder(tmp_path, (tmp_path,)).find(wanted, [(100, 1_000)])
    assert isinstance(found, FoundMedia)
    assert found.path.parent.name == "b"


def test_of_several_that_fit_as_well_none_is_guessed(tmp_path):
    for name, first in (("a", 1), ("b", 2)):
        write_counted(tmp_path / name / "take.wav", length=48_000, first=first)
    missing = MediaFinder(tmp_path, (tmp_path,)).find(media("/gone/take.wav", tmp_path))
    assert isinstance(missing, MissingMedia)
    assert "several files fit equally well" in str(missing)
    assert str(tmp_path / "a" / "take.wav") in str(missing)


def test_copies_of_one_file_are_the_same_file(tmp_path):
    for name in ("a", "b"):
        write_counted(tmp_path / name / "take.wav", length=48_000)
    assert isinstance(MediaFinder(tmp_path, (tmp_path,)).find(media("/gone/take.wav", tmp_path)), FoundMedia)


def test_a_reel_is_enough_and_another_suffix_as_well(tmp_path):
    write_counted(tmp_path / "rushes" / "A001C003.wav", length=4_800)
    finder = MediaFinder(tmp_path, (tmp_path / "rushes",))
    assert isinstance(finder.find(Media("m", "", reel="A001C003")), FoundMedia)
    assert isinstance(finder.find(Media("m", "A001C003.mov", candidates=("/old/A001C003.mov",))), FoundMedia)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://example.org/take.wav", "an address"),
        ("concat:/etc/passwd|/etc/hosts", "an address"),
        ("../../outside/take.wav", "leads out"),
        ("take%00.wav", "no system can hold"),
    ],
)
def test_addresses_and_paths_that_climb_out_are_never_followed(url, why, tmp_path):
    write_counted(tmp_path / "outside" / "take.wav", length=4_800)
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    missing = MediaFinder(folder).find(Media("m", "take.wav", path_of(url, folder), candidates=(url,)))
    assert isinstance(missing, MissingMedia)
    assert why in str(missing)


def test_a_file_that_is_no_media_is_told(tmp_path):
    (tmp_path / "take.wav").write_text("#EXTM3U\nhttp://example.org/\n")
    missing = MediaFinder(tmp_path).find(media("take.wav", tmp_path))
    assert isinstance(missing, MissingMedia)
    assert "is a playlist, not media" in str(missing)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(TimelineError, match="is not a folder"):
        MediaFinder(tmp_path, (tmp_path / "nowhere",))


def test_the_report_names_every_place_and_the_command_ends_with_1(tmp_path, capsys):
    path = tmp_path / "cut.xml"
    path.write_text(XMEML.format(url="file://localhost/Volumes/gone/take.wav"))
    with pytest.raises(MissingMediaError, match="1 of 1") as caught:
        look(path, TimelineSettings())
    places = ("/Volumes/gone/take.wav", str(tmp_path / "take.wav"))
    assert all(place in caught.value.missing[0] for place in places)
    assert pickle.loads(pickle.dumps(caught.value)).missing == caught.value.missing
    assert main(["dub", str(path), "--to", "es", "--from", "en", "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert all(place in said for place in places)
    assert "--media-dir" in said
    assert not (tmp_path / "out").exists()


def test_a_folder_given_on_the_command_line_is_kept_with_its_whole_path(tmp_path, monkeypatch):
    write_counted(tmp_path / "moved" / "take.wav", length=200_000)
    path = tmp_path / "cut.xml"
    path.write_text(XMEML.format(url="file://localhost/Volumes/gone/take.wav"))
    assembly = look(path, TimelineSettings(media_dirs=(str(tmp_path / "moved"),)))
    assert assembly.timeline.media["f1"].path == tmp_path / "moved" / "take.wav"
    assert "Found elsewhere" in assembly.notes[0]
    assert assembly.plans["mix"].parts[0].source == 10 * 1_920


def test_a_server_that_a_timeline_names_is_not_asked(tmp_path, monkeypatch):
    looked_at = []
    monkeypatch.setattr(
        "rythmo_bridge.assemble.media_search._is_file", lambda path: looked_at.append(str(path)) or False
    )
    share = "\\\\evil\\share\\a.wav"
    found = MediaFinder(tmp_path).find(Media("m", "a.wav", candidates=(share, "file://evil/share/a.wav")))
    assert isinstance(found, MissingMedia)
    assert "--media-dir" in str(found)
    assert not [path for path in looked_at if path.startswith("\\\\")]
