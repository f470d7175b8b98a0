"""Squares around a face as SyncNet was trained with them: steady, with more below the chin than above.

The authors cut them around the boxes of another detector (S3FD), so figures of these squares are not to be
compared with those of papers. Pure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEADY = 13
"""Frames whose median the middle and the size are."""
_PAD = 0.4
"""How much wider than the box a square is, for each half of it."""
_OUTSIDE = 110
"""What is shown where the square reaches beyond the picture."""


def plan_squares(boxes: Floats) -> Floats:
    """Return the squares (left, top, side) of boxes (left, top, right, bottom) in pixels, shape (n, 3)."""
    half = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) / 2
    values = np.stack([half, boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)], axis=1)
    half, x, y = median_filter(values, size=(_STEADY, 1), mode="nearest").T
    return np.stack([x - half * (1 + _PAD), y - half, half * (2 + 2 * _PAD)], axis=1)


def cut_face(picture: NDArray[np.uint8], square: Floats, size: int) -> NDArray[np.uint8]:
    """Return a square (left, top, side) of a picture (h, w, 3) as (size, size, 3); bilinear."""
    height, width = picture.shape[:2]
    steps = (np.arange(size) + 0.5) / size * square[2] - 0.5
    left, right, across = _find_neighbours(square[0] + steps, width)
    up, low, down = _find_neighbours(square[1] + steps, height)
    rows = picture[up].astype(np.float32) * (1 - down)[:, None, None] + picture[low] * down[:, None, None]
    cut = rows[:, left] * (1 - across)[:, None] + rows[:, right] * across[:, None]
    cut[:, (square[0] + steps < -0.5) | (square[0] + steps > width - 0.5)] = _OUTSIDE
    cut[(square[1] + steps < -0.5) | (square[1] + steps > height - 0.5)] = _OUTSIDE
    return np.asarray(np.rint(cut), np.uint8)


def _find_neighbours(at: Floats, length: int) -> tuple[Ints, Ints, NDArray[np.float32]]:
    """Return the pixels before and after each place, and how near the later one is."""
    inside = np.clip(at, 0, length - 1)
    before = np.floor(inside).astype(np.int64)
    return before, np.minimum(before + 1, length - 1), (inside - before).astype(np.float32)
