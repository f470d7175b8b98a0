"""Add room tone to a hollow bed, where the separator removed the room with the voice.

The tone is the scene's own, from the quiet moments next to the gap: its spectra in a shuffled order, each
frequency turned by a random angle (the same in all channels, so that width and balance stay). Each time and
frequency gets as much as the bed lacks there. Pure, and the same every time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from rythmo.media import spectra

Sound = NDArray[np.float32]
Read = Callable[[int, int], Sound]
"""Reads samples [start, end) as float32 (channels, n), clipped to the sound's length."""

_QUIET_SHARE = 0.3
_LEAST_QUIET = 12
_SMOOTH = (3, 9)
_TINY = np.float32(1e-16)
_AROUND_SECONDS = 3
_PIECE_SECONDS = 20
_MARGIN = 8192
_KEPT = 2


def fill_with_tone(bed: Sound, around: Sound, rate: int, seed: int) -> Sound:
    """Return `bed` with room tone where it is emptier than the quiet moments of `around`; both (channels,
    samples).

    With too little to learn the tone from (about 0.4 s), `bed` is returned unchanged.
    """
    size = spectra.frame_size(rate)
    tone = _find_quiet_frames(around, size)
    if tone is None or not bed.shape[1]:
        return bed
    level = np.square(np.abs(tone)).mean(axis=(0, 1))
    planes = spectra.analyse(bed, size, 0, spectra.frame_count(bed.shape[1], size))
    now = uniform_filter(np.square(np.abs(planes)).mean(axis=0), _SMOOTH, mode="nearest")
    lack = np.sqrt(np.clip(1 - now / (level + _TINY), 0, 1)).astype(np.float32)
    random = np.random.default_rng(seed)
    order = random.integers(0, tone.shape[1], planes.shape[1])
    turn = np.exp(2j * np.pi * random.random(lack.shape, dtype=np.float32)).astype(np.complex64)
    # The frames are uncorrelated, so a fourfold overlap keeps a quarter of their power: hence the factor 2.
    added = spectra.synthesise(tone[:, order] * turn * lack * np.float32(2), size)
    edge = 3 * size // 4
    return bed + added[:, edge : edge + bed.shape[1]]


def _find_quiet_frames(around: Sound, size: int) -> spectra.Spectra | None:
    """Return the quietest frames that lie wholly within the sound; None for too few, or for silence."""
    count = spectra.frame_count(around.shape[1], size) if around.shape[1] else 0
    if count - 6 < _LEAST_QUIET / _QUIET_SHARE:
        return None
    planes = spectra.analyse(around, size, 3, count - 3)
    # On a logarithmic scale, or the bass alone would decide what is quiet.
    loudness = np.log(np.square(np.abs(planes)).mean(axis=0) + _TINY).mean(axis=1)
    chosen = np.sort(np.argsort(loudness, kind="stable")[: round(len(loudness) * _QUIET_SHARE)])
    return planes[:, chosen] if planes[:, chosen].any() else None


class FilledBed:
    """Reads a bed by blocks, with room tone inside the regions and unchanged outside.

    Works in pieces of 20 s, so that memory does not grow with a region, and keeps the last two.
    """

    def __init__(
        self, bed: Read, original: Read, regions: Sequence[tuple[int, int]], length: int, rate: int
    ) -> None:
        self._bed, self._original = bed, original
        self._length, self._rate = length, rate
        self._regions = tuple(regions)
        self._kept: OrderedDict[tuple[int, int], Sound] = OrderedDict()

    def read(self, start: int, end: int) -> Sound:
        """Read samples [start, end); the result does not depend on the block size."""
        out = self._bed(start, end).copy()
        end = min(end, start + out.shape[1])
        step = _PIECE_SECONDS * self._rate
        for index, (begin, stop) in enumerate(self._regions):
            if stop <= start or begin >= end:
                continue
            for at in range(begin, stop, step):
                first, last = max(at, start), min(at + step, stop, end)
                if first < last:
                    piece = self._piece(index, at, min(at + step, stop))
                    out[:, first - start : last - start] = piece[:, first - at : last - at]
        return out

    def _piece(self, index: int, start: int, end: int) -> Sound:
        key = (start, end)
        if key not in self._kept:
            before = min(_MARGIN, start)
            bed = self._bed(start - before, min(self._length, end + _MARGIN))
            made = fill_with_tone(bed, self._around(index), self._rate, seed=start)
            self._kept[key] = made[:, before : before + end - start]
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _around(self, index: int) -> Sound:
        """Read the original next to a region, up to its neighbours."""
        begin, stop = self._regions[index]
        reach = _AROUND_SECONDS * self._rate
        floor = self._regions[index - 1][1] if index else 0
        ceiling = self._regions[index + 1][0] if index + 1 < len(self._regions) else self._length
        sides = (max(floor, begin - reach), begin), (stop, min(ceiling, stop + reach))
        return np.concatenate([self._original(first, last) for first, last in sides], axis=1)
