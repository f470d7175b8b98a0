"""WAV in and out, Broadcast WAV, spans rewritten in place: read back by others' programs."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from wavinfo import WavInfoReader

from rythmo.errors import MediaError, OutputError
from rythmo.files import remove_temporary_files, replace_atomically, temporary_file
from rythmo.media import bwf
from rythmo.media.audio import Audio
from rythmo.media.bwf import Bext, BwfWriter, build_ixml, patch_span
from rythmo.media.pcm24 import pack
from rythmo.media.riff import read_header
from rythmo.media.wav import WavReader, from_int24, read_audio, to_int24, write_wav

BEXT = Bext(
    description="DX Ana", originator="Rythmo", date="2026-01-02", time="03:04:05", time_reference=172_972_800
)


def noise(channels: int, length: int, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.integers(-(1 << 23), 1 << 23, (channels, length), dtype=np.int32)


def write(path: Path, block: np.ndarray, **more: object) -> None:
    with BwfWriter(path, 48_000, block.shape[0], BEXT, length=block.shape[1], **more) as writer:
        for start in range(0, block.shape[1], 1000):
            writer.write(block[:, start : start + 1000])


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("length", [0, 1, 4801])
def test_samples_survive(tmp_path: Path, channels: int, length: int) -> None:
    block = noise(channels, length)
    write(tmp_path / "a.wav", block)
    data, rate = soundfile.read(tmp_path / "a.wav", dtype="int32", always_2d=True)
    assert rate == 48_000
    assert np.array_equal(data.T >> 8, block)
    assert (tmp_path / "a.wav").stat().st_size % 2 == 0


def test_others_read_the_chunks(tmp_path: Path) -> None:
    text = build_ixml(scene="1A", take="2", track_names=["Ana & <Luis>"], line="S1_0007", speaker="S1")
    write(tmp_path / "a.wav", noise(1, 999), ixml=text)
    info = WavInfoReader(str(tmp_path / "a.wav"))
    assert info.bext.time_reference == 172_972_800
    assert (info.bext.description, info.bext.originator) == ("DX Ana", "Rythmo")
    assert (info.bext.originator_date, info.bext.originator_time, info.bext.version) == (
        "2026-01-02",
        "03:04:05",
        1,
    )
    assert info.fmt.bits_per_sample == 24
    assert info.data.frame_count == 999
    assert [track.name for track in info.ixml.track_list] == ["Ana & <Luis>"]
    assert (info.ixml.scene, info.ixml.take) == ("1A", "2")
    assert ElementTree.fromstring(text).findtext("USER/RYTHMO_LINE") == "S1_0007"


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
@pytest.mark.parametrize(("channels", "layout"), [(1, None), (2, None), (6, "5.1(side)")])
def test_ffprobe_agrees(tmp_path: Path, channels: int, layout: str | None) -> None:
    write(tmp_path / "a.wav", noise(channels, 4800))
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", tmp_path / "a.wav"]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert said["format"]["tags"]["time_reference"] == "172972800"
    assert (said["streams"][0]["codec_name"], said["streams"][0]["channels"]) == ("pcm_s24le", channels)
    assert said["streams"][0]["duration_ts"] == 4800
    assert said["streams"][0].get("channel_layout") == layout


def test_over_four_gigabytes_is_rf64(tmp_path: Path) -> None:
    """A sparse file of the true size, so that readers parse it without 4 GB on the disk."""
    length = 800_000_000
    head = bwf.build_header(48_000, 2, length, BEXT, None)
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + length * 6)
    assert head[:4] == b"RF64"
    assert read_header(path).length == length
    assert soundfile.info(path).frames == length
    assert soundfile.info(path).format == "RF64"
    patch_span(path, length - 3, np.array([[1, 2, 3], [4, 5, 6]], np.int32))
    with WavReader(path) as reader:
        assert reader.read_int(length - 3, 9).tolist() == [[1, 2, 3], [4, 5, 6]]


def test_just_under_four_gigabytes_is_riff() -> None:
    assert bwf.build_header(48_000, 1, 1_431_000_000, BEXT, None)[:4] == b"RIFF"


@given(st.lists(st.integers(-(1 << 23), (1 << 23) - 1), max_size=40), st.integers(1, 3))
def test_packing_is_the_low_three_bytes(values: list[int], channels: int) -> None:
    count = len(values) // channels
    block = np.array(values[: count * channels], np.int32).reshape(channels, count)
    expected = b"".join(int(v).to_bytes(3, "little", signed=True) for v in block.T.reshape(-1))
    assert bytes(pack(block)) == expected


@given(st.lists(st.integers(-(1 << 23), (1 << 23) - 1), min_size=1, max_size=40))
def test_24_bit_and_float_are_the_same(values: list[int]) -> None:
    block = np.array([values], np.int32)
    assert np.array_equal(to_int24(from_int24(block)), block)


def test_full_scale_is_clipped() -> None:
    loud = np.array([[1.0, 2.0, -1.0, -3.0]], np.float32)
    assert to_int24(loud).tolist() == [[8388607, 8388607, -8388608, -8388608]]


def test_an_exception_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, noise(1, 10))
    before = path.read_bytes()
    with pytest.raises(RuntimeError), BwfWriter(path, 48_000, 1, BEXT, length=20) as writer:
        writer.write(noise(1, 10))
        raise RuntimeError
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]


def test_missing_samples_are_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="10 of 20"),
        BwfWriter(tmp_path / "a.wav", 48_000, 1, BEXT, length=20) as w,
    ):
        w.write(noise(1, 10))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="disk is full"), replace_atomically(tmp_path / "a.wav"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "takes").mkdir()
    (tmp_path / "takes" / "a.wav").write_bytes(b"kept")
    left = replace_atomically(tmp_path / "takes" / "b.wav")
    left.__enter__()  # a killed process never comes to the end of the block
    assert len(list((tmp_path / "takes").iterdir())) == 2
    remove_temporary_files(tmp_path)
    assert [p.name for p in (tmp_path / "takes").iterdir()] == ["a.wav"]


def test_files_are_readable_like_any_other(tmp_path: Path) -> None:
    with replace_atomically(tmp_path / "a.txt") as temporary, temporary_file(tmp_path / "b") as other:
        temporary.write_text("x")
        assert other.parent == tmp_path
    (tmp_path / "plain").touch()
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "plain"]


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OutputError, match="Cannot write"):
        write(tmp_path / "file" / "a.wav", noise(1, 10))


@pytest.mark.parametrize(
    ("channels", "start", "count"), [(1, 0, 1), (1, 17, 400), (2, 995, 5), (6, 1, 1), (2, 3, 0)]
)
def test_a_span_is_rewritten_and_nothing_else(tmp_path: Path, channels: int, start: int, count: int) -> None:
    path = tmp_path / "a.wav"
    block = noise(channels, 1000)
    write(path, block, ixml=build_ixml(scene="x"))
    size = path.stat().st_size
    new = noise(channels, count, seed=2)
    patch_span(path, start, new)
    block[:, start : start + count] = new
    with WavReader(path) as reader:
        assert np.array_equal(reader.read_int(0, 1000), block)
    assert path.stat().st_size == size


def test_a_span_outside_the_file_or_of_another_shape(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, noise(1, 100))
    with pytest.raises(ValueError, match="outside"):
        patch_span(path, 95, noise(1, 10))
    with pytest.raises(MediaError):
        patch_span(path, 0, noise(2, 10))


@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_write_and_read_whole(tmp_path: Path, subtype: str, channels: int) -> None:
    audio = Audio(from_int24(noise(channels, 4999)), 44_100)
    write_wav(tmp_path / "a.wav", audio, subtype)  # type: ignore[arg-type] # parametrize gives plain strings
    again = read_audio(tmp_path / "a.wav")
    assert again.rate == 44_100
    assert np.array_equal(again.samples, audio.samples)
    part = read_audio(tmp_path / "a.wav", 100, 200)
    assert np.array_equal(part.samples, audio.samples[:, 100:200])
    assert read_audio(tmp_path / "a.wav", 4990, 9999).length == 9


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    audio = Audio(from_int24(noise(1, 5000)), 48_000)
    for name in ("a.wav", "b.wav"):
        write_wav(tmp_path / name, audio, "FLOAT")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert b"PEAK" not in (tmp_path / "a.wav").read_bytes()  # libsndfile's would hold the time of day


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_a_number_is_not_written_and_not_read(tmp_path: Path, bad: float) -> None:
    samples = np.zeros((1, 100), np.float32)
    samples[0, 50] = bad
    with pytest.raises(OutputError, match="NaN"):
        write_wav(tmp_path / "a.wav", Audio(samples, 48_000))
    soundfile.write(tmp_path / "b.wav", samples.T, 48_000, subtype="FLOAT")
    with pytest.raises(MediaError, match="NaN"):
        read_audio(tmp_path / "b.wav")


def test_flac_and_mp3_are_read(tmp_path: Path) -> None:
    tone = np.sin(np.arange(48_000) * 0.05).astype(np.float32) * 0.5
    for name in ("a.flac", "a.mp3"):
        soundfile.write(tmp_path / name, tone, 48_000)
        audio = read_audio(tmp_path / name)
        assert abs(float(np.sqrt((audio.samples**2).mean())) - 0.354) < 0.01


def test_what_is_not_sound(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"hello")
    for path in (tmp_path / "a.wav", tmp_path / "none.wav", tmp_path):
        with pytest.raises(MediaError):
            read_audio(path)


def test_writing_is_fast(tmp_path: Path) -> None:
    """At least 100 MB a second of our own work; the disk and other programs are not counted."""
    block = noise(2, 4_800_000)
    began = time.process_time()
    with BwfWriter(tmp_path / "a.wav", 48_000, 2, BEXT, length=block.shape[1]) as writer:
        for start in range(0, block.shape[1], 480_000):
            writer.write(block[:, start : start + 480_000])
    assert block.size * 3 / 1e6 / (time.process_time() - began) > 100
