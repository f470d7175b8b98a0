"""Lay MediaPipe's face mesh (Kartynnik et al., 2019), 468 points, on a face, and measure the face."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.mediapipe.detector import Detection
from rythmo.engines.adapters.mediapipe.networks import Floats, Network, cut_square
from rythmo.faces.model import Face, Picture, Point

MESH = "face_landmark.tflite"
SIDE = 192
_SCALE = 1.5
"""The square that the network looks at, over the face in it."""
_RIGHT_EYE, _LEFT_EYE = (33, 133), (263, 362)
_NOSE, _CHIN, _FOREHEAD = 1, 152, 10
_MOUTH_RIGHT, _MOUTH_LEFT, _UPPER_LIP, _LOWER_LIP = 61, 291, 13, 14
# Pairs of points that lie on either side of the face at one height.
_RIGHT_SIDE, _LEFT_SIDE = (33, 61, 234, 127), (263, 291, 454, 356)
_PATCH = 8
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True)
class Square:
    """A turned square of the frame: its centre and side in pixels, its angle in radians, clockwise."""

    centre: tuple[float, float]
    side: float
    angle: float


def square_of_detection(found: Detection) -> Square:
    """Return the square in which the mesh looks for a face that the detector found."""
    left, top, right, bottom = found.box
    (x1, y1), (x2, y2) = found.points[:2]
    side = max(right - left, bottom - top) * _SCALE
    return Square(((left + right) / 2, (top + bottom) / 2), side, math.atan2(y2 - y1, x2 - x1))


def square_of_face(face: Face, width: int, height: int) -> Square:
    """Return the square in which the mesh looks for a face of the frame before."""
    left, top, right, bottom = face.box
    centre = ((left + right) / 2 * width, (top + bottom) / 2 * height)
    side = max((right - left) * width, (bottom - top) * height) * _SCALE
    return Square(centre, side, math.radians(face.roll))


class FaceMesh:
    """The network, and the measures that follow from its points."""

    def __init__(self, folder: Path) -> None:
        self._network = Network(folder / MESH, 2)

    def lay(self, frame: Picture, square: Square) -> Face:
        """Return the face in a square of the frame. Its confidence says whether there is one."""
        crop = cut_square(frame, square.centre, square.side, square.angle, SIDE)
        raw, logit = self._network.run(crop / np.float32(255))
        inside = raw.reshape(-1, 3).astype(np.float64)
        confidence = 1 / (1 + math.exp(-max(-80.0, min(80.0, float(logit.reshape(-1)[0])))))
        points = _to_frame(inside, square)
        height, width = frame.shape[:2]
        x, y = points[:, 0] / width, points[:, 1] / height
        yaw, pitch, roll = _measure_pose(points)
        return Face(
            box=(float(x.min()), float(y.min()), float(x.max()), float(y.max())),
            points=_named_points(np.stack([x, y], axis=1)),
            opening=_measure_opening(points),
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            sharpness=_measure_sharpness(crop, inside, square.side / SIDE),
            confidence=confidence,
            patch=_take_patch(crop, inside),
        )


def _to_frame(inside: NDArray[np.float64], square: Square) -> NDArray[np.float64]:
    """Return points of the crop in pixels of the frame; depth keeps the scale of the other two."""
    scale = square.side / SIDE
    x, y = (inside[:, 0] / SIDE - 0.5) * square.side, (inside[:, 1] / SIDE - 0.5) * square.side
    cos, sin = math.cos(square.angle), math.sin(square.angle)
    turned = (square.centre[0] + cos * x - sin * y, square.centre[1] + sin * x + cos * y)
    return np.stack([*turned, inside[:, 2] * scale], axis=1)


def _named_points(points: NDArray[np.float64]) -> tuple[Point, ...]:
    eyes = [points[list(eye)].mean(axis=0) for eye in (_RIGHT_EYE, _LEFT_EYE)]
    rest = points[[_NOSE, _MOUTH_RIGHT, _MOUTH_LEFT, _UPPER_LIP, _LOWER_LIP, _CHIN]]
    return tuple((float(x), float(y)) for x, y in (*eyes, *rest))


def _measure_opening(points: NDArray[np.float64]) -> float:
    gap = float(np.linalg.norm(points[_UPPER_LIP] - points[_LOWER_LIP]))
    return gap / max(1e-9, float(np.linalg.norm(points[_MOUTH_RIGHT] - points[_MOUTH_LEFT])))


def _measure_pose(points: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return yaw, pitch and roll in degrees, from the plane in which the face's sides and its height lie."""
    across = (points[list(_LEFT_SIDE)] - points[list(_RIGHT_SIDE)]).mean(axis=0)
    down = points[_CHIN] - points[_FOREHEAD]
    # Depth grows away from the camera, so this points into the head.
    inward = np.cross(across, down)
    yaw = math.degrees(math.atan2(-inward[0], inward[2]))
    pitch = math.degrees(math.atan2(inward[1], math.hypot(inward[0], inward[2])))
    eyes = points[list(_LEFT_EYE)].mean(axis=0) - points[list(_RIGHT_EYE)].mean(axis=0)
    return yaw, pitch, math.degrees(math.atan2(eyes[1], eyes[0]))


def _lower_face(inside: NDArray[np.float64]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the lower face in the crop: from the nose to the chin."""
    x, top, bottom = inside[:, 0], inside[_NOSE, 1], inside[_CHIN, 1]
    middle, half = float(inside[_NOSE, 0]), float(x.max() - x.min()) * 0.3
    edges = (middle - half, top, middle + half, bottom)
    left, up, right, down = (int(np.clip(round(float(edge)), 0, SIDE)) for edge in edges)
    return left, up, right, down


def _measure_sharpness(crop: Floats, inside: NDArray[np.float64], scale: float) -> float:
    """Return the mean second difference over the contrast.

    `scale` is pixels of the frame for one of the crop: a small face, blown up in the crop, is as soft as a
    blurred one, and a large one is not softer for being shrunk.
    """
    left, top, right, bottom = _lower_face(inside)
    if right - left < _PATCH or bottom - top < _PATCH:
        return 0.0
    grey = crop[top:bottom, left:right] @ _LUMA
    second = np.abs(
        grey[1:-1, 2:] + grey[1:-1, :-2] + grey[2:, 1:-1] + grey[:-2, 1:-1] - 4 * grey[1:-1, 1:-1]
    )
    return float(second.mean() / max(4.0, float(grey.std())) * min(1.0, max(scale, 0.25)) ** 0.5)


def _take_patch(crop: Floats, inside: NDArray[np.float64]) -> bytes:
    left, top, right, bottom = _lower_face(inside)
    if right - left < _PATCH or bottom - top < _PATCH:
        return b""
    rows = np.linspace(top, bottom, _PATCH + 1).astype(int)
    columns = np.linspace(left, right, _PATCH + 1).astype(int)
    grey = crop[top:bottom, left:right] @ _LUMA
    sums = np.add.reduceat(np.add.reduceat(grey, rows[:-1] - top, axis=0), columns[:-1] - left, axis=1)
    cells = np.outer(np.diff(rows), np.diff(columns))
    return bytes(np.clip(sums / cells, 0, 255).astype(np.uint8).tobytes())
