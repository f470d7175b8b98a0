"""The container-offset trap, and everything else that moves sound against picture."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rythmo.errors import CancelledError, MediaError
from rythmo.media.decode import extract_sound
from rythmo.media.media_info import MediaInfo
from rythmo.media.probe import probe
from rythmo.media.wav import WavReader, read_audio
from rythmo.progress import CancelToken, Progress
from rythmo.timebase import SAMPLE_RATE

Make = Callable[..., Path]
H264_AAC = ("-c:v", "libx264", "-bf", "2", "-c:a", "aac")
H264_PCM = ("-c:v", "libx264", "-bf", "2", "-c:a", "pcm_s24le")
PRORES = ("-c:v", "prores", "-c:a", "pcm_s24le")
MPEG2 = ("-c:v", "mpeg2video", "-c:a", "mp2")
VP9_OPUS = ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-b:a", "128k")


def click(info: MediaInfo, tmp_path: Path) -> float:
    """Where the middle of the click lies, in seconds from 1.0005."""
    target = tmp_path / "sound.wav"
    extract_sound(info, target)
    audio = read_audio(target)
    assert audio.length == info.duration
    level = np.abs(audio.samples[0])
    loud = np.flatnonzero(level > 0.45 * level.max())
    assert level.max() > 0.3
    return float((loud[0] + loud[-1]) / 2 / SAMPLE_RATE - 1.0005)


@pytest.mark.parametrize(
    ("name", "codecs", "picture_at", "sound_at", "rate"),
    [
        ("late.mp4", H264_AAC, 0.0, 0.5, 44_100),
        ("late.mkv", H264_AAC, 0.0, 0.5, 44_100),
        ("late.mov", H264_PCM, 0.0, 0.5, 48_000),
        ("late.ts", H264_AAC, 0.0, 0.5, 44_100),
        ("late.mkv", H264_PCM, 0.0, 0.123, 48_000),
        ("late.mxf", MPEG2[:2] + H264_PCM[4:], 0.0, 0.0, 48_000),
        # WebM rounds to 1 ms; Opus is 6.5 ms ahead of its sound, so this start is one it can write.
        ("late.webm", VP9_OPUS, 0.0, 0.5065, 48_000),
        ("early.mp4", H264_AAC, 0.4, 0.0, 44_100),
        ("early.mkv", H264_AAC, 0.4, 0.0, 48_000),
        ("early.mov", PRORES, 0.4, 0.0, 44_100),
        ("early.ts", H264_AAC, 0.4, 0.0, 44_100),
        ("both.mp4", H264_AAC, 0.4, 0.7, 32_000),
        ("even.mp4", H264_AAC, 0.0, 0.0, 48_000),
        ("even.avi", ("-c:v", "mpeg4", "-c:a", "pcm_s16le"), 0.0, 0.0, 44_100),
    ],
)
def test_the_click_comes_out_at_one_second(
    film: Make,
    tmp_path: Path,
    name: str,
    codecs: tuple[str, ...],
    picture_at: float,
    sound_at: float,
    rate: int,
) -> None:
    path = film(name, picture_at=picture_at, sound_at=sound_at, sound_rate=rate, codecs=codecs)
    assert abs(click(probe(path), tmp_path)) < 0.001


def test_pcm_at_48_khz_comes_through_to_the_bit(make: Make, tmp_path: Path) -> None:
    source = make(
        "noise.wav", "-f", "lavfi", "-i", "anoisesrc=d=1:r=48000:c=white:seed=1", "-c:a", "pcm_s24le"
    )
    target = tmp_path / "out.wav"
    extract_sound(probe(source), target)
    with WavReader(source) as before, WavReader(target) as after:
        assert np.array_equal(before.read_int(0, 48_000), after.read_int(0, 48_000))


def test_channels_are_kept(make: Make, tmp_path: Path) -> None:
    tones = "|".join(f"{0.1 * (i + 1)}*sin(2*PI*{200 * (i + 1)}*t)" for i in range(6))
    source = make(
        "surround.mov", "-f", "lavfi", "-i", f"aevalsrc={tones}:c=5.1:d=0.5:s=48000", "-c:a", "pcm_s24le"
    )
    extract_sound(probe(source), tmp_path / "out.wav")
    audio = read_audio(tmp_path / "out.wav")
    assert np.abs(audio.samples).max(axis=1) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], abs=1e-3)


def test_a_gap_in_the_sound_stays_a_gap(make: Make, tmp_path: Path) -> None:
    """Lost packets leave silence; what follows keeps its place."""
    source = make(
        "gap.mkv",
        *("-f", "lavfi", "-i", "testsrc2=d=3:r=25:s=128x72"),
        *("-f", "lavfi", "-i", "aevalsrc='if(between(t,1,1.001),0.9,0)':s=48000:d=2"),
        *("-af", "aselect='not(between(t,0.3,0.8))'", "-c:v", "libx264", "-c:a", "pcm_s16le"),
    )
    assert abs(click(probe(source), tmp_path)) < 0.001


def test_long_aac_does_not_drift(make: Make, tmp_path: Path) -> None:
    """Matroska rounds each packet's time to 1 ms: no sample may be added or dropped for that."""
    clicks = "aevalsrc='if(lt(mod(t,10),0.001),0.9,0)':s=44100:d=61"
    source = make("long.mkv", "-f", "lavfi", "-i", clicks, "-c:a", "aac")
    extract_sound(probe(source), tmp_path / "out.wav")
    level = np.abs(read_audio(tmp_path / "out.wav").samples[0])
    found = [int(np.argmax(level[s - 500 : s + 500])) - 500 for s in range(480_000, 2_880_001, 480_000)]
    assert all(0 <= at < 96 for at in found)
    assert max(found) - min(found) <= 1


def test_not_a_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    samples = np.zeros(4800, "<f4")
    samples[1234] = np.nan
    body = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, 48_000, 192_000, 4, 32)
    body += struct.pack("<4sI", b"data", samples.nbytes) + samples.tobytes()
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body)
    with pytest.raises(MediaError, match="NaN"):
        extract_sound(probe(path), tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()


def test_cancelling_leaves_nothing(make: Make, tmp_path: Path) -> None:
    source = make("long.wav", "-f", "lavfi", "-i", "anullsrc=r=48000", "-t", "60")
    token = CancelToken()

    def stop(_: Progress) -> None:
        token.cancel()

    before = {p.name for p in tmp_path.iterdir()}
    with pytest.raises(CancelledError):
        extract_sound(probe(source), tmp_path / "out.wav", report=stop, cancel=token)
    assert {p.name for p in tmp_path.iterdir()} == before


def test_an_unknown_stream_names_those_there_are(film: Make, tmp_path: Path) -> None:
    info = probe(film("a.mp4"))
    with pytest.raises(MediaError, match="no sound stream 7") as caught:
        extract_sound(info, tmp_path / "x.wav", stream=7)
    assert "1" in caught.value.hint


def test_sound_that_vanished_is_an_error_and_leaves_nothing(film: Make, tmp_path: Path) -> None:
    info = probe(film("a.mp4"))
    gone = replace(info, path=tmp_path / "gone.mp4")
    with pytest.raises(MediaError):
        extract_sound(gone, tmp_path / "x.wav")
    assert not (tmp_path / "x.wav").exists()
