"""Waveforms as a page draws them: the least and the greatest sample of each stretch, one byte each.

Made once for a file as it is (path, size, time) and kept in the project's cache. The finest level is read
from the sound, the others are made from it.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.files import write_atomically
from rythmo.media.wav import WavReader
from rythmo.progress import NEVER, CancelToken
from rythmo.project.workspace import hash_values

# Samples for each pair of peaks, one level for each depth of zoom.
LEVELS = (256, 4096, 65536)
_VERSION = 1
_BLOCK = LEVELS[-1] * 16
_PATIENCE_SECONDS = 0.2
_STRETCH = 1 << 16
Samples8 = NDArray[np.int8]


class WaveformPeaks:
    """Measures sounds in one background thread, because a film's stems are gigabytes. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "rythmo-peaks")
        self._ending = CancelToken()
        self._under_way: dict[str, Future[None]] = {}

    def file(self, sound: Path, level: int, cache: Path) -> Path | None:
        """Return the file with the peaks of `sound`, one pair for each `level` samples.

        It holds int8 pairs (least, greatest) over all channels, full scale 127. Returns None while it is
        being made. Raises MediaError for a sound that cannot be read.
        """
        key, wanted = _cache_file(sound, level, cache)
        if wanted.is_file():
            return wanted
        with self._lock:
            making = self._under_way.get(key)
            if making is None:
                making = self._thread.submit(_write_levels, sound, cache, key, self._ending)
                self._under_way[key] = making
        try:
            making.result(_PATIENCE_SECONDS)
        except TimeoutError:
            return None
        finally:
            if making.done():
                with self._lock:
                    self._under_way.pop(key, None)
        return wanted

    def close(self) -> None:
        """Stop measuring; unfinished peaks are dropped."""
        self._ending.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)


def _cache_file(sound: Path, level: int, cache: Path) -> tuple[str, Path]:
    facts = sound.stat()
    key = hash_values("peaks", _VERSION, str(sound), facts.st_size, facts.st_mtime_ns)
    return key, cache / f"{key}.{level}.bin"


def read_stretch(sound: Path, cache: Path, start: int, stop: int) -> tuple[bytes, int] | None:
    """Compute bytes [start, stop) of the finest level directly from the sound.

    Returns them with the total number of bytes, or None if the whole sound is measured already or the stretch
    is long. The page uses this after an edit.
    """
    if stop - start > _STRETCH or _cache_file(sound, LEVELS[0], cache)[1].is_file():
        return None
    first, step = start // 2, LEVELS[0]
    with WavReader(sound) as reader:
        total = 2 * -(-reader.length // step)
        begin, end = min(first * step, reader.length), min(-(-stop // 2) * step, reader.length)
        pairs = _pairs(reader.read(begin, end - begin)) if end > begin else np.zeros((0, 2), np.int8)
    return pairs.tobytes()[start - 2 * first :][: stop - start], total


def _write_levels(sound: Path, cache: Path, key: str, cancel: CancelToken) -> None:
    pairs = measure_peaks(sound, cancel)
    for level in LEVELS:
        write_atomically(cache / f"{key}.{level}.bin", coarsen_peaks(pairs, level // LEVELS[0]).tobytes())


def measure_peaks(sound: Path, cancel: CancelToken = NEVER) -> Samples8:
    """Return the finest level, int8 of shape (n, 2). Raises CancelledError."""
    parts = [np.zeros((0, 2), np.int8)]
    with WavReader(sound) as reader:
        for start in range(0, reader.length, _BLOCK):
            cancel.check()
            parts.append(_pairs(reader.read(start, min(_BLOCK, reader.length - start))))
    return np.concatenate(parts)


def _pairs(samples: NDArray[np.float32]) -> Samples8:
    step = LEVELS[0]
    low, high = samples.min(axis=0), samples.max(axis=0)
    edges = np.arange(0, low.size, step)
    least, greatest = np.minimum.reduceat(low, edges), np.maximum.reduceat(high, edges)
    # Round outwards, so that the drawn shape never hides a peak.
    pairs = np.stack([np.floor(least * 127), np.ceil(greatest * 127)], axis=1)
    return pairs.clip(-127, 127).astype(np.int8)


def coarsen_peaks(pairs: Samples8, by: int) -> Samples8:
    """Combine each `by` neighbouring pairs into one."""
    if by == 1 or not len(pairs):
        return pairs
    edges = np.arange(0, len(pairs), by)
    found: Samples8 = np.stack(
        [np.minimum.reduceat(pairs[:, 0], edges), np.maximum.reduceat(pairs[:, 1], edges)], axis=1
    )
    return found
