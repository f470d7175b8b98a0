"""Formats that count in frames: the media's head makes up for starts between two frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import opentimelineio as otio
import pytest

from rythmo.media.bwf import BwfWriter
from rythmo.media.wav import WavReader
from rythmo.timebase import frames_to_samples
from rythmo_bridge.deliver import deliver
from rythmo_bridge.frame_grid import on_frames
from rythmo_bridge.script_timeline import script_timeline


@pytest.mark.parametrize("flavour", ["resolve", "premiere"])
def test_the_impulse_of_every_take_lands_on_its_sample(any_rate, flavour):
    (path,) = deliver(any_rate.folder, any_rate.script, [f"otio-{flavour}"], source=None)
    assert path.name == f"Scene.es.{flavour}.otio"
    timeline = otio.adapters.read_from_file(str(path))
    rate = any_rate.script.programme.frame_rate
    found = {}
    for clip in timeline.find_clips():
        line = clip.metadata["rythmo"].get("line_id")
        if line is None:
            continue
        place, source = clip.range_in_parent(), clip.source_range
        assert place.start_time.rate == float(rate)
        assert place.start_time.value == int(place.start_time.value)
        assert (
            source == clip.media_reference.available_range
            or source.duration <= clip.available_range().duration
        )
        assert source.start_time == clip.available_range().start_time
        url = clip.media_reference.target_url
        with WavReader(any_rate.folder / "deliver/es/media" / url.rsplit("/", 1)[1]) as reader:
            pulse = int(np.argmax(np.abs(reader.read(0, reader.length)[0])))
            assert reader.length * rate / 48_000 >= source.duration.value
        found[line] = frames_to_samples(int(place.start_time.value), rate) + pulse
    assert found == {line.id: line.placement.start + any_rate.pulse for line in any_rate.script.lines}


def test_picture_and_stem_are_used_as_they_are(dub):
    delivery = script_timeline(dub.script, dub.folder)
    framed = on_frames(delivery, dub.folder / "media")
    (stem,) = (item for track, item in framed.items() if track.name == "M&E")
    assert stem.media == "stems/ME.wav"
    assert stem.length == dub.script.programme.length
    assert sorted(p.stem for p in (dub.folder / "media").iterdir()) == sorted(
        f"{line.id}_t01" for line in dub.script.lines
    )


def test_two_lines_that_meet_inside_a_frame_do_not_overlap(dub, tmp_path):
    first, third = dub.script.lines[0], dub.script.lines[2]
    place = replace(third.placement, start=first.placement.end + 3, end=first.placement.end + 3 + 30_013)
    script = dub.script.with_line(replace(third, placement=place))
    framed = on_frames(script_timeline(script, dub.folder), tmp_path / "media")
    (track,) = (track for track in framed.tracks if track.speaker == "S1")
    before, after = track.items
    assert before.end <= after.start
    with WavReader(framed.media_of(after).path) as reader:
        pulse = int(np.argmax(np.abs(reader.read(0, reader.length)[0])))
    assert after.start + pulse == place.start + dub.pulse
    assert before.end == after.start


@pytest.mark.parametrize("over", [0, 1, 700, 1999])
def test_a_line_that_begins_on_a_border_keeps_its_last_sample(dub, tmp_path, over):
    """Its end is rounded up: rounded down or to the nearest, the last sound would be cut."""
    line = dub.script.lines[0]
    rate = dub.script.programme.frame_rate
    place = replace(line.placement, start=frames_to_samples(24, rate), end=frames_to_samples(40, rate) + over)
    path = dub.folder / "takes" / "placed" / f"{line.id}_t01.wav"
    with BwfWriter(path, 48_000, 1, length=place.end - place.start) as out:
        out.write(np.full((1, place.end - place.start), 1000, np.int32))
    framed = on_frames(
        script_timeline(dub.script.with_line(replace(line, placement=place)), dub.folder), tmp_path
    )
    (item,) = (item for _, item in framed.items() if item.line == line.id)
    assert item.start == place.start
    assert item.end >= place.end
    with WavReader(framed.media_of(item).path) as reader:
        heard = reader.read_int(item.source, min(item.length, reader.length - item.source))[0]
    assert np.count_nonzero(heard) == place.end - place.start


def test_the_frame_that_two_lines_share_carries_both(tmp_path, dub):
    first, third = dub.script.lines[0], dub.script.lines[2]
    for line in (first, third):
        path = dub.folder / "takes" / "placed" / f"{line.id}_t01.wav"
        length = line.takes[0].length
        with BwfWriter(path, 48_000, 1, length=length) as out:
            out.write(np.full((1, length), 1000, np.int32))
    place = replace(third.placement, start=first.placement.end, end=first.placement.end + 30_013)
    framed = on_frames(
        script_timeline(dub.script.with_line(replace(third, placement=place)), dub.folder), tmp_path
    )
    (track,) = (track for track in framed.tracks if track.speaker == "S1")
    heard = np.zeros(200_000, np.int32)
    for item in track.items:
        with WavReader(framed.media_of(item).path) as reader:
            heard[item.start : item.end] += reader.read_int(0, item.length)[0]
    assert np.array_equal(np.flatnonzero(heard), np.arange(first.placement.start, place.end))
    assert set(heard) == {0, 1000}


def test_premiere_gets_urls_and_resolve_bare_paths(dub):
    paths = deliver(dub.folder, dub.script, ["otio-resolve", "otio-premiere"], source=None)
    resolve, premiere = (otio.adapters.read_from_file(str(path)) for path in paths)
    assert next(iter(resolve.find_clips())).media_reference.target_url.startswith("/")
    assert next(iter(premiere.find_clips())).media_reference.target_url.startswith("file:///")
    assert premiere.metadata["PremierePro_OTIO"]["VideoFrameRate"] == pytest.approx(23.976, abs=1e-3)
    assert "Resolve_OTIO" in resolve.metadata
