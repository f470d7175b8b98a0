"""Check by the voice who owns a short turn.

A segmentation network follows a person from moment to moment. A sentence of a second at the end of a
recording gives it little to follow, and then it may go on with whoever spoke before. A vector of the whole
turn tells the two apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from rythmo.engines.base import Turn

SHORT_SECONDS = 1.2
"""Turns from this length on are left to the diarizer, which has heard more of them than one vector tells."""
_CLEARLY = 0.2
"""The cosine by which another person must be nearer. At 0.1 and less, meetings came out worse."""


def reassign_turns(
    turns: Sequence[Turn], heard: Mapping[Turn, ArrayLike], people: Mapping[str, ArrayLike]
) -> tuple[Turn, ...]:
    """Return the turns, in their order, each of `heard` with the person whom it clearly sounds like.

    `heard` holds a unit vector for each turn to check, and `people` one for each speaker's label, all of
    the same length. A turn whose vector or whose speaker's vector is zero stays as it is.
    """
    return tuple(_check(one, heard[one], people) if one in heard else one for one in turns)


def _check(turn: Turn, vector: ArrayLike, people: Mapping[str, ArrayLike]) -> Turn:
    likeness = {label: float(np.dot(vector, own)) for label, own in people.items() if np.any(own)}
    if turn.speaker not in likeness or not np.any(vector):
        return turn
    nearest = max(likeness, key=lambda label: likeness[label])
    if likeness[nearest] - likeness[turn.speaker] <= _CLEARLY:
        return turn
    return replace(turn, speaker=nearest)
