"""The values of faces: what a tracker sees in one frame. Frozen.

Positions are shares of the picture's width and height, from its top left corner, so that they hold at every
size. "Right" and "left" of a face are its owner's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""One frame, shape (height, width, 3), RGB, with square pixels."""
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

POINTS = (
    "right eye",
    "left eye",
    "nose",
    "right mouth corner",
    "left mouth corner",
    "upper lip",
    "lower lip",
    "chin",
)
"""What the points of a `Face` are, in order. The lips' points lie on their inner edges."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face in one frame.

    Args:
        box: Where it is, from the brows to the chin and from ear to ear.
        points: The places of `POINTS`; empty when only the box is known.
        opening: How far the mouth is open: the gap between the lips over the mouth's width. None when the
            mouth cannot be seen.
        yaw: How far it is turned, in degrees; positive towards the picture's right.
        pitch: How far it looks up, in degrees; negative: down.
        roll: How far it is tilted in the picture, in degrees; positive clockwise.
        sharpness: Fine detail over contrast in the lower face, from 0 (none).
        confidence: How sure the tracker is that this is a face, 0 to 1.
        patch: Brightness of the lower face, 8 by 8, each 0 to 255, by rows from the upper left; empty when it
            was not looked at. What covers a mouth shows in it.
    """

    box: Box
    points: tuple[Point, ...] = ()
    opening: float | None = None
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    sharpness: float = 0.0
    confidence: float = 1.0
    patch: bytes = b""


def make_box(edges: Sequence[float]) -> Box:
    """Return the box of four numbers in a sequence. Raises ValueError for more or fewer."""
    left, top, right, bottom = edges
    return left, top, right, bottom


def overlap(one: Box, other: Box) -> float:
    """Return the area that two boxes share over the area that they cover together, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (area(one) + area(other) - shared)


def area(box: Box) -> float:
    """Return the area of a box, as a share of the picture."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
