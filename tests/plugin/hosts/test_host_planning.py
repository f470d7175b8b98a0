"""The pure parts of hosts: the line form, what a host said, what is asked of it, what is compared."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.errors import InputError
from rythmo.script.model import Severity
from rythmo_bridge.colours import Colour
from rythmo_bridge.timeline import Item, Kind, Marker, Media, Role, Timeline, Track
from rythmo_plugin.hosts import compare, reports
from rythmo_plugin.hosts import steps as hosts_steps
from rythmo_plugin.hosts.line_protocol import Step, decode, encode, step
from rythmo_plugin.hosts.resolve.rythmo_resolve import wire as script
from rythmo_plugin.hosts.wanted_layout import WantedClip, make_layout

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
FIELDS = st.lists(TEXT, max_size=4)


@given(st.lists(st.tuples(st.text("abcxyz", min_size=1), FIELDS), max_size=5))
def test_lines_come_back_as_they_were(lines):
    steps = tuple(Step(verb, tuple(fields)) for verb, fields in lines)
    assert decode(encode(steps)) == steps


@given(st.lists(st.tuples(st.text("abcxyz", min_size=1), FIELDS), max_size=5))
def test_the_python_script_speaks_the_same_form(lines):
    plain = [[verb, *fields] for verb, fields in lines]
    assert script.encode(plain) == encode(Step(verb, tuple(fields)) for verb, fields in lines)
    assert script.decode(script.encode(plain)) == plain


def test_bytes_that_are_no_text_go_back_as_they_came():
    assert encode(decode(b"import\tk\t/a/\xff.wav\n")) == b"import\tk\t/a/\xff.wav\n"


@pytest.mark.parametrize(
    ("told", "label", "flag", "rate", "drop"),
    [
        ("23.976", "01:00:00:00", 0, Fraction(24000, 1001), False),
        ("25.0", "00:00:00:00", 0, Fraction(25), False),
        ("29.97 DF", "01:00:00;00", 0, Fraction(30000, 1001), True),
        ("29.97", "01:00:00;00", 0, Fraction(30000, 1001), True),
        ("59.94", "00:00:00:00", 1, Fraction(60000, 1001), True),
        ("24", "01:00:00:00", 1, Fraction(24), False),
    ],
)
def test_a_hosts_rate(told, label, flag, rate, drop):
    line = reports.read_host_timeline(step("timeline", "Reel", "id", told, 86400, label, flag))
    assert (line.rate, line.drop, line.start_frame) == (rate, drop, 86400)


@pytest.mark.parametrize(
    "lines",
    [
        [step("protocol", 2)],
        [step("protocol", 1)],
        [step("protocol", 1), step("host", "R", "1"), step("action", "shred")],
        [
            step("protocol", 1),
            step("host", "R", "1"),
            step("action", "dub"),
            step("timeline", "T", "", "x", 0),
        ],
    ],
)
def test_a_hello_that_makes_no_sense(lines):
    with pytest.raises(InputError):
        reports.read_hello(lines)


def delivery(*starts, markers=()):
    media = {"m": Media("m", "m.wav", Path("/m.wav"), 96_000, 0, 1, 48_000)}
    items = tuple(Item(f"S1_000{n}_t01", at, 19_200, "m", line=f"S1_000{n}") for n, at in enumerate(starts))
    track = Track("DX Anna", Kind.AUDIO, Role.DIALOGUE, items=items)
    return Timeline(
        "Reel", Fraction(25), 480_000, start_frame=90_000, tracks=(track,), media=media, markers=markers
    )


def wished(*starts, **more):
    given_ = delivery(*starts, **more)
    return make_layout(given_, {(0, n): Path(f"/h/{n}.wav") for n in range(len(starts))})


def standing(*clips, tracks=1):
    found = [reports.HostTrack("audio", i + 1, "DX Anna", "mono", enabled=True) for i in range(tracks)]
    own = tuple(
        reports.HostClip("audio", 1, start, length, f"{n}.wav", f"/h/{n}.wav") for n, start, length in clips
    )
    return reports.HostContent(
        (reports.HostTrack("audio", 1, "DX Anna", "mono", enabled=True, clips=own), *found[1:])
    )


def test_record_frames_are_absolute():
    assert [(c.start, c.length) for c in wished(0, 48_000).clips()] == [(90_000, 10), (90_025, 10)]


@pytest.mark.parametrize(
    ("clips", "slack", "kept", "missing", "astray", "short"),
    [
        ([(0, 90_000, 10), (1, 90_025, 10)], 0, 2, 0, 0, 0),
        ([(0, 90_000, 11), (1, 90_025, 10)], 0, 2, 0, 0, 0),
        ([(0, 90_000, 9), (1, 90_025, 10)], 0, 1, 1, 1, 0),
        ([(0, 90_000, 9), (1, 90_025, 10)], 1, 2, 0, 0, 1),
        ([(0, 90_001, 10), (1, 90_025, 10)], 2, 1, 1, 1, 0),
        ([(0, 90_000, 10)], 0, 1, 1, 0, 0),
        ([(0, 90_000, 10), (0, 90_100, 10), (1, 90_025, 10)], 0, 2, 0, 1, 0),
        ([(1, 90_000, 10), (0, 90_025, 10)], 0, 0, 2, 2, 0),
    ],
)
def test_what_stands_is_compared_with_what_was_asked(clips, slack, kept, missing, astray, short):
    found = compare.compare_layout(wished(0, 48_000), standing(*clips), {"0": [1]}, "/h", slack=slack)
    counts = len(found.kept), len(found.missing), len(found.astray), len(found.short)
    assert counts == (kept, missing, astray, short)


def test_a_clip_on_a_strange_track_does_not_count():
    found = compare.compare_layout(wished(0), standing((0, 90_000, 10)), {"0": [2]}, "/h")
    assert not found.kept
    assert found.astray


@pytest.mark.parametrize(
    ("way", "lines"),
    [
        (hosts_steps.PlacingWay.TOGETHER, ["place", "place", "append"]),
        (hosts_steps.PlacingWay.ALONE, ["place", "append", "place", "append"]),
    ],
)
def test_ways_of_placing(way, lines):
    wishes = wished(0, 48_000)
    held = hosts_steps.read_pool([step("item", "0.wav", "24.0"), step("item", "1.wav", "24.0")])
    steps = hosts_steps.place_steps(way, wishes.clips(), {"0": [3]}, held, Fraction(25))
    assert [each.verb for each in steps] == ["use", *lines]
    assert steps[1] == step("place", "0.wav", 3, 90_000)


@pytest.mark.parametrize(
    ("way", "last"), [(hosts_steps.PlacingWay.BOUNDED, 10), (hosts_steps.PlacingWay.BOUNDED_INCLUSIVE, 9)]
)
def test_bounds_are_whole_frames_of_the_files_own_rate(way, last):
    held = hosts_steps.read_pool([step("item", "0.wav", "24.0")])
    steps = hosts_steps.place_steps(way, wished(0).clips(), {"0": [1]}, held, Fraction(25))
    assert steps[1] == step("place", "0.wav", 1, 90_000, 0, last)


def test_a_file_that_was_not_imported_is_not_placed():
    assert hosts_steps.place_steps(
        hosts_steps.PlacingWay.ALONE, wished(0).clips(), {"0": [1]}, hosts_steps.read_pool([]), Fraction(25)
    ) == [step("use")]


def test_markers_that_meet_are_one_and_give_way_to_the_editors():
    markers = (
        Marker(0, "S1 late", "early", colour=Colour.BLUE, severity=Severity.INFO),
        Marker(100, "S2 loud", "too loud", colour=Colour.RED, severity=Severity.ERROR),
        Marker(1920, "S3", "", colour=Colour.YELLOW, severity=Severity.WARNING),
    )
    first, second = wished(0, markers=markers).markers
    assert (first.offset, first.colour, first.name, first.note) == (
        0,
        "Red",
        "S1 late, S2 loud",
        "early\ntoo loud",
    )
    moved = hosts_steps.move_to_free_frames([first, second], {0})
    assert [marker.offset for marker in moved] == [1, 2]


def test_our_old_markers_go_and_the_editors_stay():
    there = reports.HostContent(
        markers=(
            reports.HostMarker(5, "Red", "old", "rythmo:5:old"),
            reports.HostMarker(9, "Blue", "mine"),
        )
    )
    assert hosts_steps.marker_steps([], there) == [step("unmark", "rythmo:5:old")]


def test_a_file_is_known_by_its_folder_on_every_system():
    clip = reports.HostClip("audio", 1, 0, 1, "a.wav", "C:\\Rythmo\\Host\\a.wav")
    assert compare.is_ours(clip, "C:\\rythmo\\host")
    assert clip.file == "a.wav"
    assert not compare.is_ours(clip, "/h")


def test_keys_name_the_track():
    assert hosts_steps.track_key(WantedClip("3.17", "", Path("a"), 0, 1)) == "3"
