"""Gain, fades and crossfades of an AAF, as other readers see them and as Rythmo reads them back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import aaf2
import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo_bridge.formats.aaf.fades import lay_out_clips
from rythmo_bridge.formats.registry import formats, read_timeline
from rythmo_bridge.timeline import Item, Kind, Level, Media, Timeline, Track, Transition

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the adapter's own
RATE, SECOND = Fraction(25), 48_000


def _delivery(*items: Item, over: tuple[Transition, ...] = (), long: int = 60) -> Timeline:
    media = Media("m", "a.wav", Path("/m/a.wav"), long * SECOND, 3600 * SECOND, 1, 48_000)
    track = Track("A1", Kind.AUDIO, items=items, transitions=over)
    return Timeline("d", RATE, 30 * SECOND, start_frame=90_000, tracks=(track,), media={"m": media})


def _clip(start: int, end: int, source: int, **more) -> Item:
    return Item("a", start, end - start, "m", source, **more)


def _written(delivery: Timeline, folder: Path) -> Path:
    (path,) = formats()["aaf"].write(delivery, folder / "f.aaf")
    return path


def _parts(path: Path) -> list[tuple[str, int]]:
    with aaf2.open(str(path)) as file:
        (top,) = file.content.toplevel()
        slot = next(slot for slot in top.slots if slot.name == "A1")
        parts = [(type(part).__name__, part.length) for part in slot.segment.components]
        assert slot.segment.length == sum(n if kind != "Transition" else -n for kind, n in parts)
        return parts


def test_a_crossfade_takes_its_length_from_both_clips(tmp_path):
    cross = Transition(3 * SECOND - 100, 700)
    cut = _delivery(_clip(SECOND, 3 * SECOND, 0), _clip(3 * SECOND, 5 * SECOND, 20 * SECOND), over=(cross,))
    path = _written(cut, tmp_path)
    assert _parts(path) == [
        ("Filler", SECOND),
        ("SourceClip", 2 * SECOND + 600),
        ("Transition", 700),
        ("SourceClip", 2 * SECOND + 100),
    ]
    (track,) = read_timeline(path).tracks_of(Kind.AUDIO)
    assert [(i.start, i.end, i.source) for i in track.items] == [
        (SECOND, 3 * SECOND, 0),
        (3 * SECOND, 5 * SECOND, 20 * SECOND),
    ]
    assert [(t.start, t.length) for t in track.transitions] == [(cross.start, cross.length)]


def test_fades_lie_over_silence(tmp_path):
    cut = _delivery(
        _clip(0, SECOND, 0, fade_in=100, fade_out=200),
        _clip(SECOND, 2 * SECOND, 9 * SECOND, fade_in=300),
        _clip(4 * SECOND, 5 * SECOND, 0, fade_out=400),
    )
    path = _written(cut, tmp_path)
    assert _parts(path) == [
        ("Filler", 100),
        ("Transition", 100),
        ("SourceClip", SECOND),
        ("Transition", 200),
        ("Filler", 500),
        ("Transition", 300),
        ("SourceClip", SECOND),
        ("Filler", 2 * SECOND),
        ("SourceClip", SECOND),
        ("Transition", 400),
        ("Filler", 400),
    ]
    (track,) = read_timeline(path).tracks_of(Kind.AUDIO)
    assert [(i.start, i.length, i.source, i.fade_in, i.fade_out) for i in track.items] == [
        (i.start, i.length, i.source, i.fade_in, i.fade_out) for i in cut.tracks[0].items
    ]


def test_keyframes_stand_at_fractions_of_their_clip(tmp_path):
    levels = (Level(0, -20.0), Level(SECOND // 2, 0.0), Level(SECOND, -6.0))
    path = _written(_delivery(_clip(SECOND, 2 * SECOND, 0, gain_db=-3.0, levels=levels)), tmp_path)
    with aaf2.open(str(path)) as file:
        (top,) = file.content.toplevel()
        slot = next(slot for slot in top.slots if slot.name == "A1")
        (group,) = (part for part in slot.segment.components if type(part).__name__ == "OperationGroup")
        (value,) = group.parameters.value
        assert value.interpolationdef.name == "LinearInterp"
        points = [(float(p.time), float(p.value)) for p in value["PointList"].value]
    wanted = [(0.0, -23.0), (0.5, -3.0), (1.0, -9.0)]
    for (time, factor), (at, decibel) in zip(points, wanted, strict=True):
        assert time == at
        assert factor == pytest.approx(10 ** (decibel / 20), abs=1e-5)
    ((_, item),) = read_timeline(path).items()
    assert [(each.at, round(each.gain_db, 2)) for each in item.levels] == [
        (each.at, each.gain_db - 3.0) for each in levels
    ]


def test_without_media_beyond_a_cut_it_stays_a_cut(tmp_path):
    cross = Transition(3 * SECOND - 500, 1000)
    whole = _delivery(_clip(0, 3 * SECOND, 0), _clip(3 * SECOND, 6 * SECOND, 0), over=(cross,), long=3)
    assert _parts(_written(whole, tmp_path)) == [("SourceClip", 3 * SECOND)] * 2


def test_the_public_reader_finds_every_clip_where_it_was(tmp_path):
    cross = Transition(3 * SECOND - 480, 960)
    cut = _delivery(
        _clip(0, 3 * SECOND, 0, fade_in=4800),
        _clip(3 * SECOND, 5 * SECOND, 20 * SECOND, fade_out=9600),
        _clip(7 * SECOND, 8 * SECOND, 0, fade_in=480),
        over=(cross,),
    )
    timeline = otio.adapters.read_from_file(str(_written(cut, tmp_path)))
    found = [
        (int(c.range_in_parent().start_time.value), int(c.range_in_parent().duration.value))
        for c in timeline.find_clips()
    ]
    assert found == [(i.start, i.length) for i in cut.tracks[0].items]


EDGES = st.lists(st.integers(1, 5000), min_size=2, max_size=12)


@settings(max_examples=80)
@given(EDGES, st.lists(st.tuples(st.integers(-2000, 2000), st.integers(0, 4000)), max_size=8), st.data())
def test_transitions_never_take_more_of_a_clip_than_there_is(lengths, shapes, data):
    items, at = [], 0
    for length in lengths:
        at += data.draw(st.sampled_from([0, 0, 700]))
        fades = {name: data.draw(st.integers(0, 3000)) for name in ("fade_in", "fade_out")}
        items.append(_clip(at, at + length, data.draw(st.integers(0, 3000)), **fades))
        at += length
    over = tuple(
        Transition(max(0, items[n % len(items)].end + shift), length)
        for n, (shift, length) in enumerate(shapes)
    )
    delivery = _delivery(*items, over=over)
    position = 0
    for laid in lay_out_clips(delivery.tracks[0], items, delivery):
        length = laid.item.length + laid.early + laid.late
        assert laid.early + laid.into + laid.fade_in + laid.fade_out <= length
        assert min(laid.early, laid.late, laid.into, laid.fade_in, laid.fade_out) >= 0
        assert laid.item.start >= position
        position = laid.item.end
    shifted = replace(delivery, tracks=(replace(delivery.tracks[0], transitions=()),))
    assert [laid.item for laid in lay_out_clips(shifted.tracks[0], items, shifted)] == items
