"""A small request to move lips: a picture that moves, so that a shift by a frame shows, and one face."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from rythmo.engines.lips import CropFace, LipRequest
from rythmo.media.audio import Audio
from rythmo.timebase import SAMPLE_RATE, frames_to_samples

RATE = Fraction(24000, 1001)
BOX = (30.0, 20.0, 66.0, 70.0)
"""The face's box in frames of 96 pixels."""


def make_small_request(count: int = 12, side: int = 96, rate: Fraction = RATE) -> LipRequest:
    """So many frames, in which stripes move, and a sound that gets louder."""
    rows, columns = np.ogrid[:side, :side]
    frames = [
        np.stack(
            [128 + 100 * np.sin((columns + tint * rows) / 9 + number * 0.8) for tint in (0, 1, 2)], axis=-1
        )
        for number in range(count)
    ]
    samples = frames_to_samples(count, rate)
    sound = np.linspace(0, 0.9, samples) * np.sign(np.sin(np.arange(samples) / 20))
    return LipRequest(
        "line 3, shot 2",
        np.stack(frames).astype(np.uint8),
        rate,
        (CropFace(tuple(edge * side / 96 for edge in BOX)),) * count,
        Audio(sound.astype(np.float32)[np.newaxis], SAMPLE_RATE),
    )
