"""Files that hold several timelines: the first is read, the others are named, and `--sequence` chooses."""

from __future__ import annotations

import json

import pytest

from rythmo.cli.app import main
from rythmo.errors import UsageError
from rythmo_bridge.formats.registry import read_timeline


def _sequence(name: str, number: int) -> str:
    rate = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
    clip = (
        f"<clipitem><name>{name} clip</name><start>0</start><end>25</end><in>0</in><out>25</out></clipitem>"
    )
    media = f"<media><audio><track>{clip}</track></audio></media>"
    return f'<sequence id="s{number}"><name>{name}</name>{rate}{media}</sequence>'


def _fcp7(*names: str) -> str:
    inside = "".join(_sequence(name, number) for number, name in enumerate(names))
    bins = f"<bin><children>{inside}</children></bin>"
    return f'<xmeml version="5"><project><children>{bins}</children></project></xmeml>'


def _timeline(name: str) -> dict:
    time = {"OTIO_SCHEMA": "RationalTime.1", "rate": 25, "value": 25}
    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": {**time, "value": 0}, "duration": time}
    clip = {"OTIO_SCHEMA": "Clip.2", "name": f"{name} clip", "source_range": span}
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Audio", "children": [clip]}
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": name,
        "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track]},
    }


def _otio(*names: str) -> str:
    inner = {"OTIO_SCHEMA": "SerializableCollection.1", "children": [_timeline(name) for name in names[1:]]}
    children = [_timeline(names[0]), *([inner] if names[1:] else [])]
    return json.dumps({"OTIO_SCHEMA": "SerializableCollection.1", "children": children})


FILES = {"a.xml": _fcp7, "a.otio": _otio}


@pytest.fixture(params=FILES)
def write(request, tmp_path):
    def make(*names: str):
        path = tmp_path / request.param
        path.write_text(FILES[request.param](*names))
        return path

    return make


def test_the_first_is_read_and_the_others_are_named(write):
    timeline = read_timeline(write("Reel 1", "Reel 2", "Reel 3"))
    assert timeline.name == "Reel 1"
    (note,) = timeline.notes
    assert "3 timelines" in note
    assert "'Reel 2', 'Reel 3'" in note
    assert "--sequence" in note


def test_one_alone_needs_no_word(write):
    assert read_timeline(write("Reel 1")).notes == ()


@pytest.mark.parametrize("name", ["Reel 2", "reel 2 "])
def test_the_one_that_is_named_is_read(write, name):
    timeline = read_timeline(write("Reel 1", "Reel 2"), name)
    assert (timeline.name, timeline.notes) == ("Reel 2", ())
    assert [item.name for _, item in timeline.items()] == ["Reel 2 clip"]


@pytest.mark.parametrize(("names", "problem"), [(("A", "B"), "no timeline"), (("C", "C"), "2 timelines")])
def test_a_name_that_stands_for_none_or_for_several_is_refused(write, names, problem):
    with pytest.raises(UsageError, match=problem) as caught:
        read_timeline(write(*names), "C")
    assert repr(names[0]) in caught.value.hint


def test_convert_tells_and_takes_a_name(write, tmp_path, capsys):
    path = write("Reel 1", "Reel 2")
    assert main(["convert", str(path), str(tmp_path / "b.otio")]) == 0
    assert "'Reel 2'" in capsys.readouterr().err
    assert main(["convert", str(path), str(tmp_path / "b.otio"), "--sequence", "Reel 2"]) == 2
    assert "already exists" in capsys.readouterr().err
    assert main(["convert", str(path), str(tmp_path / "b.otio"), "--sequence", "Reel 2", "--force"]) == 0
    assert "timelines" not in capsys.readouterr().err
    assert read_timeline(tmp_path / "b.otio").name == "Reel 2"
    assert main(["convert", str(path), str(tmp_path / "b.otio"), "--sequence", "Reel 9"]) == 2


def test_an_edl_holds_one(tmp_path):
    path = tmp_path / "a.edl"
    path.write_text("001 AX A C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n")
    with pytest.raises(UsageError, match="one timeline"):
        read_timeline(path, "Reel 1")
