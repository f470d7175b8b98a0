"""One LSTM layer in numpy, as the speaker encoder and the segmentation network use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One LSTM layer, transposed for row vectors; gates in the order input, forget, cell, output."""

    of_input: Floats
    of_hidden: Floats
    bias: Floats


def read_layer(tensors: dict[str, Floats], number: int, suffix: str = "") -> Layer:
    """Return layer `number` of PyTorch's LSTM `lstm`; the suffix `_reverse` names the backward direction."""
    end = f"l{number}{suffix}"
    return Layer(
        np.ascontiguousarray(tensors[f"lstm.weight_ih_{end}"].T),
        np.ascontiguousarray(tensors[f"lstm.weight_hh_{end}"].T),
        tensors[f"lstm.bias_ih_{end}"] + tensors[f"lstm.bias_hh_{end}"],
    )


def run_layer(layer: Layer, sequence: Floats) -> Floats:
    """Return the hidden states (frames, batch, units) of one layer for `sequence` (frames, batch, inputs)."""
    frames, batch, _ = sequence.shape
    units = layer.of_hidden.shape[0]
    out = np.empty((frames, batch, units), np.float32)
    hidden, cell = np.zeros((batch, units), np.float32), np.zeros((batch, units), np.float32)
    for frame in range(frames):
        gates = sequence[frame] @ layer.of_input
        gates += hidden @ layer.of_hidden
        gates += layer.bias
        cell *= sigmoid(gates[:, units : 2 * units])
        cell += sigmoid(gates[:, :units]) * np.tanh(gates[:, 2 * units : 3 * units])
        hidden = sigmoid(gates[:, 3 * units :]) * np.tanh(cell)
        out[frame] = hidden
    return out


def sigmoid(x: Floats) -> Floats:
    """Return the logistic function, by tanh, which unlike exp cannot overflow."""
    return np.asarray(np.float32(0.5) * np.tanh(np.float32(0.5) * x) + np.float32(0.5), np.float32)
