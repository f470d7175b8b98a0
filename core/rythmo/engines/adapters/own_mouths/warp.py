"""Lay a filmed lower face on another frame, by what speech does not move: points, then the picture. Pure.

A similarity is the complex pair (a, b) that takes a point z of the place to a * z + b of the source.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Similarity = tuple[complex, complex]
STABLE = (0, 1, 2)
"""Eyes and nose, among `faces.model.POINTS`."""
_CORNERS, _LIPS, _CHIN = (3, 4), (5, 6), 7
_STEPS = 4
_SAMPLES = 44
"""The picture is compared on a grid of so many points across the eyes' distance and twice its outsides."""
_MOST_SHIFT = 0.06
"""How far the picture may move the points' alignment, as a share of the distance between eyes and mouth."""


def fit_points(place: Doubles, source: Doubles) -> Similarity:
    """Return the similarity that takes stable points of the place, shape (n, 2), to those of the source."""
    one, other = place[:, 0] + 1j * place[:, 1], source[:, 0] + 1j * source[:, 1]
    centre, target = one.mean(), other.mean()
    spread = float(np.square(np.abs(one - centre)).sum())
    a = complex(((other - target) * np.conj(one - centre)).sum() / max(spread, 1e-9))
    return a, complex(target - a * centre)


def refine(fit: Similarity, place: Floats, source: Floats, points: Doubles) -> Similarity:
    """Return the similarity that lays the part between eyes and nose best, by Gauss-Newton steps.

    `place` and `source` are luma, shape (side, side); `points` are the place's, shape (8, 2). The mesh's
    points tremble by a part of a pixel, which would show as trembling lips.
    """
    grid = _stable_grid(points)
    wanted = _normalise(sample(place, grid))
    a, b = fit
    scale = float(np.abs(grid - grid.mean()).max())
    for _ in range(_STEPS):
        at = a * grid + b
        across, down = (
            sample(source, at + 0.5) - sample(source, at - 0.5),
            sample(source, at + 0.5j) - sample(source, at - 0.5j),
        )
        seen = sample(source, at)
        size = max(1e-3, float(seen.std()))
        error = wanted - _normalise(seen)
        # Moving by da * z + db changes the point by its real and imaginary parts.
        z = (grid - grid.mean()) / scale
        steps = [across * z.real + down * z.imag, -across * z.imag + down * z.real, across, down]
        slopes = np.stack([step.ravel() / size for step in steps], axis=1).astype(np.float64)
        slopes -= slopes.mean(axis=0)
        found, *_ = np.linalg.lstsq(slopes, error.ravel().astype(np.float64), rcond=None)
        da = complex(found[0], found[1]) / scale
        a, b = a + da, b + complex(found[2], found[3]) - da * complex(grid.mean())
    middle = complex(grid.mean())
    moved = abs((a * middle + b) - (fit[0] * middle + fit[1]))
    turned = abs(a / fit[0] - 1)
    reach = float(np.linalg.norm(points[list(_CORNERS)].mean(axis=0) - points[:2].mean(axis=0)))
    return (a, b) if moved <= _MOST_SHIFT * reach and turned <= _MOST_SHIFT else fit


def _stable_grid(points: Doubles) -> NDArray[np.complex128]:
    """Return points between the outer ends of the eyes and the tip of the nose."""
    right, left, nose = (complex(*points[index]) for index in STABLE)
    across = left - right
    down = 1j * across
    depth = max(0.3, ((nose - (left + right) / 2) / down).real)
    x = np.linspace(-0.3, 1.3, _SAMPLES)[None]
    y = np.linspace(-0.15, depth, _SAMPLES // 2)[:, None]
    return np.asarray(right + across * x + down * y)


def _normalise(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / max(1e-3, float(values.std())), np.float32)


def sample(image: NDArray[Any], at: NDArray[np.complex128]) -> Floats:
    """Return the image, shape (h, w) or (h, w, 3), at points; bilinear, with the edge repeated."""
    height, width = image.shape[:2]
    x = np.clip(at.real, 0, width - 1.001).astype(np.float32)
    y = np.clip(at.imag, 0, height - 1.001).astype(np.float32)
    left, top = x.astype(np.int32), y.astype(np.int32)
    right, down = x - left, y - top
    if image.ndim == 3:
        right, down = right[..., None], down[..., None]
    # One index into the rows laid end to end is read twice as fast as a pair of them.
    flat, at_once = image.reshape(height * width, *image.shape[2:]), top * width + left
    corners = [flat.take(at_once + step, axis=0) for step in (0, 1, width, width + 1)]
    upper = corners[0] + (corners[1].astype(np.float32) - corners[0]) * right
    lower = corners[2] + (corners[3].astype(np.float32) - corners[2]) * right
    return np.asarray(upper + (lower - upper) * down, np.float32)


def draw_mask(points: Doubles, other: Doubles, yaw: float, side: int) -> Floats:
    """Return a soft mask, 0 to 1, over the lower face: from under the nose to below the lower of two chins.

    `points` are the place's, `other` those of the mouth to be laid there, both in pixels of the place.
    """
    eyes, mouth = points[:2].mean(axis=0), points[list(_CORNERS)].mean(axis=0)
    down = mouth - eyes
    reach = max(1e-3, float(np.linalg.norm(down)))
    down = down / reach
    across = np.array([down[1], -down[0]])
    centre = mouth + 0.08 * reach * down
    lip = max(float((each[index] - centre) @ down) for each in (points, other) for index in _LIPS)
    chin = max(lip, *(float((each[_CHIN] - centre) @ down) for each in (points, other)))
    nose = float((centre - points[2]) @ down)
    above, below = max(0.25 * reach, 0.85 * nose), max(0.5 * reach, chin + 0.3 * reach)
    narrow = 1 - min(0.7, abs(yaw) / 90)
    wide = 0.8 * reach
    # Nothing is wanted outside this box, which is a small part of the crop.
    far_u, far_v = wide * np.abs(across), max(above, below) * np.abs(down)
    low = np.maximum(np.floor(centre - far_u - far_v).astype(int) - 1, 0)
    high = np.minimum(np.ceil(centre + far_u + far_v).astype(int) + 2, side)
    mask = np.zeros((side, side), np.float32)
    if (low >= high).any():
        return mask
    box = np.s_[low[1] : high[1], low[0] : high[0]]
    y, x = np.mgrid[box].astype(np.float32)
    dx, dy = x - centre[0], y - centre[1]
    u = dx * across[0] + dy * across[1]
    v = dx * down[0] + dy * down[1]
    # A face turned towards the picture's right shows less of the cheek on its right.
    far = u * across[0] * np.sign(yaw) > 0
    along = u / np.where(far, wide * narrow, wide)
    upright = np.where(v < 0, v / above, v / below)
    radius = np.sqrt(np.square(along) + np.square(upright))
    rise = np.clip((1 - radius) / 0.35, 0, 1)
    mask[box] = rise * rise * (3 - 2 * rise)
    return mask
