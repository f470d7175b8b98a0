"""The dubbed film: same picture, sound at its sample, words and timecode in their places."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from rythmo.errors import CancelledError, MediaError, UsageError
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio
from rythmo.media.decode import extract_sound
from rythmo.media.encode import dub_suffix, language_code, mux_dub
from rythmo.media.probe import probe
from rythmo.media.wav import read_audio, write_wav
from rythmo.progress import CancelToken, Progress
from rythmo.timebase import SAMPLE_RATE

Make = Callable[..., Path]
NTSC = "24000/1001"


def picture_hash(path: Path) -> bytes:
    """The hash of the picture's packets as they lie in the file."""
    return ffmpeg.run([*ffmpeg.input_arguments(path), "-map", "0:v:0", "-c", "copy", "-f", "streamhash", "-"])


@pytest.fixture
def dub(tmp_path: Path) -> Path:
    """Two seconds of dubbed sound with a click at 1.000 s."""
    samples = np.zeros((2, 96_000), np.float32)
    samples[:, 48_000:48_048] = 0.8
    write_wav(tmp_path / "mix.wav", Audio(samples, SAMPLE_RATE))
    return tmp_path / "mix.wav"


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.srt"
    path.write_text("1\n00:00:00,500 --> 00:00:01,500\nHola, señor\n", encoding="utf-8")
    return path


def click(path: Path, tmp_path: Path, stream: int | None = None) -> float:
    extract_sound(probe(path), tmp_path / "again.wav", stream=stream)
    level = np.abs(read_audio(tmp_path / "again.wav").samples[0])
    loud = np.flatnonzero(level > 0.45 * level.max())
    return float((loud[0] + loud[-1]) / 2 / SAMPLE_RATE - 1.0005)


@pytest.mark.parametrize(
    ("name", "codecs", "picture_at", "sound_at"),
    [
        ("plain.mp4", (), 0.0, 0.0),
        ("late.mp4", (), 0.0, 0.5),
        ("early.mp4", (), 0.4, 0.0),
        ("early.mkv", (), 0.4, 0.0),
        ("late.mov", ("-c:v", "prores", "-c:a", "pcm_s24le"), 0.0, 0.5),
        ("odd.mkv", ("-c:v", "ffv1", "-c:a", "flac"), 0.0, 0.5),
    ],
)
def test_picture_is_copied_and_sound_is_in_place(
    film: Make,
    tmp_path: Path,
    dub: Path,
    name: str,
    codecs: tuple[str, ...],
    picture_at: float,
    sound_at: float,
) -> None:
    more = {"codecs": codecs} if codecs else {}
    source = film(name, picture_at=picture_at, sound_at=sound_at, **more)
    info = probe(source)
    suffix = dub_suffix(info)
    assert suffix == {"late.mov": ".mov", "odd.mkv": ".mkv"}.get(name, ".mp4")
    target = tmp_path / f"dub{suffix}"
    mux_dub(source, dub, target, language="es")
    result = probe(target)
    assert picture_hash(target) == picture_hash(source)
    assert result.video is not None
    assert info.video is not None
    assert result.video.start == 0
    assert (result.video.frames, result.video.frame_rate) == (info.video.frames, info.video.frame_rate)
    assert not result.variable_rate
    assert abs(click(target, tmp_path)) < 0.001


