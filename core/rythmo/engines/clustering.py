"""Which window belongs to which speaker: pure arithmetic on unit vectors, no sound and no files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

SAME = 0.75


def cluster(vectors: Floats, *, count: int | None = None) -> Labels:
    """Labels 0..k-1 for unit `vectors` (n, d), numbered by first appearance; `count` is obeyed up to n."""
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - scipy loads slowly

    if len(vectors) < 2:
        return np.zeros(len(vectors), np.int64)
    tree = linkage(vectors, "average", metric="cosine")
    if count is None:
        found = fcluster(tree, 1 - SAME, "distance")
    else:
        found = fcluster(tree, min(count, len(vectors)), "maxclust")
    return by_appearance(found)


def by_appearance(labels: NDArray[np.integer]) -> Labels:
    """The same partition with labels 0, 1, 2 ... in order of first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return np.asarray(order[inverse], np.int64)
