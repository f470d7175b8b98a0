"""EDLs from practice: reels at other rates, mixed counting, midnight, odd headers, keys, many tracks."""

from __future__ import annotations

import os
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from rythmo.errors import TimelineError
from rythmo_bridge.formats.edl.reader import read, read_at
from rythmo_bridge.timeline import Kind

CASES = Path(os.environ.get("RYTHMO_TEST_DATA", "")) / "cases" / "timelines"


def _write(folder: Path, *lines: str, head: str = "FCM: NON-DROP FRAME") -> Path:
    path = folder / "cut.edl"
    path.write_text("\n".join(["TITLE: cut", head, *lines, ""]))
    return path


def _event(channel: str, source: str, record: str, number: int = 1, reel: str = "R1", kind: str = "C") -> str:
    return f"{number:03}  {reel}  {channel}  {kind}  {source}  {record}"


def _seconds(delivery) -> list[tuple[str, float, float, float]]:
    """Track, start, length and source of every clip."""
    return [
        (track.name, item.start / 48_000, item.length / 48_000, item.source / 48_000)
        for track, item in delivery.items()
    ]


TEN = "01:00:10:00 01:00:12:00"


@pytest.mark.parametrize(
    ("rolls", "rate"),
    [
        # 26 frames at 30 last as long as 21 at 24, 80 of 50 as 40 of 25; the second cannot be told apart.
        (["17:52:28:26 17:52:29:22 01:00:08:00 01:00:08:21", f"02:00:00:00 02:00:02:00 {TEN}"], 24),
        (["10:00:00:29 10:00:02:29 01:00:00:00 01:00:02:00", f"02:00:00:00 02:00:02:00 {TEN}"], 30),
        (["10:00:00:10 10:00:01:40 01:00:00:00 01:00:01:15", f"02:00:00:24 02:00:02:24 {TEN}"], 25),
        # As many frames as in the record: it is the list's own rate.
        (["10:00:00:29 10:00:01:10 01:00:00:00 01:00:00:11"], 30),
        (["10:00:00:00 10:00:01:00 01:00:00:29 01:00:01:29"], 30),
    ],
)
def test_a_reel_may_have_another_rate_than_the_list(tmp_path, rolls, rate):
    lines = [f"{n:03}  R{n}  V  C  {roll}" for n, roll in enumerate(rolls, start=1)]
    assert read(_write(tmp_path, *lines)).frame_rate == rate


def test_a_rate_that_is_said_is_obeyed_and_the_reel_keeps_its_own(tmp_path):
    path = _write(tmp_path, "001  ROLL1  A  C  17:52:28:26 17:52:29:22 01:00:08:00 01:00:08:21")
    for rate in (24, 25, Fraction(24000, 1001)):
        delivery = read_at(path, Fraction(rate), None)
        assert delivery.frame_rate == rate
        own = Fraction(30_000, 1001) if Fraction(rate).denominator == 1001 else Fraction(30)
        (item,) = (item for _, item in delivery.items())
        assert item.source == round((17 * 3600 + 52 * 60 + 28 + Fraction(26, 30)) * 30 / own * 48_000)
    with pytest.raises(TimelineError, match="count to frame 29"):
        read_at(
            _write(tmp_path, "001 R A C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:00:29"), Fraction(24), None
        )


@pytest.mark.parametrize(
    ("head", "record", "drop"),
    [
        ("FCM: DROP FRAME", "01:00:00;00 01:00:02;00", True),
        ("FCM: NON-DROP FRAME", "01:00:00;00 01:00:02;00", True),
        ("FCM: DROP FRAME", "01:00:00:00 01:00:02:00", True),
        ("FCM: NON-DROP FRAME", "01:00:00:00 01:00:02:00", False),
        # A label that drop-frame counting skips: the list does not drop, whatever its head says.
        ("FCM: DROP FRAME", "01:01:00:00 01:01:02:00", False),
    ],
)
def test_the_record_says_whether_it_drops(tmp_path, head, record, drop):
    delivery = read(_write(tmp_path, f"001 R1 V C 00:01:00:00 00:01:02:00 {record}", head=head))
    assert delivery.drop is drop
    (item,) = (item for _, item in delivery.items())
    # The source says 00:01:00:00, which only a reel without dropped frames has: 1800 frames.
    rate = delivery.frame_rate
    assert item.source == round(Fraction(60 * round(rate)) / rate * 48_000)


def test_a_reel_that_drops_is_counted_so(tmp_path):
    lines = [
        "001 DF V C 00:10:00;00 00:10:02;00 01:00:00;00 01:00:02;00",
        "002 NDF V C 00:10:00:00 00:10:02:00 01:00:02;00 01:00:04;00",
    ]
    delivery = read(_write(tmp_path, *lines, head="FCM: DROP FRAME"))
    sources = {item.name: delivery.frame(item.source) for _, item in delivery.items()}
    assert sources == {"DF": 17_982, "NDF": 18_000}


