"""The networks of Perth's implicit watermark, in numpy.

A spectrogram at 32 kHz (2048 points, every 10 ms) is taken in decibels and scaled to about 0 to 1. The
encoder, seven convolutions along time, says by how much each bin below 2 kHz is raised or lowered. The
decoder, three stacks of the same shape at three speeds, says how sure it is that this was done: about 1 for
marked sound and 0 for other. The weights are those in the wheel of resemble-perth (MIT). The networks are
computed here because the original needs PyTorch and librosa, which are larger than the rest of the program.
tests/core/engines/test_perth.py holds figures of the original.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.local.checkpoint import read_tensors

Floats = NDArray[np.float32]
Spectrum = NDArray[np.complex64]

RATE = 32_000
FFT = 2048
HOP = 320
BINS = 128
"""The bins up to 2 kHz, which carry the mark."""
SHORTEST = FFT // 2 + 1
"""Samples at RATE below which there is no spectrogram: its edges are mirrored."""

_FLOOR, _HEADROOM_DB = 1e-9, 15.0
_FLOOR_DB = -180.0
_RANGE_DB = _HEADROOM_DB - _FLOOR_DB
# Frames below this share of the loudest one are silence, and carry no mark.
_SILENCE = 0.05
_SLOPE = 0.01
_STACKS = {"slow_layers": 1.25, "normal_layers": 1.0, "fast_layers": 0.75}
_WINDOW = np.hanning(FFT + 1)[:-1].astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """One convolution along time: `weights` of shape (taps, out, in), and `bias` (out, 1)."""

    weights: Floats
    bias: Floats


Stack = tuple[Convolution, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Perth:
    """The weights: the encoder's stack, and the decoder's by speed."""

    encoder: Stack
    decoders: tuple[tuple[float, Stack], ...]


def load_network(path: Path) -> Perth:
    """Read the weights from Perth's checkpoint. Raises EngineFailedError if it is damaged."""
    tensors = read_tensors(path, "model")
    decoders = [(speed, _read_stack(tensors, f"decoder.{name}")) for name, speed in _STACKS.items()]
    return Perth(_read_stack(tensors, "encoder.layers"), tuple(decoders))


def _read_stack(tensors: Mapping[str, Floats], name: str) -> Stack:
    layers: list[Convolution] = []
    while f"{name}.{len(layers)}.conv.weight" in tensors:
        layer = f"{name}.{len(layers)}.conv"
        weights = np.ascontiguousarray(tensors[f"{layer}.weight"].transpose(2, 0, 1))
        layers.append(Convolution(weights, tensors[f"{layer}.bias"][:, np.newaxis]))
    return tuple(layers)


def find_mark_signal(network: Perth, sound: Floats) -> Floats:
    """Return what has to be added to a sound at RATE to mark it, float32 of the same length.

    A sound shorter than SHORTEST gets none.
    """
    if sound.size < SHORTEST:
        return np.zeros_like(sound)
    spectrum = _transform(sound)
    levels = _scale(spectrum)
    raised = _run(network.encoder, levels[:BINS]) * _find_heard(levels)
    # The original rebuilds the whole sound from its spectrogram. The difference alone is the same mark, and
    # leaves the sound above 2 kHz as it is.
    gain = np.float32(10) ** (raised * np.float32(_RANGE_DB / 20))
    difference = np.zeros_like(spectrum)
    difference[:BINS] = spectrum[:BINS] * (gain - 1)
    return _transform_back(difference, sound.size)


def score_mark(network: Perth, sound: Floats) -> float:
    """Return how sure the decoder is that a sound at RATE is marked: about 0 to 1; 0.0 for silence."""
    if sound.size < SHORTEST or not sound.any():
        return 0.0
    levels = _scale(_transform(sound))
    heard = _find_heard(levels)
    means = np.array([_score_stack(stack, speed, levels[:BINS], heard) for speed, stack in network.decoders])
    weights = np.exp(means[:, 0] - means[:, 0].max())
    return float((means[:, 1] * weights).sum() / weights.sum())


def _score_stack(stack: Stack, speed: float, levels: Floats, heard: NDArray[np.bool_]) -> Floats:
    """Return the means of attention and score over the frames that are heard."""
    count = int(levels.shape[1] * speed)
    nearest = np.minimum(np.arange(count) * levels.shape[1] // count, levels.shape[1] - 1)
    counted = heard[nearest]
    found = _run(stack, _resize(levels, count) if speed != 1.0 else levels)
    return np.asarray(found[:, counted].mean(axis=1) if counted.any() else found.mean(axis=1) * 0, np.float32)


def _resize(levels: Floats, count: int) -> Floats:
    """Interpolate along time to `count` frames, with the first and the last frame in place."""
    at = np.linspace(0, levels.shape[1] - 1, count)
    left = np.minimum(at.astype(np.int64), max(0, levels.shape[1] - 2))
    part = (at - left).astype(np.float32)
    right = np.minimum(left + 1, levels.shape[1] - 1)
    return np.asarray(levels[:, left] * (1 - part) + levels[:, right] * part, np.float32)


def _run(stack: Stack, levels: Floats) -> Floats:
    """Run the convolutions over (bins, frames); all but the last are followed by a leaky rectifier."""
    from threadpoolctl import threadpool_limits

    # One thread: the sums then don't depend on the number of CPUs.
    with threadpool_limits(limits=1, user_api="blas"):
        for number, layer in enumerate(stack):
            levels = _convolve(layer, levels)
            if number + 1 < len(stack):
                levels = np.maximum(levels, levels * np.float32(_SLOPE))
    return levels


def _convolve(layer: Convolution, levels: Floats) -> Floats:
    taps, count = len(layer.weights), levels.shape[1]
    padded = np.pad(levels, ((0, 0), (taps // 2, taps // 2)))
    out = np.repeat(layer.bias, count, axis=1)
    for tap in range(taps):
        out += layer.weights[tap] @ padded[:, tap : tap + count]
    return out


def _find_heard(levels: Floats) -> NDArray[np.bool_]:
    sums = levels.sum(axis=0)
    return np.asarray(sums > sums.max() * _SILENCE, np.bool_)


def _scale(spectrum: Spectrum) -> Floats:
    decibels = 20 * np.log10(np.maximum(np.abs(spectrum), np.float32(_FLOOR)))
    return np.asarray((decibels - _FLOOR_DB) / _RANGE_DB, np.float32)


def _transform(sound: Floats) -> Spectrum:
    """Return the spectrogram (bins, frames), whose frames are centred on multiples of HOP."""
    padded = np.pad(sound, FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    return np.asarray(np.fft.rfft(frames * _WINDOW).T, np.complex64)


def _transform_back(spectrum: Spectrum, length: int) -> Floats:
    """Return the sound of a spectrogram, by overlapping its frames and dividing by the windows' power."""
    frames = np.fft.irfft(spectrum.T, FFT).astype(np.float32) * _WINDOW
    size = FFT + HOP * (len(frames) - 1)
    out, power = np.zeros(size, np.float32), np.zeros(size, np.float32)
    for number, frame in enumerate(frames):
        out[number * HOP : number * HOP + FFT] += frame
        power[number * HOP : number * HOP + FFT] += _WINDOW**2
    whole = out / np.maximum(power, np.float32(1e-8))
    short = max(0, length - whole.size + FFT // 2)
    return np.asarray(np.pad(whole[FFT // 2 :], (0, short))[:length], np.float32)
