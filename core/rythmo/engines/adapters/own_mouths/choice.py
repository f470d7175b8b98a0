"""Choose which filmed mouth each frame shows: the cheapest path, by dynamic programming. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LEAST_SPAN = 0.06
"""The least range of openings; the mesh trembles by some hundredths."""
_OPENING, _YAW, _PITCH, _ROLL, _SIZE = 5.0, 10.0, 10.0, 20.0, 0.25
"""Weight of a wrong opening; degrees, and the logarithm of size, that cost
as much as a fifth of the range."""
_HOLD, _NEAR, _JUMP, _LEAP = 0.03, 0.06, 0.2, 0.8
"""What it costs to show a frame again, to go back or skip one, to jump, and to jump over the whole range."""


@dataclass(frozen=True, slots=True, eq=False)
class Mouths:
    """Filmed mouths, n of them: number in the film, opening, pose (n, 3) in degrees, and size of the face."""

    number: Ints
    opening: Floats
    pose: Floats
    size: Floats

    def take(self, index: Ints) -> Mouths:
        """Return some of them."""
        return Mouths(self.number[index], self.opening[index], self.pose[index], self.size[index])


def scale_opening(asked: Floats, known: Mouths) -> tuple[Floats, float]:
    """Return the openings to show, in the person's own range, and the width of that range."""
    closed, widest = np.percentile(known.opening, (6, 94))
    span = max(_LEAST_SPAN, float(widest - closed))
    return closed + asked * span, span


def choose_mouths(asked: Floats, places: Mouths, known: Mouths) -> Ints:
    """Return the index of a known mouth for each place, shape (n,).

    `asked` is 0 to 1 for each place. What a path costs is a wrong opening, another pose than the place has,
    and jumps from one stretch of film to another.
    """
    wanted, span = scale_opening(asked, known)
    here = _fit(wanted, span, places, known)
    change = _change(known, span)
    steps = np.zeros(here.shape, np.int32)
    cost = here[0]
    for place in range(1, len(wanted)):
        total = cost[:, None] + change
        steps[place] = total.argmin(axis=0)
        cost = total[steps[place], np.arange(len(cost))] + here[place]
    path = [int(cost.argmin())]
    for place in range(len(wanted) - 1, 0, -1):
        path.append(int(steps[place, path[-1]]))
    return np.array(path[::-1], np.int64)


def _fit(wanted: Floats, span: float, places: Mouths, known: Mouths) -> Floats:
    """Return what it costs to show each known mouth (columns) in each place (rows)."""
    cost = _OPENING * np.square((known.opening[None] - wanted[:, None]) / span)
    for axis, degrees in enumerate((_YAW, _PITCH, _ROLL)):
        cost += 0.2 * np.square((known.pose[None, :, axis] - places.pose[:, None, axis]) / degrees)
    return np.asarray(cost + 0.2 * np.square(np.log(known.size[None] / places.size[:, None]) / _SIZE))


def _change(known: Mouths, span: float) -> Floats:
    """Return what it costs to show one mouth (columns) after another (rows)."""
    apart = np.abs(known.opening[None] - known.opening[:, None]) / span
    cost = _JUMP + _LEAP * np.minimum(1.0, apart)
    forward = known.number[None] - known.number[:, None]
    cost[(forward == -1) | (forward == 2)] = _NEAR
    cost[forward == 0] = _HOLD
    cost[forward == 1] = 0.0
    return np.asarray(cost)
