"""People told apart by the vectors of their voices: who of the known is who of the heard. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape (dimensions,); of length 1 or all zeros (nothing was heard), or empty (not measured)."""
_HAIR = 1e-6
"""What 32-bit floats may differ by: who reaches the threshold exactly is the same person."""
_NEVER = 2.0
"""Above every cost of a new person: 1 - threshold is at most 1."""


def normalise_vector(vector: Vector) -> Vector:
    """Return the vector at length 1; zeros stay zeros."""
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length > 0 else vector


def average_vectors(rows: NDArray[np.float32]) -> Vector:
    """One vector for one person from `rows` of shape (segments, dimensions); silent segments have no say."""
    return normalise_vector(rows.mean(axis=0))


def measure_similarity(one: Vector, other: Vector) -> float:
    """From -1 to 1; 0 where one of them is silence."""
    return float(normalise_vector(one) @ normalise_vector(other))


def assign_speakers(heard: Sequence[Vector], known: Sequence[Vector], threshold: float) -> list[int | None]:
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
            cost[row, column] = 1.0 - measure_similarity(vector, person) if there else _NEVER
    columns = linear_sum_assignment(cost)[1].tolist()
    return [
        column if column < len(known) and cost[row, column] < _NEVER else None
        for row, column in enumerate(columns)
    ]


def group_alike(vectors: Sequence[Vector], threshold: float) -> list[int]:
    """Return a group for each vector: complete linkage, so that in a group every two reach the `threshold`.

    Whoever was not heard (zeros, or no vector) is a group of their own.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    heard = [index for index, vector in enumerate(vectors) if vector.size and vector.any()]
    group = list(range(len(vectors)))
    if len(heard) > 1:
        rows = np.stack([normalise_vector(vectors[index]) for index in heard]).astype(np.float64)
        found = fcluster(linkage(rows, "complete", metric="cosine"), 1.0 - threshold + _HAIR, "distance")
        first = {label: heard[place] for place, label in reversed(list(enumerate(found.tolist())))}
        for place, label in enumerate(found.tolist()):
            group[heard[place]] = first[label]
    return group
