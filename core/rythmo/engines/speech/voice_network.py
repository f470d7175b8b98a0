"""Vectors of voices by CAM++ in numpy (Wang et al., 2023; weights of 3D-Speaker, Apache-2.0).

Its input are logarithmic mel energies (voice_features.py), of which the mean is taken away. A small
two-dimensional residual network, then 52 densely connected convolutions over time, each of which is masked
by the context of its second, then mean and deviation over time and one linear layer: 192 values.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.local.checkpoint import read_tensors
from rythmo.engines.speech.lstm import sigmoid

Floats = NDArray[np.float32]

DIMENSIONS = 192
LEAST_FRAMES = 60
"""Frames of 10 ms under which the features are repeated."""
_BLOCKS = ((12, 1), (24, 2), (16, 2))
"""Layers of each block, and their dilation."""
_CONTEXT = 100
"""Frames (of 20 ms there) whose mean is a layer's context."""
_SMALL = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class VoiceNetwork:
    """The network's weights: matrices with their batch normalisation folded in, and (scale, shift) pairs."""

    matrices: dict[str, tuple[Floats, Floats]]
    scales: dict[str, tuple[Floats, Floats]]


def load_network(path: Path) -> VoiceNetwork:
    """Read the checkpoint; raises EngineFailedError if it is damaged."""
    tensors = read_tensors(path, "")
    norms = {
        name.removesuffix(".running_mean"): _scale(tensors, name.removesuffix(".running_mean"))
        for name in tensors
        if name.endswith(".running_mean")
    }
    matrices = {
        name.removesuffix(".weight"): _matrix(tensors, norms, name.removesuffix(".weight"))
        for name, value in tensors.items()
        if name.endswith(".weight") and value.ndim > 1
    }
    return VoiceNetwork(matrices, norms)


def _scale(tensors: dict[str, Floats], norm: str) -> tuple[Floats, Floats]:
    """Return factor and summand of a batch normalisation."""
    factor = 1 / np.sqrt(tensors[f"{norm}.running_var"] + _SMALL)
    if f"{norm}.weight" in tensors:
        factor = factor * tensors[f"{norm}.weight"]
    shift = tensors.get(f"{norm}.bias", np.float32(0)) - tensors[f"{norm}.running_mean"] * factor
    return factor.astype(np.float32), np.asarray(shift, np.float32)


def _matrix(
    tensors: dict[str, Floats], norms: dict[str, tuple[Floats, Floats]], name: str
) -> tuple[Floats, Floats]:
    """Return a convolution as a matrix for rows of neighbouring values, and its bias."""
    weight = tensors[f"{name}.weight"]
    factor, shift = norms.get(_norm_after(name), (np.float32(1), np.float32(0)))
    order = (*range(2, weight.ndim), 1, 0)
    matrix = np.ascontiguousarray(weight.transpose(order).reshape(-1, weight.shape[0]) * factor, np.float32)
    return matrix, np.asarray(tensors.get(f"{name}.bias", np.float32(0)) * factor + shift, np.float32)


def _norm_after(convolution: str) -> str:
    """Return the name of the normalisation that follows a convolution, or one that doesn't exist."""
    above, _, last = convolution.rpartition(".")
    if last.startswith("conv"):
        return f"{above}.{last.replace('conv', 'bn')}"
    if above.endswith("shortcut"):
        return f"{above}.1"
    if above.endswith((".tdnn", ".dense")):
        return f"{above}.nonlinear.batchnorm"
    return f"{above}.nonlinear2.batchnorm" if ".tdnnd" in above and last == "linear1" else ""


def embed_features(network: VoiceNetwork, features: Floats) -> Floats:
    """Return unit vectors (n, 192) of mel energies (n, frames, 80), whose mean is taken away here."""
    from threadpoolctl import threadpool_limits

    # One thread: the products are too small to gain from several.
    with threadpool_limits(limits=1, user_api="blas"):
        centred = features - features.mean(axis=1, keepdims=True)
        raw = _over_time(network, _in_two_dimensions(network, centred.transpose(0, 2, 1)[..., None]))
    length = np.linalg.norm(raw, axis=-1, keepdims=True)
    return np.asarray(raw / np.maximum(length, 1e-9), np.float32)


