"""Final Cut's storylines compared with an independent flattening: what plays at a moment, by the XML
alone.
"""

from __future__ import annotations

import os
import random
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from rythmo_bridge.formats.registry import read_timeline
from rythmo_bridge.timeline import Kind, Timeline

CASES = Path(os.environ.get("RYTHMO_TEST_DATA", "")) / "cases" / "timelines"
HEAD = """<format id="f" frameDuration="100/2500s"/>
<asset id="v" name="v" start="0s" duration="900s" hasVideo="1" format="f"><media-rep src="file:///m/v.mov"/></asset>
<asset id="a" name="a" start="0s" duration="900s" hasAudio="1" audioChannels="1"><media-rep src="file:///m/a.wav"/></asset>
<asset id="b" name="b" start="50s" duration="900s" hasAudio="1" audioChannels="1"><media-rep src="file:///m/b.wav"/></asset>"""


def _document(folder: Path, body: str, resources: str = "") -> Path:
    path = folder / "cut.fcpxml"
    sequence = f'<sequence format="f" tcStart="3600s" duration="100s"><spine>{body}</spine></sequence>'
    path.write_text(
        f'<fcpxml version="1.10"><resources>{HEAD}{resources}</resources>'
        f'<library><event name="e"><project name="p">{sequence}</project></event></library></fcpxml>'
    )
    return path


def _time(element: Element, name: str) -> Fraction:
    return Fraction((element.get(name) or "0s").removesuffix("s"))


STORY = {"asset-clip", "sync-clip", "gap", "spine"}


def _playing(element: Element, at: Fraction, moment: Fraction) -> set[tuple[str, Fraction]]:
    """Asset and second in its file of all that plays at a moment, of an element that begins at `at`."""
    found: set[tuple[str, Fraction]] = set()
    start = (
        _time(element, "start") if element.get("start") else Fraction(50 if element.get("ref") == "b" else 0)
    )
    length, own = _time(element, "duration"), start + moment - at
    inside = at <= moment < at + length
    if element.tag == "asset-clip" and inside:
        found.add((element.get("ref", ""), own - (50 if element.get("ref") == "b" else 0)))
    for child in element:
        if child.tag not in STORY:
            continue
        begins = at + _time(child, "offset") - start
        if element.tag == "sync-clip" and child.get("lane") is None:
            # Its own content: seen through the window of the clip.
            if inside:
                found |= _playing(child, _time(child, "offset"), own)
        elif child.tag == "spine":
            for each in child:
                found |= _playing(each, begins + _time(each, "offset"), moment)
        else:
            found |= _playing(child, begins, moment)
    return found


def _expected(path: Path, moment: Fraction) -> set[tuple[str, Fraction]]:
    root = fromstring(path.read_text())
    found: set[tuple[str, Fraction]] = set()
    for element in root.find(".//project/sequence/spine"):
        found |= _playing(element, _time(element, "offset") - 3600, moment)
    return found


def _read(timeline: Timeline, moment: Fraction) -> set[tuple[str, Fraction]]:
    found: set[tuple[str, Fraction]] = set()
    for track in timeline.tracks:
        for item in track.items:
            at = moment * 48_000 - item.start
            if 0 <= at < item.length:
                second = (item.source + at) / 48_000
                if item.nested is not None:
                    only = [t for t in item.nested.tracks if t.kind is track.kind]
                    inner = Timeline(
                        "", item.nested.frame_rate, 0, tracks=tuple(only), media=item.nested.media
                    )
                    found |= _read(inner, second)
                elif item.media:
                    found.add((item.media, second))
    return found


