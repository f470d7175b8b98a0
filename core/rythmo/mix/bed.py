"""Make the M&E: the original to the bit outside dialogue, the separated bed inside.

Pure arithmetic on blocks, no files. The fades lie inside the regions and have equal gain, because original
and bed are the same sound except for the voice. A block may begin and end anywhere without changing the
result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rythmo.timebase import SAMPLE_RATE

Region = tuple[int, int]
"""[start, end) in samples."""

PAD_BEFORE_MS = 60
PAD_AFTER_MS = 150
MERGE_GAP_MS = 120
FADE_MS = 10


def plan_bed_regions(
    spans: Iterable[Region],
    length: int,
    *,
    rate: int = SAMPLE_RATE,
    pad_before: int | None = None,
    pad_after: int | None = None,
    merge_gap: int | None = None,
) -> tuple[Region, ...]:
    """Return the regions where the bed replaces the original: `spans` of speech, padded, sorted, merged, in
    [0, length).

    All in samples. The padding covers breath and the room's answer to the last word. Spans closer than
    `merge_gap` become one region, so that the original is not heard for a moment between two words.
    """
    before = PAD_BEFORE_MS * rate // 1000 if pad_before is None else pad_before
    after = PAD_AFTER_MS * rate // 1000 if pad_after is None else pad_after
    gap = MERGE_GAP_MS * rate // 1000 if merge_gap is None else merge_gap
    padded = sorted((max(0, start - before), min(length, end + after)) for start, end in spans if start < end)
    merged: list[Region] = []
    for start, end in padded:
        if start >= end:
            continue
        if merged and start - merged[-1][1] <= gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def bed_weight(regions: Sequence[Region], start: int, count: int, *, fade: int) -> NDArray[np.float32]:
    """Return the share of the bed at samples [start, start + count): 0 outside the regions, 1 inside, with
    ramps.

    `fade` is in samples; a region shorter than two fades gets shorter ones. `regions` are sorted and
    disjoint.
    """
    weight = np.zeros(count, np.float32)
    for begin, end in regions:
        first, last = max(begin, start), min(end, start + count)
        if first >= last:
            continue
        ramp = max(1, min(fade, (end - begin) // 2))
        at = np.arange(first, last)
        # Half a step in, so that rise and fall mirror each other and no sample inside counts as outside.
        edge = np.minimum(at - begin, end - 1 - at).astype(np.float32) + np.float32(0.5)
        weight[first - start : last - start] = np.minimum(edge / np.float32(ramp), np.float32(1.0))
    return weight


def mix_me_block(
    original: NDArray[np.int32],
    bed: NDArray[np.int32],
    regions: Sequence[Region],
    start: int,
    *,
    fade: int = FADE_MS * SAMPLE_RATE // 1000,
) -> NDArray[np.int32]:
    """Mix one block of the M&E from `original` and `bed`, 24-bit values of shape (channels, samples).

    `start` is the block's first sample. Where the weight is 0 the result is the original to the bit.
    """
    weight = bed_weight(regions, start, original.shape[1], fade=fade)
    inside = np.flatnonzero(weight)
    if not inside.size:
        return original
    first, last = int(inside[0]), int(inside[-1]) + 1
    part = original[:, first:last]
    difference = bed[:, first:last].astype(np.float64) - part
    mixed = original.copy()
    mixed[:, first:last] = part + np.rint(difference * weight[first:last]).astype(np.int32)
    return mixed
