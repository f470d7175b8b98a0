"""DetX rythmo bands: roles, lines, lip signs, loops; written, read, and written again."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from rythmo.errors import SubtitleError
from rythmo.script.loops import LoopSettings
from rythmo.script.model import Word
from rythmo.script.subtitle_file import ExpectedSubtitles
from rythmo_bridge.deliver import deliver, plan_names
from rythmo_bridge.formats.detx import FORMAT, render
from rythmo_bridge.script_file import open_script_file
from rythmo_bridge.subtitles.detx_reader import looks_like_detx, parse_detx
from rythmo_bridge.subtitles.srt import read_file
from rythmo_bridge.timeline import Timeline

LOOPS = LoopSettings(pause_seconds=0.4)


def _write(dub, name="detx", script=None, loops=LOOPS):
    return deliver(dub.folder, script or dub.script, [name], source=None, loops=loops)


def _read(path, rate=Fraction(25), **options):
    return parse_detx(path.read_text(encoding="utf-8"), path, rate, **options)


@pytest.mark.parametrize("name", ["detx", "detx-plain"])
def test_there_is_a_band_for_each_language(dub, name):
    made = _write(dub, name)
    assert tuple(path.name for path in made) == plan_names(dub.script, [name])
    assert len({path.name for path in made}) == 2
    assert [_read(path).events[0].texts[0].text for path in made] == ["línea 0", "line 0"]


def test_what_is_written_is_read_at_every_rate(any_rate):
    programme = any_rate.script.programme
    for path, dubbed in zip(_write(any_rate), (True, False), strict=True):
        read = _read(path, drop=programme.drop)
        assert (read.rate, read.title) == (programme.rate, "Scene")
        assert [event.speakers for event in read.events] == [("Ana",), ("Böb & <Co>",)] * 2
        for event, line in zip(read.events, any_rate.script.lines, strict=True):
            start, end = (line.placement.start, line.placement.end) if dubbed else (line.start, line.end)
            assert abs(event.start - Fraction(start, 48_000)) <= 1 / programme.rate
            assert abs(event.end - Fraction(end, 48_000)) <= 1 / programme.rate
        assert [event.loop for event in read.events] == ["1", "2", "3", "4"]


def test_each_line_has_one_text_between_its_first_and_last_sign(dub):
    root = ET.parse(_write(dub)[0]).getroot()
    for line in root.iter("line"):
        tags = [child.tag for child in line]
        assert tags.count("text") == 1 and tags[0] == tags[-1] == "lipsync"
        assert line[0].get("type").startswith("in_") and line[-1].get("type").startswith("out_")
        assert 0 <= int(line.get("track")) < 4


def test_lips_that_meet_in_the_original_are_signs_without_a_link(dub):
    one = dub.script.lines[0]
    words = (Word("Bob,", one.start, one.start + 9_600), Word("five", one.start + 9_600, one.start + 19_200))
    script = dub.script.with_line(replace(one, text="Bob, five, ham", words=words))
    line = next(ET.parse(_write(dub, script=script)[1]).getroot().iter("line"))
    signs = [(sign.get("type"), sign.get("link")) for sign in line.iter("lipsync")]
    assert signs == [("in_close", None), ("mpb", "off"), ("fvr", "off"), ("fvr", "off"), ("out_close", None)]
    plain = next(ET.parse(_write(dub, "detx-plain", script)[1]).getroot().iter("line"))
    assert [sign.get("type") for sign in plain.iter("lipsync")] == ["in_open", "out_open"]


def test_overlapping_loops_of_characters_are_no_marks(dub):
    by_character = replace(LOOPS, by="character", pause_seconds=9.0)
    root = ET.parse(_write(dub, loops=by_character)[0]).getroot()
    assert not list(root.iter("loop"))


JOKER = """<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<detx><header><title>Title</title><videofile timestamp="01:00:00:00">/Path/video.mov</videofile></header>
<roles><role id="sue" name="Sue" color="#BB0000"><image>abc</image></role>
<role id="paul" name="Paul"/></roles>
<body><loop timecode="01:00:00:00"/><shot timecode="01:00:01:00"/>
<line role="sue" track="2"><lipsync timecode="01:00:05:00" type="in_open"/><text>Compo</text>
<lipsync timecode="01:00:06:00" type="neutral"/><text>sed <br/>sentence</text>
<lipsync timecode="01:00:07:00" type="out_open"/></line>
<line role="paul" voice="off"><lipsync tc="01:00:12:12" type="in_open"/><text>No out</text></line>
<line role="sue" type="reac"><lipsync timecode="01:00:20:00" type="in_open"/><text>laughs</text>
<lipsync link="off" timecode="01:00:21:00" type="out_open" link="off"/></line>
<loop timecode="01:00:12:00"/>
<line role="paul"><lipsync timecode="01:00:30:00" type="in_open"/><lipsync timecode="01:00:31:00"/></line>
</body></detx>"""


def test_bands_of_other_programs_are_read():
    assert looks_like_detx(JOKER)
    read = parse_detx(JOKER, Path("x.detx"), Fraction(25))
    first, second, third = read.events
    assert (first.texts[0].text, first.start, first.end, first.loop) == ("Composed sentence", 5, 7, "1")
    assert (second.speakers, second.screen, second.loop) == (("Paul",), "OFF", "2")
    assert second.end > second.start == Fraction(1212, 100) + Fraction(12, 25) - Fraction(12, 100)
    assert third.texts[0].text == "(laughs)" and third.end == 21
    assert read.shots == (1,) and read.start == 90_000


def test_a_reaction_is_a_sound_and_no_line(tmp_path):
    path = tmp_path / "x.detx"
    path.write_text(JOKER, encoding="utf-8")
    read = read_file(path, expected=ExpectedSubtitles("en", rate=Fraction(25)))
    assert [cue.speaker for cue in read.cues] == ["Sue", "Paul"]
    assert [cue.text for cue in read.sounds] == ["(laughs)"]


def test_a_band_that_is_opened_and_written_again_stays_the_same(dub):
    for path in _write(dub, "detx-plain"):
        timeline = open_script_file(path, Fraction(25))
        again = render(timeline, timeline.language, signs=False)
        assert _lines(again) == _lines(path.read_bytes())


def _lines(data: bytes) -> list[tuple[str, ...]]:
    root = ET.fromstring(data)
    return [
        (line.get("role"), line.findtext("text"), *(sign.get("timecode") for sign in line.iter("lipsync")))
        for line in root.iter("line")
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE detx [<!ENTITY a "b">]>' + JOKER.split("?>")[1],
        JOKER.replace("01:00:06:00", "01:99:06:00"),
        JOKER.replace("01:00:06:00", "later"),
        JOKER.replace("</detx>", ""),
    ],
)
def test_hostile_bands_get_one_clear_error(text):
    with pytest.raises(SubtitleError, match=r"x\.detx"):
        parse_detx(text, Path("x.detx"), Fraction(25))


def test_an_empty_programme_has_an_empty_band(tmp_path):
    (path,) = FORMAT.write(Timeline("Empty", Fraction(25), 0, language="es"), tmp_path / "x.detx")
    assert not _read(path).events


def test_cuts_of_the_picture_are_shots(tmp_path):
    timeline = Timeline("Film", Fraction(25), 480_000, start_frame=90_000, language="es", shots=(48_000,))
    (path,) = FORMAT.write(timeline, tmp_path / "x.detx")
    assert [shot.get("timecode") for shot in ET.parse(path).getroot().iter("shot")] == ["01:00:01:00"]
