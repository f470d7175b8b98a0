"""Tiny media, made by the program's own ffmpeg when a test asks for it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rythmo.media import ffmpeg

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """`make(name, *arguments)`: run ffmpeg with these arguments into tmp_path/name."""

    def build(name: str, *arguments: str) -> Path:
        target = tmp_path / name
        command = [ffmpeg.find_executable(), "-nostdin", "-v", "error", "-y", *arguments, f"file:{target}"]
        subprocess.run(command, check=True, capture_output=True)
        return target

    return build


@pytest.fixture
def film(make: Make) -> Make:
    """`film(name, picture_at=, sound_at=, ...)`: a click 1.000 s after the picture's first frame."""

    def build(
        name: str,
        *,
        picture_at: float = 0.0,
        sound_at: float = 0.0,
        rate: str = "25",
        sound_rate: int = 48_000,
        seconds: float = 2.0,
        codecs: tuple[str, ...] = ("-c:v", "libx264", "-bf", "2", "-c:a", "aac"),
        extra: tuple[str, ...] = (),
    ) -> Path:
        click = picture_at + 1.0 - sound_at
        sound = f"aevalsrc='if(between(t,{click},{click}+0.001),0.9,0)':s={sound_rate}:d={seconds}"
        return make(
            name,
            *("-itsoffset", f"{picture_at}", "-f", "lavfi", "-i", f"testsrc2=d={seconds}:r={rate}:s=128x72"),
            *("-itsoffset", f"{sound_at}", "-f", "lavfi", "-i", sound),
            *("-map", "0:v", "-map", "1:a", *codecs, *extra),
        )

    return build