def pieces(features: Floats, frames: int) -> list[Floats]:
    """Cut features (n, 80) into pieces of about `frames`; fewer than `LEAST_FRAMES` are repeated."""
    if not len(features):
        return []
    if len(features) < LEAST_FRAMES:
        return [np.tile(features, (-(-LEAST_FRAMES // len(features)), 1))]
    return np.array_split(features, -(-len(features) // frames))


def _in_two_dimensions(network: VoiceNetwork, planes: Floats) -> Floats:
    """Return (n, frames, 320) from (n, 80, frames, 1)."""
    planes = _relu(_convolve_plane(network, planes, "head.conv1"))
    for stage in ("head.layer1", "head.layer2"):
        planes = _residual(network, planes, f"{stage}.0", 2)
        planes = _residual(network, planes, f"{stage}.1", 1)
    planes = _relu(_convolve_plane(network, planes, "head.conv2", 2))
    count, _, frames, _ = planes.shape
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)).reshape(count, frames, -1)


def _residual(network: VoiceNetwork, planes: Floats, name: str, step: int) -> Floats:
    inner = _relu(_convolve_plane(network, planes, f"{name}.conv1", step))
    outer = _convolve_plane(network, inner, f"{name}.conv2")
    shortcut = network.matrices.get(f"{name}.shortcut.0")
    outer += planes if shortcut is None else planes[:, ::step] @ shortcut[0] + shortcut[1]
    return _relu(outer)


def _convolve_plane(network: VoiceNetwork, planes: Floats, name: str, step: int = 1) -> Floats:
    """Convolve (n, bands, frames, channels) with 3 x 3, every `step` bands."""
    matrix, bias = network.matrices[name]
    bands, frames = planes.shape[1:3]
    padded = np.pad(planes, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifted = [padded[:, i : i + bands : step, j : j + frames] for i in range(3) for j in range(3)]
    return np.asarray(np.concatenate(shifted, axis=-1) @ matrix + bias, np.float32)


def _over_time(network: VoiceNetwork, rows: Floats) -> Floats:
    """Return (n, 192) from (n, frames, 320)."""
    rows = _relu(_convolve_time(network, rows, "xvector.tdnn.linear", 5, step=2))
    for number, (layers, dilation) in enumerate(_BLOCKS, start=1):
        for layer in range(1, layers + 1):
            rows = np.concatenate(
                [rows, _dense_layer(network, rows, f"xvector.block{number}.tdnnd{layer}", dilation)], axis=-1
            )
        name = f"xvector.transit{number}"
        rows = _before(network, rows, f"{name}.nonlinear") @ network.matrices[f"{name}.linear"][0]
    rows = _before(network, rows, "xvector.out_nonlinear")
    statistics = np.concatenate([rows.mean(axis=1), rows.std(axis=1, ddof=1)], axis=-1)
    matrix, bias = network.matrices["xvector.dense.linear"]
    return np.asarray(statistics @ matrix + bias, np.float32)


def _dense_layer(network: VoiceNetwork, rows: Floats, name: str, dilation: int) -> Floats:
    matrix, bias = network.matrices[f"{name}.linear1"]
    inner = _relu(_before(network, rows, f"{name}.nonlinear1") @ matrix + bias)
    local = _convolve_time(network, inner, f"{name}.cam_layer.linear_local", 3, dilation=dilation)
    first, first_bias = network.matrices[f"{name}.cam_layer.linear1"]
    second, second_bias = network.matrices[f"{name}.cam_layer.linear2"]
    context = inner.mean(axis=1, keepdims=True) + _context_means(inner)
    mask = sigmoid(_relu(context @ first + first_bias) @ second + second_bias)
    lengths = np.diff(np.minimum(np.arange(mask.shape[1] + 1) * _CONTEXT, inner.shape[1]))
    return np.asarray(local * np.repeat(mask, lengths, axis=1), np.float32)


def _context_means(rows: Floats) -> Floats:
    """Return the mean of each `_CONTEXT` frames, (n, contexts, channels)."""
    firsts = range(0, rows.shape[1], _CONTEXT)
    return np.stack([rows[:, first : first + _CONTEXT].mean(axis=1) for first in firsts], axis=1)


def _convolve_time(
    network: VoiceNetwork, rows: Floats, name: str, width: int, *, step: int = 1, dilation: int = 1
) -> Floats:
    matrix, bias = network.matrices[name]
    margin = (width - 1) // 2 * dilation
    padded = np.pad(rows, ((0, 0), (margin, margin), (0, 0)))
    frames = rows.shape[1]
    shifted = [padded[:, i * dilation : i * dilation + frames : step] for i in range(width)]
    return np.asarray(np.concatenate(shifted, axis=-1) @ matrix + bias, np.float32)


def _before(network: VoiceNetwork, rows: Floats, name: str) -> Floats:
    factor, shift = network.scales[f"{name}.batchnorm"]
    return _relu(rows * factor + shift)


def _relu(values: Floats) -> Floats:
    return np.asarray(np.maximum(values, np.float32(0)), np.float32)
