"""Turn a face into a vector by which it is known again: the residual network of dlib (Davis King, 2017).

Its weights come as face-api packs them: 8-bit numbers with a scale for each layer. One vector a second is
enough, so numpy runs it. 150 by 150 pixels in, 128 numbers out; up to a distance of 0.6 between two vectors,
their faces are the same person's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rythmo.engines.adapters.mediapipe.networks import Floats, cut_square
from rythmo.faces.model import Face, Picture

WEIGHTS, MANIFEST = "face_recognition_model.bin", "face_recognition_model-weights_manifest.json"
SIDE = 150
DIMENSIONS = 128
# Where dlib's aligned faces have their eyes: how far apart and above the middle, in shares of the side.
_EYES_APART, _EYES_ABOVE = 47 / 150, 18 / 150
_EYES_TO_MOUTH = 0.96
"""The distance from the eyes to the mouth over that between the eyes, of a face from the front."""
_MEAN = np.array([122.782, 117.001, 104.298], np.float32)
_BLOCKS = (
    "conv32_1", "conv32_2", "conv32_3",
    "conv64_down", "conv64_1", "conv64_2", "conv64_3",
    "conv128_down", "conv128_1", "conv128_2",
    "conv256_down", "conv256_1", "conv256_2", "conv256_down_out",
)  # fmt: skip


class FaceRecognizer:
    """The network with its weights as 32-bit numbers."""

    def __init__(self, folder: Path) -> None:
        self._weights = _read_weights(folder)

    def describe_face(self, frame: Picture, face: Face) -> Floats:
        """Return the vector of a face of the frame, which must have points."""
        height, width = frame.shape[:2]
        right, left, _, *mouth = np.array(face.points[:5]) * (width, height)
        eyes, between = (right + left) / 2, left - right
        # Eyes come closer together when a face turns; its height stays.
        tall = float(np.linalg.norm(np.mean(mouth, axis=0) - eyes)) / _EYES_TO_MOUTH
        side = max(4.0, float(np.linalg.norm(between)), tall) / _EYES_APART
        angle = float(np.arctan2(between[1], between[0]))
        down = np.array([-np.sin(angle), np.cos(angle)]) * side * _EYES_ABOVE
        centre = eyes + down
        return self.describe(cut_square(frame, (float(centre[0]), float(centre[1])), side, angle, SIDE))

    def describe(self, crop: Floats) -> Floats:
        """Return the vector of an upright face: shape (150, 150, 3), RGB in 0 to 255."""
        values = _convolve((crop - _MEAN) / np.float32(256), self._layer("conv32_down"), 2, 0)
        values = _pool_highest(np.maximum(values, 0))
        for name in _BLOCKS:
            values = self._run_block(values, name)
        return np.asarray(values.mean(axis=(0, 1)) @ self._weights["fc"], np.float32)

    def _run_block(self, values: Floats, name: str) -> Floats:
        halves = "down" in name
        first = _convolve(values, self._layer(f"{name}/conv1"), 2 if halves else 1, 0 if halves else 1)
        out = _convolve(np.maximum(first, 0), self._layer(f"{name}/conv2"), 1, 1)
        return np.maximum(_add_padded(_halve(values) if halves else values, out), 0)

    def _layer(self, name: str) -> tuple[Floats, Floats, Floats]:
        """Return filters, and the factor and offset of each output: both affine steps in one."""
        filters, bias = self._weights[f"{name}/conv/filters"], self._weights[f"{name}/conv/bias"]
        factor, offset = self._weights[f"{name}/scale/weights"], self._weights[f"{name}/scale/biases"]
        return filters, factor, bias * factor + offset


def _read_weights(folder: Path) -> Mapping[str, Floats]:
    data = (folder / WEIGHTS).read_bytes()
    listed: list[dict[str, Any]] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    found: dict[str, Floats] = {}
    at = 0
    for entry in (one for group in listed for one in group["weights"]):
        packed = entry.get("quantization")
        kind = np.dtype("uint8" if packed else "<f4")
        count = int(np.prod(entry["shape"]))
        values = np.frombuffer(data, kind, count, at).astype(np.float32)
        if packed:
            values = values * np.float32(packed["scale"]) + np.float32(packed["min"])
        found[entry["name"]] = values.reshape(entry["shape"])
        at += count * kind.itemsize
    return found


def _convolve(values: Floats, layer: tuple[Floats, Floats, Floats], stride: int, pad: int) -> Floats:
    """Return the convolution of (h, w, c) with (k, k, c, out), scaled and shifted for each output."""
    filters, factor, offset = layer
    side, _, depth, outputs = filters.shape
    if pad:
        values = np.pad(values, ((pad, pad), (pad, pad), (0, 0)))
    rows, columns = ((length - side) // stride + 1 for length in values.shape[:2])
    if depth < side:
        # Few channels: one product of all windows is quicker than a thin one for each place of the filter.
        windows = np.lib.stride_tricks.sliding_window_view(values, (side, side), axis=(0, 1))
        windows = windows[::stride, ::stride].transpose(0, 1, 3, 4, 2)
        total = windows.reshape(rows * columns, -1) @ filters.reshape(-1, outputs)
    else:
        total = np.zeros((rows * columns, outputs), np.float32)
        for down in range(side):
            for right in range(side):
                part = values[down : down + rows * stride : stride, right : right + columns * stride : stride]
                total += part[:rows, :columns].reshape(rows * columns, depth) @ filters[down, right]
    return np.asarray((total * factor + offset).reshape(rows, columns, outputs), np.float32)


def _pool_highest(values: Floats) -> Floats:
    rows, columns = ((length - 3) // 2 + 1 for length in values.shape[:2])
    parts = [
        values[down : down + rows * 2 : 2, right : right + columns * 2 : 2][:rows, :columns]
        for down in range(3)
        for right in range(3)
    ]
    return np.asarray(np.maximum.reduce(parts), np.float32)


def _halve(values: Floats) -> Floats:
    rows, columns = (side // 2 * 2 for side in values.shape[:2])
    even = values[:rows, :columns]
    return np.asarray(even.reshape(rows // 2, 2, columns // 2, 2, -1).mean(axis=(1, 3)), np.float32)


def _add_padded(one: Floats, other: Floats) -> Floats:
    """Return the sum of two maps; the smaller is filled up with zeros at its ends, in each dimension."""
    shape = tuple(max(pair) for pair in zip(one.shape, other.shape, strict=True))
    total = np.zeros(shape, np.float32)
    for part in (one, other):
        total[: part.shape[0], : part.shape[1], : part.shape[2]] += part
    return total
