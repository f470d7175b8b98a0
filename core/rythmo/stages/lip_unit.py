"""Make the lips of one unit: cut the crops, lay the take in time, and have them answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from rythmo.engines.base import Kind
from rythmo.engines.lips import CropFace, FaceLibrary, LipRequest
from rythmo.faces.presence import FaceLimits
from rythmo.lips.blend import Bytes, Square, cut_crop
from rythmo.lips.crops import CropPath, place_faces, plan_crop, trace_face
from rythmo.lips.library import LibraryRun, choose_library
from rythmo.lips.lip_map import LipPart
from rythmo.lips.units import LipUnit, SeenFaces
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio
from rythmo.media.media_info import MediaInfo
from rythmo.media.planes import PixelFormat, read_planes
from rythmo.progress import NEVER, CancelToken
from rythmo.project.workspace import hash_values
from rythmo.stages import lip_requests
from rythmo.stages.context import Context
from rythmo.stages.lip_requests import FOLDER, STAGE, SUFFIX
from rythmo.timebase import SAMPLE_RATE, frames_to_samples

VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class FilmFrames:
    """The picture that lips are put into, how it is stored, and a hash of its content."""

    info: MediaInfo
    pixels: PixelFormat
    key: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels as they are stored."""
        return self.pixels.width, self.pixels.height

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        assert self.info.video is not None
        return self.info.video.frame_rate


def plan_unit_crop(
    unit: LipUnit, seen: SeenFaces, film: FilmFrames, most: int
) -> tuple[CropPath, tuple[CropFace, ...]]:
    """Return the squares around a unit's face, and the face in each."""
    track = seen.find_track(unit.track)
    face = trace_face(seen.rows[track.rows], unit.first, unit.last, film.size)
    path = plan_crop(face, seen.rate, most)
    return path, place_faces(face, path)


def make_lips(
    unit: LipUnit, seen: SeenFaces, film: FilmFrames, sound: Audio, limits: FaceLimits, context: Context
) -> LipPart:
    """Return a unit's part, made by the engine unless the cache has it.

    Raises EngineError, MediaError, OutputError, CancelledError.
    """
    settings = context.settings.lips
    path, faces = plan_unit_crop(unit, seen, film, settings.most_pixels)
    runs = choose_library(unit, seen, limits, settings.library)
    key = hash_values(
        STAGE, VERSION, film.key, context.engines.stamp(Kind.LIP_SYNC), unit.first, unit.last, unit.person,
        path.side, path.size, path.left.tolist(), path.top.tolist(), faces, runs, str(film.rate),
        hash_samples(sound),
    )  # fmt: skip

    def cut(folder: Path) -> LipRequest:
        frames = _cut_crops(film, unit.first, unit.last, path, folder / "crops.npy", context.cancel)
        library = _cut_library(runs, seen, film, path, folder, context)
        return LipRequest(_name(unit), frames, film.rate, faces, sound, unit.first, library)

    lip_requests.answer(cut, key, context)
    return LipPart(unit, key, path.size)


def find_lips(part: LipPart, context: Context) -> Path | None:
    """Return the artefact of a part; None where the cache was cleared."""
    path = context.artefacts.path(FOLDER, part.key, SUFFIX)
    return path if path.is_file() else None


def hash_samples(sound: Audio) -> str:
    """Return a hash of a sound's samples in 16-bit steps."""
    steps = np.rint(np.clip(sound.samples, -1, 1) * 32767).astype("<i2")
    return hash_values(steps.tobytes().hex()) if steps.any() else "silence"


def _name(unit: LipUnit) -> str:
    return f"line {unit.line}, shot {unit.shot + 1}"


def _cut_crops(
    film: FilmFrames, first: int, last: int, path: CropPath, file: Path, cancel: CancelToken
) -> Bytes:
    """Return the crops of frames [first, last), mapped from a file: a long line at 4K is large."""
    shape = (last - first, path.size, path.size, 3)
    crops = np.lib.format.open_memmap(file, mode="w+", dtype=np.uint8, shape=shape)
    for index, planes in enumerate(read_planes(film.info, film.pixels, first, last, cancel=cancel)):
        square = Square(int(path.left[index]), int(path.top[index]), path.side, path.size)
        crops[index] = cut_crop(planes, film.pixels, square)
    return np.asarray(crops)


def _cut_library(
    runs: Sequence[LibraryRun],
    seen: SeenFaces,
    film: FilmFrames,
    path: CropPath,
    folder: Path,
    context: Context,
) -> FaceLibrary:
    """Return the frames of the runs, in which the face is about as large as in the unit."""
    count = sum(run.last - run.first for run in runs)
    shape = (count, path.size, path.size, 3)
    frames = np.lib.format.open_memmap(folder / "library.npy", mode="w+", dtype=np.uint8, shape=shape)
    faces: list[CropFace] = []
    numbers: list[int] = []
    for place, run in enumerate(runs):
        track = seen.find_track(run.track)
        face = trace_face(seen.rows[track.rows], run.first, run.last, film.size)
        own = plan_crop(face, seen.rate, 1 << 20)
        # Faces of nearly one size keep their pixels; others are brought to the unit's size.
        side = path.side if 0.87 < own.side / path.side < 1.15 else own.side
        squares = CropPath(
            side, path.size, own.left - (side - own.side) // 2, own.top - (side - own.side) // 2
        )
        start = len(numbers)
        part = _cut_crops(film, run.first, run.last, squares, folder / f"run{place}.npy", context.cancel)
        frames[start : start + len(part)] = part
        faces += place_faces(face, squares)
        numbers += range(run.first, run.last)
        del part
        (folder / f"run{place}.npy").unlink()
    return FaceLibrary(np.asarray(frames), tuple(faces), tuple(numbers))


def read_lips(file: Path, size: int, cancel: CancelToken = NEVER) -> Iterator[tuple[Bytes, Bytes]]:
    """Yield (crop, mask) of each frame of a part's artefact. Raises MediaError when it is damaged."""
    args = [*ffmpeg.input_arguments(file), "-f", "rawvideo", "-pix_fmt", "rgba", "pipe:"]
    with ffmpeg.stream(args, cancel=cancel) as blocks:
        for frame in ffmpeg.cut_frames(blocks, size * size * 4):
            if len(frame) == size * size * 4:
                pixels = np.frombuffer(frame, np.uint8).reshape(size, size, 4)
                yield pixels[..., :3], pixels[..., 3]


def lay_sound(pieces: Sequence[tuple[int, Audio]], first: int, last: int, rate: Fraction) -> Audio:
    """Return the mono sound of frames [first, last); `pieces` are (start in programme samples, sound)."""
    begin = frames_to_samples(first, rate)
    length = frames_to_samples(last - first, rate)
    out = np.zeros((1, length), np.float32)
    for start, sound in pieces:
        low, high = max(begin, start), min(begin + length, start + sound.length)
        if low < high:
            out[:, low - begin : high - begin] += sound.mono().samples[:, low - start : high - start]
    return Audio(out, SAMPLE_RATE)
