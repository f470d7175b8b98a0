"""The speaker encoder of Resemblyzer, in numpy.

A three-layer LSTM (256 units) runs over 40 mel powers. Its last hidden state goes through a linear layer and
a rectifier and is scaled to length 1: Wan et al., "Generalized end-to-end loss for speaker verification"
(2018), as trained by Resemblyzer (Apache-2.0), whose wheel contains the weights. The network is computed here
because the original needs PyTorch, which is larger than the rest of the program.
tests/core/engines/test_speaker_encoder.py checks that the results agree with the original.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.local.checkpoint import read_tensors
from rythmo.engines.speech.lstm import Layer, read_layer, run_layer

Floats = NDArray[np.float32]

RATE = 16_000
HOP = 160
FRAMES_PER_SECOND = RATE // HOP
PARTIAL = 160
"""Mel frames in the windows the network was trained on: 1.6 s."""
DIMENSIONS = 256

_FFT = 400
_MELS = 40
_LAYERS = 3
_TARGET_DBFS = -30.0
# The number of partials computed together: enough for the matrix product, few enough for the CPU's cache.
_BATCH = 64
# The number of spectra computed together: 30 s, so that an hour of speech doesn't need all its spectra at
# once.
_MEL_BLOCK = 3000


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """The network's weights."""

    layers: tuple[Layer, ...]
    projection: Floats
    bias: Floats


def load_encoder(path: Path) -> Encoder:
    """Read the weights from Resemblyzer's `pretrained.pt`; raises EngineFailedError if it is damaged."""
    tensors = read_tensors(path, "model_state")
    layers = tuple(read_layer(tensors, number) for number in range(_LAYERS))
    return Encoder(layers, np.ascontiguousarray(tensors["linear.weight"].T), tensors["linear.bias"])


def embed_partials(
    encoder: Encoder, mels: Floats, *, each_batch: Callable[[int], None] = lambda _: None
) -> Floats:
    """Return unit vectors (n, 256) for `mels` (n, frames, 40); `each_batch` gets the number done so far."""
    from threadpoolctl import threadpool_limits

    out = np.empty((len(mels), DIMENSIONS), np.float32)
    # One thread: the products are too small to gain from several, and the sums then don't depend on the
    # number of CPUs.
    with threadpool_limits(limits=1, user_api="blas"):
        for first in range(0, len(mels), _BATCH):
            each_batch(first)
            out[first : first + _BATCH] = _embed_batch(encoder, mels[first : first + _BATCH])
    return out


def _embed_batch(encoder: Encoder, mels: Floats) -> Floats:
    sequence = np.ascontiguousarray(mels.transpose(1, 0, 2))
    for layer in encoder.layers:
        sequence = run_layer(layer, sequence)
    raw = np.maximum(sequence[-1] @ encoder.projection + encoder.bias, 0.0)
    return unit(raw)


def unit(rows: Floats) -> Floats:
    """Scale rows to length 1; rows of zeros stay zeros."""
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), np.float32)


def raise_level(wave: Floats) -> Floats:
    """Raise quiet speech to -30 dBFS RMS, as in the network's training; louder speech is unchanged."""
    rms = float(np.sqrt(np.mean(wave.astype(np.float64) ** 2))) if wave.size else 0.0
    wanted = 10 ** (_TARGET_DBFS / 20)
    return wave if rms <= 0.0 or rms >= wanted else np.asarray(wave * np.float32(wanted / rms), np.float32)


def mel_powers(wave: Floats) -> Floats:
    """Return mel powers (not logarithms) of shape (1 + len // 160, 40), centred on multiples of 10 ms."""
    padded = np.pad(wave.astype(np.float32), _FFT // 2)
    frames = (
        np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::HOP] if padded.size >= _FFT else padded[:0]
    )
    bank, window = _mel_bank(), np.hanning(_FFT + 1)[:-1].astype(np.float32)
    blocks = [
        np.abs(np.fft.rfft(frames[i : i + _MEL_BLOCK] * window)) ** 2 @ bank
        for i in range(0, len(frames), _MEL_BLOCK)
    ]
    return np.concatenate(blocks).astype(np.float32) if blocks else np.zeros((0, _MELS), np.float32)


def _mel_bank() -> NDArray[np.float64]:
    """Return triangular filters of equal area on Slaney's mel scale, (bins, 40): Auditory Toolbox, 1998."""
    edges = _from_mel(np.linspace(0.0, _to_mel(RATE / 2), _MELS + 2))
    bins = np.fft.rfftfreq(_FFT, 1 / RATE)
    rising = (bins[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[None, 2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (edges[2:] - edges[:-2])), np.float64)


# Slaney's scale: linear (15 mel a kHz) up to 1 kHz, then 27 steps to each factor of 6.4.
_LINEAR_HZ, _BREAK_HZ, _BREAK_MEL, _LOG_STEP = 200 / 3, 1000.0, 15.0, np.log(6.4) / 27


def _to_mel(hertz: float) -> float:
    return (
        hertz / _LINEAR_HZ if hertz < _BREAK_HZ else _BREAK_MEL + float(np.log(hertz / _BREAK_HZ) / _LOG_STEP)
    )


def _from_mel(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    low = mels * _LINEAR_HZ
    high = _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MEL))
    return np.where(mels < _BREAK_MEL, low, high)
