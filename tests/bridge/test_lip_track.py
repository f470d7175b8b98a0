"""Lips in timelines: clips of their own above the untouched picture, in every format with picture tracks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rythmo.files import write_atomically
from rythmo.lips.lip_map import LipClip, LipMap, LipPart
from rythmo.lips.units import LipUnit
from rythmo.script import store
from rythmo.stages.lips import FILE
from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform.line_clips import find_line_clips
from rythmo_bridge.conform.picture import find_picture
from rythmo_bridge.deliver import project_timeline
from rythmo_bridge.formats.registry import read_timeline, writers
from rythmo_bridge.lip_track import NAME
from rythmo_bridge.timeline import Kind, Role


def make_clip(script, line, first, last, shot, head=5, tail=5):
    unit = LipUnit(line.id, line.speaker, "F1", 1, shot, first, last)
    name = f"{line.id}_shot{shot + 1:03}"
    return LipClip(name, f"lips/{name}.mov", shot, first, last, head, tail, (LipPart(unit, "0" * 32, 64),))


@pytest.fixture
def with_lips(dub):
    """The small dub with two clips of lips, one of which has handles."""
    one, two = dub.script.lines[:2]
    clips = (
        make_clip(dub.script, one, 5, 40, 0),
        make_clip(dub.script, two, 45, 80, 1, head=0, tail=0),
    )
    found = LipMap("own-mouths 1", True, str(dub.script.programme.rate), clips, ())
    write_atomically(dub.folder / FILE, store.encode_json(found))
    for clip in clips:
        write_atomically(dub.folder / clip.file, b"picture")
    return dub, clips


def lips_of(timeline):
    return next(track for track in timeline.tracks_of(Kind.VIDEO) if track.name == NAME)


def test_they_lie_above_the_untouched_picture(with_lips) -> None:
    dub, clips = with_lips
    timeline = project_timeline(dub.folder, dub.script, dub.source)
    picture, lips = timeline.tracks_of(Kind.VIDEO)
    assert picture.role is Role.PICTURE
    assert len(picture.items) == 1
    rate = timeline.frame_rate
    for clip, item in zip(clips, lips.items, strict=True):
        media = timeline.media_of(item)
        assert item.start == frames_to_samples(clip.first, rate)
        assert item.end == frames_to_samples(clip.last, rate)
        assert (item.line, item.metadata["shot"]) == (clip.lines[0], clip.shot + 1)
        assert [round(each * float(rate) / 48_000) for each in timeline.handles(item)] == [
            clip.head,
            clip.tail,
        ]
        assert timeline.frame(media.start) == timeline.start_frame + clip.first - clip.head


@pytest.mark.parametrize("name", ["otio", "otio-resolve", "otio-premiere", "fcp7", "fcpxml", "aaf"])
def test_every_format_with_picture_tracks_keeps_them(with_lips, tmp_path, name) -> None:
    dub, clips = with_lips
    timeline = project_timeline(dub.folder, dub.script, dub.source)
    ((form, write),) = writers([name])
    path = tmp_path / f"out{form.suffix}"
    write(timeline, path)
    back = read_timeline(path)
    pictures = back.tracks_of(Kind.VIDEO)
    assert len(pictures) == 2
    lips = pictures[1]
    found = [(item.name, back.frame(item.start), back.frame(item.end)) for item in lips.items]
    assert found == [(clip.name, clip.first, clip.last) for clip in clips]
    assert [back.media_of(item).name for item in lips.items] == [f"{clip.name}.mov" for clip in clips]
    labels = [back.frame(back.media_of(item).start + item.source) for item in lips.items]
    assert labels == [timeline.start_frame + clip.first for clip in clips]


def test_mlt_and_edl_have_them_too(with_lips, tmp_path) -> None:
    dub, clips = with_lips
    timeline = project_timeline(dub.folder, dub.script, dub.source)
    for (form, write), wanted in zip(writers(["mlt", "edl"]), (1, 1), strict=True):
        paths = write(timeline, tmp_path / f"out{form.suffix}")
        texts = [path.read_text("utf-8", "replace") for path in paths]
        assert sum(all(clip.name in text for clip in clips) for text in texts) == wanted


def test_clips_that_are_gone_are_left_out(with_lips) -> None:
    dub, clips = with_lips
    (dub.folder / clips[0].file).unlink()
    timeline = project_timeline(dub.folder, dub.script, dub.source)
    assert [item.name for item in lips_of(timeline).items] == [clips[1].name]
    (dub.folder / clips[1].file).unlink()
    assert len(project_timeline(dub.folder, dub.script, dub.source).tracks_of(Kind.VIDEO)) == 1


def test_an_edit_that_moves_everything_is_read_as_before(with_lips) -> None:
    dub, clips = with_lips
    delivered = project_timeline(dub.folder, dub.script, dub.source)
    by = frames_to_samples(24, delivered.frame_rate)
    edited = replace(
        delivered,
        tracks=tuple(
            replace(track, items=tuple(replace(item, start=item.start + by) for item in track.items))
            for track in delivered.tracks
        ),
    )
    assert find_picture(delivered, edited).common_shift == by
    found = find_line_clips(delivered, edited)
    assert set(found.pieces) == {line.id for line in dub.script.lines}
    assert (found.unknown, found.disagreeing) == ((), {})
    assert [(item.name, item.line) for item in lips_of(edited).items] == [
        (clip.name, clip.lines[0]) for clip in clips
    ]
