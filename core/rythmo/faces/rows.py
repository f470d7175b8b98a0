"""Faces of many frames as one array: small on disk, quick to search. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.model import POINTS, Face

_PATCH = 64
ROW = np.dtype(
    [
        ("frame", "<i4"),
        ("box", "<f4", (4,)),
        ("points", "<f4", (len(POINTS), 2)),
        ("opening", "<f4"),
        ("pose", "<f4", (3,)),
        ("sharpness", "<f4"),
        ("confidence", "<f4"),
        ("patch", "u1", (_PATCH,)),
    ]
)
"""A `Face` and its frame; what the face lacks is NaN, and a patch of zeros."""
Rows = NDArray[np.void]
"""Shape (n,) of ROW, in order of frame."""
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FaceRows:
    """The faces of a stretch of frames, and the vectors of some of them.

    `described` are the indices of the rows that `vectors`, shape (n, dimensions), belong to.
    """

    rows: Rows
    described: NDArray[np.int32]
    vectors: Vectors


def pack_faces(frames: Iterable[tuple[int, Sequence[Face]]]) -> Rows:
    """Return the faces of numbered frames as rows."""
    return np.array([_pack(number, face) for number, faces in frames for face in faces], ROW)


def _pack(number: int, face: Face) -> tuple[object, ...]:
    missing = np.full((len(POINTS), 2), np.nan, np.float32)
    patch = np.zeros(_PATCH, np.uint8)
    if len(face.patch) == _PATCH:
        patch[:] = np.frombuffer(face.patch, np.uint8)
    return (
        number,
        face.box,
        np.array(face.points, np.float32) if face.points else missing,
        np.nan if face.opening is None else face.opening,
        (face.yaw, face.pitch, face.roll),
        face.sharpness,
        face.confidence,
        patch,
    )


def join_rows(parts: Sequence[FaceRows]) -> FaceRows:
    """Return stretches that follow each other as one."""
    if not parts:
        return FaceRows(np.empty(0, ROW), np.empty(0, np.int32), np.empty((0, 0), np.float32))
    starts = np.cumsum([0, *(len(part.rows) for part in parts[:-1])])
    width = max(part.vectors.shape[1] if part.vectors.size else 0 for part in parts)
    vectors = [part.vectors for part in parts if part.vectors.size]
    return FaceRows(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.described + start for part, start in zip(parts, starts, strict=True)]).astype(
            np.int32
        ),
        np.concatenate(vectors) if vectors else np.empty((0, width), np.float32),
    )
