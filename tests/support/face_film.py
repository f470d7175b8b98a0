"""Films whose faces and voices are known: coloured squares with mouths for the fakes, or a photograph."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from rythmo.engines.fakes import FACE_COLOURS, PITCHES, RATE, tone
from rythmo.media import ffmpeg

SIZE = (320, 180)
FRAME_RATE = 25
PER_FRAME = RATE // FRAME_RATE


@dataclass(frozen=True)
class Square:
    """A face of the fakes: whose colour, where its middle is, its side in pixels, and whether it is turned.

    `says` are the speakers with whose sound the mouth opens; None for a mouth that stays shut.
    """

    colour: int
    x: int
    y: int = 90
    side: int = 60
    turned: bool = False
    says: int | None = None


@dataclass(frozen=True)
class FilmedShot:
    """So many frames of one background with these faces."""

    frames: int
    faces: tuple[Square, ...] = ()
    background: int = 120


Speech = Sequence[tuple[int, int, int]]
"""(speaker, start in samples, length in samples)."""


def write_film(path: Path, shots: Sequence[FilmedShot], speech: Speech, *, late: int = 0) -> Path:
    """Write the film. `late`: how many samples later than the mouths the sound comes."""
    frames = [
        draw(shot, [sounds(speech, number, face.says) for face in shot.faces])
        for number, shot in enumerate(shot for shot in shots for _ in range(shot.frames))
    ]
    length = len(frames) * PER_FRAME
    sound = np.random.default_rng(1).normal(0, 0.001, (2, length + late)).astype(np.float32)
    for speaker, start, size in speech:
        sound[:, start + late : start + late + size] += syllables(speaker, size)
    return encode(path, frames, sound[:, :length])


def syllables(speaker: int, size: int) -> np.ndarray:
    """A tone that grows and falls four times a second, as speech does."""
    swell = 0.55 - 0.45 * np.cos(2 * np.pi * 4 * np.arange(size) / RATE)
    return (tone(PITCHES[speaker], size) * swell).astype(np.float32)


def sounds(speech: Speech, frame: int, speaker: int | None) -> float:
    """How far a mouth is open in a frame: as loud as its speaker is."""
    middle = frame * PER_FRAME + PER_FRAME // 2
    for who, start, size in speech:
        if who == speaker and start <= middle < start + size:
            return float(0.55 - 0.45 * np.cos(2 * np.pi * 4 * (middle - start) / RATE))
    return 0.0


def draw(shot: FilmedShot, openings: Sequence[float]) -> np.ndarray:
    """One frame, shape (height, width, 3)."""
    frame = np.full((SIZE[1], SIZE[0], 3), shot.background, np.uint8)
    for face, opening in zip(shot.faces, openings, strict=True):
        half, wide = face.side // 2, face.side // (4 if face.turned else 2)
        frame[face.y - half : face.y + half, face.x - wide : face.x + wide] = FACE_COLOURS[face.colour]
        if not face.turned:
            tall = 1 + round(opening * face.side / 3)
            mouth = face.y + half // 2 - tall // 2
            frame[mouth : mouth + tall, face.x - half // 2 : face.x + half // 2] = 10
    return frame


def encode(path: Path, frames: Sequence[np.ndarray], sound: np.ndarray, rate: int = FRAME_RATE) -> Path:
    """Write frames (height, width, 3) and sound (channels, n) as an MP4 with lossless sound."""
    wav = path.with_suffix(".wav")
    soundfile.write(wav, sound.T, RATE, subtype="PCM_24")
    height, width = frames[0].shape[:2]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(rate), "-i", "-"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p", "-c:a", "alac"]
    command = [ffmpeg.find_executable(), "-v", "error", "-y", *raw, "-i", str(wav), *codecs, str(path)]
    subprocess.run(command, input=b"".join(frame.tobytes() for frame in frames), check=True)
    wav.unlink()
    return path


def photograph() -> np.ndarray:
    """A real face from the front: the portrait of Grace Hopper that matplotlib brings (public domain)."""
    import matplotlib
    from PIL import Image

    file = Path(matplotlib.__file__).parent / "mpl-data" / "sample_data" / "grace_hopper.jpg"
    return np.array(Image.open(file).convert("RGB"))


def open_mouth(picture: np.ndarray, mouth: tuple[float, float], width: float, opening: float) -> np.ndarray:
    """Warp a picture so that the mouth opens: what lies below its middle line moves down, a dark gap between.

    `mouth` is its middle and `width` its width, in pixels; `opening` is the gap over the width.
    """
    gap, reach = opening * width, width * 1.1
    height, wide = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:wide].astype(float)
    near = np.clip(1 - ((x - mouth[0]) / (width * 0.6)) ** 2, 0, 1)
    below = np.clip(1 - (y - mouth[1]) / reach, 0, 1)
    shift = np.where(y > mouth[1], gap * near * below, 0.0)
    rows = np.clip(np.round(y - shift), 0, height - 1).astype(int)
    out = picture[rows, np.mgrid[0:height, 0:wide][1]]
    inside = (y > mouth[1]) & (y - shift < mouth[1] + 1)
    out[inside & (near > 0)] = (45, 15, 18)
    return out


def repeat(picture: Callable[[int], np.ndarray], count: int) -> list[np.ndarray]:
    """The frames 0 to `count` of a moving picture."""
    return [picture(number) for number in range(count)]
