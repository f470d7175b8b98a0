"""Final Cut's several clocks: speed, conformed rates, split edits, nested timelines."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from rythmo_bridge.formats.registry import formats, read_timeline
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

SECOND = 48_000
HEAD = """<fcpxml version="1.10"><resources>
<format id="r1" frameDuration="RATE" width="1920" height="1080"/>
<asset id="r2" name="A" start="START" duration="200s" hasVideo="1" hasAudio="1" audioChannels="2" format="r1">
<media-rep kind="original-media" src="file:///m/a.mov"/></asset>RESOURCES</resources>
<project name="p"><sequence format="r1" tcStart="3600s"><spine>BODY</spine></sequence></project></fcpxml>"""

SPLIT = (
    '<asset-clip ref="r2" offset="OFFSET" start="20s" duration="8s" audioStart="18s" audioDuration="11s"/>'
)


def _read(folder: Path, body: str, *, rate="1/25s", start="0s", resources="") -> Timeline:
    text = HEAD.replace("RATE", rate).replace("START", start).replace("RESOURCES", resources)
    path = folder / "a.fcpxml"
    path.write_text(text.replace("BODY", body))
    return read_timeline(path)


def _one(timeline: Timeline, kind: Kind) -> Item:
    (item,) = (item for track in timeline.tracks_of(kind) for item in track.items)
    return item


def test_the_start_of_a_retimed_clip_counts_in_its_own_time(tmp_path):
    # As Final Cut writes it: the map covers the whole file, in its timecode; 50 s of the clip are 25 of it.
    body = """<asset-clip ref="r2" offset="3600s" start="50s" duration="4s"><timeMap>
    <timept time="43s" value="43s" interp="smooth2"/><timept time="243s" value="143s"/></timeMap>
    </asset-clip>"""
    for kind in Kind:
        item = _one(_read(tmp_path, body, start="43s"), kind)
        assert (item.source, item.speed) == (7 * SECOND // 2, Fraction(1, 2))
        assert item.length == 4 * SECOND


def test_a_clip_that_runs_backwards_names_the_lowest_sample_that_it_plays(tmp_path):
    body = """<asset-clip ref="r2" offset="3600s" start="10s" duration="4s"><timeMap>
    <timept time="0s" value="100s"/><timept time="100s" value="0s"/></timeMap></asset-clip>"""
    item = _one(_read(tmp_path, body), Kind.AUDIO)
    assert (item.source, item.speed) == (86 * SECOND, Fraction(-1))


def test_over_a_change_of_speed_the_mean_is_taken(tmp_path):
    body = """<asset-clip ref="r2" offset="3600s" start="0s" duration="4s"><timeMap>
    <timept time="0s" value="0s"/><timept time="2s" value="2s"/><timept time="6s" value="14s"/></timeMap>
    </asset-clip>"""
    item = _one(_read(tmp_path, body), Kind.AUDIO)
    assert (item.source, item.speed) == (0, Fraction(2))


@pytest.mark.parametrize(
    ("rate", "source", "factor"),
    [
        ("1/24s", "25", Fraction(25, 24)),
        ("1/24s", "23.98", Fraction(1000, 1001)),
        ("1/60s", "23.98", Fraction(1000, 1001)),
        ("1001/60000s", "23.98", Fraction(1000, 1001)),
        ("1001/24000s", "25", Fraction(25025, 24000)),
        ("1/60s", "59.94", Fraction(1000, 1001)),
        ("1001/60000s", "29.97", Fraction(1)),
        ("1/50s", "25", Fraction(1)),
    ],
)
def test_media_of_another_rate_plays_frame_for_frame_where_final_cut_conforms_it(
    tmp_path, rate, source, factor
):
    body = f"""<asset-clip ref="r2" offset="3600s" start="24s" duration="48s">
    <conform-rate srcFrameRate="{source}"/>
    <asset-clip ref="r2" lane="-1" offset="36s" start="0s" duration="2s" srcEnable="audio"/></asset-clip>"""
    timeline = _read(tmp_path, body, rate=rate)
    item = _one(timeline, Kind.VIDEO)
    assert item.speed == 1 / factor
    assert item.source == 24 * SECOND
    hung = next(i for _, i in timeline.items() if i.length == 2 * SECOND)
    assert hung.start == round(12 * SECOND * factor)
    off = _read(tmp_path, body.replace("<conform-rate ", '<conform-rate scaleEnabled="0" '), rate=rate)
    assert _one(off, Kind.VIDEO).speed == 1


def test_split_edits_let_sound_begin_before_its_picture(tmp_path):
    body = SPLIT.replace("OFFSET", "3610s")
    timeline = _read(tmp_path, body)
    picture, sound = (_one(timeline, kind) for kind in (Kind.VIDEO, Kind.AUDIO))
    assert (picture.start, picture.length, picture.source) == (10 * SECOND, 8 * SECOND, 20 * SECOND)
    assert (sound.start, sound.length, sound.source) == (8 * SECOND, 11 * SECOND, 18 * SECOND)
    assert picture.link == sound.link is not None


def test_what_begins_before_the_timeline_is_cut_where_the_timeline_begins(tmp_path):
    body = SPLIT.replace("OFFSET", "3600s")
    sound = _one(_read(tmp_path, body), Kind.AUDIO)
    assert (sound.start, sound.length, sound.source) == (0, 9 * SECOND, 20 * SECOND)


def test_a_compound_clip_counts_in_the_timecode_of_what_is_in_it(tmp_path):
    inner = '<asset-clip ref="r2" offset="100s" start="5s" duration="60s"/>'
    media = f'<media id="r3"><sequence format="r1" tcStart="100s"><spine>{inner}</spine></sequence></media>'
    told = _read(tmp_path, '<ref-clip ref="r3" offset="3600s" start="110s" duration="5s"/>', resources=media)
    assert _one(told, Kind.AUDIO).source == 10 * SECOND
    untold = _read(tmp_path, '<ref-clip ref="r3" offset="3600s" duration="5s"/>', resources=media)
    assert _one(untold, Kind.AUDIO).source == 0


def test_sound_in_a_synchronized_clip_may_begin_before_it(tmp_path):
    body = """<sync-clip offset="3600s" start="50s" duration="5s">
    <asset-clip ref="r2" offset="50s" start="7s" duration="20s">
    <asset-clip ref="r2" lane="-1" offset="-13s" start="0s" duration="90s" srcEnable="audio"/></asset-clip>
    <sync-source sourceID="storyline"><audio-role-source role="dialogue.camera" active="0"/></sync-source>
    </sync-clip>""".replace('start="7s"', 'start="7s" audioRole="dialogue.camera"')
    item = _one(_read(tmp_path, body), Kind.AUDIO)
    assert item.source == 20 * SECOND
    assert item.nested is not None
    inside = [i for t in item.nested.tracks_of(Kind.AUDIO) for i in t.items]
    assert sorted((i.start, i.length, i.enabled) for i in inside) == [
        (0, 90 * SECOND, True),
        (20 * SECOND, 20 * SECOND, False),
    ]


def test_channels_that_are_off_do_not_sound(tmp_path):
    def read(*sources: str) -> list[Item]:
        channels = "".join(f"<audio-channel-source {each}" for each in sources)
        body = f'<asset-clip ref="r2" offset="3600s" duration="5s">{channels}</asset-clip>'
        return [i for t in _read(tmp_path, body).tracks_of(Kind.AUDIO) for i in t.items]

    louder = '><adjust-volume amount="-6dB"/></audio-channel-source>'
    (one,) = read(f'srcCh="1" role="dialogue.boom"{louder}', 'srcCh="2" active="0"/>')
    assert (one.channels, one.gain_db) == ((0,), -6.0)
    assert [i.channels for i in read('srcCh="1, 2"/>')] == [()]
    assert not read('srcCh="1" enabled="0"/>', 'srcCh="2" enabled="0"/>')


def test_sound_that_was_detached_from_its_picture_is_heard(tmp_path):
    # As Final Cut writes it: a clip with a gap in it, on which the sound hangs.
    body = """<clip offset="3600s" start="4s" duration="9s"><video ref="r2" offset="0s" duration="200s"/>
    <clip lane="-1" offset="5s" start="3s" duration="6s"><gap offset="0s" start="100s" duration="200s">
    <audio ref="r2" lane="-1" offset="90s" start="20s" duration="100s" srcCh="1" role="dialogue.boom"/></gap>
    </clip></clip>"""
    timeline = _read(tmp_path, body)
    assert _one(timeline, Kind.VIDEO).source == 4 * SECOND
    sound = _one(timeline, Kind.AUDIO)
    assert (sound.start, sound.length, sound.channels) == (SECOND, 6 * SECOND, (0,))
    # 3 s into the clip are 103 s on the gap, 13 s after the sound begins, at its 20th second.
    assert sound.source == 33 * SECOND


def test_what_hangs_on_a_clip_that_is_off_is_on(tmp_path):
    body = """<asset-clip ref="r2" offset="3600s" duration="9s" enabled="0">
    <asset-clip ref="r2" lane="-1" offset="2s" duration="2s" srcEnable="audio" name="on"/></asset-clip>"""
    states = {item.name: item.enabled for _, item in _read(tmp_path, body).items()}
    assert states == {"A": False, "on": True}


@pytest.mark.parametrize("speed", [Fraction(2), Fraction(1, 3), Fraction(-1, 2), Fraction(-2), Fraction(0)])
def test_speeds_are_read_as_they_were_written(tmp_path, speed):
    rate = Fraction(25)
    media = Media("m", "a.mov", Path("/m/a.mov"), 900 * SECOND, 3600 * SECOND, 2, 48_000, rate)
    item = Item("a", 3 * SECOND, 12 * SECOND, "m", source=40 * SECOND, speed=speed)
    tracks = (Track("V1", Kind.VIDEO, items=(item,)), Track("A1", Kind.AUDIO, channels=2, items=(item,)))
    delivery = Timeline("d", rate, 20 * SECOND, tracks=tracks, media={"m": media})
    (path,) = formats()["fcpxml"].write(delivery, tmp_path / "s.fcpxml")
    found = [(i.start, i.length, i.source, i.speed) for _, i in read_timeline(path).items()]
    assert found == [(item.start, item.length, item.source, speed)] * 2


def test_the_document_is_one_that_final_cut_takes(tmp_path):
    """It refuses a whole file for one attribute that its document type does not have."""
    rate = Fraction(25)
    inner = Timeline("in", rate, SECOND, tracks=(Track("V1", Kind.VIDEO, items=(Item("t", 0, SECOND),)),))
    blank, clip = Item("blank", 0, SECOND), Item("c", SECOND, SECOND, nested=inner)
    rows = [Track(name, kind, items=(blank, clip)) for name, kind in (("V1", Kind.VIDEO), ("A1", Kind.AUDIO))]
    upper = replace(rows[0], name="V2")
    delivery = Timeline("d", rate, 2 * SECOND, tracks=(rows[0], upper, rows[1]))
    (path,) = formats()["fcpxml"].write(delivery, tmp_path / "s.fcpxml")
    from xml.etree.ElementTree import parse

    root = parse(path).getroot()
    compound = list(root.iter("ref-clip"))
    assert len(compound) == 3
    assert not any({"tcFormat", "audioRole", "format"} & set(each.attrib) for each in compound)
    assert not any("lane" in each.attrib for each in root.iter("gap"))
    assert all({"offset", "duration"} <= set(each.attrib) for each in root.iter("gap"))
    assert not any(child.tag == "gap" for parent in root.iter("gap") for child in parent)
    assert [t.name for t in read_timeline(path).tracks if t.items] == ["V1", "V2", "A1"]


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(24, 25)])
def test_files_of_another_rate_keep_it_and_play_as_fast_as_before(tmp_path, speed):
    media = Media("m", "a.mov", Path("/m/a.mov"), 900 * SECOND, 0, 2, 48_000, Fraction(25), (640, 360))
    item = Item("a", SECOND, 10 * SECOND, "m", source=40 * SECOND, speed=speed)
    tracks = (Track("V1", Kind.VIDEO, items=(item,)), Track("A1", Kind.AUDIO, channels=2, items=(item,)))
    delivery = Timeline("d", Fraction(24), 20 * SECOND, size=(1920, 1080), tracks=tracks, media={"m": media})
    (path,) = formats()["fcpxml"].write(delivery, tmp_path / "s.fcpxml")
    back = read_timeline(path)
    assert [(i.start, i.length, i.source, i.speed) for _, i in back.items()] == [
        (SECOND, 10 * SECOND, 40 * SECOND, speed)
    ] * 2
    (found,) = back.media.values()
    assert (found.frame_rate, found.size, back.frame_rate) == (Fraction(25), (640, 360), Fraction(24))
