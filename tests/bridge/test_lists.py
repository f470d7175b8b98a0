"""WebVTT, TTML, dialogue list, markers, URLs, colours, XML text."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo_bridge.colours import Colour, hex_colour, nearest_colour
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats.dialogue_list import COLUMNS
from rythmo_bridge.formats.media_urls import file_url
from rythmo_bridge.xml_text import document, element, leaf

TT = "{http://www.w3.org/ns/ttml}"
TTP = "{http://www.w3.org/ns/ttml#parameter}"


def test_ttml_times_are_exact_frames(any_rate):
    target, source = deliver(any_rate.folder, any_rate.script, ["ttml"], source=None)
    assert (target.name, source.name) == ("Scene.es.ttml", "Scene.en.ttml")
    root = ET.parse(target).getroot()
    numerator, denominator = map(int, root.get(f"{TTP}frameRateMultiplier").split())
    rate = int(root.get(f"{TTP}frameRate")) * Fraction(numerator, denominator)
    assert rate == any_rate.script.programme.rate
    first = next(root.iter(f"{TT}p"))
    begin = int(first.get("begin").removesuffix("f")) / rate
    assert abs(begin - Fraction(any_rate.script.lines[0].placement.start, 48_000)) <= 1 / rate
    assert "".join(first.itertext()) == "línea 0"


def test_vtt_names_speakers_and_escapes(dub):
    text = deliver(dub.folder, dub.script, ["vtt"], source=None)[0].read_text()
    assert text.startswith("WEBVTT\n\n1\n00:00:00.083 --> 00:00:00.918\n<v Ana>línea 0</v>\n")
    assert "<v Böb &amp; &lt;Co&gt;>línea 1</v>" in text


def test_dialogue_list_holds_every_line_in_both_languages(dub):
    line = replace(dub.script.lines[0], translation='=HYPERLINK("x")', text="- Well?", takes=(), chosen=None)
    (path,) = deliver(dub.folder, dub.script.with_line(line), ["csv"], source=None)
    assert path.name == "Scene.es.dialogue-list.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["line"] for row in rows] == [line.id for line in dub.script.lines]
    assert rows[0]["translation"] == '\'=HYPERLINK("x")'
    assert rows[0]["text"] == "'- Well?"
    assert (rows[1]["start"], rows[1]["notes"]) == ("01:00:02:01", "Too long by 0.3 s.")


def test_marker_list_is_an_edl_that_resolve_knows(dub):
    (path,) = deliver(dub.folder, dub.script, ["markers"], source=None)
    lines = path.read_text().splitlines()
    assert lines[1] == "FCM: NON-DROP FRAME"
    assert lines[3] == "001  001      V     C        01:00:02:02 01:00:02:03 01:00:02:02 01:00:02:03"
    assert lines[4] == "Too long by 0.3 s. |C:ResolveColorRed |M:S2_0002 fit.long |D:1"


def test_no_markers_no_list(dub):
    script = dub.script.map_lines(lambda line: replace(line, flags=()))
    assert deliver(dub.folder, script, ["markers"], source=None) == ()


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/a b/é#1?.wav", "file:///a%20b/%C3%A9%231%3F.wav"),
        ("/a/100%/x&y;z.wav", "file:///a/100%25/x%26y%3Bz.wav"),
        ("C:\\Takes\\Zoë 1.wav", "file:///C:/Takes/Zo%C3%AB%201.wav"),
        ("\\\\nas\\share\\a b.wav", "file://nas/share/a%20b.wav"),
        ("/bytes/\udcff.wav", "file:///bytes/%FF.wav"),
    ],
)
def test_urls_of_every_kind_of_path(path, url):
    assert file_url(path) == url


def test_localhost_urls_for_xmeml():
    assert file_url("/a.wav", "localhost") == "file://localhost/a.wav"
    assert file_url("D:\\a.wav", "localhost") == "file://localhost/D:/a.wav"


@given(st.text())
def test_any_text_survives_xml_but_for_what_xml_cannot_hold(text):
    root = ET.fromstring(document(element("a", leaf("b", text), attributes={"c": text})))
    legal = "".join(
        c
        for c in text
        if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
    assert (root.findtext("b") or "") == legal
    assert root.get("c") == legal


def test_colours_meet_the_nearest():
    assert nearest_colour("#fe0101", Colour.WHITE) is Colour.RED
    assert nearest_colour("blue", Colour.WHITE) is Colour.BLUE
    assert nearest_colour("no colour", Colour.WHITE) is Colour.WHITE
    assert nearest_colour(hex_colour(Colour.CYAN), Colour.WHITE) is Colour.CYAN
