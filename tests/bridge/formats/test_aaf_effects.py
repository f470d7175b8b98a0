"""AAF as Avid and Pro Tools write it: effects around sequences, speed, gain, nests, tapes, markers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.bridge.formats.aaf_making import GAIN, MOTION, PAN, SUBMASTER, WARP, made, making

from rythmo.errors import TimelineError
from rythmo_bridge.formats.registry import read_timeline

FRAME = 1920


def _clips(path) -> list[tuple[str, float, float, float, Fraction]]:
    """Name, start, length and source in frames, and the speed of every clip."""
    return [
        (item.name, item.start / FRAME, item.length / FRAME, item.source / FRAME, item.speed)
        for _, item in read_timeline(path).items()
    ]


def _two(maker):
    """Two clips with a gap between them."""
    return maker.sequence(maker.clip("one", 0, 50), maker.filler(50), maker.clip("two", 25, 50))


TWO = [("one", 0, 50, 0, 1), ("two", 100, 50, 25, 1)]


@pytest.mark.parametrize(
    "around",
    [
        lambda m: m.effect(PAN, 150, _two(m)),
        lambda m: m.effect(SUBMASTER, 150, _two(m)),
        lambda m: m.effect(PAN, 150, m.effect(SUBMASTER, 150, _two(m))),
        lambda m: m.sequence(m.effect(PAN, 150, _two(m)), m.filler(10)),
        lambda m: m.effect(WARP, 150, _two(m), speed_ratio=1),
        lambda m: m.selector(m.effect(PAN, 150, _two(m)), m.filler(150)),
        lambda m: m.effect(PAN, 150, m.filler(150), _two(m)),
    ],
    ids=["pan", "submaster", "both", "in a sequence", "warp of one", "selector", "second input"],
)
def test_an_effect_around_a_sequence_is_read_through(tmp_path, around):
    assert _clips(made(tmp_path, around)) == TWO


def test_what_lies_under_a_mute_is_there_and_off(tmp_path):
    path = made(tmp_path, lambda m: m.selector(m.filler(150), m.effect(PAN, 150, _two(m))))
    assert _clips(path) == TWO
    assert not any(item.enabled for _, item in read_timeline(path).items())


def test_an_effect_shorter_than_its_sequence_cuts_it(tmp_path):
    path = made(tmp_path, lambda m: m.effect(PAN, 120, _two(m)))
    assert _clips(path) == [("one", 0, 50, 0, 1), ("two", 100, 20, 25, 1)]


HALF, DOUBLE, HELD, THIRD = Fraction(1, 2), Fraction(2), Fraction(0), Fraction(333, 1000)


SPEEDS = [
    (100, 50, {"speed_ratio": 2}, 10, HALF),
    (25, 50, {"speed_ratio": "1/2"}, 10, DOUBLE),
    (100, 121, {"speed_ratio": "5/6"}, 10, Fraction(6, 5)),
    (50, 50, {"speed_ratio": -1}, 10, Fraction(-1)),
    (100, 51, {"speed_ratio": "-100/51"}, 10, Fraction(-51, 100)),
    (10, 1, {"speed_ratio": 10}, 10, Fraction(0)),
    # Avid cuts the ratio to whole frames; the curve is exact.
    (
        100,
        33,
        {"speed_ratio": "100/33", "speed_offsets": [(0, 0), (100, "33.3")]},
        10,
        Fraction(333, 1000),
    ),
    (8, 8, {"speed_ratio": -1, "speed_offsets": [(0, 7), (8, -1)]}, 10, Fraction(-1)),
    (
        8,
        1,
        {"speed_ratio": 8, "speed_offsets": [(0, 0), ("8/7", 0)], "speeds": [(0, 0)]},
        10,
        Fraction(0),
    ),
    (56, 52, {"speed_offsets": [(0, 5), (20, 1), (56, 53)]}, 15, Fraction(48, 56)),
    (50, 100, {"speed_ratio": "1/2", "offsets": [(0, 0), (1, 98)]}, 10, DOUBLE),
    (9, 9, {"offsets": [(-4, -31), ("67/8", 68)]}, 11, Fraction(1)),
    (40, 60, {"speeds": [(0, 1), (40, 2)]}, 10, Fraction(3, 2)),
    (40, 60, {"speeds": [(0, "3/2")]}, 10, Fraction(3, 2)),
]
"""Lengths of effect and input, what the effect says, and the source and speed that follow."""


@pytest.fixture(scope="module")
def speeds(tmp_path_factory):
    """Every case on a track of its own: by turns around a clip and a sequence, of sound and of any kind."""
    path = tmp_path_factory.mktemp("aaf") / "speeds.aaf"
    with making(path) as maker:
        segments = []
        for number, (length, played, parameters, *_) in enumerate(SPEEDS):
            clip = maker.clip("one", 10, played)
            inside = maker.sequence(clip) if number % 2 else clip
            segments.append(maker.effect((WARP, MOTION)[number % 3 == 0], length, inside, **parameters))
        maker.composition("seq", *segments)
    return _clips(path)


@pytest.mark.parametrize("case", range(len(SPEEDS)), ids=[str(case[2]) for case in SPEEDS])
def test_speed_is_input_over_output(speeds, case):
    length, _, parameters, source, speed = SPEEDS[case]
    name, start, long, first, found = speeds[case]
    assert (name, start, long) == ("one", 0, length)
    assert found == pytest.approx(speed, abs=0.01 if "offsets" in parameters else 1e-4)
    assert first == pytest.approx(source, abs=0.5)


@pytest.mark.parametrize(
    ("ratio", "length", "clips"),
    [
        (2, 300, [("one", 0, 100, 0, HALF), ("two", 200, 100, 25, HALF)]),
        ("1/2", 75, [("one", 0, 25, 0, DOUBLE), ("two", 50, 25, 25, DOUBLE)]),
        (-1, 150, [("two", 0, 50, 25, -1), ("one", 100, 50, 0, -1)]),
        (2, 150, [("one", 0, 100, 0, HALF)]),
    ],
)
def test_a_time_warp_around_a_sequence_moves_its_clips(tmp_path, ratio, length, clips):
    assert _clips(made(tmp_path, lambda m: m.effect(WARP, length, _two(m), speed_ratio=ratio))) == clips


def test_gains_around_and_in_a_sequence_add_up(tmp_path):
    def build(maker):
        inner = maker.effect(GAIN, 50, maker.clip("one", 0, 50), amplitude="1/2")
        whole = maker.sequence(inner, maker.clip("two", 0, 50))
        return maker.effect(PAN, 100, maker.effect(GAIN, 100, whole, amplitude="1/2"))

    gains = [item.gain_db for _, item in read_timeline(made(tmp_path, build)).items()]
    assert gains == pytest.approx([-12.0412, -6.0206])


@pytest.mark.parametrize("name", ["amplitude", "automation"])
def test_keyframes_around_a_sequence_fall_to_its_clips(tmp_path, name):
    def build(maker):
        whole = maker.sequence(maker.clip("one", 0, 50), maker.clip("two", 0, 50))
        return maker.effect(GAIN, 100, whole, **{name: [(0, 1), ("3/4", 1), (1, "1/10")]})

    one, two = (item for _, item in read_timeline(made(tmp_path, build)).items())
    assert (one.gain_db, one.levels) == (0, ())
    assert [(each.at // FRAME, each.gain_db) for each in two.levels] == [(0, 0.0), (25, 0.0), (50, -20.0)]


@pytest.mark.parametrize("wrap", ["", "sequence", "pulldown"])
def test_the_tape_says_where_a_file_begins(tmp_path, wrap):
    path = made(tmp_path, lambda m: m.clip("one", 0, 50), wrap_timecode=wrap)
    (media,) = read_timeline(path).media.values()
    assert media.start == 3600 * 48_000


@pytest.mark.parametrize("usage", ["Usage_SubClip", "Usage_AdjustedClip", ""])
def test_a_subclip_is_a_clip_of_its_file(tmp_path, usage):
    with making(tmp_path / "a.aaf") as maker:
        inner = maker.effect(GAIN, 200, maker.clip("one", 100, 200), amplitude="1/2")
        sub = maker.composition("one.sub", inner, usage=usage)
        maker.composition("seq", maker.sequence(maker.filler(5), maker.clip_of(sub, 1, 20, 50)))
    (item,) = (item for _, item in read_timeline(tmp_path / "a.aaf").items())
    assert (item.name, item.start // FRAME, item.length // FRAME, item.source // FRAME) == (
        "one.sub",
        5,
        50,
        120,
    )
    assert item.nested is None
    assert item.gain_db == pytest.approx(-6.0206)


def test_a_composition_of_several_clips_stays_nested_and_is_read_once(tmp_path):
    with making(tmp_path / "a.aaf") as maker:
        scene = maker.composition("scene", _two(maker), maker.clip("other", 0, 150), usage="Usage_LowerLevel")
        clips = [maker.clip_of(scene, 1, 10, 100), maker.clip_of(scene, 1, 0, 150)]
        maker.composition("seq", maker.sequence(*clips))
    first, second = (item for _, item in read_timeline(tmp_path / "a.aaf").items())
    assert first.nested is second.nested
    assert (first.source // FRAME, first.kind) == (10, "nested")
    # Only the slot that the clip names: the other one is not heard here.
    assert [item.name for _, item in first.nested.items()] == ["one", "two"]


@pytest.mark.parametrize("usage", ["Usage_SubClip", "Usage_LowerLevel"])
def test_compositions_inside_each_other_are_refused(tmp_path, usage):
    with making(tmp_path / "a.aaf") as maker:
        one = maker.composition("a", maker.filler(10), usage=usage)
        two = maker.composition("b", maker.clip_of(one, 1, 0, 10), usage=usage)
        one.slot_at(1).segment = maker.sequence(maker.clip_of(two, 1, 0, 10), maker.clip_of(two, 1, 0, 10))
        maker.composition("seq", maker.clip_of(one, 1, 0, 10))
    with pytest.raises(TimelineError, match=r"contains itself|refers to itself"):
        read_timeline(tmp_path / "a.aaf", "seq")


def test_one_of_several_compositions_is_taken_by_name(tmp_path):
    with making(tmp_path / "a.aaf") as maker:
        for number in (1, 2):
            maker.composition(f"Reel {number}", maker.clip(f"r{number}", 0, 50))
    timeline = read_timeline(tmp_path / "a.aaf", "Reel 2")
    assert [item.name for _, item in timeline.items()] == ["r2"]
    assert "--sequence" in read_timeline(tmp_path / "a.aaf").notes[0]


def test_markers_are_written_as_avid_does_and_come_back(tmp_path):
    import aaf2

    from rythmo_bridge.colours import Colour
    from rythmo_bridge.formats.aaf.writer import write
    from rythmo_bridge.timeline import Item, Kind, Marker, Media, Timeline, Track

    media = Media("m", "a.wav", tmp_path / "a.wav", 96_000, 0, 1, 48_000)
    track = Track("A1", Kind.AUDIO, items=(Item("a", 0, 96_000, "m"),))
    markers = (
        Marker(FRAME, "Too long", "by 0.3 s", 5 * FRAME, Colour.RED),
        Marker(10 * FRAME, "Check", colour=Colour.GREEN),
    )
    timeline = Timeline("d", Fraction(25), 96_000, tracks=(track,), media={"m": media}, markers=markers)
    (path,) = write(timeline, tmp_path / "a.aaf")
    assert read_timeline(path).markers == markers
    with aaf2.open(str(path), "r") as file:
        (mob,) = file.content.compositionmobs()
        (slot,) = (each for each in mob.slots if type(each).__name__ == "EventMobSlot")
        events = list(slot.segment.components)
        assert [(e["Position"].value, e["Comment"].value) for e in events] == [(1, "by 0.3 s"), (10, "Check")]
        tags = {tag.name: tag.value for tag in events[0]["CommentMarkerAttributeList"].value}
        assert (tags["_ATN_CRM_COLOR"], tags["_ATN_CRM_USER"]) == ("Red", "Too long")
