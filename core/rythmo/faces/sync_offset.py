"""Offset, distance and confidence from vectors of mouths and of sounds, as SyncNet's authors define them.

Chung and Zisserman, "Out of time: automated lip sync in the wild" (2016). The mean distance at the best
offset is what papers call LSE-D, and how much nearer it is than the median of all offsets LSE-C. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
REACH = 15
"""Frames of 25 a second by which the sound is moved at most, in both directions."""
FRAME_MS = 40


@dataclass(frozen=True, slots=True)
class SyncOffset:
    """How near mouths and sounds are.

    Args:
        confidence: How much nearer they are at the best offset than at the median one; above about 3 they go
            together, below 1 nothing can be said.
        distance: The mean distance at the best offset; the lower the better.
        offset_ms: How much later than the mouth the sound comes.
    """

    confidence: float
    distance: float
    offset_ms: int


def find_offset(mouths: Floats, sounds: Floats) -> SyncOffset:
    """Compare vectors of mouths, shape (n, d), with those of sounds, shape (n + 2 * REACH, d).

    `sounds` begin REACH frames before the first mouth. Raises ValueError for other shapes and for n = 0.
    """
    if not len(mouths) or len(sounds) != len(mouths) + 2 * REACH or mouths.shape[1:] != sounds.shape[1:]:
        raise ValueError(f"expected n mouths and n + {2 * REACH} sounds, got {mouths.shape}, {sounds.shape}")
    distances = np.array(
        [
            np.linalg.norm(mouths - sounds[shift : shift + len(mouths)], axis=1).mean()
            for shift in range(2 * REACH + 1)
        ]
    )
    best = int(distances.argmin())
    return SyncOffset(
        round(float(np.median(distances) - distances[best]), 2),
        round(float(distances[best]), 2),
        (best - REACH) * FRAME_MS,
    )
