"""Find faces in a frame with BlazeFace (Bazarevsky et al., 2019), in its full-range and short-range forms.

The full-range network looks at 192 by 192 pixels. A wide picture squeezed into that loses small faces, so it
looks at squares as high as the picture, side by side with some overlap. The short-range network sees the
whole picture at once, and with it faces that fill it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.mediapipe.networks import Floats, Network, cut_square, shrink
from rythmo.faces.model import Picture

FULL_RANGE, SHORT_RANGE = "face_detection_full_range_sparse.tflite", "face_detection_short_range.tflite"
_FULL_SIDE, _SHORT_SIDE = 192, 128
_LEAST_SCORE = 0.5
_LEAST_ALONE = 0.6
"""A face that one look alone reports needs this score: false ones rarely reach it."""
_SAME = 0.3
# The networks answer in logits of up to some hundreds; exp() of those overflows.
_MOST_LOGIT = 80.0


@dataclass(frozen=True, slots=True)
class Detection:
    """A face in pixels of the frame: its box (left, top, right, bottom) and six points.

    The points are the right eye, the left eye, the nose, the mouth, and the right and left ear.
    """

    box: tuple[float, float, float, float]
    points: tuple[tuple[float, float], ...]
    score: float


class FaceDetector:
    """Both networks, with the places that their answers are relative to."""

    def __init__(self, folder: Path) -> None:
        self._full = Network(folder / FULL_RANGE, 2)
        self._short = Network(folder / SHORT_RANGE, 2)
        self._full_anchors = _make_anchors(_FULL_SIDE, ((4, 1),))
        self._short_anchors = _make_anchors(_SHORT_SIDE, ((8, 2), (16, 6)))

    def find(self, frame: Picture) -> list[Detection]:
        """Return the faces of a frame, the surest first."""
        height, width = frame.shape[:2]
        found = self._look(
            self._short, self._short_anchors, frame, (width / 2, height / 2), max(width, height)
        )
        for centre in _tile(width, height):
            found += self._look(self._full, self._full_anchors, frame, centre, min(width, height))
        return _merge(found)

    def _look(
        self, network: Network, anchors: Floats, frame: Picture, centre: tuple[float, float], side: float
    ) -> list[Detection]:
        size = _SHORT_SIDE if network is self._short else _FULL_SIDE
        factor = max(1, int(side // size))
        small = shrink(frame, factor)
        middle = (centre[0] / factor, centre[1] / factor)
        values = cut_square(small, middle, side / factor, 0.0, size)
        _blacken_outside(values, frame.shape[:2], centre, side)
        raw, logits = network.run(values / np.float32(127.5) - 1)
        scores = 1 / (1 + np.exp(-np.clip(logits.reshape(-1), -_MOST_LOGIT, _MOST_LOGIT)))
        kept = np.flatnonzero(scores >= _LEAST_SCORE)
        corner = np.array([centre[0] - side / 2, centre[1] - side / 2])
        return [
            _decode(raw.reshape(-1, 8, 2)[at] / size, anchors[at], float(scores[at]), corner, side)
            for at in kept
        ]


def _make_anchors(side: int, layers: tuple[tuple[int, int], ...]) -> Floats:
    """Return the middles of the cells that the answers belong to, shape (n, 2), in shares of the square."""
    rows: list[NDArray[np.float32]] = []
    for stride, repeats in layers:
        count = side // stride
        middle = (np.arange(count, dtype=np.float32) + 0.5) / count
        grid = np.stack(np.meshgrid(middle, middle), axis=-1).reshape(-1, 2)
        rows.append(np.repeat(grid, repeats, axis=0))
    return np.concatenate(rows)


def _tile(width: int, height: int) -> list[tuple[float, float]]:
    """Return the centres of squares that cover the picture, overlapping by at least a third."""
    long, short = max(width, height), min(width, height)
    count = 1 if long <= short * 1.1 else 1 + -(-int(1000 * (long - short)) // int(667 * short))
    places = np.linspace(short / 2, long - short / 2, count) if count > 1 else np.array([long / 2])
    return [(float(at), height / 2) if width >= height else (width / 2, float(at)) for at in places]


def _blacken_outside(
    values: Floats, shape: tuple[int, ...], centre: tuple[float, float], side: float
) -> None:
    """Blacken what lies outside the frame: repeated edges can look like a face."""
    size = values.shape[0]
    for axis, (length, middle) in enumerate(((shape[0], centre[1]), (shape[1], centre[0]))):
        first = max(0, round((side / 2 - middle) * size / side))
        last = min(size, round((length - middle + side / 2) * size / side))
        outside = np.r_[0:first, last:size]
        if axis == 0:
            values[outside] = 0
        else:
            values[:, outside] = 0


def _decode(row: Floats, anchor: Floats, score: float, corner: NDArray[np.float64], side: float) -> Detection:
    middle, size = row[0] + anchor, row[1]
    points = (row[2:] + anchor) * side + corner
    low, high = (middle - size / 2) * side + corner, (middle + size / 2) * side + corner
    return Detection(
        (float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        tuple((float(x), float(y)) for x, y in points),
        score,
    )


def _merge(found: list[Detection]) -> list[Detection]:
    """Return each face once: the mean of those that overlap, weighted by their scores."""
    left = sorted(found, key=lambda one: -one.score)
    merged: list[Detection] = []
    while left:
        best = left[0]
        same = [one for one in left if _shared(one.box, best.box) > _SAME]
        left = [one for one in left if one not in same]
        if len(same) == 1 and best.score < _LEAST_ALONE:
            continue
        weights = np.array([one.score for one in same])
        box = np.average([one.box for one in same], axis=0, weights=weights)
        points = np.average([one.points for one in same], axis=0, weights=weights)
        merged.append(
            Detection(
                (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
                tuple((float(x), float(y)) for x, y in points),
                best.score,
            )
        )
    return merged


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the shared area over the smaller box, so that a part of a face is no face of its own."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    least = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / max(least, 1e-9)
