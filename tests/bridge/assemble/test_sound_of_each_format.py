"""The sound of a timeline is assembled to the sample, from every format that can be read."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from counted_sound import RATES, Cut, make_cut

from rythmo.media.wav import WavReader
from rythmo.settings import TimelineSettings
from rythmo.timebase import frames_to_samples
from rythmo_bridge.assemble.programme import MIX, look
from rythmo_bridge.formats.registry import find_format
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

FORMATS = ("otio", "otio-resolve", "otio-premiere", "fcp7", "fcpxml", "fcpxml-resolve", "aaf")


def render(path: Path, folder: Path, what: str = MIX, **settings: object) -> np.ndarray:
    """The assembled sound of a timeline's file."""
    assembly = look(path, TimelineSettings(**settings))
    assembly.render(what, folder / "out.wav")
    with WavReader(folder / "out.wav") as reader:
        return reader.read_int(0, reader.length)


def write(cut: Cut, name: str, folder: Path) -> Path:
    form = find_format(name)
    *_, path = form.write(cut.timeline, folder / f"cut{form.suffix}")
    return path


@pytest.fixture(params=RATES)
def cut(request: pytest.FixtureRequest, tmp_path: Path) -> Cut:
    rate, drop = RATES[request.param]
    return make_cut(tmp_path / "Média #1 100%", rate, drop=drop)


@pytest.mark.parametrize("name", FORMATS)
def test_each_sample_is_the_one_that_the_timeline_plays(cut, name, tmp_path):
    path = write(cut, name, tmp_path / "timelines")
    heard = render(path, tmp_path)
    last = np.flatnonzero(cut.heard.any(axis=0))[-1] + 1
    assert heard.shape[1] >= last
    assert np.array_equal(heard[:, :last], cut.heard[:, :last])
    assert not heard[:, last:].any()


@pytest.mark.parametrize("name", FORMATS)
def test_the_programme_begins_where_the_timeline_does(cut, name, tmp_path):
    programme = look(write(cut, name, tmp_path), TimelineSettings()).programme
    assert programme.start_frame == cut.timeline.start_frame
    assert programme.frame_rate == cut.timeline.frame_rate
    assert programme.channels == 2


@pytest.mark.parametrize("rate", RATES)
def test_an_edl_finds_its_files_below_the_folder_given(rate, tmp_path):
    cut = make_cut(tmp_path / "rushes" / "day 1", RATES[rate][0], drop=RATES[rate][1], one=True)
    path = write(cut, "edl", tmp_path / "edls")
    heard = render(path, tmp_path, media_dirs=(str(tmp_path / "rushes"),), rate=rate.removesuffix("df"))
    kept = np.abs(cut.heard).any(axis=0)
    last = np.flatnonzero(kept)[-1] + 1
    assert np.array_equal(heard[:, :last], cut.heard[:, :last])


@pytest.mark.parametrize(("adapter", "suffix"), [("fcp_xml", ".xml"), ("otio_json", ".otio")])
@pytest.mark.parametrize("rate", [24, 25])
def test_timelines_by_the_public_adapters(adapter, suffix, rate, tmp_path):
    otio = pytest.importorskip("opentimelineio")
    cut = make_cut(tmp_path / "media", Fraction(rate), one=True)
    timeline = otio.schema.Timeline("adapters")
    track = otio.schema.Track("A1", kind="Audio")
    timeline.tracks.append(otio.schema.Track("V1", kind="Video"))
    timeline.tracks.append(track)
    position = 0
    source = cut.timeline.media["s"]
    for item in cut.timeline.tracks[0].items:
        if not item.enabled:
            continue
        start, length, first = (cut.timeline.frame(n) for n in (item.start, item.length, item.source))
        times = otio.opentime
        if start > position:
            track.append(otio.schema.Gap(duration=times.RationalTime(start - position, rate)))
        whole = times.TimeRange(times.RationalTime(0, rate), times.RationalTime(20 * rate, rate))
        track.append(
            otio.schema.Clip(
                source.name,
                otio.schema.ExternalReference(source.path.as_uri(), whole),
                times.TimeRange(times.RationalTime(first, rate), times.RationalTime(length, rate)),
            )
        )
        position = start + length
    path = tmp_path / f"cut{suffix}"
    otio.adapters.write_to_file(timeline, str(path), adapter_name=adapter)
    heard = render(path, tmp_path)
    last = np.flatnonzero(cut.heard.any(axis=0))[-1] + 1
    channels = slice(0, heard.shape[0])
    assert np.array_equal(heard[:, :last], cut.heard[channels, :last])


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed (apt install melt)")
@pytest.mark.parametrize(("rate", "step"), [("23.976", 512), ("25", 8), ("59.94", 1280)])
def test_melt_hears_the_same(rate, step, tmp_path):
    """melt goes to the packet of a WAV that holds a frame, 1024 samples here: the clips begin on packets."""
    exact = RATES[rate][0]
    sound = np.random.default_rng(5).integers(-9000, 9000, (2, 60 * 48_000)).astype(np.int32)
    media = tmp_path / "noise.wav"
    soundfile.write(media, sound.T.astype(np.int16), 48_000, subtype="PCM_16")
    spans = ((0, 2 * step, 30), (30, 0, 30), (75, step, 45))
    items = tuple(_clip(exact, *span) for span in spans)
    track = Track("A1", Kind.AUDIO, channels=2, items=items)
    whole = Media("n", "noise.wav", media, sound.shape[1], 0, 2, 48_000)
    length = frames_to_samples(120, exact)
    cut = Cut(Timeline("melt", exact, length, tracks=(track,), media={"n": whole}), sound)
    ours = render(write(cut, "fcp7", tmp_path), tmp_path)
    mlt, wav = write(cut, "mlt", tmp_path), tmp_path / "melt.wav"
    consumer = [f"avformat:{wav}", "acodec=pcm_s24le", "vn=1", "ar=48000", "ac=2", "real_time=0"]
    _patiently(["melt", str(mlt), "-silent", "-consumer", *consumer, "terminate_on_pause=1"])
    with WavReader(wav) as reader:
        theirs = reader.read_int(0, reader.length)
    count = min(ours.shape[1], theirs.shape[1])
    assert count >= items[-1].end - 1
    assert ours.any()
    assert np.abs((ours[:, :count] >> 8) - (theirs[:, :count] >> 8)).max() <= 1


def _clip(rate: Fraction, record: int, source: int, frames: int) -> Item:
    start = frames_to_samples(record, rate)
    length = frames_to_samples(record + frames, rate) - start
    return Item(f"clip {record}", start, length, "n", frames_to_samples(source, rate))


def _patiently(command: list[str]) -> None:
    """melt 7.12 now and then never ends on a busy machine: then it is asked again."""
    for _ in range(4):
        try:
            subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=45)
        except subprocess.TimeoutExpired:
            continue
        return
    pytest.fail("melt did not end in four tries")
