"""DAPT scripts: the four types, by the specification's own rules; written and read; W3C's schema where it is.

RYTHMO_DAPT_SCHEMA names the folder xml-schemas of github.com/w3c/dapt, with ebu-tt-m-xsd in it; that test
needs the package `xmlschema`.
"""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote

import pytest

from rythmo.errors import SubtitleError
from rythmo.script.loops import LoopSettings
from rythmo.script.subtitle_file import ExpectedSubtitles
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats.dapt import ScriptType
from rythmo_bridge.subtitles.dapt_reader import looks_like_dapt, parse_dapt
from rythmo_bridge.subtitles.srt import read_file

TT = "{http://www.w3.org/ns/ttml}"
TTM = "{http://www.w3.org/ns/ttml#metadata}"
TTP = "{http://www.w3.org/ns/ttml#parameter}"
DAPTM = "{http://www.w3.org/ns/ttml/profile/dapt#metadata}"
XML = "{http://www.w3.org/XML/1998/namespace}"
NAMES = ("dapt-original", "dapt-translated", "dapt-pre-recording", "dapt-as-recorded")
LOOPS = LoopSettings(pause_seconds=0.4)


def _write(dub, name, script=None):
    (path,) = deliver(dub.folder, script or dub.script, [name], source=None, loops=LOOPS)
    return path


def _texts(root, language):
    return ["".join(p.itertext()) for p in root.iter(f"{TT}p") if p.get(f"{XML}lang") == language]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_keeps_the_rules_of_the_specification(dub, name):
    root = ET.parse(_write(dub, name)).getroot()
    assert "/ns/ttml/profile/dapt1.0/content" in root.get(f"{TTP}contentProfiles")
    assert root.get(f"{XML}lang") and root.get(f"{DAPTM}scriptRepresents") == "audio.dialogue"
    assert root.get(f"{DAPTM}scriptType") in set(ScriptType)
    ids = [element.get(f"{XML}id") for element in root.iter() if element.get(f"{XML}id")]
    assert len(ids) == len(set(ids)) and all(name[0].isalpha() for name in ids)
    agents = {agent.get(f"{XML}id") for agent in root.iter(f"{TTM}agent")}
    assert all(agent.get("type") == "character" for agent in root.iter(f"{TTM}agent"))
    assert all(each.get("type") == "alias" for each in root.iter(f"{TTM}name"))
    events = [div for div in root.iter(f"{TT}div") if div.get(f"{XML}id")]
    assert len(events) == len(dub.script.lines)
    for event in events:
        assert not event.findall(f"{TT}div") and set(event.get(f"{TTM}agent").split()) <= agents
        assert event.get("begin")[-1] == event.get("end")[-1] and event.get("begin")[-1] in "ft"
    metric = events[0].get("begin")[-1]
    assert root.get(f"{TTP}{'frameRate' if metric == 'f' else 'tickRate'}")


def test_each_type_holds_its_languages(dub):
    roots = {name: ET.parse(_write(dub, name)).getroot() for name in NAMES}
    assert [len(_texts(roots[name], "es")) for name in NAMES] == [0, 4, 4, 4]
    assert [len(_texts(roots[name], "en")) for name in NAMES] == [4, 4, 4, 4]
    assert roots["dapt-original"].get(f"{XML}lang") == "en"
    assert roots["dapt-as-recorded"].get(f"{XML}lang") == "es"
    translated = next(p for p in roots["dapt-translated"].iter(f"{TT}p") if p.get(f"{XML}lang") == "es")
    assert translated.get(f"{DAPTM}langSrc") == "en"


def test_an_as_recorded_script_plays_its_takes_on_the_sample(dub):
    path = _write(dub, "dapt-as-recorded")
    root = ET.parse(path).getroot()
    assert root.get(f"{TTP}tickRate") == "48000"
    events = [div for div in root.iter(f"{TT}div") if div.get("begin")]
    for line, event in zip(dub.script.lines, events, strict=True):
        assert event.get("begin") == f"{line.placement.start}t"
        audio = next(event.iter(f"{TT}audio"))
        sound = (path.parent / unquote(audio.get("src"))).resolve()
        assert sound == (dub.folder / "takes" / "placed" / f"{line.id}_t01.wav").resolve() and sound.is_file()
        assert int(audio.get("clipEnd")[:-1]) - int(audio.get("clipBegin")[:-1]) == line.take.length


def test_only_recorded_lines_are_as_recorded(dub):
    line = replace(dub.script.lines[0], takes=(), chosen=None, placement=None)
    root = ET.parse(_write(dub, "dapt-as-recorded", dub.script.with_line(line))).getroot()
    assert line.id not in {div.get(f"{XML}id") for div in root.iter(f"{TT}div")}


