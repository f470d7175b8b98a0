"""Look at the new lips as at the old ones: how far the mouth is open in each frame of a clip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from rythmo.engines.base import Kind
from rythmo.errors import EngineMissingError
from rythmo.faces.model import Box, Face, Picture, make_box, overlap
from rythmo.faces.rows import Rows
from rythmo.faces.tracks import FaceTrack
from rythmo.lips.lip_map import LipClip, LipMap
from rythmo.media.frames import read_frames
from rythmo.media.probe import probe
from rythmo.project.workspace import hash_values
from rythmo.stages.context import Context

VERSION = 1
FOLDER = "lip-mouths"
_BATCH = 16
_HEIGHT = 720
_SAME = 0.3

Openings = tuple[tuple[float | None, ...], ...]
"""For each part of a clip, the opening in each of its frames; None where no mouth was found."""


def replace_openings(rows: Rows, tracks: Sequence[FaceTrack], lips: LipMap, context: Context) -> Rows:
    """Return the faces with the openings that the mouths have now in the clips of lips.

    Raises EngineMissingError when no face tracker is ready.
    """
    changed = rows.copy()
    by_number = {track.number: track for track in tracks}
    for clip in lips.clips:
        for part, openings in zip(clip.parts, _find_openings(clip, rows, by_number, context), strict=True):
            track, unit = by_number.get(part.unit.track), part.unit
            if track is None:
                continue
            frames = rows["frame"][track.rows]
            inside = (frames >= unit.first) & (frames < unit.last)
            new = np.array([np.nan if one is None else one for one in openings], np.float32)
            changed["opening"][track.rows[inside]] = new[frames[inside] - unit.first]
    return changed


def _find_openings(clip: LipClip, rows: Rows, tracks: dict[int, FaceTrack], context: Context) -> Openings:
    path = context.project.file(clip.file)
    if not path.is_file():
        raise EngineMissingError(f"{clip.file} is gone.", hint="Make the lips again: rythmo lips PROJECT")
    key = hash_values("lip-mouths", VERSION, clip.key, context.engines.stamp(Kind.FACE_TRACKER), clip.parts)

    def make() -> Openings:
        info = probe(path, need_sound=False)
        length = clip.last - clip.first
        frames = read_frames(info, clip.head, clip.head + length, height=_HEIGHT, cancel=context.cancel)
        seen = [faces for batch in _look(frames, context) for faces in batch]
        return tuple(
            tuple(
                _opening_at(seen[number - clip.first], _box_at(rows, tracks.get(part.unit.track), number))
                if number - clip.first < len(seen)
                else None
                for number in range(part.unit.first, part.unit.last)
            )
            for part in clip.parts
        )

    return context.artefacts.value(FOLDER, key, Openings, make)


def _look(frames: Iterator[Picture], context: Context) -> Iterator[tuple[tuple[Face, ...], ...]]:
    before: tuple[Face, ...] = ()
    while batch := list(islice(frames, _BATCH)):
        with context.engines.turn(Kind.FACE_TRACKER, cancel=context.cancel):
            found = context.engines.face_tracker().find_faces(batch, before=before, cancel=context.cancel)
        before = found[-1]
        yield found


def _box_at(rows: Rows, track: FaceTrack | None, number: int) -> Box | None:
    if track is None:
        return None
    at = np.flatnonzero(rows["frame"][track.rows] == number)
    if not at.size:
        return None
    return make_box(rows["box"][track.rows[at[0]]].tolist())


def _opening_at(faces: Sequence[Face], box: Box | None) -> float | None:
    """Return the opening of the face that lies where the unit's face lay."""
    if box is None:
        return None
    near = max(faces, key=lambda face: overlap(face.box, box), default=None)
    return near.opening if near is not None and overlap(near.box, box) > _SAME else None
