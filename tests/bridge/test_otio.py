"""Our OTIO files, read back with OpenTimelineIO itself."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio

from rythmo.timebase import frames_to_samples
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats.registry import formats
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track


def _write(dub, tmp_path: Path):
    made = deliver(dub.folder, dub.script, ["otio"], source=dub.source)
    assert made == (dub.folder / "deliver/es/Scene.es.otio",)
    return otio.adapters.read_from_file(str(made[0]))


def _track(timeline, name: str):
    return next(track for track in timeline.tracks if track.name == name)


def test_every_take_lies_on_its_sample(any_rate, tmp_path):
    timeline = _write(any_rate, tmp_path)
    found = {
        clip.metadata["rythmo"]["line_id"]: clip.range_in_parent()
        for track in timeline.audio_tracks()
        for clip in track.find_clips()
        if "line_id" in clip.metadata["rythmo"]
    }
    for line in any_rate.script.lines:
        assert found[line.id].start_time.rate == 48_000
        assert found[line.id].start_time.value == line.placement.start
        assert found[line.id].duration.value == line.takes[0].length


def test_start_timecode_and_rate_are_kept(any_rate, tmp_path):
    timeline = _write(any_rate, tmp_path)
    programme = any_rate.script.programme
    start = timeline.global_start_time
    assert (start.value, start.rate) == (programme.start_frame, float(programme.frame_rate))
    assert start.to_timecode(start.rate, programme.drop) == f"01:00:00{';' if programme.drop else ':'}00"


def test_tracks_stand_for_speakers_stem_and_original(dub, tmp_path):
    timeline = _write(dub, tmp_path)
    assert [(t.name, t.kind, t.enabled) for t in timeline.tracks] == [
        ("Picture", "Video", True),
        ("DX Ana", "Audio", True),
        ("DX Böb & <Co>", "Audio", True),
        ("M&E", "Audio", True),
        ("Original", "Audio", False),
    ]
    original = _track(timeline, "Original")[0]
    picture = _track(timeline, "Picture")[0]
    assert not original.enabled
    assert picture.enabled
    assert (
        original.metadata["Resolve_OTIO"]["Link Group ID"]
        == picture.metadata["Resolve_OTIO"]["Link Group ID"]
    )


def test_source_ranges_count_in_the_medias_own_timecode(dub, tmp_path):
    timeline = _write(dub, tmp_path)
    picture = _track(timeline, "Picture")[0]
    assert picture.source_range.start_time.value == 86_400
    assert picture.media_reference.available_range.start_time.value == 86_400
    assert picture.source_range.duration.value == 240
    clip = next(iter(_track(timeline, "DX Ana").find_clips()))
    hour = frames_to_samples(86_400, dub.script.programme.rate)
    assert clip.source_range.start_time.value == hour + dub.script.lines[0].placement.start
    assert clip.media_reference.available_range.start_time == clip.source_range.start_time


def test_media_are_found_by_bare_absolute_path_and_by_relative_one(dub, tmp_path):
    clip = next(iter(_track(_write(dub, tmp_path), "DX Ana").find_clips()))
    reference = clip.media_reference
    assert Path(reference.target_url).is_file()
    relative = reference.metadata["rythmo"]["relative_path"]
    assert (dub.folder / "deliver/es" / relative).resolve() == Path(reference.target_url).resolve()
    assert clip.name == "S1_0001_t01"


def test_flags_become_markers_of_their_severity(dub, tmp_path):
    (marker,) = _write(dub, tmp_path).tracks.markers
    assert (marker.name, marker.color, marker.comment) == ("S2_0002 fit.long", "RED", "Too long by 0.3 s.")
    assert marker.metadata["rythmo"]["start"] == 99_999


def test_the_same_script_gives_the_same_bytes(dub, tmp_path):
    first = deliver(dub.folder, dub.script, ["otio"], source=dub.source)[0].read_bytes()
    assert deliver(dub.folder, dub.script, ["otio"], source=dub.source)[0].read_bytes() == first


def test_clips_whose_source_lies_between_frames_do_not_move_what_follows(tmp_path):
    """A frame more or less in a clip's length would shift every later clip of its track."""
    rate = Fraction(30000, 1001)
    media = Media("m", "boom.wav", Path("/m/boom.wav"), 48_000 * 600, 1_234_567, 1, 48_000)
    starts = [frames_to_samples(10 * n, rate) for n in range(41)]
    clips = tuple(
        Item("boom", start, end - start, "m", source=977 * n)
        for n, (start, end) in enumerate(pairwise(starts))
    )
    tracks = (Track("A1", Kind.AUDIO, items=clips), Track("V1", Kind.VIDEO, items=clips))
    delivery = Timeline("d", rate, starts[-1], tracks=tracks, media={"m": media})
    for name in ("otio", "otio-resolve", "otio-premiere"):
        (path,) = formats()[name].write(delivery, tmp_path / "d.otio")
        timeline = otio.adapters.read_from_file(str(path))
        for track in timeline.tracks:
            seconds = [clip.range_in_parent().start_time.to_seconds() for clip in track.find_clips()]
            assert [round(each * float(rate)) for each in seconds] == [10 * n for n in range(40)]
