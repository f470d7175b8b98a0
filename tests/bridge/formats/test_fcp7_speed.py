"""Re-timed clips of Final Cut Pro 7 XML, as other programs write them and as Rythmo writes them back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from rythmo_bridge.formats.registry import formats, read_timeline
from rythmo_bridge.timeline import Item, Kind, Level, Marker, Media, Timeline, Track

FRAME = 1920


def _read(folder: Path, into: int, out: int, whole: int, **told: str) -> Item:
    """A clip of 50 frames at 25 frames a second; `told` are the parameters of its re-timing."""
    graph = told.pop("graph", "")
    points = "".join(
        f"<keyframe><when>{when}</when><value>{value}</value></keyframe>"
        for when, value in (pair.split(":") for pair in graph.split())
    )
    parameters = "".join(
        f"<parameter><parameterid>{name}</parameterid><value>{value}</value></parameter>"
        for name, value in told.items()
    )
    if points:
        parameters += f"<parameter><parameterid>graphdict</parameterid>{points}</parameter>"
    marker = f"<marker><name>m</name><in>{into + 5}</in><out>-1</out></marker>"
    outside = f"<marker><name>o</name><in>{into - 5}</in><out>-1</out></marker>"
    rate = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
    file = f'<file id="f1"><name>a.wav</name>{rate}<duration>9000</duration></file>'
    clip = (
        f'<clipitem id="c1"><name>a</name><duration>{whole}</duration>{rate}<start>10</start>'
        f"<end>{10 + out - into}</end><in>{into}</in><out>{out}</out>{file}<filter><effect>"
        f"<effectid>timeremap</effectid>{parameters}</effect></filter>{marker}{outside}</clipitem>"
    )
    tracks = f"<media><audio><track>{clip}</track></audio></media>"
    path = folder / "a.xml"
    path.write_text(f'<xmeml version="5"><sequence id="s"><name>s</name>{rate}{tracks}</sequence></xmeml>')
    ((_, item),) = read_timeline(path).items()
    return item


def test_in_counts_the_stretched_frames(tmp_path):
    item = _read(tmp_path, 220, 272, 336, speed="50")
    assert (item.source, item.speed, item.length) == (110 * FRAME, Fraction(1, 2), 52 * FRAME)
    assert [(m.name, m.start) for m in item.markers] == [("m", 5 * FRAME)]


def test_a_clip_that_runs_backwards_names_the_lowest_frame_that_it_plays(tmp_path):
    graph = "0:505 162:342 237:267 504:0"
    item = _read(tmp_path, 162, 237, 504, speed="100", reverse="TRUE", graph=graph)
    assert (item.source, item.speed) == (267 * FRAME, Fraction(-1))


def test_a_frame_that_holds_is_the_one_told(tmp_path):
    graph = "0:14941 14941:14941 15084:14941"
    item = _read(tmp_path, 14_941, 15_084, 35_724, speed="0", graph=graph)
    assert (item.source, item.speed) == (14_941 * FRAME, Fraction(0))


def test_the_frame_that_is_told_is_cut_where_the_speed_is_exact(tmp_path):
    item = _read(tmp_path, 346, 446, 3733, speed="30", graph="0:0 346:103 446:133 3733:1119")
    assert item.source == round(Fraction(1038, 10) * FRAME)


def test_a_ramp_is_the_mean_between_its_points(tmp_path):
    graph = "0:0 50:50 100:250"
    item = _read(tmp_path, 0, 100, 100, variablespeed="1", speed="108", graph=graph)
    assert (item.source, item.speed) == (0, Fraction(5, 2))


SPEEDS = [Fraction(2), Fraction(467, 200), Fraction(1, 3), Fraction(-1, 2), Fraction(-7, 4), Fraction(0)]


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("source", [0, 1, 333, 1001])
def test_speeds_are_read_as_they_were_written(tmp_path, speed, source):
    media = Media("m", "a.mov", Path("/m/a.mov"), 9000 * FRAME, 0, 1, 48_000, Fraction(25))
    levels = (Level(0, -6.0), Level(20 * FRAME, 0.0))
    item = Item(
        "a",
        3 * FRAME,
        120 * FRAME,
        "m",
        source * FRAME,
        speed=speed,
        levels=levels,
        markers=(Marker(7 * FRAME, "m"),),
    )
    tracks = (Track("A1", Kind.AUDIO, items=(item,)),)
    delivery = Timeline("d", Fraction(25), 200 * FRAME, tracks=tracks, media={"m": media})
    (path,) = formats()["fcp7"].write(delivery, tmp_path / "s.xml")
    ((_, found),) = read_timeline(path).items()
    assert (found.start, found.length, found.source) == (item.start, item.length, item.source)
    assert float(found.speed) == pytest.approx(float(speed), abs=1e-5)
    assert [each.at for each in found.levels] == [each.at for each in levels]
    assert [each.start for each in found.markers] == [7 * FRAME]
