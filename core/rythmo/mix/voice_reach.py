"""Find how far speech reaches beyond its words: breath before, the room's answer after. Pure.

Measured in the separated speech, which should hold nothing but the voice: outward from the words, as long as
the level is within 40 dB of theirs and above what the separator leaves of the scene.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rythmo.media.audio import replace_nonnumbers

Mono = NDArray[np.float32]
Read = Callable[[int, int], NDArray[np.float32]]
"""Reads samples [start, end) as (channels, n); silence outside the programme."""

BEFORE_SECONDS, AFTER_SECONDS = 0.5, 0.8
"""How far outside the words the voice is looked for."""
_FRAME = 0.01
_PAUSE_FRAMES = 6
_BELOW_DB = 40.0
_ABOVE_GROUND_DB = 9.0
_EMPTY = 1e-10


def find_reach(speech: Read, start: int, end: int, rate: int) -> tuple[int, int]:
    """Return where the voice that speaks in [start, end) becomes and stops being audible; never inside."""
    before, after = round(BEFORE_SECONDS * rate), round(AFTER_SECONDS * rate)
    frame = round(_FRAME * rate)
    head, tail = (
        measure_frame_powers(speech(a, b)[0], frame) for a, b in ((start - before, start), (end, end + after))
    )
    inside = measure_frame_powers(speech(start, end)[0], frame)
    if not inside.size:
        return start, end
    loud = float(np.percentile(inside, 90))
    around = np.concatenate([head, tail])
    ground = float(np.percentile(around, 10)) if around.size else _EMPTY
    limit = max(loud * 10 ** (-_BELOW_DB / 10), ground * 10 ** (_ABOVE_GROUND_DB / 10), _EMPTY)
    return start - _count_audible_frames(head[::-1], limit) * frame, end + _count_audible_frames(
        tail, limit
    ) * frame


def measure_frame_powers(sound: Mono, frame: int) -> NDArray[np.float64]:
    """Return the power of each frame."""
    sound = replace_nonnumbers(sound)
    count = sound.size // frame
    power = np.square(sound[: count * frame], dtype=np.float64).reshape(count, frame)
    means: NDArray[np.float64] = power.mean(axis=1)
    return means


def _count_audible_frames(outward: NDArray[np.float64], limit: float) -> int:
    """Count the frames from the edge to the last one above the limit, before the first pause."""
    reached = 0
    for index in np.flatnonzero(outward > limit):
        if index - reached >= _PAUSE_FRAMES:
            break
        reached = int(index) + 1
    return reached
