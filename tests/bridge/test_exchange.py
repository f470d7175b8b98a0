"""FCP7 XML, FCPXML, EDL and AAF at every rate, read back with independent readers."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import opentimelineio as otio
import pytest

from rythmo.media.wav import WavReader
from rythmo.timebase import frames_to_samples
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats.registry import formats
from rythmo_bridge.frame_grid import on_frames
from rythmo_bridge.script_timeline import script_timeline

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the adapters' own


def _pulse(url: str) -> int:
    """The sample of a file at which its impulse stands."""
    path = unquote(urlsplit(url).path) if url.startswith("file:") else url
    with WavReader(Path(path)) as reader:
        return int(np.argmax(np.abs(reader.read(0, reader.length)[0])))


def _wanted(dub):
    return {f"{line.id}_t01": line.placement.start + dub.pulse for line in dub.script.lines}


def test_fcp7_puts_every_impulse_on_its_sample(any_rate):
    (path,) = deliver(any_rate.folder, any_rate.script, ["fcp7"], source=any_rate.source)
    timeline = otio.adapters.read_from_file(str(path), adapter_name="fcp_xml")
    programme = any_rate.script.programme
    assert timeline.global_start_time.value == programme.start_frame
    assert timeline.global_start_time.rate == pytest.approx(float(programme.rate), abs=1e-3)
    found = {}
    for clip in timeline.find_clips():
        if clip.name in _wanted(any_rate):
            frame = int(clip.range_in_parent().start_time.value)
            offset = clip.source_range.start_time - clip.available_range().start_time
            assert offset.value == 0
            found[clip.name] = frames_to_samples(frame, programme.rate) + _pulse(
                clip.media_reference.target_url
            )
    assert found == _wanted(any_rate)


def test_fcp7_declares_a_file_once_and_links_picture_and_sound(dub):
    (path,) = deliver(dub.folder, dub.script, ["fcp7"], source=dub.source)
    root = ET.parse(path).getroot()
    assert root.get("version") == "5"
    full = [file.get("id") for file in root.iter("file") if len(file)]
    assert len(full) == len(set(full))
    assert {file.get("id") for file in root.iter("file")} == set(full)
    names = [track.get("MZ.TrackName") for track in root.iter("track")]
    assert names == ["Picture", "DX Ana", "DX Böb & <Co>", "M&E", "M&E", "Original", "Original"]
    picture = root.find(".//video/track/clipitem")
    linked = [link.findtext("linkclipref") for link in picture.iter("link")]
    original = [c for t in list(root.iter("track"))[-2:] for c in t.iter("clipitem")]
    assert linked == [picture.get("id"), *(clip.get("id") for clip in original)]
    assert [clip.findtext("enabled") for clip in original] == ["FALSE", "FALSE"]
    assert [c.findtext("sourcetrack/trackindex") for c in original] == ["1", "2"]
    (timecode,) = root.findall("sequence/timecode")
    assert (timecode.findtext("string"), timecode.findtext("displayformat")) == ("01:00:00:00", "NDF")
    marker = root.find("sequence/marker")
    assert (marker.findtext("name"), marker.findtext("comment")) == ("S2_0002 fit.long", "Too long by 0.3 s.")
    log = root.find(".//logginginfo")
    assert (log.findtext("scene"), log.findtext("description")) == ("S1_0001", "línea 0")


def test_fcpxml_puts_every_impulse_on_its_sample(any_rate):
    # The public reader counts NTSC rates as 23, 29 and 59 frames; the file says fractions of a second.
    (path,) = deliver(any_rate.folder, any_rate.script, ["fcpxml"], source=any_rate.source)
    root = ET.parse(path).getroot()
    sources = {asset.get("id"): asset.find("media-rep").get("src") for asset in root.iter("asset")}
    starts = {asset.get("id"): _seconds(asset.get("start")) for asset in root.iter("asset")}
    sequence = root.find(".//sequence")
    programme = any_rate.script.programme
    assert _seconds(sequence.get("tcStart")) * programme.rate == programme.start_frame
    assert sequence.get("tcFormat") == ("DF" if programme.drop else "NDF")
    host, *_ = sequence.find("spine")
    found = {}
    for clip in host.iter("asset-clip"):
        if clip.get("lane") and clip.get("name") in _wanted(any_rate):
            record = _seconds(clip.get("offset")) - _seconds(host.get("start"))
            assert (record * programme.rate).denominator == 1
            assert _seconds(clip.get("start")) == starts[clip.get("ref")]
            found[clip.get("name")] = round(record * 48_000) + _pulse(sources[clip.get("ref")])
    assert all(abs(found[name] - sample) <= 1 for name, sample in _wanted(any_rate).items())
    assert found == _wanted(any_rate)


def _seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


@pytest.mark.parametrize("adapter_rate", [24, 25, 30, 50, 60])
def test_fcpxml_reads_the_same_with_the_public_adapter(dub, adapter_rate):
    rate = Fraction(adapter_rate)
    programme = replace(dub.script.programme, frame_rate=rate, start_frame=3600 * adapter_rate)
    script = replace(dub.script, programme=programme)
    (path,) = deliver(dub.folder, script, ["fcpxml"], source=dub.source)
    read = otio.adapters.read_from_file(str(path), adapter_name="fcpx_xml")
    timeline = next(iter(read.find_children(descended_from_type=otio.schema.Timeline)))
    found = {
        c.name: c.range_in_parent().start_time.value - 3600 * adapter_rate for c in timeline.find_clips()
    }
    for line in script.lines:
        assert found[f"{line.id}_t01"] == line.placement.start * adapter_rate // 48_000


def test_fcpxml_gives_each_speaker_a_role_and_keeps_the_original_off(dub):
    (path,) = deliver(dub.folder, dub.script, ["fcpxml"], source=dub.source)
    root = ET.parse(path).getroot()
    clips = list(root.iter("asset-clip"))
    assert {clip.get("audioRole") for clip in clips} == {
        None,
        "dialogue.DX Ana",
        "dialogue.DX Böb & <Co>",
        "effects.M&E",
        "Original",
    }
    (original,) = [clip for clip in clips if clip.get("audioRole") == "Original"]
    assert (original.get("enabled"), original.get("srcEnable")) == ("0", "audio")
    assert root.find(".//spine/asset-clip").get("srcEnable") == "video"
    assert root.find(".//md[@key='org.rythmo.line_id']").get("value") == "S1_0001"
    assert root.find(".//marker").get("value") == "S2_0002 fit.long"


def test_edl_of_each_track_puts_every_impulse_on_its_sample(any_rate):
    paths = deliver(any_rate.folder, any_rate.script, ["edl"], source=any_rate.source)
    programme = any_rate.script.programme
    found = {}
    for path in paths:
        text = path.read_text()
        assert text.splitlines()[1] == f"FCM: {'DROP FRAME' if programme.drop else 'NON-DROP FRAME'}"
        rate = float(programme.rate)
        timeline = otio.adapters.read_from_file(str(path), adapter_name="cmx_3600", rate=rate)
        for clip in timeline.find_clips():
            if clip.name in _wanted(any_rate):
                # This reader keeps a list's record start as the negative start of its track.
                start = clip.range_in_parent().start_time - clip.parent().source_range.start_time
                frame = int(start.value) - programme.start_frame
                media = any_rate.folder / "deliver/es/media" / f"{clip.name}.wav"
                found[clip.name] = frames_to_samples(frame, programme.rate) + _pulse(str(media))
    assert found == _wanted(any_rate)
    assert [path.name for path in paths] == [
        "Scene.es.V1 Picture.edl",
        "Scene.es.A1 DX Ana.edl",
        "Scene.es.A2 DX Böb _ _Co_.edl",
        "Scene.es.A3 M_E.edl",
    ]


def test_edl_gives_every_file_a_reel_of_its_own(dub):
    paths = deliver(dub.folder, dub.script, ["edl"], source=None)
    reels = [
        line.split()[1] for path in paths for line in path.read_text().splitlines() if line[:3].isdigit()
    ]
    assert len(reels) == len(set(reels)) == 5
    assert all(len(reel) <= 8 and reel.isalnum() for reel in reels)


@pytest.mark.parametrize("name", ["aaf", "aaf-embedded"])
def test_aaf_keeps_every_sample(any_rate, name):
    (path,) = deliver(any_rate.folder, any_rate.script, [name], source=any_rate.source)
    timeline = otio.adapters.read_from_file(str(path))
    programme = any_rate.script.programme
    assert timeline.global_start_time.value == programme.start_frame
    found = {c.name: c.range_in_parent() for c in timeline.find_clips() if c.name in _wanted(any_rate)}
    for line in any_rate.script.lines:
        place = found[f"{line.id}_t01"]
        assert (place.start_time.value, place.start_time.rate) == (line.placement.start, 48_000)
        assert place.duration.value == line.takes[0].length
    assert [track.name for track in timeline.tracks] == [
        "Picture",
        "DX Ana",
        "DX Böb & <Co>",
        "M&E.L",
        "M&E.R",
        "Original.L",
        "Original.R",
    ]


def test_aaf_embeds_the_very_samples(dub):
    import aaf2

    (path,) = deliver(dub.folder, dub.script, ["aaf-embedded"], source=None)
    with aaf2.open(str(path)) as file:
        mobs = {mob.name: mob for mob in file.content.sourcemobs()}
        mob = mobs["S1_0001_t01.wav"]
        assert mob.descriptor["QuantizationBits"].value == 24
        data = mob.essence.open("r").read()
        (timecode,) = [s.segment for m in file.content.toplevel() for s in m.slots if s.name == "Timecode"]
        assert (timecode.start, timecode.fps, timecode.drop) == (86_400, 24, False)
    with WavReader(dub.folder / "takes/placed/S1_0001_t01.wav") as reader:
        wanted = reader.read_int(0, reader.length)[0]
    raw = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
    assert np.array_equal((raw[:, 0] | raw[:, 1] << 8 | raw[:, 2] << 16) << 8 >> 8, wanted)


def test_aaf_tells_the_source_timecode_to_the_sample_and_mutes_the_original(dub):
    import aaf2

    (path,) = deliver(dub.folder, dub.script, ["aaf"], source=dub.source)
    with aaf2.open(str(path)) as file:
        mobs = {mob.name: mob for mob in file.content.sourcemobs()}
        clip = mobs["S1_0001_t01.wav"].slot_at(2).segment
        assert clip.start == 172_972_800 + dub.script.lines[0].placement.start
        (top,) = file.content.toplevel()
        muted = {slot.name for slot in top.slots if "Selector" in _kinds(slot)}
        assert muted == {"Original.L", "Original.R"}
        master = next(mob for mob in file.content.mastermobs() if mob.name == "S1_0001_t01")
        assert dict(master.comments.items())["Line"] == "S1_0001"


def _kinds(slot) -> set[str]:
    return {type(part).__name__ for part in getattr(slot.segment, "components", ())}


def test_gain_is_kept_where_the_format_has_it(dub, tmp_path):
    import aaf2

    exact = script_timeline(dub.script, dub.folder)
    tracks = tuple(
        replace(track, items=tuple(replace(item, gain_db=-6.0) for item in track.items))
        if track.speaker == "S1"
        else track
        for track in exact.tracks
    )
    louder = replace(exact, tracks=tracks)
    framed = on_frames(louder, tmp_path / "media")
    written = {
        name: formats()[name].write(framed, tmp_path / f"x{formats()[name].suffix}")[0]
        for name in ("fcp7", "fcpxml", "fcpxml-resolve", "mlt", "otio-resolve")
    }
    level = ET.parse(written["fcp7"]).getroot().find(".//filter/effect/parameter/value").text
    assert float(level) == pytest.approx(10 ** (-6 / 20), abs=1e-6)
    assert 'amount="-6dB"' in written["fcpxml"].read_text()
    assert 'amount="-6"' in written["fcpxml-resolve"].read_text()
    levels = [
        float(each.text) for each in ET.parse(written["mlt"]).getroot().findall(".//property[@name='level']")
    ]
    assert sorted(levels) == pytest.approx([-2.9897, -2.9897, 3.0103, 3.0103], abs=1e-4)
    clip = next(
        c for c in otio.adapters.read_from_file(str(written["otio-resolve"])).find_clips() if c.effects
    )
    assert clip.effects[0].metadata["Resolve_OTIO"]["volume"] == -6.0
    (path,) = formats()["aaf"].write(louder, tmp_path / "x.aaf")
    with aaf2.open(str(path)) as file:
        (top,) = file.content.toplevel()
        groups = [
            c
            for s in top.slots
            if s.name == "DX Ana"
            for c in s.segment.components
            if "Group" in type(c).__name__
        ]
        assert [float(g.parameters.value[0]["Value"].value) for g in groups] == pytest.approx(
            [0.501187] * 2, abs=1e-6
        )


@pytest.mark.parametrize(
    "name", [n for n, form in formats().items() if form.write and n not in ("mp4", "mp4-lips", "markers")]
)
def test_the_same_delivery_gives_the_same_bytes(dub, name):
    first = [p.read_bytes() for p in deliver(dub.folder, dub.script, [name], source=dub.source)]
    assert [p.read_bytes() for p in deliver(dub.folder, dub.script, [name], source=dub.source)] == first
    assert first


@pytest.mark.parametrize("name", [n for n, form in formats().items() if form.timeline and form.write])
def test_a_timeline_of_nothing_is_still_a_timeline(dub, name):
    script = replace(dub.script, lines=(), speakers=())
    made = deliver(dub.folder, script, [name], source=None)
    assert made
    assert all(path.stat().st_size for path in made)
