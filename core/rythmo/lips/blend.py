"""Put an engine's mouths into the picture: soft mask, colour and grain of the original. Pure.

Samples where the mask is 0 are not touched: not in luma, and not in a chroma sample that any untouched pixel
shares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.lips.colours import (
    Floats,
    from_bytes,
    least_of_cells,
    planes_to_bytes,
    planes_to_rgb,
    rgb_to_planes,
)
from rythmo.media.planes import PixelFormat, Plane, Planes

Bytes = NDArray[np.uint8]
_EDGE = 0.03
"""The share of the square's side at its edge in which nothing is changed."""
_HARD = 80
"""A step between neighbouring pixels of a mask that makes it a hard one, which is softened."""
_SOFT = 0.04
"""How far a hard mask is softened inwards, as a share of the side."""
_GRID = 4
"""Pixels of the largest cell of chroma: parts are cut on its borders."""
_LEAST_RING = 40
_WHOLE = (slice(None), slice(None))
_MOST_GRAIN = 12.0
"""The most noise that is added, as a standard deviation in 8-bit steps: more is texture, not grain."""
_GRAIN_FROM, _GRAIN_TO = 0.15, 0.7
"""The part of the mask in which the new crop's noise is compared with the original's: both show cheeks."""


@dataclass(frozen=True, slots=True)
class Square:
    """Where a crop lies in the picture: its corner, its side, and its side in the engine's pixels."""

    left: int
    top: int
    side: int
    size: int


@dataclass(frozen=True, slots=True)
class _Area:
    """A rectangle of the picture, which begins and ends on whole cells of chroma where it can."""

    left: int
    top: int
    width: int
    height: int


def cut_crop(planes: Planes, pixels: PixelFormat, square: Square) -> Bytes:
    """Return the crop that an engine gets: RGB, shape (size, size, 3).

    Outside the picture its edge repeats.
    """
    area = _Area(square.left, square.top, square.side, square.side)
    parts = _cut_planes(planes, pixels, area)
    if square.size == square.side:
        return planes_to_bytes(parts, pixels)
    # A close-up is made smaller before it becomes RGB: there are far fewer samples.
    one, two, three = (resize(plane.astype(np.float32), square.size) for plane in parts)
    return planes_to_bytes((one, two, three), replace(pixels, across=1, down=1))


def _cut_rgb(planes: Planes, pixels: PixelFormat, area: _Area) -> Floats:
    """Return a part of the picture at its own size, in RGB."""
    return planes_to_rgb(_cut_planes(planes, pixels, area), pixels)


def _cut_planes(planes: Planes, pixels: PixelFormat, area: _Area) -> Planes:
    """Return the planes of a part of the picture; outside of it, its edge repeats."""
    parts = []
    for index, plane in enumerate(planes):
        across, down = (pixels.across, pixels.down) if index else (1, 1)
        top, bottom = area.top // down, (area.top + area.height) // down
        left, right = area.left // across, (area.left + area.width) // across
        if top >= 0 and left >= 0 and bottom <= plane.shape[0] and right <= plane.shape[1]:
            parts.append(plane[top:bottom, left:right])
            continue
        rows = np.clip(np.arange(top, bottom), 0, plane.shape[0] - 1)
        columns = np.clip(np.arange(left, right), 0, plane.shape[1] - 1)
        parts.append(plane.take(rows, axis=0).take(columns, axis=1))
    return parts[0], parts[1], parts[2]


def blend_frame(
    planes: Planes, pixels: PixelFormat, square: Square, new: Bytes, mask: Bytes, weight: float, number: int
) -> Planes:
    """Return the planes with a new mouth in them.

    `new` and `mask` are an engine's frame, `weight` how far a ramp has come, `number` the frame's number,
    which seeds its grain.
    """
    soft = _soften_mask(mask, square) * np.float32(weight)
    rows, columns = _find_span(soft.max(axis=1) > 0), _find_span(soft.max(axis=0) > 0)
    if rows is None or columns is None:
        return planes
    part = np.s_[rows[0] : rows[1], columns[0] : columns[1]]
    area = _Area(square.left + columns[0], square.top + rows[0], columns[1] - columns[0], rows[1] - rows[0])
    before, soft = _cut_rgb(planes, pixels, area), soft[part]
    made = _enlarge_new(new, mask, square.side, part)
    if np.array_equal(made[soft > 0], np.rint(before[soft > 0])):
        return planes
    fitted = add_grain(match_colours(made, before, soft), before, soft, number)
    # Only what the engine changed is laid on the original, so that its finer steps are not lost.
    change = fitted - np.rint(before) if square.size == square.side else fitted - before
    return _lay(planes, pixels, area, before, change, soft)


