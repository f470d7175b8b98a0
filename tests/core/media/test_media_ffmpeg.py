"""ffmpeg held on a short lead: errors in our words, no child left behind."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rythmo.errors import CancelledError, EngineMissingError, MediaError, OutputError
from rythmo.media import ffmpeg
from rythmo.progress import CancelToken

Make = Callable[..., Path]
ENDLESS = ["-re", "-f", "lavfi", "-i", "sine=d=600", "-f", "null", "-"]


def children() -> set[str]:
    """The names of our child processes, dead or alive."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return set(listed.read_text().split()) if listed.exists() else set()


def test_output_and_input_pass_through() -> None:
    pcm = bytes(range(200)) * 100
    args = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "s16le", "-"]
    assert ffmpeg.run(args, input=pcm) == pcm


def test_progress_is_told_in_seconds() -> None:
    told: list[float] = []
    ffmpeg.run(["-f", "lavfi", "-i", "sine=d=3", "-f", "null", "-"], progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(3, abs=0.1)


def test_cancel_kills_the_child() -> None:
    token = CancelToken()
    before = children()
    threading.Timer(0.3, token.cancel).start()
    began = time.monotonic()
    with pytest.raises(CancelledError):
        ffmpeg.run(ENDLESS, cancel=token)
    assert time.monotonic() - began < 20, "it would go on for ever; a busy machine takes a while"
    assert children() == before


def test_a_time_limit_kills_the_child() -> None:
    before = children()
    with pytest.raises(MediaError, match="too long"):
        ffmpeg.run(ENDLESS, timeout=0.3)
    assert children() == before


def test_leaving_early_kills_the_child() -> None:
    before = children()
    with ffmpeg.stream(["-f", "lavfi", "-i", "sine=d=600", "-f", "s16le", "-"]) as blocks:
        assert len(next(blocks)) > 0
    assert children() == before


def test_an_error_in_the_listener_reaches_the_caller() -> None:
    def fail(_: float) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        ffmpeg.run(ENDLESS, progress=fail)


def test_a_bad_file_is_named_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "two\nlines.mp4"
    path.write_bytes(bytes(1000))
    with pytest.raises(MediaError) as caught:
        ffmpeg.run([*ffmpeg.input_arguments(path), "-f", "null", "-"])
    assert "two\\nlines.mp4" in caught.value.message
    assert "\n" not in caught.value.message
    assert "Invalid data" in caught.value.message


def test_an_unwritable_output(tmp_path: Path) -> None:
    args = ["-f", "lavfi", "-i", "sine=d=1", "-f", "wav", ffmpeg.file_url(tmp_path / "none" / "a.wav")]
    with pytest.raises(OutputError):
        ffmpeg.run(args)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk() -> None:
    args = ["-f", "lavfi", "-i", "sine=d=60", "-f", "wav", ffmpeg.file_url(Path("/dev/full"))]
    with pytest.raises(OutputError, match="disk is full"):
        ffmpeg.run(args)


def test_a_missing_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ffmpeg, "find_executable", lambda: str(tmp_path / "nothing"))
    with pytest.raises(EngineMissingError) as caught:
        ffmpeg.run(["-version"])
    assert "RYTHMO_FFMPEG" in caught.value.hint


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg.find_executable.cache_clear()
    monkeypatch.setenv("RYTHMO_FFMPEG", "/opt/ours/ffmpeg")
    try:
        assert ffmpeg.find_executable() == "/opt/ours/ffmpeg"
    finally:
        ffmpeg.find_executable.cache_clear()


def test_every_whitelisted_format_exists() -> None:
    said = subprocess.run(
        [ffmpeg.find_executable(), "-v", "quiet", "-demuxers"], capture_output=True, check=True
    )
    known = {
        name
        for line in said.stdout.decode().splitlines()
        if len(line.split()) > 1
        for name in line.split()[1].split(",")
    }
    missing = set(ffmpeg.FORMATS.split(",")) - known
    assert missing <= {"mpegvideo", "webm"} or not missing
    assert (
        not known
        & set(ffmpeg.FORMATS.split(","))
        & {"concat", "hls", "dash", "image2", "lavfi", "sdp", "rtsp", "tee"}
    )
