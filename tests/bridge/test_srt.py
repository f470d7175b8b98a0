"""SRT files as people leave them, and as Rythmo writes them."""

from __future__ import annotations

import pysrt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import SubtitleError
from rythmo_bridge.subtitles.cues import Cue
from rythmo_bridge.subtitles.srt import read_as_written, read_subtitles, render, write

PLAIN = "1\n00:00:01,000 --> 00:00:02,500\nHello.\n\n2\n00:00:03,000 --> 00:00:04,000\nWho is there?\n"


def _read(tmp_path, text: str | bytes):
    path = tmp_path / "in.srt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_subtitles(path, 48_000)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, newline):
    text = PLAIN.replace("Hello.", "Olé, señor.").replace("\n", newline)
    cues = _read(tmp_path, text.encode(encoding))
    assert cues == (Cue(48_000, 120_000, "Olé, señor."), Cue(144_000, 192_000, "Who is there?"))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("ANNA: Come in.", [("ANNA", "Come in.")]),
        ("[ANNA] Come in.", [("ANNA", "Come in.")]),
        ("[Anna] Come in.", [(None, "[Anna] Come in.")]),
        ("Remember: come in.", [(None, "Remember: come in.")]),
        ("[door slams]\nHm.", [(None, "[door slams] Hm.")]),
        ("(OLD MAN) Come in.", [("OLD MAN", "Come in.")]),
        ("ANNA:\nCome in.", [("ANNA", "Come in.")]),
        ("<i>ANNA:</i> Come\nin.", [("ANNA", "Come in.")]),
        ("<v Anna>Come in.</v>", [("Anna", "Come in.")]),
        (">> Who?\n>> Me.", [(None, "Who?"), (None, "Me.")]),
        ("- Who? - Me.", [(None, "Who?"), (None, "Me.")]),
        ("-5 degrees.", [(None, "-5 degrees.")]),
        ("Click File -> Export 2.", [(None, "Click File -> Export 2.")]),
        ("{\\p1}m 0 0 l 9 0{\\p0}", []),
        ("<00:00:15.500><c>All</c> right.", [(None, "All right.")]),
        ('<span class="x">Hm</span><br>no.', [(None, "Hm no.")]),
        ("- Who?\n- Me.", [(None, "Who?"), (None, "Me.")]),
        ("-ANNA: Who?\n-BOB: Me,\nof course.", [("ANNA", "Who?"), ("BOB", "Me, of course.")]),
        ("ANNA: Who?\nBOB: Me.", [("ANNA", "Who?"), ("BOB", "Me.")]),
        ("And then he said: come in.", [(None, "And then he said: come in.")]),
        ("It is 10:30 now.", [(None, "It is 10:30 now.")]),
        ("- A dash alone.", [(None, "A dash alone.")]),
        ('<font color="#fff">Hi &amp; bye</font> {\\an8}there', [(None, "Hi & bye there")]),
        ("1984\nwas a book.", [(None, "1984 was a book.")]),
        ("ДЯДЯ ВАНЯ: Входите.", [("ДЯДЯ ВАНЯ", "Входите.")]),
        ("[music]", []),
        ("<i></i>", []),
    ],
)
def test_who_says_what(tmp_path, body, found):
    cues = _read(
        tmp_path, f"1\n00:00:01,000 --> 00:00:02,000\n{body}\n\n2\n00:00:09,000 --> 00:00:10,000\nEnd.\n"
    )
    assert [(cue.speaker, cue.text) for cue in cues[:-1]] == found
    assert cues[-1].text == "End."


def test_missing_numbers_blank_lines_and_disorder(tmp_path):
    second = "00:00:05.5 --> 00:00:06\nSecond.\n\n\n"
    text = second + "00:01,250 -> 0:0:2,5 X1:10 Y1:20\n\nFirst,\n\nwith a gap.\n\n3\n"
    cues = _read(tmp_path, text)
    assert cues == (Cue(60_000, 120_000, "First, with a gap."), Cue(264_000, 288_000, "Second."))


def test_overlapping_cues_and_long_hours_are_kept(tmp_path):
    text = "1\n100:00:01,000 --> 100:00:03,000\nA\n\n2\n100:00:02,000 --> 100:00:04,000\nB\n"
    assert [cue.start for cue in _read(tmp_path, text)] == [360_001 * 48_000, 360_002 * 48_000]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("  \n ", "is empty"),
        ("just words\n", "no times"),
        ("1\n00:00:01,000 --> soon9\nA\n", "line 2: 'soon9' is not a time"),
        ("1\n00:99:01,000 --> 00:99:02,000\nA\n", "line 2"),
        ("1\n00:00:01,000 -->\nA\n", "line 2"),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n", "no cue with text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "in.srt"),
    ],
)
def test_what_is_no_srt_is_refused_with_its_place(tmp_path, text, says):
    with pytest.raises(SubtitleError, match=says) as caught:
        _read(tmp_path, text)
    assert caught.value.hint


def test_missing_file_and_folder(tmp_path):
    for path in (tmp_path / "none.srt", tmp_path):
        with pytest.raises(SubtitleError, match="cannot be read"):
            read_subtitles(path)


_texts = st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**5), _texts), min_size=1, max_size=20))
def test_what_is_written_is_read_back_within_a_millisecond(tmp_path_factory, drawn):
    cues = sorted((Cue(a, a + b, text) for a, b, text in drawn), key=lambda cue: cue.start)
    path = tmp_path_factory.getbasetemp() / "round.srt"
    write(cues, path)
    back = read_as_written(path)
    assert sorted(text for _, _, text in back) == sorted(cue.text for cue in cues)
    assert all(abs(start - cue.start) <= 24 for (start, _, _), cue in zip(back, cues, strict=True))
    assert [item.text for item in pysrt.open(str(path), encoding="utf-8")] == [cue.text for cue in cues]


def test_times_never_show_a_thousandth_too_many():
    assert "00:00:01,000 --> 01:00:00,000" in render([Cue(47_999, 172_799_999, "A")])
