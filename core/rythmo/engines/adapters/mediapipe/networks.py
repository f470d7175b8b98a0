"""Load MediaPipe's networks with LiteRT, and cut the pictures that they look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.model import Picture

Floats = NDArray[np.float32]


class Network:
    """One TFLite model on one thread; not to be used from two threads at once."""

    def __init__(self, file: Path, outputs: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._model: Any = Interpreter(model_path=str(file), num_threads=1)
        self._model.allocate_tensors()
        self._input = self._model.get_input_details()[0]["index"]
        self._outputs = [one["index"] for one in self._model.get_output_details()[:outputs]]

    def run(self, values: Floats) -> list[Floats]:
        """Return the outputs for one picture of shape (side, side, 3)."""
        self._model.set_tensor(self._input, values[np.newaxis])
        self._model.invoke()
        return [np.asarray(self._model.get_tensor(index)) for index in self._outputs]


def cut_square(frame: Picture, centre: tuple[float, float], side: float, angle: float, size: int) -> Floats:
    """Return a square of the frame, turned by `angle` (radians, clockwise), as (size, size, 3) in 0 to 255.

    `centre` and `side` are in pixels. What lies outside the frame repeats its edge. Bilinear.
    """
    height, width = frame.shape[:2]
    steps = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5) * np.float32(side)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    x = centre[0] - 0.5 + cos * steps[None, :] - sin * steps[:, None]
    y = centre[1] - 0.5 + sin * steps[None, :] + cos * steps[:, None]
    x = np.clip(x, 0, width - 1.001).astype(np.float32)
    y = np.clip(y, 0, height - 1.001).astype(np.float32)
    left, top = x.astype(np.int32), y.astype(np.int32)
    right = np.asarray(x - left, np.float32)[..., None]
    down = np.asarray(y - top, np.float32)[..., None]
    at = top * width + left
    flat = frame.reshape(-1, 3)
    upper = _mix(flat[at], flat[at + 1], right)
    lower = _mix(flat[at + width], flat[at + width + 1], right)
    return _mix(upper, lower, down)


def _mix(one: NDArray[Any], other: NDArray[Any], share: Floats) -> Floats:
    first = one.astype(np.float32)
    return np.asarray(first + (other.astype(np.float32) - first) * share, np.float32)


def shrink(frame: Picture, factor: int) -> Picture:
    """Return the frame at 1/`factor` of its size: the mean of pixels on the diagonal of each block.

    A full mean of each block costs several times as much and finds the same faces.
    """
    if factor <= 1:
        return frame
    height, width = (side // factor * factor for side in frame.shape[:2])
    total = np.zeros((height // factor, width // factor, 3), np.uint16)
    for step in range(factor):
        total += frame[step:height:factor, step:width:factor]
    return np.ascontiguousarray(total // factor, np.uint8)
