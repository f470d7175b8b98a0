"""Turn planes of a picture into RGB and back, as their format says. Pure.

Values of planes and of RGB are 32-bit floats from 0 to 255 here, whatever the depth of the samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.media.planes import PixelFormat, Plane, Planes

Floats = NDArray[np.float32]
_WEIGHTS = {"601": (0.299, 0.114), "709": (0.2126, 0.0722), "2020": (0.2627, 0.0593), "240m": (0.212, 0.087)}
"""Kr and Kb of each matrix (ITU-T H.273)."""
_BAND = 32
"""Rows that are converted at a time; whole cells of chroma."""


def planes_to_rgb(planes: Planes, pixels: PixelFormat) -> Floats:
    """Return shape (height, width, 3) of planes of one size or with smaller chroma, within 0 to 255."""
    rgb = np.empty((*planes[0].shape, 3), np.float32)
    for rows, band in _convert_bands(planes, pixels):
        rgb[rows] = band
    return rgb


def planes_to_bytes(planes: Planes, pixels: PixelFormat) -> NDArray[np.uint8]:
    """Return what `planes_to_rgb` does, rounded."""
    rgb = np.empty((*planes[0].shape, 3), np.uint8)
    for rows, band in _convert_bands(planes, pixels):
        rgb[rows] = np.rint(band, out=band)
    return rgb


def _convert_bands(planes: Planes, pixels: PixelFormat) -> Iterator[tuple[slice, Floats]]:
    """Yield some rows and their RGB at a time, as many as fit a processor's cache: that is thrice as fast."""
    height = len(planes[0])
    for first in range(0, height, _BAND):
        rows, cells = (slice(first // down, -(-(first + _BAND) // down)) for down in (1, pixels.down))
        band = planes[0][rows], planes[1][cells], planes[2][cells]
        yield slice(first, first + _BAND), _convert(band, pixels)


def _convert(planes: Planes, pixels: PixelFormat) -> Floats:
    height, width = planes[0].shape
    one, two, three = (_as_bytes(plane, pixels) for plane in planes)
    if pixels.matrix == "rgb":
        return np.stack([three, one, two], axis=2)
    kr, kb = _WEIGHTS[pixels.matrix]
    luma, chroma = (1.0, 1.0) if pixels.full_range else (255 / 219, 255 / 224)
    y = (one - (0 if pixels.full_range else 16)) * np.float32(luma)
    # Chroma is weighted at its own size.
    red = (three - 128) * np.float32(chroma) * np.float32(2 * (1 - kr))
    blue = (two - 128) * np.float32(chroma) * np.float32(2 * (1 - kb))
    r, b = y + _enlarge(red, pixels, height, width), y + _enlarge(blue, pixels, height, width)
    g = (y - np.float32(kr) * r - np.float32(kb) * b) / np.float32(1 - kr - kb)
    return np.stack([np.clip(channel, 0, 255, out=channel) for channel in (r, g, b)], axis=2)


def rgb_to_planes(rgb: Floats, pixels: PixelFormat) -> tuple[Floats, Floats, Floats]:
    """Return planes of RGB, with chroma as small as the format has it, 0 to 255."""
    r, g, b = (rgb[..., channel] for channel in range(3))
    if pixels.matrix == "rgb":
        return g, b, r
    kr, kb = _WEIGHTS[pixels.matrix]
    y = np.float32(kr) * r + np.float32(1 - kr - kb) * g + np.float32(kb) * b
    luma, chroma = (1.0, 1.0) if pixels.full_range else (219 / 255, 224 / 255)
    u = (b - y) * np.float32(chroma / (2 * (1 - kb))) + 128
    v = (r - y) * np.float32(chroma / (2 * (1 - kr))) + 128
    offset = 0 if pixels.full_range else 16
    return y * np.float32(luma) + np.float32(offset), average_cells(u, pixels), average_cells(v, pixels)


def average_cells(plane: Floats, pixels: PixelFormat) -> Floats:
    """Return the mean of the pixels that share a chroma sample."""
    cells = _cells(plane, pixels)
    return np.asarray(cells.mean(axis=(1, 3)), np.float32)


def least_of_cells(plane: Floats, pixels: PixelFormat) -> Floats:
    """Return the least of the pixels that share a chroma sample."""
    return np.asarray(_cells(plane, pixels).min(axis=(1, 3)), np.float32)


def _cells(plane: Floats, pixels: PixelFormat) -> Floats:
    height, width = plane.shape
    down, across = -height % pixels.down, -width % pixels.across
    if down or across:
        plane = np.pad(plane, ((0, down), (0, across)), mode="edge")
    height, width = plane.shape
    return plane.reshape(height // pixels.down, pixels.down, width // pixels.across, pixels.across)


def _enlarge(plane: Floats, pixels: PixelFormat, height: int, width: int) -> Floats:
    if plane.shape == (height, width):
        return plane
    wide = np.repeat(np.repeat(plane, pixels.down, axis=0), pixels.across, axis=1)
    return np.asarray(wide[:height, :width])


def _as_bytes(plane: Plane, pixels: PixelFormat) -> Floats:
    return plane.astype(np.float32) * np.float32(1 / (1 << (pixels.bits - 8)))


def from_bytes(values: Floats, pixels: PixelFormat) -> NDArray[Any]:
    """Return samples of the format's depth, rounded."""
    most = (1 << pixels.bits) - 1
    scaled = np.rint(values * np.float32(1 << (pixels.bits - 8)))
    return np.asarray(np.clip(scaled, 0, most), pixels.dtype)