def decoded_hash(path: Path) -> bytes:
    """The hash of the pictures themselves."""
    return ffmpeg.run(
        [*ffmpeg.input_arguments(path), "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "streamhash", "-"]
    )


def test_mpeg_ts_becomes_mp4_with_the_same_pictures(film: Make, tmp_path: Path, dub: Path) -> None:
    """Its H.264 is framed otherwise, so the packets differ; every picture is the same."""
    source = film("a.ts", rate=NTSC, picture_at=0.4)
    mux_dub(source, dub, tmp_path / "dub.mp4", language="es")
    result = probe(tmp_path / "dub.mp4")
    assert result.frame_rate == Fraction(24000, 1001)
    assert not result.variable_rate
    assert decoded_hash(tmp_path / "dub.mp4") == decoded_hash(source)
    assert abs(click(tmp_path / "dub.mp4", tmp_path)) < 0.001


def test_a_variable_rate_keeps_its_times(make: Make, tmp_path: Path, dub: Path) -> None:
    source = make(
        "vfr.mkv",
        *("-f", "lavfi", "-i", "testsrc2=d=2:r=30:s=128x72", "-f", "lavfi", "-i", "sine=d=2"),
        *("-vf", "select='lt(n,20)+not(mod(n,3))'", "-fps_mode", "vfr", "-c:v", "libx264", "-c:a", "aac"),
    )
    assert probe(source).variable_rate
    mux_dub(source, dub, tmp_path / "dub.mp4", language="es")
    result = probe(tmp_path / "dub.mp4")
    assert result.variable_rate
    assert result.video is not None
    assert result.video.frames == 20 + 13
    assert picture_hash(tmp_path / "dub.mp4") == picture_hash(source)


@pytest.mark.parametrize("rate", [NTSC, "25", "30000/1001"])
@pytest.mark.parametrize("reorder", ["0", "3"])
def test_matroska_times_become_exact_in_mp4(
    film: Make, tmp_path: Path, dub: Path, rate: str, reorder: str
) -> None:
    """Matroska rounds 23.976 to milliseconds; the .mp4 must not pass for a variable rate."""
    source = film("a.mkv", rate=rate, codecs=("-c:v", "libx264", "-bf", reorder, "-c:a", "aac"))
    mux_dub(source, dub, tmp_path / "dub.mp4", language="es")
    result = probe(tmp_path / "dub.mp4")
    assert result.frame_rate == Fraction(rate)
    assert not result.variable_rate
    assert result.video is not None
    assert result.video.start == 0
    assert abs(click(tmp_path / "dub.mp4", tmp_path)) < 0.001
    assert picture_hash(tmp_path / "dub.mp4") == picture_hash(source)


def test_everything_beside_the_picture(film: Make, tmp_path: Path, dub: Path, words: Path) -> None:
    source = film("a.mp4", rate=NTSC, extra=("-timecode", "01:00:00:00"))
    target = tmp_path / "dub.mp4"
    mux_dub(
        source,
        dub,
        target,
        language="es",
        subtitles=[(words, "es"), (words, "en")],
        start_timecode="01:00:00:00",
        original_sound=dub,
        original_language="en",
    )
    result = probe(target)
    assert str(result.start_timecode) == "01:00:00:00"
    assert result.time_reference == 172_972_800
    assert [(s.language, s.default) for s in result.audio] == [("spa", True), ("eng", False)]
    assert abs(click(target, tmp_path, result.audio[1].index)) < 0.001
    said = ffmpeg.run([*ffmpeg.input_arguments(target), "-map", "0:s:0", "-f", "srt", "-"]).decode()
    assert "00:00:00,500 --> 00:00:01,500" in said
    assert "Hola, señor" in said


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_another_reader_agrees(film: Make, tmp_path: Path, dub: Path, words: Path) -> None:
    source = film("a.mp4", rate="30000/1001", extra=("-timecode", "01:00:00;00"))
    target = tmp_path / "dub.mp4"
    mux_dub(source, dub, target, language="es", subtitles=[(words, "es")], start_timecode="01:00:00;00")
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", target]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    streams = {s["codec_name"]: s for s in said["streams"] if "codec_name" in s}
    assert set(streams) >= {"h264", "aac", "mov_text"}
    assert streams["aac"]["tags"]["language"] == streams["mov_text"]["tags"]["language"] == "spa"
    assert streams["h264"]["tags"]["timecode"] == "01:00:00;00"
    assert streams["aac"]["start_time"] == "0.000000"
    assert "creation_time" not in said["format"]["tags"]


def test_lossless_sound_is_lossless(film: Make, tmp_path: Path, dub: Path) -> None:
    mux_dub(film("a.mp4"), dub, tmp_path / "dub.mp4", language="es", lossless=True)
    extract_sound(probe(tmp_path / "dub.mp4"), tmp_path / "again.wav")
    assert np.array_equal(read_audio(tmp_path / "again.wav").samples, read_audio(dub).samples)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_the_same_input_gives_the_same_bytes(
    film: Make, tmp_path: Path, dub: Path, words: Path, suffix: str
) -> None:
    source = film("a.mp4")
    digests = set()
    for name in ("one", "two"):
        target = tmp_path / name / f"dub{suffix}"
        mux_dub(source, dub, target, language="es", subtitles=[(words, "es")], start_timecode="01:00:00:00")
        digests.add(hashlib.sha256(target.read_bytes()).digest())
    assert len(digests) == 1


def test_odd_names(film: Make, tmp_path: Path, dub: Path, words: Path) -> None:
    name = "-%03d 'it's' \n🎬"
    source = film("a.mp4").rename(tmp_path / f"{name}.mp4")
    mix = dub.rename(tmp_path / f"{name}.wav")
    text = words.rename(tmp_path / f"{name}.srt")
    target = tmp_path / f"{name} dub.mp4"
    mux_dub(source, mix, target, language="es", subtitles=[(text, "es")])
    assert probe(target).audio[0].language == "spa"


def test_cover_art_is_not_the_picture(make: Make, tmp_path: Path, dub: Path) -> None:
    art = make("art.png", "-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1")
    song = make(
        "song.m4a",
        *("-f", "lavfi", "-i", "sine=d=1", "-i", str(art)),
        *("-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "copy", "-disposition:v:0", "attached_pic"),
    )
    info = probe(song)
    assert info.video is None
    assert dub_suffix(info) is None
    with pytest.raises(MediaError, match="no picture"):
        mux_dub(song, dub, tmp_path / "dub.mp4", language="es")


def test_wrong_use_and_cancelling_leave_nothing(film: Make, tmp_path: Path, dub: Path) -> None:
    source = film("a.mp4")
    token = CancelToken()

    def stop(_: Progress) -> None:
        token.cancel()

    before = sorted(tmp_path.iterdir())
    with pytest.raises(UsageError):
        mux_dub(source, dub, tmp_path / "dub.ogg", language="es")
    token.cancel()
    with pytest.raises(CancelledError):
        mux_dub(source, dub, tmp_path / "dub.mp4", language="es", cancel=token)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("tag", "code"),
    [("es", "spa"), ("es-MX", "spa"), ("pt_BR", "por"), ("deu", "deu"), ("x", "und"), ("", "und")],
)
def test_language_codes(tag: str, code: str) -> None:
    assert language_code(tag) == code
