"""How long Kokoro speaks: from the frames that it gives each symbol to a length, and back to a speed. Pure.

Kokoro rounds the frames of every symbol (25 ms each, at least one) after dividing them by `speed`, so the
length of its sound is known to the sample. Of that the first symbol, the last mark and the end of the text
are silence. Measured on 14 lines of 9 voices at speeds 1.0 and 1.3, what is heard differs from that by 2 %
at the median and by 8 % at most.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]
"""Frames of each symbol of one piece of text at speed 1, before rounding; shape (symbols + 2,)."""

FRAME_SECONDS = 0.025
PAUSE_SECONDS = 0.25
"""Between two pieces of a text that is longer than the model takes."""
SLOWEST, FASTEST = 0.5, 2.0
"""Beyond these speeds words run together, or are sung."""
_BEFORE, _AFTER = 1, 2


def seconds_of(pieces: Sequence[Frames], speed: float = 1.0) -> float:
    """Return how long the speech of all pieces is at a speed, without the silence at both ends."""
    spoken = sum(float(rounded(frames, speed)[_BEFORE:-_AFTER].sum()) for frames in pieces) * FRAME_SECONDS
    return spoken + PAUSE_SECONDS * (len(pieces) - 1)


def speed_for(pieces: Sequence[Frames], seconds: float) -> float:
    """Return the speed at which the speech is nearest to a length, between `SLOWEST` and `FASTEST`."""
    low, high = SLOWEST, FASTEST
    if seconds >= seconds_of(pieces, low):
        return low
    if seconds <= seconds_of(pieces, high):
        return high
    for _ in range(24):
        middle = (low + high) / 2
        if seconds_of(pieces, middle) > seconds:
            low = middle
        else:
            high = middle
    return round(high, 4)


def rounded(frames: Frames, speed: float) -> Frames:
    """Return the whole frames of each symbol, as the model counts them."""
    # np.round halves to even, as ONNX's Round does.
    return np.maximum(np.float32(1.0), np.round(frames / np.float32(speed)))
