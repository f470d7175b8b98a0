"""Waveforms as a page draws them: the least and the greatest sample of each stretch, one byte each.

Made once for a file as it is (path, size, time) and kept in the project's cache. The finest level is read
from the sound, the others are made from it.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.files import write_atomically
from rythmo.media.wav import WavReader
from rythmo.workspace import digest

LEVELS = (256, 4096, 65536)
_VERSION = 1
_BLOCK = LEVELS[-1] * 16
_making = threading.Lock()
Peaks = NDArray[np.int8]


def peaks_file(sound: Path, level: int, cache: Path) -> Path:
    """The file with the peaks of `sound` at `level` samples each: int8 pairs (least, greatest) of full scale
    127, over all channels. Raises MediaError for what cannot be read."""
    facts = sound.stat()
    key = digest("peaks", _VERSION, str(sound), facts.st_size, facts.st_mtime_ns)
    wanted = cache / f"{key}.{level}.bin"
    if not wanted.is_file():
        # One at a time: two for one sound would do the work twice, two for others would fight for the disk.
        with _making:
            if not wanted.is_file():
                _make(sound, cache, key)
    return wanted


def _make(sound: Path, cache: Path, key: str) -> None:
    pairs = measure(sound)
    for level in LEVELS:
        write_atomically(cache / f"{key}.{level}.bin", coarser(pairs, level // LEVELS[0]).tobytes())


def measure(sound: Path) -> Peaks:
    """The finest level, shape (n, 2)."""
    with WavReader(sound) as reader:
        starts = range(0, reader.length, _BLOCK)
        parts = [_pairs(reader.read(start, min(_BLOCK, reader.length - start))) for start in starts]
    return np.concatenate([np.zeros((0, 2), np.int8), *parts])


def _pairs(samples: NDArray[np.float32]) -> Peaks:
    step = LEVELS[0]
    low, high = samples.min(axis=0), samples.max(axis=0)
    edges = np.arange(0, low.size, step)
    least, greatest = np.minimum.reduceat(low, edges), np.maximum.reduceat(high, edges)
    # Outwards, so that the drawn shape never hides a peak.
    pairs = np.stack([np.floor(least * 127), np.ceil(greatest * 127)], axis=1)
    return pairs.clip(-127, 127).astype(np.int8)


def coarser(pairs: Peaks, by: int) -> Peaks:
    """`by` neighbours as one."""
    if by == 1 or not len(pairs):
        return pairs
    edges = np.arange(0, len(pairs), by)
    found: Peaks = np.stack(
        [np.minimum.reduceat(pairs[:, 0], edges), np.maximum.reduceat(pairs[:, 1], edges)], axis=1
    )
    return found
