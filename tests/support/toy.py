"""A toy film whose speech is tones (see rythmo.engines.fakes), made once for a test."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import soundfile

from rythmo.engines.fakes import PITCHES, RATE, tone
from rythmo.media import ffmpeg

# (speaker, start in samples, length in samples): odd positions, so that nothing lands on a frame by chance.
SCENE = (
    (0, 24_013, 48_000),
    (1, 96_001, 30_000),
    (0, 150_007, 40_000),
    (2, 240_011, 52_000),
    (1, 330_017, 60_000),
)
LENGTH = 480_000


def sound(scene=SCENE, length=LENGTH, channels=2, seed=1):
    """The mix, float32 (channels, length): tones in the centre, soft noise on the sides."""
    out = np.random.default_rng(seed).normal(0, 0.01, (channels, length)).astype(np.float32)
    for speaker, start, size in scene:
        out[:, start : start + size] += tone(PITCHES[speaker], size)
    return out


def write_sound(path: Path, **options) -> Path:
    soundfile.write(path, sound(**options).T, RATE, subtype="PCM_24")
    return path


def write_film(path: Path, **options) -> Path:
    """The same with a picture: 23.976, starting at 01:00:00:00, lossless sound."""
    wav = write_sound(path.with_suffix(".wav"), **options)
    picture = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=24000/1001:d=10.01"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "alac", "-timecode", "01:00:00:00"]
    inputs = ["-v", "error", "-y", *picture, "-i", str(wav)]
    subprocess.run([ffmpeg.find_executable(), *inputs, *codecs, "-shortest", str(path)], check=True)
    wav.unlink()
    return path
