"""A photographed face with a mouth that moves, as a lip-sync engine gets it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from face_film import open_mouth, photograph

from rythmo.engines.lips import CropFace, FaceLibrary, LipRequest
from rythmo.media.audio import Audio
from rythmo.timebase import SAMPLE_RATE, frames_to_samples

RATE = Fraction(24000, 1001)
COUNT = 20
SIDE = 240
MOUTH, WIDTH = (124.0, 167.0), 74.0
"""Where the mouth of the crop is, in its pixels."""
FACE = CropFace(
    (21, 17, 210, 221),
    ((74, 83), (161, 77), (124, 132), (87, 168), (161, 164), (125, 166), (125, 168), (127, 221)),
    opening=0.02,
)


def crop(opening: float) -> np.ndarray:
    """The photographed face with its mouth opened so far."""
    return open_mouth(photograph()[110:350, 146:386], MOUTH, WIDTH, opening)


def make_request(count: int = COUNT, *, loud: bool = True) -> LipRequest:
    """A mouth that moves, a take of three bursts, and a library of openings."""
    openings = [0.1 + 0.1 * np.sin(number) for number in range(count)]
    samples = frames_to_samples(count, RATE)
    time = np.arange(samples) / SAMPLE_RATE
    swell = np.clip(np.sin(2 * np.pi * 4 * time), 0, 1)
    sound = (0.4 * swell * np.sin(2 * np.pi * 200 * time)).astype(np.float32) * loud
    library = FaceLibrary(
        np.stack([crop(opening) for opening in (0.0, 0.15, 0.3)]),
        tuple(replace(FACE, opening=opening) for opening in (0.0, 0.15, 0.3)),
        (100, 101, 102),
    )
    return LipRequest(
        "line 3, shot 2",
        np.stack([crop(opening) for opening in openings]),
        RATE,
        tuple(replace(FACE, opening=opening) for opening in openings),
        Audio(sound[np.newaxis], SAMPLE_RATE),
        40,
        library,
    )