@pytest.mark.parametrize(
    "records",
    [
        [("23:59:58:00", "00:00:02:00"), ("00:00:02:00", "00:00:05:00")],
        [("23:59:58:00", "24:00:00:00"), ("00:00:00:00", "00:00:05:00")],
        [("23:59:58:00", "23:59:59:00"), ("23:59:59:00", "00:00:01:00"), ("00:00:01:00", "00:00:05:00")],
    ],
)
def test_a_list_runs_over_midnight(tmp_path, records):
    lines = [f"{n:03} R{n} V C 10:00:00:00 10:00:09:00 {a} {b}" for n, (a, b) in enumerate(records, 1)]
    delivery = read_at(_write(tmp_path, *lines), Fraction(25), None)
    assert delivery.start_frame == 23 * 3600 * 25
    places = [(start, start + length) for _, start, length, _ in _seconds(delivery)]
    assert places[0][0] == 3598
    assert places[-1][1] == 3605
    assert all(before[1] == after[0] for before, after in pairwise(places))


def test_a_source_over_midnight_is_as_long_as_it_is(tmp_path):
    line = "001 R1 V C 23:59:59:00 00:00:03:00 01:00:00:00 01:00:04:00"
    (media,) = read_at(_write(tmp_path, line), Fraction(25), None).media.values()
    assert media.length == (24 * 3600 + 3) * 48_000


@pytest.mark.parametrize(
    "head",
    [
        "* OPTIONS: REEL NAME LIMITED TO\n   3 DIGITS - RETIMES (M2) SHOW SOURCE TC\nFCM: NON-DROP FRAME",
        "2 EVENTS IN LIST\n25 FPS\nFCM: NON-DROP FRAME",
        ">>> HEADER <<<\n1\nFCM: NON-DROP FRAME",
        "",
    ],
)
def test_a_head_of_any_kind_is_no_event(tmp_path, head):
    path = _write(tmp_path, _event("V", "00:00:00:00 00:00:02:00", "01:00:00:00 01:00:02:00"), head=head)
    assert _seconds(read(path)) == [("V1", 0, 2, 0)]


def test_an_event_that_is_broken_is_not_taken_for_a_head(tmp_path):
    with pytest.raises(TimelineError, match="line 3 is not an event"):
        read(_write(tmp_path, "001 AX V C 00:00:00:00 01:00:00:00"))


@pytest.mark.parametrize("background", ["K B", "KB", "K  B"])
@pytest.mark.parametrize("key", ["K    025", "K", "K O  012", "KO"])
def test_a_key_lies_over_its_background(tmp_path, background, key):
    lines = [
        f"001  BG1  V  {background}  00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00",
        f"001  FG1  V  {key}  00:00:20:00 00:00:22:00 01:00:00:00 01:00:02:00",
    ]
    tracks = read(_write(tmp_path, *lines)).tracks
    assert [(track.name, [item.name for item in track.items]) for track in tracks] == [
        ("V1", ["BG1"]),
        ("V2", ["FG1"]),
    ]
    assert not tracks[0].transitions


def test_tracks_stand_in_the_order_of_their_numbers(tmp_path):
    record = "01:00:00:00 01:00:02:00"
    channels = ["A10", "A2", "V2", "A", "V", "AA/V"]
    lines = [_event(each, "00:00:00:00 00:00:02:00", record, n) for n, each in enumerate(channels)]
    lines.append(_event("NONE", "00:00:00:00 00:00:02:00", record, 9))
    lines.append("AUD   3    4")
    tracks = read(_write(tmp_path, *lines)).tracks
    named = [(track.kind, track.name) for track in tracks if "(" not in track.name]
    assert named == [
        *((Kind.VIDEO, name) for name in ("V1", "V2")),
        *((Kind.AUDIO, name) for name in ("A1", "AA", "A2", "A3", "A4", "A10")),
    ]


def test_names_without_a_star_are_read(tmp_path):
    line = _event("V", "00:10:00:00 00:10:01:00", "00:00:00:00 00:00:01:00")
    (item,) = (i for _, i in read(_write(tmp_path, line, "FROM CLIP NAME: shot1")).items())
    assert item.name == "shot1"


def test_utf_16_is_read(tmp_path):
    path = _write(tmp_path, _event("V", "00:00:00:00 00:00:02:00", "01:00:00:00 01:00:02:00"))
    path.write_bytes(path.read_text().encode("utf-16"))
    assert len(list(read(path).items())) == 1


@pytest.mark.needs_data
@pytest.mark.skipif(not CASES.is_dir(), reason="RYTHMO_TEST_DATA names no folder with cases")
@pytest.mark.parametrize(
    ("name", "clips"),
    [
        ("df_ndfsrc.edl", [("V1", 0, 2.002, 60.06)]),
        ("edl_header_line_begins_with_digit.edl", [("V1", 0, 214 / 24, 38142 + 13 / 24)]),
        ("edl_key_background.edl", [("V1", 0, 2, 10), ("V2", 0, 2, 20)]),
        ("edl_source_rate_differs.edl", [("V1", 8, 2, 7200), ("A1", 8, 0.875, 64348 + 26 / 30)]),
    ],
)
def test_the_cases_are_read(name, clips):
    found = _seconds(read(CASES / name))
    assert [track for track, *_ in found] == [track for track, *_ in clips]
    for (_, *places), (_, *wanted) in zip(found, clips, strict=True):
        assert places == pytest.approx(wanted, abs=2e-5)
