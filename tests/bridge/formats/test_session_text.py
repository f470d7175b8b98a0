"""Pro Tools session texts: each form of times, each encoding, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_text import Row, SessionTextOf, SessionTrack

from rythmo.errors import TimelineError
from rythmo.timebase import format_timecode, frames_to_samples, parse_timecode
from rythmo_bridge.formats.registry import read_timeline, timeline_suffixes
from rythmo_bridge.formats.session_text.reader import decode_text
from rythmo_bridge.timeline import Role

HOUR = 172_800_000
# Two clips of two seconds, as samples from the session's start.
TWO = SessionTextOf(
    [
        SessionTrack(
            "DX Ana",
            [
                Row("S1_0001_t01", "48000", "144000", "48000"),
                Row("S1_0002_t01", "240007", "336011", "240007", muted=True),
            ],
            state="Muted",
        ),
        SessionTrack("M&E", [Row("ME", "0", "480000", "0")], width=" (Stereo)", channels=2, state="Solo"),
    ]
)


def _read(text: SessionTextOf | str | bytes, folder: Path):
    path = folder / "session.txt"
    data = text.write() if isinstance(text, SessionTextOf) else text
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_timeline(path)


def _places(timeline) -> list[tuple[str, int, int]]:
    return [(item.name, item.start, item.end) for _, item in timeline.items()]


def test_samples_count_from_the_first_sample_of_the_session(tmp_path):
    read = _read(TWO, tmp_path)
    assert _places(read) == [
        ("S1_0001_t01", 48_000, 144_000),
        ("S1_0002_t01", 240_007, 336_011),
        ("ME", 0, 480_000),
    ]
    assert (read.frame_rate, read.start_frame, read.drop, read.name) == (25, 90_000, False, "Scene")
    speech, bed = read.tracks
    assert (speech.name, speech.role, speech.channels, speech.enabled) == ("DX Ana", Role.DIALOGUE, 1, False)
    assert (bed.name, bed.role, bed.channels, bed.solo) == ("M&E", Role.ME, 2, True)
    assert [item.enabled for item in speech.items] == [True, False]
    assert [item.line for item in speech.items] == ["S1_0001", "S1_0002"]
    assert read.notes == ()


@pytest.mark.parametrize(
    ("form", "rate", "drop", "start"),
    [
        ("23.976 Frame", Fraction(24000, 1001), False, "01:00:00:00"),
        ("24 Frame", Fraction(24), False, "00:59:50:00"),
        ("29.97 Frame", Fraction(30000, 1001), False, "10:00:00:00"),
        ("29.97 Drop Frame", Fraction(30000, 1001), True, "01:00:00:00"),
        ("59.94 Drop Frame", Fraction(60000, 1001), True, "00:00:00:00"),
    ],
)
def test_timecode_counts_from_midnight(form, rate, drop, start, tmp_path):
    first = parse_timecode(start, rate, drop=drop).frame
    begin, end = (format_timecode(first + n, rate, drop=drop) for n in (50, 1850))
    track = SessionTrack("DX Ana", [Row("S1_0001_t01", begin, f"{end}.50", begin)])
    read = _read(SessionTextOf([track], start=start, form=form), tmp_path)
    ((_, at, until),) = _places(read)
    assert (read.frame_rate, read.start_frame, read.drop) == (rate, first, drop)
    assert abs(at - frames_to_samples(50, rate)) <= 1
    assert abs(until - (frames_to_samples(1850, rate) + round(Fraction(1, 2) * 48_000 / rate))) <= 1
    assert read.tracks[0].items[0].source == frames_to_samples(first + 50, rate)


def test_minutes_count_from_the_sessions_start_and_another_rate_is_converted(tmp_path):
    track = SessionTrack("DX Ana", [Row("S1_0001_t01", "1:00.500", "1:02.250")])
    assert _places(_read(SessionTextOf([track]), tmp_path)) == [("S1_0001_t01", 2_904_000, 2_988_000)]
    track = SessionTrack("DX Ana", [Row("S1_0001_t01", "96000", "192000")])
    read = _read(SessionTextOf([track], sample_rate="96000.000000"), tmp_path)
    assert _places(read) == [("S1_0001_t01", 48_000, 96_000)]


def test_a_timestamp_is_the_place_of_a_clips_first_sample_in_its_recording(tmp_path):
    # Cut at its head by 5000 samples, then moved.
    moved = SessionTrack("DX Ana", [Row("S1_0001_t01-01", "900000", "980000", "53000")])
    for offset in (0, HOUR):
        rows = [replace(row, timestamp=str(int(row.timestamp) + offset)) for row in moved.rows]
        read = _read(SessionTextOf([replace(moved, rows=rows)]), tmp_path)
        assert read.tracks[0].items[0].source == HOUR + 53_000
    plain = _read(SessionTextOf([moved], stamped=False), tmp_path)
    assert plain.tracks[0].items[0].source == 0
    assert "Include User Timestamps" in plain.notes[0]


def test_fades_belong_to_the_clips_beside_them(tmp_path):
    rows = [
        Row("(fade in)", "1000", "1480", "0"),
        Row("S1_0001_t01", "1480", "50000", "1480"),
        Row("(cross fade)", "50000", "51000", "0"),
        Row("S1_0002_t01", "51000", "90000", "51000"),
        Row("(fade out)", "90000", "90960", "0"),
    ]
    read = _read(SessionTextOf([SessionTrack("DX Ana", rows)]), tmp_path)
    assert _places(read) == [("S1_0001_t01", 1000, 50_500), ("S1_0002_t01", 50_500, 90_960)]
    first, second = read.tracks[0].items
    assert (first.fade_in, first.fade_out, second.fade_in, second.fade_out) == (480, 500, 500, 960)
    assert (first.source, second.source) == (HOUR + 1000, HOUR + 50_500)


def test_files_lie_where_the_text_says(tmp_path):
    text = replace(
        TWO,
        sources={"S1_0001_t01": "one.wav", "S1_0002_t01": "two.wav", "ME": "me.wav"},
        files={
            "one.wav": "Macintosh HD:Users:ana:Audio Files:",
            "two.wav": "D:\\Show\\Audio Files\\",
            "me.wav": "/show/Audio Files/",
        },
    )
    media = _read(text, tmp_path).media
    assert str(media["one.wav"].path) == "/Volumes/Macintosh HD/Users/ana/Audio Files/one.wav"
    assert media["two.wav"].candidates == ("D:\\Show\\Audio Files\\two.wav",)
    assert media["me.wav"].path == Path("/show/Audio Files/me.wav")


@pytest.mark.parametrize("newer", [False, True])
def test_markers_of_older_and_newer_versions(newer, tmp_path):
    text = replace(
        TWO,
        markers=[
            ("01:00:02:00", "S1_0001 long", "too long\n\t\t\t\t\tby 0.3 s"),
            ("00:59:00:00", "early", ""),
        ],
    )
    if newer:
        text = replace(text, newer_markers=True, markers=[("01:00:02:00", "S1_0001 long", "too long")])
    read = _read(text, tmp_path)
    (marker,) = read.markers
    assert (marker.start, marker.name) == (96_000, "S1_0001 long")
    assert marker.note.startswith("too long")
    assert ("by 0.3 s" in marker.note) is not newer


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "mac_roman", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_each_encoding_and_line_ending(encoding, ending, tmp_path):
    track = SessionTrack("DX Señora Müller", [Row("S1_0001_t01", "0", "48000")])
    text = SessionTextOf([track]).write().replace("\n", ending)
    assert _read(text.encode(encoding), tmp_path).tracks[0].name == "DX Señora Müller"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("hello\n", "not a Pro Tools session text"),
        ("SESSION NAME:\tScene\n", "sample rate"),
        (replace(TWO, form="0 Frame").write(), "frame rate"),
        (replace(TWO, start="01:00:99:00").write(), "timecode"),
        (SessionTextOf([]).write(), "no track EDLs"),
        (SessionTextOf([SessionTrack("A", [Row("x", "3|1|000", "4|1|000")])]).write(), "Samples or Timecode"),
        (SessionTextOf([SessionTrack("A", [Row("x", "12+03", "13+00")])]).write(), "Samples or Timecode"),
        (SessionTextOf([SessionTrack("A", [Row("x", "500", "500")])]).write(), "no length"),
        (SessionTextOf([SessionTrack("A", [Row("x", "0", "9" * 30)])]).write(), "a year"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(text, word, tmp_path):
    with pytest.raises(TimelineError) as refused:
        _read(text, tmp_path)
    assert word in f"{refused.value.message} {refused.value.hint}"


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded(data):
    assert isinstance(decode_text(data), str)


@given(st.text(alphabet="TRACKNME:\t\n 0123|+", max_size=300))
def test_any_body_is_read_or_refused(body):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        try:
            _read(SessionTextOf([]).write() + body, Path(folder))
        except TimelineError as refused:
            assert refused.message


def test_the_suffix_is_one_of_timelines():
    assert ".txt" in timeline_suffixes()
