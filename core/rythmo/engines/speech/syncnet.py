"""The network SyncNet (Chung and Zisserman, 2016) in numpy: five mouths, or a fifth of a second of sound, in;
a vector out. A mouth and its sound give vectors that are near each other.

The weights are read from the authors' checkpoint (`syncnet_v2.model`) as plain tensors, without running code
from it. Both halves are convolutions with batch normalization, which is folded into their weights here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.local.checkpoint import read_tensors
from rythmo.engines.local.model_files import find_weights
from rythmo.errors import EngineFailedError

Floats = NDArray[np.float32]
FILE = "syncnet_v2.model"
_VARIABLE = "RYTHMO_SYNCNET_MODEL"
SIDE = 224
"""Pixels of a crop."""
MOUTHS = 5
"""Frames, of 25 a second, that one vector is made from."""
WINDOWS = 20
"""Windows of sound, of 100 a second, that one vector is made from."""
WINDOWS_A_FRAME = 4
DIMENSIONS = 1024
_SMALL = 1e-5
_LAYERS = (0, 4, 8, 11, 14, 18)
"""The places of the convolutions in the checkpoint; each is followed by its normalization."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Stride and padding of a convolution, and size, stride and padding of the maximum after it; 0: none."""

    stride: int = 1
    pad: int = 0
    pool: int = 0
    pool_stride: tuple[int, int] = (1, 1)
    pool_pad: int = 0