def _soften_mask(mask: Bytes, square: Square) -> Floats:
    """Return the mask as it is laid, at the picture's size, computed only where something is in it."""
    soft = np.zeros((square.side, square.side), np.float32)
    # A hard edge is softened over so many pixels, and enlarging spreads it over two more.
    box = _find_box(mask, max(1, round(_SOFT * square.size)) + 2)
    if box is None:
        return soft
    small = np.zeros(mask.shape, np.float32)
    small[box] = make_mask(mask[box], square.size, box)
    ratio = square.side / square.size
    rows, columns = (slice(max(0, int(one.start * ratio) - 2), int(one.stop * ratio) + 3) for one in box)
    soft[rows, columns] = resize_mask(small, square.side, (rows, columns))
    return soft


def _find_box(mask: Bytes, reach: int) -> tuple[slice, slice] | None:
    """Return the rows and columns in which a mask is not 0, and `reach` more around; None for nothing."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return None
    spans = (
        (int(one[0]), int(one[-1]) + 1, size) for one, size in zip((rows, columns), mask.shape, strict=True)
    )
    down, across = (slice(max(0, low - reach), min(size, high + reach)) for low, high, size in spans)
    return down, across


def _find_span(wanted: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return the span of what is wanted, widened to whole cells; None for nothing."""
    found = np.flatnonzero(wanted)
    if not found.size:
        return None
    return int(found[0]) // _GRID * _GRID, min(len(wanted), -(-(int(found[-1]) + 1) // _GRID) * _GRID)


def _enlarge_new(new: Bytes, mask: Bytes, side: int, part: tuple[slice, slice]) -> Floats:
    """Return a part of the new crop at the picture's size. What lies outside the mask does not shine in."""
    if new.shape[0] == side:
        return new[part].astype(np.float32)
    wanted = (mask > 0).astype(np.float32)
    shown, box = np.zeros(new.shape, np.float32), _find_box(mask, 0)
    if box is not None:
        shown[box] = new[box] * wanted[box][..., None]
    whole = resize(shown, side, part)
    return np.asarray(whole / np.maximum(resize(wanted, side, part), 1e-3)[..., None], np.float32)


def _lay(
    planes: Planes, pixels: PixelFormat, area: _Area, before: Floats, change: Floats, mask: Floats
) -> Planes:
    now = rgb_to_planes(before + change, pixels)
    then = rgb_to_planes(before, pixels)
    small = least_of_cells(mask, pixels) if pixels.matrix != "rgb" else mask
    result = []
    for index, plane in enumerate(planes):
        across, down = (pixels.across, pixels.down) if index else (1, 1)
        part = mask if index == 0 else small
        height, width = plane.shape
        top, left = area.top // down, area.left // across
        rows = slice(max(0, top), min(height, top + part.shape[0]))
        columns = slice(max(0, left), min(width, left + part.shape[1]))
        inside = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
        change_here = (now[index] - then[index])[inside]
        result.append(_add_to_plane(plane, (rows, columns), part[inside], change_here, pixels))
    return result[0], result[1], result[2]


def _add_to_plane(
    plane: Plane, where: tuple[slice, slice], mask: Floats, change: Floats, pixels: PixelFormat
) -> Plane:
    if not mask.any():
        return plane
    own = plane[where]
    scale = np.float32(1 / (1 << (pixels.bits - 8)))
    new = from_bytes(own.astype(np.float32) * scale + mask * change, pixels)
    copy = plane.copy()
    copy[where] = np.where(mask > 0, new, own)
    return copy


def make_mask(mask: Bytes, size: int, box: tuple[slice, slice] = _WHOLE) -> Floats:
    """Return a mask within 0 to 1 that is soft, lies within the engine's, and spares the square's edge.

    `mask` may be the part `box` of a mask of that size.
    """
    values = mask.astype(np.float32) / np.float32(255)
    steps = max(
        (int(np.abs(np.diff(mask.astype(np.int16), axis=axis)).max(initial=0)) for axis in (0, 1)), default=0
    )
    if steps > _HARD:
        blurred = blur(values, max(1, round(_SOFT * size)))
        values = np.clip(blurred * 2 - 1, 0, 1) * (values > 0)
    border = max(1, round(_EDGE * size))
    ramp = np.clip((np.arange(size, dtype=np.float32) + 0.5) / border - 1, 0, 1)
    ramp = np.minimum(ramp, ramp[::-1])
    return np.asarray(values * ramp[box[0], None] * ramp[None, box[1]], np.float32)


