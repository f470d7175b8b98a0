"""Where the square lies that an engine gets of a face: still, or gliding with the face. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.lips import CropFace
from rythmo.faces.model import POINTS
from rythmo.faces.rows import Rows

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_MARGIN = 1.9
"""The square's side over the larger side of the face."""
_STILL = 0.35
"""A face that moves less than this share of its size keeps a still square."""
_GLIDE_SECONDS = 0.6
_GRID = 4
"""Squares begin on whole cells of this size, so that no chroma sample is cut in any format."""


@dataclass(frozen=True, slots=True, eq=False)
class CropPath:
    """A square of `side` pixels of the picture for each frame, shown to the engine at `size` pixels.

    `left` and `top`, shape (n,), may lie outside the picture, whose edge is repeated there.
    """

    side: int
    size: int
    left: Ints
    top: Ints

    @property
    def scale(self) -> float:
        """Pixels of the crop for one of the picture."""
        return self.size / self.side


@dataclass(frozen=True, slots=True, eq=False)
class FaceCurve:
    """One face over n frames, in pixels of the picture; values of unseen frames lie between the others'.

    `box` is (n, 4), `points` (n, 8, 2), `pose` (n, 3), `opening` (n,), `seen` and `meshed` (n,).
    """

    box: Floats
    points: Floats
    pose: Floats
    opening: Floats
    seen: NDArray[np.bool_]
    meshed: NDArray[np.bool_]


def trace_face(rows: Rows, first: int, last: int, size: tuple[int, int]) -> FaceCurve:
    """Return a track's face in frames [first, last) of a picture of that width and height.

    Raises ValueError when it is seen in none of them.
    """
    own = rows[(rows["frame"] >= first) & (rows["frame"] < last)]
    meshed_rows = own[np.isfinite(own["opening"])]
    if not len(own):
        raise ValueError("the face is in none of the frames")
    frames = np.arange(first, last)
    width, height = size
    box = _between(frames, own["frame"], own["box"] * np.array([width, height, width, height]))
    points = _between(
        frames, meshed_rows["frame"], meshed_rows["points"].reshape(-1, 2 * len(POINTS))
    ).reshape(-1, len(POINTS), 2) * (width, height)
    return FaceCurve(
        box,
        points,
        _between(frames, own["frame"], own["pose"]),
        _between(frames, meshed_rows["frame"], meshed_rows["opening"][:, None])[:, 0],
        np.isin(frames, own["frame"]),
        np.isin(frames, meshed_rows["frame"]),
    )


def _between(frames: Ints, known: NDArray[np.int32], values: NDArray[np.float32]) -> Floats:
    if not len(known):
        return np.full((len(frames), values.shape[1]), np.nan)
    columns = [np.interp(frames, known, column) for column in np.asarray(values, np.float64).T]
    return np.stack(columns, axis=1)


def plan_crop(face: FaceCurve, rate: float, most: int) -> CropPath:
    """Return the squares around a face; the engine's are at most `most` pixels wide."""
    sides = np.maximum(face.box[:, 2] - face.box[:, 0], face.box[:, 3] - face.box[:, 1])
    centres = np.stack([face.box[:, [0, 2]].mean(axis=1), face.box[:, [1, 3]].mean(axis=1)], axis=1)
    large = float(np.percentile(sides, 95))
    side = _on_grid(large * _MARGIN + _GRID)
    spread = centres.max(axis=0) - centres.min(axis=0)
    if spread.max() <= _STILL * large:
        path = np.broadcast_to((centres.max(axis=0) + centres.min(axis=0)) / 2, centres.shape)
    else:
        path = _smooth(centres, max(1, round(_GLIDE_SECONDS * rate / 2)))
    corner = np.floor((path - side / 2) / _GRID).astype(np.int64) * _GRID
    return CropPath(side, min(side, most), corner[:, 0], corner[:, 1])


def _on_grid(length: float) -> int:
    return max(_GRID * 8, int(-(-length // _GRID)) * _GRID)


def _smooth(values: Floats, reach: int) -> Floats:
    """Return the moving mean over 2 * reach + 1 frames, with the ends repeated."""
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    kernel = np.ones(2 * reach + 1) / (2 * reach + 1)
    return np.stack([np.convolve(column, kernel, mode="valid") for column in padded.T], axis=1)


def place_faces(face: FaceCurve, path: CropPath) -> tuple[CropFace, ...]:
    """Return the face of each frame in pixels of its crop."""
    corner = np.stack([path.left, path.top], axis=1).astype(np.float64)
    boxes = (face.box - np.tile(corner, 2)) * path.scale
    points = (face.points - corner[:, None]) * path.scale
    return tuple(
        CropFace(
            (box[0], box[1], box[2], box[3]),
            tuple((x, y) for x, y in spots) if np.isfinite(spots[0][0]) else (),
            opening if meshed else None,
            pose[0],
            pose[1],
            pose[2],
            seen,
        )
        for box, spots, opening, meshed, pose, seen in zip(
            boxes.tolist(),
            points.tolist(),
            face.opening.tolist(),
            face.meshed.tolist(),
            face.pose.tolist(),
            face.seen.tolist(),
            strict=True,
        )
    )