def test_what_is_written_is_read(any_rate):
    line = replace(any_rate.script.lines[1], direction="whispering", text="A <b> & C")
    script = any_rate.script.with_line(line)
    path = _write(any_rate, "dapt-pre-recording", script)
    read = parse_dapt(path.read_text(encoding="utf-8"), path, Fraction(25))
    assert (read.language, read.source_language, read.title) == ("es", "en", "Scene")
    assert [event.id for event in read.events] == [one.id for one in script.lines]
    assert [event.speakers for event in read.events] == [("Ana",), ("Böb & <Co>",)] * 2
    assert (read.events[1].direction, read.events[1].texts[0].text) == ("whispering", "A &lt;b&gt; &amp; C")
    assert [event.loop for event in read.events] == ["1", "2", "3", "4"]
    frame = 1 / script.programme.rate
    for event, one in zip(read.events, script.lines, strict=True):
        assert abs(event.start - Fraction(one.start, 48_000)) <= frame / 2
    assert read.start == script.programme.start_frame or script.programme.drop


def test_a_script_and_a_translation_come_from_one_file(dub):
    path = _write(dub, "dapt-translated")
    script = read_file(path, expected=ExpectedSubtitles("en", "es"))
    translation = read_file(path, expected=ExpectedSubtitles("es", "en"))
    assert [cue.text for cue in script.cues] == [line.text for line in dub.script.lines]
    assert [cue.text for cue in translation.cues] == [line.translation for line in dub.script.lines]
    assert [cue.speaker for cue in script.cues][:1] == ["Ana"]
    with pytest.raises(SubtitleError, match="no words in German: it is in English, Spanish"):
        read_file(path, expected=ExpectedSubtitles("de"))


W3C = """<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
  xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:daptm="http://www.w3.org/ns/ttml/profile/dapt#metadata"
  ttp:contentProfiles="http://www.w3.org/ns/ttml/profile/dapt1.0/content" xml:lang="fr" daptm:langSrc="he"
  daptm:scriptRepresents="audio.dialogue" daptm:scriptType="preRecording">
 <head><metadata>
  <ttm:agent type="person" xml:id="a1"><ttm:name type="full">Actor</ttm:name></ttm:agent>
  <ttm:agent type="character" xml:id="c1"><ttm:name type="alias">ONE</ttm:name>
   <ttm:actor agent="a1"/></ttm:agent>
  <ttm:agent type="character" xml:id="c2"><ttm:name type="alias">TWO</ttm:name></ttm:agent>
 </metadata></head>
 <body begin="1s"><div begin="10s" end="20s">
  <div xml:id="e1" begin="1s" dur="2s" ttm:agent="c1 c2" daptm:onScreen="OFF_ON">
   <ttm:desc>note</ttm:desc><p xml:lang="he" daptm:langSrc="he">shalom</p>
   <p><span begin="0.5s">Bon<br/>jour </span><metadata>no</metadata>tous</p></div>
  <div xml:id="e2" begin="5s"><p>Encore</p></div>
  <div><p>no event: it has no id</p></div>
 </div></body></tt>"""


def test_times_languages_and_people_are_inherited_as_the_specification_says():
    assert looks_like_dapt(W3C)
    read = parse_dapt(W3C, Path("x.ttml"), Fraction(25))
    first, second = read.events
    assert (first.start, first.end, first.speakers, first.screen) == (12, 14, ("ONE", "TWO"), "OFF_ON")
    assert [(t.language, t.translated, t.text) for t in first.texts] == [
        ("he", False, "shalom"),
        ("fr", True, "Bon\njour tous"),
    ]
    # The second event has no end of its own: it ends with the division around it.
    assert (second.start, second.end) == (16, 21)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE tt [<!ENTITY a "b">]>' + W3C,
        W3C.replace('begin="10s"', 'begin="soon"'),
        W3C.replace('xml:lang="fr"', 'xml:lang="fr" ttp:tickRate="0"'),
        W3C.replace("</tt>", ""),
        W3C.replace('begin="10s"', f'begin="{"9" * 5000}s"'),
    ],
)
def test_hostile_documents_get_one_clear_error(text):
    with pytest.raises(SubtitleError, match=r"x\.ttml"):
        parse_dapt(text, Path("x.ttml"), Fraction(25))


def test_a_frame_rate_that_would_count_for_hours_is_not_believed():
    text = W3C.replace('xml:lang="fr"', 'xml:lang="fr" ttp:frameRate="1e99999999"').replace("10s", "250f")
    assert parse_dapt(text, Path("x.ttml"), Fraction(25)).events[0].start == 12


def test_documents_are_valid_by_the_schema(dub):
    folder = os.environ.get("RYTHMO_DAPT_SCHEMA")
    xmlschema = pytest.importorskip("xmlschema") if folder else pytest.skip("RYTHMO_DAPT_SCHEMA is not set")
    schema = xmlschema.XMLSchema(
        [str(Path(folder) / each) for each in ("dapt.xsd", "ttml2-metadata-items.xsd")]
    )
    for name in NAMES:
        assert not list(schema.iter_errors(ET.parse(_write(dub, name)).getroot()))
