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
    """Merge the nearest two groups until none are near enough."""
    groups = [[track] for track in tracks]
    if not groups:
        return []
    rows = np.stack(vectors)
    distance = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    for one, other in _simultaneous(tracks):
        distance[one, other] = distance[other, one] = _FAR
    np.fill_diagonal(distance, np.inf)
    sizes = np.array([float(len(track.rows)) for track in tracks])
    while len(groups) > 1:
        one, other = sorted(map(int, np.unravel_index(int(distance.argmin()), distance.shape)))
        if distance[one, other] > same:
            break
        weight = sizes[one] / (sizes[one] + sizes[other])
        mixed = weight * distance[one] + (1 - weight) * distance[other]
        mixed = np.where(np.maximum(distance[one], distance[other]) >= _FAR, _FAR, mixed)
        distance[one], distance[:, one] = mixed, mixed
        distance[one, one] = np.inf
        sizes[one] += sizes[other]
        groups[one] += groups.pop(other)
        distance = np.delete(np.delete(distance, other, axis=0), other, axis=1)
        sizes = np.delete(sizes, other)
    return groups


def _simultaneous(tracks: Sequence[FaceTrack]) -> list[tuple[int, int]]:
    """Return the pairs of tracks, by index, that share a frame."""
    return [
        (one, other)
        for one, first in enumerate(tracks)
        for other, second in enumerate(tracks[one + 1 :], one + 1)
        if first.first < second.last and second.first < first.last
    ]


def group_tracks(tracks: Sequence[FaceTrack], people: Mapping[int, str]) -> dict[str, list[FaceTrack]]:
    """Return the tracks of each person."""
    grouped: dict[str, list[FaceTrack]] = {}
    for track in tracks:
        grouped.setdefault(people[track.number], []).append(track)
    return grouped
