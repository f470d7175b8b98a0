"""Put the lips into the picture and write the clips, frame by frame: no film is held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rythmo.lips.blend import Bytes, Square, blend_frame
from rythmo.lips.crops import CropPath
from rythmo.lips.lip_map import LipClip, LipPart
from rythmo.media.planes import PixelFormat, Planes, read_planes, write_planes
from rythmo.progress import NEVER, CancelToken
from rythmo.project.workspace import hash_values
from rythmo.script.model import Programme
from rythmo.stages.context import Context
from rythmo.stages.lip_requests import FOLDER
from rythmo.stages.lip_unit import FilmFrames, find_lips, read_lips
from rythmo.timebase import format_timecode

VERSION = 1
SUFFIXES: Mapping[str, str] = {"prores": ".mov", "h264": ".mp4", "lossless": ".mkv"}
"""The ways to write clips, and the suffixes of their files."""


@dataclass(frozen=True, slots=True, eq=False)
class PlacedPart:
    """A part with the squares of its crops."""

    part: LipPart
    path: CropPath
    file: Path


def choose_codec(name: str, pixels: PixelFormat) -> dict[str, Any]:
    """Return ffmpeg's options of a way to write clips."""
    if name == "lossless":
        return {"c:v": "ffv1", "level": 3, "pix_fmt": pixels.name, "threads": 1, "format": "matroska"}
    if name == "h264":
        # 4:2:0 is what editing programs read; it needs even sides.
        subsampled = "yuv444p" if pixels.width % 2 or pixels.height % 2 else "yuv420p"
        return {
            "c:v": "libx264", "preset": "fast", "crf": 12, "pix_fmt": subsampled, "threads": 4,
            "format": "mp4", "movflags": "+faststart",
        }  # fmt: skip
    whole = (pixels.across, pixels.down) == (1, 1)
    return {
        "c:v": "prores_ks", "profile:v": 4 if whole else 3, "vendor": "apl0",
        "pix_fmt": "yuv444p10le" if whole else "yuv422p10le", "threads": 4, "format": "mov",
    }  # fmt: skip


def blend_clip(
    film: FilmFrames, parts: Sequence[PlacedPart], first: int, last: int, cancel: CancelToken = NEVER
) -> Iterator[Planes]:
    """Yield the planes of frames [first, last) with the lips of the parts in them; others as they are.

    Only parts of the frame at hand are open, however many there are.
    """
    waiting = sorted(parts, key=lambda one: one.part.unit.first, reverse=True)
    running: list[_Running] = []
    try:
        with closing(read_planes(film.info, film.pixels, first, last, cancel=cancel)) as frames:  # type: ignore[type-var]
            for number, planes in enumerate(frames, first):
                while waiting and waiting[-1].part.unit.first <= number:
                    running.append(_Running(waiting.pop(), cancel))
                blended = planes
                for part in running:
                    blended = part.lay(blended, film.pixels, number)
                yield blended
                for part in running:
                    part.close_after(number)
                running = [part for part in running if number + 1 < part.unit.last]
    finally:
        for part in running:
            part.close()


class _Running:
    """A part that is read along with the picture; it is opened with its first frame."""

    def __init__(self, placed: PlacedPart, cancel: CancelToken) -> None:
        self.unit = placed.part.unit
        self._path = placed.path
        self._weights = self.unit.weigh_frames()
        self._lips: Any = read_lips(placed.file, placed.path.size, cancel)
        self._next = self.unit.first

    def lay(self, planes: Planes, pixels: PixelFormat, number: int) -> Planes:
        """Return the planes of a frame with this part's lips in it."""
        if not self._next <= number < self.unit.last:
            return planes
        found: tuple[Bytes, Bytes] | None = None
        while self._next <= number:
            found = next(self._lips, None)
            self._next += 1
        if found is None:
            return planes
        index, path = number - self.unit.first, self._path
        square = Square(int(path.left[index]), int(path.top[index]), path.side, path.size)
        return blend_frame(planes, pixels, square, found[0], found[1], float(self._weights[index]), number)

    def close_after(self, number: int) -> None:
        """Stop reading when that was its last frame."""
        if number + 1 >= self.unit.last:
            self.close()

    def close(self) -> None:
        """Stop reading."""
        self._lips.close()


def write_clip(
    clip: LipClip,
    paths: Mapping[str, CropPath],
    film: FilmFrames,
    programme: Programme,
    context: Context,
) -> Path | None:
    """Return a clip in the cache, written unless it is there; None where a part is missing."""
    name = context.settings.lips.clips
    placed = place_parts(clip.parts, paths, context)
    if placed is None:
        return None
    codec = choose_codec(name, film.pixels)
    first, last = clip.first - clip.head, clip.last + clip.tail
    timecode = format_timecode(programme.start_frame + first, film.rate, drop=programme.drop)
    told = [(part.key, part.unit) for part in clip.parts]
    key = hash_values(
        "lip-clip", VERSION, film.key, told, first, last, codec, film.pixels, timecode, clip.name
    )

    def make(target: Path) -> None:
        write_planes(
            blend_clip(film, placed, first, last, context.cancel),
            film.pixels,
            target,
            film.rate,
            codec,
            timecode=timecode if name != "lossless" else "",
            title=clip.name,
            cancel=context.cancel,
        )

    return context.artefacts.file(FOLDER, key, SUFFIXES[name], make)


def place_parts(
    parts: Sequence[LipPart], paths: Mapping[str, CropPath], context: Context
) -> tuple[PlacedPart, ...] | None:
    """Return the parts with their squares and artefacts; None where one is missing."""
    found = []
    for part in parts:
        file = find_lips(part, context)
        if file is None or part.key not in paths:
            return None
        found.append(PlacedPart(part, paths[part.key], file))
    return tuple(found)
