"""People told apart by the vectors of their voices: who of the known is who of the heard. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape (dimensions,); of length 1 or all zeros (nothing was heard), or empty (not measured)."""
_NEVER = 2.0
"""Above every cost of a new person: 1 - threshold is at most 1."""


def unit(vector: Vector) -> Vector:
    """The vector at length 1; zeros stay zeros."""
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length > 0 else vector


def mean_unit(rows: NDArray[np.float32]) -> Vector:
    """One vector for one person from `rows` of shape (segments, dimensions); silent segments have no say."""
    return unit(rows.mean(axis=0))


def cosine(one: Vector, other: Vector) -> float:
    """From -1 to 1; 0 where one of them is silence."""
    return float(unit(one) @ unit(other))


def assign(heard: Sequence[Vector], known: Sequence[Vector], threshold: float) -> list[int | None]:
    """For each heard vector the index of the known person it is, or None for somebody new.

    The Hungarian assignment of the least total cost; a pair costs 1 - cosine, a new person 1 - `threshold`
    (the cosine from which two vectors count as one person; it belongs to the embedder).
    """
    from scipy.optimize import linear_sum_assignment

    if not heard:
        return []
    cost = np.full((len(heard), len(known) + len(heard)), 1.0 - threshold)
    for row, vector in enumerate(heard):
        for column, person in enumerate(known):
            there = vector.size and vector.size == person.size and vector.any() and person.any()
            cost[row, column] = 1.0 - cosine(vector, person) if there else _NEVER
    columns = linear_sum_assignment(cost)[1].tolist()
    return [
        column if column < len(known) and cost[row, column] < _NEVER else None
        for row, column in enumerate(columns)
    ]
