"""Unusual clips: without length, without a file, mono on a stereo track, in old schemas."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rythmo.errors import TimelineError
from rythmo_bridge.formats.fcp7.writer import write as write_fcp7
from rythmo_bridge.formats.registry import read_timeline
from rythmo_bridge.timeline import Item, Kind, Timeline, Track

CASES = Path(os.environ.get("RYTHMO_TEST_DATA", "")) / "cases" / "timelines"
RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"


def _clip(name: str, start: int, end: int, inside: str = "") -> str:
    places = f"<start>{start}</start><end>{end}</end><in>0</in><out>{end - start}</out>"
    return f"<clipitem><name>{name}</name>{RATE}{places}{inside}</clipitem>"


def _fcp7(folder: Path, tracks: str, kind: str = "video") -> Path:
    path = folder / "a.xml"
    media = f"<media><{kind}>{tracks}</{kind}></media>"
    path.write_text(f'<xmeml version="5"><sequence id="s1"><name>x</name>{RATE}{media}</sequence></xmeml>')
    return path


def _otio(folder: Path, children: list[dict], track: str = "Track.1", stack: str = "Stack.1") -> Path:
    row = {"OTIO_SCHEMA": track, "kind": "Video", "name": "V1", "children": children}
    tracks = {"OTIO_SCHEMA": stack, "children": [row]}
    path = folder / "a.otio"
    path.write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": tracks}))
    return path


def _span(frames: int) -> dict:
    time = {"OTIO_SCHEMA": "RationalTime.1", "rate": 25, "value": frames}
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": {**time, "value": 0}, "duration": time}


def _object(schema: str, frames: int, name: str = "") -> dict:
    return {"OTIO_SCHEMA": schema, "name": name, "source_range": _span(frames)}


def test_clips_without_length_are_left_out_and_told(tmp_path):
    clips = _clip("good", 0, 50) + _clip("sliver", 50, 50) + _clip("dot", 50, 50) + _clip("next", 50, 75)
    read = [read_timeline(_fcp7(tmp_path, f"<track>{clips}</track>"))]
    objects = [
        _object("Clip.2", n, name) for name, n in (("good", 50), ("sliver", 0), ("dot", 0), ("next", 25))
    ]
    read.append(read_timeline(_otio(tmp_path, objects)))
    for timeline in read:
        found = [(item.name, item.start // 1920, item.length // 1920) for _, item in timeline.items()]
        assert found == [("good", 0, 50), ("next", 50, 25)]
        assert timeline.notes == ("2 clips without length left out: sliver, dot.",)


def test_a_timeline_of_nothing_but_such_clips_is_refused(tmp_path):
    with pytest.raises(TimelineError, match="None of its clips has a length"):
        read_timeline(_fcp7(tmp_path, f"<track>{_clip('sliver', 50, 50)}</track>"))


def _exploded(channels: int, indexes: tuple[int, ...], clips: int = 1) -> str:
    told = f"<media><audio><channelcount>{channels}</channelcount></audio></media>"
    tracks = []
    for place, index in enumerate(indexes):
        source = f"<sourcetrack><mediatype>audio</mediatype><trackindex>{index}</trackindex></sourcetrack>"
        file = f'<file id="f1"><name>vo.wav</name>{RATE}<duration>900</duration>{told}</file>'
        row = "".join(_clip("vo.wav", 50 * n, 50 * n + 50, file + source) for n in range(clips))
        exploded = f'currentExplodedTrackIndex="{place}" totalExplodedTrackCount="{len(indexes)}"'
        tracks.append(f"<track {exploded}>{row}</track>")
    return "".join(tracks)


@pytest.mark.parametrize(
    ("channels", "indexes", "played"),
    [(1, (1, 2), ()), (1, (1, 2, 3, 4, 5, 6), ()), (2, (1, 2), ()), (2, (2, 1), (1, 0)), (4, (3, 4), (2, 3))],
)
def test_the_channels_of_an_exploded_track_are_those_that_the_file_has(tmp_path, channels, indexes, played):
    timeline = read_timeline(_fcp7(tmp_path, _exploded(channels, indexes, clips=2), "audio"))
    (track,) = timeline.tracks
    assert track.channels == len(indexes)
    assert [item.channels for item in track.items] == [played, played]


@pytest.mark.parametrize(
    ("track", "stack", "gap"), [("Sequence.1", "Stack.1", "Filler.1"), ("Track.1", "Stack.1", "Gap.1")]
)
def test_old_names_of_schemas_are_read(tmp_path, track, stack, gap):
    inner = {**_object(track, 25), "kind": "Video", "children": [_object("Clip.1", 25, "inside")]}
    children = [_object(gap, 10), _object("Clip.1", 20, "a"), inner, _object("Clip.1", 5, "b")]
    timeline = read_timeline(_otio(tmp_path, children, track, stack))
    (row,) = timeline.tracks
    assert row.name == "V1"
    assert [(i.name, i.start // 1920, i.length // 1920) for i in row.items] == [
        ("a", 10, 20),
        ("", 30, 25),
        ("b", 55, 5),
    ]
    (nested,) = (item.nested for item in row.items if item.nested)
    assert [item.name for _, item in nested.items()] == ["inside"]


def test_a_schema_that_nobody_knows_is_a_clip_or_holds_clips(tmp_path):
    children = [
        _object("Clip.2", 20, "a"),
        {**_object("Shot.1", 20, "b"), "children": [_object("Clip.2", 20, "c")]},
    ]
    timeline = read_timeline(_otio(tmp_path, children))
    assert [item.name for _, item in timeline.items()] == ["a", "b"]


@pytest.mark.parametrize("kind", ["clip", "title", "SMPTEBars"])
@pytest.mark.parametrize("carries", list(Kind))
def test_a_clip_without_a_file_is_a_generator_that_others_read(tmp_path, kind, carries):
    import opentimelineio

    track = Track("T", carries, items=(Item("Chapter 1", 0, 48_000, kind=kind),))
    timeline = Timeline("d", 25, 48_000, tracks=(track,))
    (path,) = write_fcp7(timeline, tmp_path / "a.xml")
    (clip,) = opentimelineio.adapters.read_from_file(str(path)).find_clips()
    assert isinstance(clip.media_reference, opentimelineio.schema.GeneratorReference)
    assert (clip.name, clip.duration().to_seconds()) == ("Chapter 1", 1)
    assert ("<effectid>Text</effectid>" in path.read_text()) == (kind == "title" and carries is Kind.VIDEO)
    (item,) = (item for _, item in read_timeline(path).items())
    assert (item.name, item.media, item.kind) == ("Chapter 1", None, "generator")


@pytest.mark.needs_data
@pytest.mark.skipif(not CASES.is_dir(), reason="RYTHMO_TEST_DATA names no folder with cases")
@pytest.mark.parametrize(
    ("name", "clips"),
    [
        ("fcp7_zero_length_clip.xml", ["good"]),
        ("fcp7_mono_exploded.xml", ["card.png", "vo.wav"]),
        ("otio_legacy_Sequence.otio", ["C"]),
        ("nomedia_title.otio", ["Title 1"]),
    ],
)
def test_the_cases_are_read(name, clips):
    timeline = read_timeline(CASES / name)
    assert [item.name for _, item in timeline.items()] == clips
    assert not any(item.channels for _, item in timeline.items())