class _Story:
    """Seeded storylines: clips, gaps, sync-clips, with clips and storylines connected to any of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def clip(self, offset: int, depth: int, lane: str = "") -> str:
        pick = self.random
        start, length = pick.randrange(50, 80), pick.randrange(2, 9)
        facts = f'offset="{offset}s" start="{start}s" duration="{length}s"{lane}'
        inside = "".join(self.hung(start, depth) for _ in range(pick.randrange(3))) if depth < 3 else ""
        if depth < 2 and pick.random() < 0.3:
            content = self.clip(start - pick.randrange(3), 3)
            return f"<sync-clip {facts}>{content}{inside}</sync-clip>"
        return f'<asset-clip ref="{pick.choice("vab")}" {facts}>{inside}</asset-clip>'

    def hung(self, start: int, depth: int) -> str:
        lane = f' lane="{self.random.choice((-2, -1, 1, 2))}"'
        offset = start + self.random.randrange(12)
        if self.random.random() < 0.4:
            clips, at = [], 0
            for _ in range(self.random.randrange(1, 4)):
                clips.append(self.clip(at, depth + 1))
                at += 9
            return f'<spine offset="{offset}s"{lane}>{"".join(clips)}</spine>'
        return self.clip(offset, depth + 1, lane)

    def body(self) -> str:
        parts, at = ['<gap offset="3600s" start="3600s" duration="5s"/>'], 3605
        for _ in range(4):
            parts.append(self.clip(at, 0))
            at += 9
        return "".join(parts)


@pytest.mark.parametrize("seed", range(25))
def test_what_plays_is_what_the_elements_say(tmp_path, seed):
    path = _document(tmp_path, _Story(seed).body())
    timeline = read_timeline(path)
    for half in range(1, 140):
        moment = Fraction(half, 2) + Fraction(1, 4)
        assert _read(timeline, moment) == _expected(path, moment), moment


@pytest.mark.parametrize("tag", ["asset-clip", "spine"])
@pytest.mark.parametrize("lane", [-3, 2])
def test_what_hangs_on_a_sync_clip_is_on_the_main_timeline(tmp_path, tag, lane):
    clip = '<asset-clip ref="a" offset="{}s" start="1s" duration="10s"{}/>'
    place = f' lane="{lane}"'
    hung = (
        clip.format(12, place)
        if tag == "asset-clip"
        else f'<spine offset="12s"{place}>{clip.format(0, "")}</spine>'
    )
    inner = '<asset-clip ref="v" offset="10s" start="10s" duration="20s"/>'
    inside = f'<adjust-volume amount="-96dB"/>{inner}{hung}'
    sync = f'<sync-clip offset="3605s" start="10s" duration="4s">{inside}</sync-clip>'
    timeline = read_timeline(_document(tmp_path, sync))
    (item,) = (item for _, item in timeline.items() if item.media == "a")
    assert (item.start, item.length, item.source, item.gain_db) == (7 * 48_000, 480_000, 48_000, 0)


@pytest.mark.parametrize(
    ("attributes", "file", "senses"),
    [
        ('format="f"', "talk.mp4", {"video", "audio"}),
        ('audioChannels="2"', "talk.wav", {"audio"}),
        ("", "talk.wav", {"audio"}),
        ("", "talk.mov", {"video", "audio"}),
        ('format="f"', "map.png", {"video"}),
        ('hasVideo="1" format="f"', "talk.mov", {"video"}),
        ('hasAudio="1"', "talk.mov", {"audio"}),
        ('videoSources="1" format="f"', "talk.mov", {"video"}),
    ],
)
def test_what_an_asset_does_not_say_is_told_by_the_rest(tmp_path, attributes, file, senses):
    asset = f'<asset id="x" start="0s" {attributes}><media-rep src="file:///m/{file}"/></asset>'
    path = _document(tmp_path, '<asset-clip ref="x" offset="3600s" start="0s" duration="5s"/>', asset)
    assert {track.kind.value for track in read_timeline(path).tracks} == senses


@pytest.mark.parametrize("start", ["3600s", "0s", "12s"])
def test_a_still_plays_from_its_first_frame_and_lies_inside_its_media(tmp_path, start):
    asset = '<asset id="x" start="0s" duration="0s" hasVideo="1"><media-rep src="file:///m/map.png"/></asset>'
    places = ('offset="3600s" duration="4s"', 'offset="3604s" duration="9s"')
    body = "".join(f'<video ref="x" start="{start}" {place}/>' for place in places)
    timeline = read_timeline(_document(tmp_path, body, asset))
    assert [item.source for _, item in timeline.items()] == [0, 0]
    assert timeline.media["x"].length == 9 * 48_000


def test_roles_are_tracks_whatever_the_lanes(tmp_path):
    clips = [("A", -1, 0), ("B", -1, 5), ("A", -2, 5), ("B", -3, 12), ("", -3, 0)]
    hung = "".join(
        f'<asset-clip ref="a" lane="{lane}" offset="{3600 + at}s" duration="4s"'
        f"{f' audioRole={chr(34)}dialogue.DX {who}{chr(34)}' if who else ''}/>"
        for who, lane, at in clips
    )
    timeline = read_timeline(
        _document(tmp_path, f'<gap offset="3600s" start="3600s" duration="60s">{hung}</gap>')
    )
    found = {track.name: [item.start // 48_000 for item in track.items] for track in timeline.tracks}
    assert found == {"DX A": [0, 5], "DX B": [5, 12], "A3": [0]}


@pytest.mark.parametrize(
    ("mute", "silent"),
    [
        ('<mute start="12s" duration="2s"/>', {2, 3}),
        ('<mute start="8s" duration="4s"/><mute start="18s" duration="9s"/>', {0, 1, 8, 9}),
        ("<mute/>", set(range(10))),
    ],
)
def test_muted_ranges_are_silent(tmp_path, mute, silent):
    source = f'<audio-channel-source srcCh="1">{mute}</audio-channel-source>'
    clip = f'<asset-clip ref="a" offset="3600s" start="10s" duration="10s">{source}</asset-clip>'
    (item,) = (item for _, item in read_timeline(_document(tmp_path, clip)).items())

    def gain(at: int) -> float:
        before = [each for each in item.levels if each.at <= at]
        return (before[-1] if before else item.levels[0]).gain_db

    assert {second for second in range(10) if gain(second * 48_000 + 24_000) < -100} == silent


def test_one_of_several_projects_is_taken_by_name_and_a_loose_clip_too(tmp_path):
    path = _document(tmp_path, '<asset-clip ref="v" offset="3600s" duration="5s"/>')
    text = path.read_text()
    project = text[text.index("<project") : text.index("</event>")]
    loose = '<asset-clip ref="a" name="wild" duration="3s"/>'
    path.write_text(text.replace("</event>", project.replace('name="p"', 'name="q"') + loose + "</event>"))
    assert "'q'" in read_timeline(path).notes[0]
    assert read_timeline(path, "q").name == "q"
    assert [track.kind for track in read_timeline(path, "wild").tracks] == [Kind.AUDIO]


def test_a_compound_clip_is_read_once_and_clips_without_length_are_told(tmp_path):
    clip = '<asset-clip ref="v" offset="0s" duration="9s"/>'
    inner = f'<sequence format="f" duration="9s"><spine>{clip}</spine></sequence>'
    body = "".join(f'<ref-clip ref="m" name="s" offset="{3600 + 9 * n}s" duration="9s"/>' for n in range(3))
    empty = '<asset-clip ref="a" name="sliver" offset="3650s" duration="0s"/>'
    path = _document(tmp_path, body + empty, f'<media id="m" name="Scene">{inner}</media>')
    timeline = read_timeline(path)
    nests = {id(item.nested) for _, item in timeline.items() if item.nested}
    assert len(nests) == 1
    assert timeline.notes == ("1 clip without length left out: sliver.",)


@pytest.mark.needs_data
@pytest.mark.skipif(not CASES.is_dir(), reason="RYTHMO_TEST_DATA names no folder with cases")
def test_the_cases_are_read():
    sync = read_timeline(CASES / "sync_connected.fcpxml")
    (thunder,) = (item for _, item in sync.items() if item.name == "Thunder")
    assert (thunder.start, thunder.length, thunder.source) == (7 * 48_000, 480_000, 48_000)
    both = read_timeline(CASES / "fcpxml_asset_without_has.fcpxml")
    assert [track.kind for track in both.tracks] == [Kind.VIDEO, Kind.AUDIO]
    still = read_timeline(CASES / "still.fcpxml")
    ((_, item),) = still.items()
    assert (item.source, still.media_of(item).length) == (0, item.length)
