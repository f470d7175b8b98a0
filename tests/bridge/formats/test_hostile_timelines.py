"""Malicious files: each is rejected with one clear line, quickly and in little memory."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path

import pytest

from rythmo.errors import TimelineError
from rythmo_bridge.formats.media_paths import path_of
from rythmo_bridge.formats.registry import read_timeline

DEEP = 100_000


OTIO = (
    '{"OTIO_SCHEMA":"Timeline.1","name":"x"EXTRA,"tracks":{"OTIO_SCHEMA":"Stack.1","children":['
    '{"OTIO_SCHEMA":"Track.1","kind":"Audio","children":[{"OTIO_SCHEMA":"Clip.2","name":"a","source_range":'
    '{"OTIO_SCHEMA":"TimeRange.1","start_time":{"OTIO_SCHEMA":"RationalTime.1","rate":RATE,"value":START},'
    '"duration":{"OTIO_SCHEMA":"RationalTime.1","rate":RATE,"value":LENGTH}}}]}]}}'
)


def _otio(rate="24", duration="48", start="0", extra="") -> str:
    return (
        OTIO.replace("RATE", rate).replace("START", start).replace("LENGTH", duration).replace("EXTRA", extra)
    )


def _fcp7(start="0", end="25", timebase="25", prolog="", body="") -> str:
    places = f"<start>{start}</start><end>{end}</end><in>0</in><out>25</out>"
    clip = f"<clipitem><name>a</name>{places}{body}</clipitem>"
    rate = f"<rate><timebase>{timebase}</timebase><ntsc>FALSE</ntsc></rate>"
    media = f"<media><audio><track>{clip}</track></audio></media>"
    return f'{prolog}<xmeml version="5"><sequence id="s1"><name>x</name>{rate}{media}</sequence></xmeml>'


def _fcpxml(duration="2s", frame="1/25s", inner="", resources="", prolog="") -> str:
    form = f'<format id="r1" frameDuration="{frame}"/>{resources}'
    clip = inner or f'<title name="a" offset="0s" duration="{duration}"/>'
    sequence = f'<sequence format="r1"><spine>{clip}</spine></sequence>'
    return (
        f'{prolog}<fcpxml version="1.10"><resources>{form}</resources>'
        f'<project name="p">{sequence}</project></fcpxml>'
    )


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {c} "{("&" + p + ";") * 10}">' for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x.dtd"> %e;]>'
_ITSELF = '<spine><ref-clip ref="r2" duration="2s"/></spine>'
SELF = f'<media id="r2"><sequence format="r1">{_ITSELF}</sequence></media>'

CASES = {
    "deep.otio": '{"a":' * DEEP + "1" + "}" * DEEP,
    "deep list.otio": "[" * DEEP + "]" * DEEP,
    "deep metadata.otio": _otio(extra=',"metadata":' + '{"a":' * 500 + "1" + "}" * 500),
    "nan rate.otio": _otio(rate="NaN"),
    "infinite rate.otio": _otio(rate="Infinity"),
    "huge rate.otio": _otio(rate="1e400"),
    "zero rate.otio": _otio(rate="0"),
    "negative rate.otio": _otio(rate="-24"),
    "nan time.otio": _otio(duration="NaN"),
    "zero duration.otio": _otio(duration="0"),
    "negative duration.otio": _otio(duration="-5"),
    "many frames.otio": _otio(duration="1000000000000"),
    "no timeline.otio": '{"OTIO_SCHEMA":"Marker.2"}',
    "a list.otio": "[]",
    "wrong types.otio": '{"OTIO_SCHEMA":"Timeline.1","tracks":{"children":[{"children":[7]}]}}',
    "empty.otio": "",
    "text.otio": "hello",
    "no bundle.otioz": "PK\x05\x06" + "\0" * 18,
    "bomb.xml": _fcp7(prolog=BOMB, body="<name>&i;</name>"),
    "external.xml": _fcp7(prolog=EXTERNAL, body="<name>&e;</name>"),
    "parameter.xml": _fcp7(prolog=PARAMETER),
    "deep.xml": "<a>" * DEEP + "</a>" * DEEP,
    "zero duration.xml": _fcp7(end="0"),
    "negative duration.xml": _fcp7(start="30", end="10"),
    "many frames.xml": _fcp7(end="1000000000000"),
    "no number.xml": _fcp7(end="nan"),
    "infinite.xml": _fcp7(end="inf"),
    "zero rate.xml": _fcp7(timebase="0"),
    "nan rate.xml": _fcp7(timebase="nan"),
    "cyclic.xml": _fcp7(body='<sequence id="s1"/>'),
    "another root.xml": "<html/>",
    "cut off.xml": _fcp7()[:-40],
    "bomb.fcpxml": _fcpxml(prolog=BOMB),
    "deep.fcpxml": "<fcpxml>" + "<gap>" * DEEP,
    "zero duration.fcpxml": _fcpxml(duration="0s"),
    "negative duration.fcpxml": _fcpxml(duration="-3s"),
    "many seconds.fcpxml": _fcpxml(duration="1000000000000s"),
    "by zero.fcpxml": _fcpxml(duration="1/0s"),
    "exponent.fcpxml": _fcpxml(duration="1e999999s"),
    "nan.fcpxml": _fcpxml(duration="nans"),
    "zero rate.fcpxml": _fcpxml(frame="1/100000s"),
    "cyclic.fcpxml": _fcpxml(inner='<ref-clip ref="r2" duration="2s"/>', resources=SELF),
    "far time map.fcpxml": _fcpxml(
        inner='<asset-clip ref="r9" offset="0s" start="5s" duration="2s"><timeMap>'
        '<timept time="0s" value="0s"/><timept time="1s" value="99999999999s"/></timeMap></asset-clip>',
        resources='<asset id="r9" hasAudio="1" duration="9s"><media-rep src="file:///a.wav"/></asset>',
    ),
    "no rate to conform to.fcpxml": _fcpxml(
        inner='<title offset="0s" duration="2s"><conform-rate srcFrameRate="nan"/></title>'
    ),
    "sound before its end.fcpxml": _fcpxml(
        inner='<audio ref="r9" offset="0s" duration="2s" audioStart="1s" audioDuration="-3s"/>'
    ),
    "fast beyond reason.xml": _fcp7(
        start="50000",
        end="50025",
        body="<filter><effect><effectid>timeremap</effectid><parameter><parameterid>speed</parameterid>"
        "<value>1e300</value></parameter><parameter><parameterid>graphdict</parameterid><keyframe>"
        "<when>0</when><value>999999999999999</value></keyframe></parameter></effect></filter>",
    ),
    "negative.edl": "TITLE: x\n001 AX A C 00:00:00:00 00:00:01:00 00:00:05:00 00:00:02:00\n",
    "no event.edl": "TITLE: x\n",
    "broken event.edl": "TITLE: x\n001 AX A C 00:00:00:00\n",
    "no timecode.edl": "TITLE: x\n001 AX A C 00:99:00:00 00:00:01:00 00:00:05:00 00:00:06:00\n",
    "text.aaf": "not an AAF",
    "head only.aaf": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_in_one_line_soon_and_in_little_memory(name, tmp_path):
    path = tmp_path / name
    content = CASES[name]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    tracemalloc.start()
    begun = time.process_time()
    try:
        with pytest.raises(TimelineError) as caught:
            read_timeline(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.process_time() - begun < 5
    assert peak < 100 << 20
    assert "\n" not in caught.value.message
    assert name in caught.value.message
    assert caught.value.hint


def test_the_same_files_are_read_when_nothing_is_wrong_with_them(tmp_path):
    for name, content in {"a.otio": _otio(), "a.xml": _fcp7(), "a.fcpxml": _fcpxml()}.items():
        path = tmp_path / name
        path.write_text(content)
        (item,) = (item for _, item in read_timeline(path).items())
        assert item.name == "a"
        assert item.length in {48_000, 96_000}


@pytest.mark.parametrize(
    "address",
    [
        "http://example.invalid/a.wav",
        "concat:/etc/passwd|/etc/hosts",
        "subfile,,start,0,end,9,,:/etc/passwd",
        "ftp:x",
        "../../etc/passwd",
        "a/../../b.wav",
        "..\\..\\b.wav",
        "file:///a%00.wav",
        "",
    ],
)
def test_an_address_that_is_no_place_below_the_timeline_is_no_path(address, tmp_path):
    assert path_of(address, tmp_path) is None


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///a/b%20c%23.wav", "/a/b c#.wav"),
        ("file://localhost/a/b.wav", "/a/b.wav"),
        ("file://localhost/C%3a/a%20b.wav", "C:/a b.wav"),
        ("file:///D:/x.wav", "D:/x.wav"),
        ("file://server/share/x.wav", "\\\\server\\share\\x.wav"),
        ("C:\\Users\\x.wav", "C:\\Users\\x.wav"),
        ("/a/b c.wav", "/a/b c.wav"),
        ("file:///a/døve.wav", "/a/døve.wav"),
    ],
)
def test_addresses_of_every_system_give_their_path(address, path, tmp_path):
    assert str(path_of(address, tmp_path)) == path


def test_a_relative_path_lies_beside_the_timeline(tmp_path):
    assert path_of("media/a.wav", tmp_path) == tmp_path / "media" / "a.wav"


def test_media_with_a_foreign_address_keeps_it_as_a_candidate_only(tmp_path):
    document = json.loads(_otio())
    clip = document["tracks"]["children"][0]["children"][0]
    clip["media_reference"] = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": "http://example.invalid/a.wav",
    }
    path = Path(tmp_path / "a.otio")
    path.write_text(json.dumps(document))
    (media,) = read_timeline(path).media.values()
    assert (media.path, media.candidates) == (None, ("http://example.invalid/a.wav",))