def match_colours(new: Floats, old: Floats, mask: Floats) -> Floats:
    """Return the new crop with the original's colour and light, as the rim of the mask shows them.

    A plane is laid through the differences on the rim for each channel: light falls off over a face.
    """
    rim = (mask > 0.02) & (mask < 0.5)
    if rim.sum() < _LEAST_RING:
        return new
    rows, columns = np.nonzero(rim)
    down, across = (np.linspace(-1, 1, length, dtype=np.float32) for length in mask.shape)
    terms = np.stack([np.ones(len(rows)), across[columns], down[rows]], axis=1)
    differences = (old - new)[rim].astype(np.float64)
    # Lines and hair on the rim are no matter of colour: only the half nearest to the median counts.
    off = np.abs(differences - np.median(differences, axis=0)).sum(axis=1)
    near = off <= np.median(off)
    found, *_ = np.linalg.lstsq(terms[near], differences[near], rcond=None)
    level, right, below = found.astype(np.float32)
    shift = level + across[None, :, None] * right + down[:, None, None] * below
    return np.asarray(np.clip(new + shift, 0, 255), np.float32)


def add_grain(new: Floats, old: Floats, mask: Floats, seed: int) -> Floats:
    """Return the new crop with as much noise as the original has around the mouth.

    Engines give back smooth skin. The noise is the same for the same frame in each run.
    """
    rim = (mask > _GRAIN_FROM) & (mask < _GRAIN_TO)
    if rim.sum() < _LEAST_RING:
        return new
    there, wanted = _measure_grain(new, rim), _measure_grain(old, rim)
    lacking = float(np.sqrt(max(0.0, wanted**2 - there**2)))
    if lacking < 0.3:
        return new
    noise = np.random.default_rng(seed).standard_normal(new.shape[:2]).astype(np.float32)
    return np.asarray(np.clip(new + (min(lacking, _MOST_GRAIN) * noise)[..., None], 0, 255), np.float32)


def _measure_grain(rgb: Floats, where: NDArray[np.bool_]) -> float:
    """Return the standard deviation of the noise in luma (Immerkaer, 1996), by its median."""
    luma = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    inner = luma[1:-1, 1:-1] * 4 + luma[:-2, :-2] + luma[:-2, 2:] + luma[2:, :-2] + luma[2:, 2:]
    inner -= 2 * (luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:])
    values = np.abs(inner[where[1:-1, 1:-1]])
    return float(np.median(values)) / 0.6745 / 6 if values.size else 0.0


def blur(values: Floats, reach: int) -> Floats:
    """Return the mean over squares of 2 * reach + 1, shape (height, width)."""
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (reach + 1, reach)
        total = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis, dtype=np.float64)
        width = 2 * reach + 1
        ahead = total[width:] if axis == 0 else total[:, width:]
        behind = total[:-width] if axis == 0 else total[:, :-width]
        values = ((ahead - behind) / width).astype(np.float32)
    return values


def resize(picture: Floats, size: int, part: tuple[slice, slice] = _WHOLE) -> Floats:
    """Return a picture, or a part of it, as a square of that size.

    It has the shape (height, width) or (height, width, 3). Bilinear, and the mean of what falls together when
    smaller.
    """
    height, width = picture.shape[:2]
    if (height, width) == (size, size):
        return picture[part]
    rows, columns = part
    tall = _weigh_rows(_find_taps(height, size)[rows], picture)
    wide = _weigh_rows(_find_taps(width, size)[columns], np.swapaxes(tall, 0, 1))
    return np.ascontiguousarray(np.swapaxes(wide, 0, 1))


def resize_mask(mask: Floats, size: int, part: tuple[slice, slice] = _WHOLE) -> Floats:
    """Return a mask, or a part of it, at another size; what was 0 stays 0."""
    smooth = resize(mask, size, part)
    return smooth if mask.shape[0] == size else np.where(smooth > 1 / 512, smooth, np.float32(0))


def _weigh_rows(taps: Any, values: Floats) -> Floats:
    """Return the weighted sums of rows, for values of shape (rows, columns) or (rows, columns, 3)."""
    flat = np.ascontiguousarray(values).reshape(len(values), -1)
    return np.asarray(taps @ flat, np.float32).reshape(taps.shape[0], *values.shape[1:])


@lru_cache(maxsize=32)
def _find_taps(old: int, new: int) -> Any:
    """Return the weight of each old row in each new one, a sparse array (new, old): triangles as wide as the
    coarser grid."""
    from scipy.sparse import csr_array

    ratio = old / new
    centres = (np.arange(new) + 0.5) * ratio - 0.5
    reach = max(1.0, ratio)
    first = np.floor(centres - reach).astype(np.int64) + 1
    index = first[:, None] + np.arange(int(np.ceil(2 * reach)))
    weights = np.clip(1 - np.abs(index - centres[:, None]) / reach, 0, None)
    weights[(index < 0) | (index >= old)] = 0.0
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    ends = np.arange(0, index.size + 1, index.shape[1])
    return csr_array((weights.ravel(), np.clip(index, 0, old - 1).ravel(), ends), shape=(new, old))
