"""Who of up to three people speaks when within ten seconds: pyannote's segmentation 3.0 in numpy.

The network (MIT, Plaquet and Bredin, 2023) looks at 10 s of sound and names, for each 17 ms, one of seven
sets of speakers: nobody, one of three, or two of three at once. Its numbers for people mean something within
one window only; local_speakers.py joins those of many windows. Filters from a sinc function, three
convolutions, four LSTM layers in both directions, two linear layers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.local.checkpoint import read_tensors
from rythmo.engines.speech.lstm import Layer, read_layer, run_layer
from rythmo.executors import count_cores, start_workers
from rythmo.progress import NEVER

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

RATE = 16_000
WINDOW = 10 * RATE
"""Samples that the network looks at."""
FRAME = 270
"""Samples from one frame to the next."""
FIRST_FRAME = 495
"""The middle of the first frame, in samples."""
PEOPLE = 3
_SETS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.bool_)
_LAYERS = 4
_LOWEST_HZ = 50.0
_SMALL = 1e-5
_SLOPE = np.float32(0.01)
_BATCH = 16
"""Windows computed together: enough for the matrix products, about 50 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """The network's weights: filters (251, 80), convolutions as matrices, and the rest by name."""

    filters: Floats
    convolutions: tuple[Floats, ...]
    layers: tuple[tuple[Layer, Layer], ...]
    tensors: dict[str, Floats]


def load_segmenter(path: Path) -> Segmenter:
    """Read the checkpoint; raises EngineFailedError if it is damaged."""
    tensors = read_tensors(path, "state_dict")
    convolutions = [tensors[f"sincnet.conv1d.{number}.weight"] for number in (1, 2)]
    return Segmenter(
        _sinc_filters(tensors),
        tuple(np.ascontiguousarray(one.transpose(2, 1, 0).reshape(-1, one.shape[0])) for one in convolutions),
        tuple((read_layer(tensors, n), read_layer(tensors, n, "_reverse")) for n in range(_LAYERS)),
        tensors,
    )


def _sinc_filters(tensors: dict[str, Floats]) -> Floats:
    """Return band-pass filters, even and odd ones (Ravanelli and Bengio, 2018), as columns of (251, 80)."""
    name = "sincnet.conv1d.0.filterbank."
    low = _LOWEST_HZ + np.abs(tensors[f"{name}low_hz_"])
    band = np.clip(low + _LOWEST_HZ + np.abs(tensors[f"{name}band_hz_"]), _LOWEST_HZ, RATE / 2) - low
    times, window = tensors[f"{name}n_"], tensors[f"{name}window_"]
    from_low, from_high = low @ times, (low + band) @ times
    even = (np.sin(from_high) - np.sin(from_low)) / (times / 2) * window
    odd = (np.cos(from_low) - np.cos(from_high)) / (times / 2) * window
    halves = (
        np.concatenate([even, 2 * band, even[:, ::-1]], axis=1),
        np.concatenate([odd, 0 * band, -odd[:, ::-1]], axis=1),
    )
    return np.ascontiguousarray((np.concatenate(halves) / np.tile(2 * band, (2, 1))).T, np.float32)


def find_local_speakers(
    segmenter: Segmenter,
    wave: Floats,
    starts: Sequence[int],
    *,
    each_batch: Callable[[int], None] = lambda _: None,
) -> Flags:
    """Return who speaks, shape (windows, frames, 3), for windows of `wave` (16 kHz) from each of `starts`.

    A window that goes past the end is filled up with silence. Batches are computed side by side on the cores;
    `each_batch` gets the number of windows that are done, and may raise to stop the rest.
    """
    from threadpoolctl import threadpool_limits

    batches = [starts[first : first + _BATCH] for first in range(0, len(starts), _BATCH)]

    def classify(batch: Sequence[int]) -> Flags:
        return _SETS[_classify(segmenter, [_cut(wave, start) for start in batch])]

    found: list[Flags] = []
    # BLAS has one thread for a product: the sums then don't depend on the number of CPUs.
    with threadpool_limits(limits=1, user_api="blas"), start_workers(count_cores(), NEVER) as pool:
        pending = [pool.start(classify, batch) for batch in batches]
        for number, one in enumerate(pending):
            each_batch(number * _BATCH)
            found.append(one.result())
    return np.concatenate(found) if found else np.zeros((0, 0, PEOPLE), np.bool_)


def _cut(wave: Floats, start: int) -> Floats:
    piece = wave[start : start + WINDOW]
    return np.pad(piece, (0, WINDOW - piece.size)) if piece.size < WINDOW else piece


def _classify(segmenter: Segmenter, windows: Sequence[Floats]) -> NDArray[np.intp]:
    """Return the number of the most likely set for each window and frame."""
    tensors = segmenter.tensors
    sequence = np.stack([_features(segmenter, window) for window in windows], axis=1)
    for forward, backward in segmenter.layers:
        ahead = run_layer(forward, sequence)
        back = run_layer(backward, np.ascontiguousarray(sequence[::-1]))[::-1]
        sequence = np.concatenate([ahead, back], axis=-1)
    for number in (0, 1):
        linear = f"linear.{number}"
        sequence = _leak(sequence @ tensors[f"{linear}.weight"].T + tensors[f"{linear}.bias"])
    scores = sequence @ tensors["classifier.weight"].T + tensors["classifier.bias"]
    return np.asarray(scores.argmax(axis=-1).T)


def _features(segmenter: Segmenter, window: Floats) -> Floats:
    """Return the input of the first LSTM layer, shape (frames, 60)."""
    tensors = segmenter.tensors
    scaled = (window - window.mean()) / np.sqrt(window.var() + _SMALL)
    scaled = scaled * tensors["sincnet.wav_norm1d.weight"][0] + tensors["sincnet.wav_norm1d.bias"][0]
    taps = len(segmenter.filters)
    slices = np.lib.stride_tricks.sliding_window_view(scaled.astype(np.float32), taps)[::10]
    sound = _normalize(segmenter, _pool(np.abs(slices @ segmenter.filters)), 0)
    for number, matrix in enumerate(segmenter.convolutions, start=1):
        views = np.lib.stride_tricks.sliding_window_view(sound, 5, axis=0).transpose(0, 2, 1)
        product = views.reshape(len(views), -1) @ matrix + tensors[f"sincnet.conv1d.{number}.bias"]
        sound = _normalize(segmenter, _pool(product), number)
    return sound


def _pool(rows: Floats) -> Floats:
    """Return the largest of each three rows."""
    count = len(rows) // 3
    return np.asarray(rows[: 3 * count].reshape(count, 3, -1).max(axis=1), np.float32)


def _normalize(segmenter: Segmenter, rows: Floats, number: int) -> Floats:
    """Scale each column to mean 0 and variance 1, then by the learned factors; negative values shrink."""
    name = f"sincnet.norm1d.{number}"
    scaled = (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0) + _SMALL)
    return _leak(scaled * segmenter.tensors[f"{name}.weight"] + segmenter.tensors[f"{name}.bias"])


def _leak(values: Floats) -> Floats:
    return np.asarray(np.where(values > 0, values, _SLOPE * values), np.float32)
