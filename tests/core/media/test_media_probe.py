"""What a file is, said once and exactly."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from rythmo.media import packets
from rythmo.media.bwf import Bext, BwfWriter
from rythmo.media.probe import probe
from rythmo.timebase import frames_to_samples

Make = Callable[..., Path]


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.ts", "a.avi", "a.mxf"])
@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001"])
def test_rate_frames_and_length(make: Make, name: str, rate: str) -> None:
    seconds = Fraction(48) / Fraction(rate)
    path = make(
        name,
        *("-f", "lavfi", "-i", f"testsrc2=r={rate}:s=128x72", "-f", "lavfi", "-i", "sine=r=48000"),
        *("-map", "0:v", "-map", "1:a", "-frames:v", "48", "-t", f"{float(seconds):.6f}"),
        *(("-c:v", "mpeg2video") if name.endswith("mxf") else ("-c:v", "libx264")),
        *("-c:a", "pcm_s16le" if name.endswith(("mxf", "avi")) else "aac"),
    )
    info = probe(path)
    video = info.video
    assert video is not None
    assert (video.frame_rate, video.frames, video.width, video.height) == (Fraction(rate), 48, 128, 72)
    assert not info.variable_rate
    assert video.duration == frames_to_samples(48, Fraction(rate))
    # Transport streams do not say where the encoder's padding begins.
    assert (
        0
        <= info.duration - video.duration
        <= (1536 if name.endswith("ts") else 48 if name.endswith("mkv") else 1)
    )
    assert info.audio[0].channels == 1


@pytest.mark.parametrize(
    ("rate", "label", "drop", "reference"),
    [
        ("24000/1001", "01:00:00:00", False, 172_972_800),
        ("25", "10:00:00:00", False, 1_728_000_000),
        ("30000/1001", "01:00:00;00", True, 172_800_000 - 172_800),
    ],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_start_timecode(film: Make, name: str, rate: str, label: str, drop: bool, reference: int) -> None:
    info = probe(film(name, rate=rate, extra=("-timecode", label)))
    assert info.start_timecode is not None
    assert str(info.start_timecode) == label
    assert info.start_timecode.drop is drop
    assert info.time_reference is not None
    if not drop:
        assert info.time_reference == reference
    else:
        assert abs(info.time_reference - 172_800_000) < 200  # drop-frame follows the clock


def test_time_reference_of_a_broadcast_wav(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with BwfWriter(path, 96_000, 1, Bext(time_reference=345_945_600), length=96_000) as writer:
        writer.write(np.zeros((1, 96_000), np.int32))
    info = probe(path)
    assert (info.time_reference, info.duration, info.start_timecode) == (172_972_800, 48_000, None)


def test_streams_are_described(make: Make) -> None:
    path = make(
        "many.mov",
        *("-f", "lavfi", "-i", "sine=d=1:r=44100", "-f", "lavfi", "-i", "anullsrc=cl=5.1:r=48000:d=1"),
        *("-map", "0", "-map", "1", "-c:a:0", "alac", "-c:a:1", "pcm_s24le"),
        *(
            "-metadata:s:a:0",
            "language=eng",
            "-metadata:s:a:0",
            "title=Dialogue",
            "-metadata:s:a:1",
            "language=fra",
        ),
    )
    first, second = probe(path).audio
    assert (first.codec, first.rate, first.channels, first.language, first.title) == (
        "alac",
        44_100,
        1,
        "eng",
        "Dialogue",
    )
    assert (second.channels, second.layout, second.language) == (6, "5.1", "fra")


@pytest.mark.parametrize(("name", "priming"), [("late.mp4", 1024), ("late.mkv", 0)])
def test_delayed_sound_is_placed(film: Make, name: str, priming: int) -> None:
    """ffmpeg's MP4 keeps the AAC encoder's first 1024 samples as sound when a delay hides them."""
    info = probe(film(name, sound_at=0.5, codecs=("-c:v", "libx264", "-c:a", "aac")))
    assert info.audio[0].start == 24_000 - priming


def test_cover_art_is_not_a_picture(make: Make) -> None:
    art = make("art.png", "-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1")
    song = make("song.mp3", "-f", "lavfi", "-i", "sine=d=1", "-i", str(art), "-map", "0", "-map", "1")
    assert probe(song).video is None


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.flac", "a.wav", "a.aiff", "a.ogg"])
def test_sound_alone_is_as_long_as_it_was(make: Make, name: str) -> None:
    info = probe(make(name, "-f", "lavfi", "-i", "sine=d=2:r=48000"))
    assert (info.duration, info.audio[0].start, info.video) == (96_000, 0, None)


def test_variable_rate_is_seen(make: Make) -> None:
    inputs = ("-f", "lavfi", "-i", "testsrc2=d=4:r=30:s=128x72", "-f", "lavfi", "-i", "sine=d=4")
    for name in ("vfr.mp4", "vfr.mkv"):
        path = make(
            name, *inputs, "-vf", "select='lt(n,60)+not(mod(n,2))'", "-fps_mode", "vfr", "-c:v", "libx264"
        )
        assert probe(path).variable_rate


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.ts", "long.mov"])
def test_large_files_are_not_read_whole_and_say_the_same(
    make: Make, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(
        name,
        *("-f", "lavfi", "-i", "testsrc2=d=60:r=24000/1001:s=64x36", "-f", "lavfi", "-i", "sine=d=60"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-c:a", "aac"),
    )
    whole = probe(path)
    monkeypatch.setattr(packets, "WHOLE_BELOW", 0)
    assert probe(path) == whole


def test_the_record_is_a_value(film: Make, tmp_path: Path) -> None:
    path = film("a.mp4")
    assert probe(path) == probe(path)
    shutil.copy(path, tmp_path / "b.mp4")
    assert hash(probe(path)) != hash(probe(tmp_path / "b.mp4"))