_MOUTH = (
    _Shape(2, 0, 3, (2, 2)), _Shape(2, 1, 3, (2, 2), 1),
    _Shape(1, 1), _Shape(1, 1), _Shape(1, 1, 3, (2, 2)), _Shape(),
)  # fmt: skip
_SOUND = (
    _Shape(1, 1), _Shape(1, 1, 3, (1, 2)), _Shape(1, 1), _Shape(1, 1), _Shape(1, 1, 3, (2, 2)), _Shape(),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """A convolution with its normalization: filters (out, c, down, right), an offset for each output."""

    filters: Floats
    offset: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """The layers of one half, and its two linear ones as (matrix, offset)."""

    layers: tuple[_Layer, ...]
    shapes: tuple[_Shape, ...]
    linear: tuple[tuple[Floats, Floats], tuple[Floats, Floats]]

    def describe(self, values: Floats) -> Floats:
        """Return the vector of values of shape (h, w, c)."""
        for layer, shape in zip(self.layers, self.shapes, strict=True):
            values = np.maximum(_convolve(values, layer, shape), 0)
            if shape.pool:
                values = _pool_highest(values, shape)
        (first, add), (second, bias) = self.linear
        return np.asarray(second @ np.maximum(first @ values.ravel() + add, 0) + bias, np.float32)


class SyncNet:
    """The network with its weights."""

    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        """Take the checkpoint's tensors, by name. Raises EngineFailedError when they are not SyncNet's."""
        try:
            self._mouth = _read_half(tensors, "lip", _MOUTH)
            self._sound = _read_half(tensors, "aud", _SOUND)
        except (KeyError, ValueError) as error:
            raise EngineFailedError(
                f"These weights are not SyncNet's: {error}.", hint="Name the file syncnet_v2.model."
            ) from error

    def describe_mouths(self, crops: NDArray[np.uint8]) -> Floats:
        """Return a vector for each five crops in a row, shape (n - 4, 1024).

        `crops`, shape (n, 224, 224, 3), are RGB, at 25 frames a second.
        """
        # The network was trained with blue first, and with values as they are stored.
        fives = (crops[at : at + MOUTHS, ..., ::-1] for at in range(len(crops) - MOUTHS + 1))
        found = [self._mouth.describe(np.concatenate(five, axis=2).astype(np.float32)) for five in fives]
        return np.stack(found) if found else np.zeros((0, DIMENSIONS), np.float32)

    def describe_sounds(self, cepstrum: NDArray[np.float64]) -> Floats:
        """Return a vector for each frame with 20 windows of sound from its beginning on, shape (n, 1024).

        `cepstrum`, shape (windows, 13), begins with the first frame.
        """
        count = max(0, (len(cepstrum) - WINDOWS) // WINDOWS_A_FRAME + 1)
        parts: Sequence[Floats] = [
            cepstrum[at : at + WINDOWS].T[..., None].astype(np.float32)
            for at in range(0, count * WINDOWS_A_FRAME, WINDOWS_A_FRAME)
        ]
        found = [self._sound.describe(part) for part in parts]
        return np.stack(found) if found else np.zeros((0, DIMENSIONS), np.float32)


def find_syncnet() -> Path | None:
    """Return the authors' checkpoint where the user has put it; None where it is not on this machine.

    It lies in a folder `syncnet` of the models folder, or in the one that RYTHMO_SYNCNET_MODEL names. No
    licence of the weights is known, so they are in no catalogue and nothing downloads them.
    """
    folder = find_weights(("syncnet",), (), (FILE,), _VARIABLE)
    return folder / FILE if folder else None


def load_syncnet(path: Path) -> SyncNet:
    """Read the checkpoint. Raises EngineFailedError if it is damaged, or another network's."""
    return SyncNet(read_tensors(path, ""))


def _read_half(tensors: Mapping[str, Floats], name: str, shapes: tuple[_Shape, ...]) -> _Half:
    layers = []
    for at in _LAYERS:
        filters = tensors[f"netcnn{name}.{at}.weight"]
        scale, offset = _read_normalization(tensors, f"netcnn{name}.{at + 1}")
        bias = tensors[f"netcnn{name}.{at}.bias"]
        if filters.ndim == 5:
            # Frame by frame, as the crops are laid behind each other.
            filters = filters.transpose(0, 2, 1, 3, 4).reshape(len(filters), -1, *filters.shape[3:])
        layers.append(_Layer(filters * scale[:, None, None, None], bias * scale + offset))
    expected = 3 * MOUTHS if name == "lip" else 1
    if layers[0].filters.shape[1] != expected:
        raise ValueError(f"netcnn{name}.0 has {layers[0].filters.shape[1]} inputs, not {expected}")
    scale, offset = _read_normalization(tensors, f"netfc{name}.1")
    first = tensors[f"netfc{name}.0.weight"] * scale[:, None]
    add = tensors[f"netfc{name}.0.bias"] * scale + offset
    second = tensors[f"netfc{name}.3.weight"], tensors[f"netfc{name}.3.bias"]
    return _Half(tuple(layers), shapes, ((first, add), second))


def _read_normalization(tensors: Mapping[str, Floats], name: str) -> tuple[Floats, Floats]:
    """Return the factor and offset of a batch normalization as it is used after training."""
    scale = tensors[f"{name}.weight"] / np.sqrt(tensors[f"{name}.running_var"] + np.float32(_SMALL))
    return scale, tensors[f"{name}.bias"] - tensors[f"{name}.running_mean"] * scale


def _convolve(values: Floats, layer: _Layer, shape: _Shape) -> Floats:
    """Return the convolution of (h, w, c)."""
    outputs, _, down, right = layer.filters.shape
    if shape.pad:
        values = np.pad(values, ((shape.pad, shape.pad), (shape.pad, shape.pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(values, (down, right), axis=(0, 1))
    windows = windows[:: shape.stride, :: shape.stride]
    rows, columns = windows.shape[:2]
    total = windows.reshape(rows * columns, -1) @ layer.filters.reshape(outputs, -1).T
    return np.asarray((total + layer.offset).reshape(rows, columns, outputs), np.float32)


def _pool_highest(values: Floats, shape: _Shape) -> Floats:
    if shape.pool_pad:
        pads = (shape.pool_pad, shape.pool_pad)
        values = np.pad(values, (pads, pads, (0, 0)), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(values, (shape.pool, shape.pool), axis=(0, 1))
    down, right = shape.pool_stride
    return np.asarray(windows[::down, ::right].max(axis=(3, 4)), np.float32)
