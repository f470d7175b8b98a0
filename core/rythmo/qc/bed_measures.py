"""Measure the bed where it replaces the original: what is left of the voice, and whether the room tone is
gone.

Reads one region at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rythmo.media.wav import WavReader
from rythmo.mix.bed_residue import VoiceLeak, measure_hollowness, measure_leak
from rythmo.progress import NEVER, CancelToken
from rythmo.qc.known_figures import EVERYTHING, Figures, Remember, Span, ends_within, measure_anew
from rythmo.qc.report_model import Region

_AROUND_SECONDS = 2
_LONGEST_SECONDS = 60


def measure_regions(
    me: WavReader,
    original: WavReader,
    regions: Sequence[tuple[int, int]],
    *,
    remember: Remember = measure_anew,
    within: Span = EVERYTHING,
    cancel: CancelToken = NEVER,
) -> tuple[tuple[Region, ...], float | None]:
    """Measure every region whose surroundings end `within` that span, and the residue over all of them.

    Without a common layout of `me` and `original` the measures are None.
    """
    if me.channels != original.channels or me.rate != original.rate:
        return tuple(Region(start, end, None, None) for start, end in regions), None
    measured, voice, left = [], 0.0, 0.0
    for index, (start, end) in enumerate(regions):
        cancel.check()
        if not ends_within(min(me.length, end + _AROUND_SECONDS * me.rate), within):
            continue
        leaks = [
            _measure_piece(me, original, at, min(end, at + _piece_length(me)), remember)
            for at in range(start, end, _piece_length(me))
        ]
        here = VoiceLeak(sum(part.voice for part in leaks), sum(part.left for part in leaks))
        voice, left = voice + here.voice, left + here.left
        measured.append(Region(start, end, here.db, _measure_hollowness(me, regions, index, remember)))
    return tuple(measured), VoiceLeak(voice, left).db


def _measure_piece(me: WavReader, original: WavReader, start: int, end: int, remember: Remember) -> VoiceLeak:
    inside, before = me.read(start, end - start), original.read(start, end - start)
    count = min(inside.shape[1], before.shape[1])
    before, inside = before[:, :count], inside[:, :count]

    def make() -> Figures:
        leak = measure_leak(before, inside, me.rate)
        return leak.voice, leak.left

    voice, left = remember("leak", (before, inside), make)
    return VoiceLeak(voice or 0.0, left or 0.0)


def _measure_hollowness(
    me: WavReader, regions: Sequence[tuple[int, int]], index: int, remember: Remember
) -> float | None:
    start, end = regions[index]
    floor = regions[index - 1][1] if index else 0
    ceiling = regions[index + 1][0] if index + 1 < len(regions) else me.length
    reach = _AROUND_SECONDS * me.rate
    before = me.read(max(floor, start - reach), start - max(floor, start - reach))
    after = me.read(end, min(ceiling, end + reach) - end)
    around: NDArray[np.float32] = np.concatenate([before, after], axis=1)
    inside = me.read(start, min(end - start, _piece_length(me)))
    (found,) = remember(
        "hollowness", (inside, around), lambda: (measure_hollowness(inside, around, me.rate),)
    )
    return found


def _piece_length(reader: WavReader) -> int:
    return _LONGEST_SECONDS * reader.rate
