"""Join tracks of faces to people, over shots and cuts. Pure.

Two tracks are one person when the vectors of their faces are near, on average over all pairs of the two
groups, and never when both are seen in one frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.rows import FaceRows
from rythmo.faces.tracks import FaceTrack

Floats = NDArray[np.float64]
_FAR = 1e6
_FRONTAL = 45.0
"""Vectors of faces turned further, in degrees, are used only where a track has no others."""


def find_people(tracks: Sequence[FaceTrack], found: FaceRows, same_person: float) -> dict[int, str]:
    """Return the person ("F1", "F2" ...) of each track, by its number, in order of time on screen.

    A track without any vector stands alone, as a person of its own.
    """
    vectors = {track.number: vector for track in tracks if (vector := mean_vector(track, found)) is not None}
    known = [track for track in tracks if track.number in vectors]
    groups = _cluster(known, [vectors[track.number] for track in known], same_person)
    groups += [[track] for track in tracks if track.number not in vectors]
    groups.sort(key=lambda group: (-sum(len(track.rows) for track in group), group[0].number))
    return {track.number: f"F{number}" for number, group in enumerate(groups, 1) for track in group}


def mean_vector(track: FaceTrack, found: FaceRows) -> Floats | None:
    """Return the mean of the vectors of a track's faces, of those seen from the front where there are any."""
    inside = np.flatnonzero(np.isin(found.described, track.rows))
    if not inside.size:
        return None
    vectors = found.vectors[inside].astype(np.float64)
    useful = np.abs(vectors).sum(axis=1) > 0
    front = useful & (np.abs(found.rows["pose"][found.described[inside], 0]) < _FRONTAL)
    chosen = vectors[front] if front.any() else vectors[useful]
    return np.asarray(chosen.mean(axis=0)) if len(chosen) else None


def _cluster(tracks: Sequence[FaceTrack], vectors: Sequence[Floats], same: float) -> list[list[FaceTrack]]:
    """Merge the nearest two groups until none are near enough.

    A group keeps the place of its first track; `nearest` is the least distance in each row. A film has some
    thousand tracks: whole matrices are compared once, and only rows that changed after that.
    """
    if not tracks:
        return []
    distance = _measure_distances(tracks, np.stack(vectors))
    groups = {index: [track] for index, track in enumerate(tracks)}
    sizes = np.array([float(len(track.rows)) for track in tracks])
    merged = np.zeros(len(tracks), np.bool_)
    nearest = distance.min(axis=1)
    while True:
        one = int(nearest.argmin())
        other = int(distance[one].argmin())
        if distance[one, other] > same:
            return list(groups.values())
        merged[other] = True
        weight = sizes[one] / (sizes[one] + sizes[other])
        mixed = weight * distance[one] + (1 - weight) * distance[other]
        mixed = np.where(np.maximum(distance[one], distance[other]) >= _FAR, _FAR, mixed)
        mixed[merged] = mixed[one] = np.inf
        gone = np.minimum(distance[one], distance[other]) <= nearest
        distance[one], distance[:, one] = mixed, mixed
        distance[other], distance[:, other] = np.inf, np.inf
        sizes[one] += sizes[other]
        groups[one] += groups.pop(other)
        gone[[one, other]] = True
        nearest = np.minimum(nearest, mixed)
        nearest[gone] = distance[gone].min(axis=1)


def _measure_distances(tracks: Sequence[FaceTrack], rows: Floats) -> Floats:
    """Return the distance of each pair, _FAR for two that share a frame, infinite for one with itself."""
    # Row by row: all differences at once would be gigabytes in a long film.
    differences = (rows - row for row in rows)
    distance = np.stack([np.sqrt(np.einsum("ij,ij->i", one, one)) for one in differences])
    first, last = (np.array([getattr(track, end) for track in tracks]) for end in ("first", "last"))
    distance[(first[:, None] < last[None]) & (first[None] < last[:, None])] = _FAR
    np.fill_diagonal(distance, np.inf)
    return np.asarray(distance, np.float64)


def group_tracks(tracks: Sequence[FaceTrack], people: Mapping[int, str]) -> dict[str, list[FaceTrack]]:
    """Return the tracks of each person."""
    grouped: dict[str, list[FaceTrack]] = {}
    for track in tracks:
        grouped.setdefault(people[track.number], []).append(track)
    return grouped
