"""Choose the other frames of a person that an engine gets: of the same shot, then of shots nearby. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.presence import BLURRED, FaceLimits
from rythmo.lips.units import LipUnit, SeenFaces

_SCENE_SECONDS = 60.0
"""Frames of other shots are taken from so far away at most: light and make-up change with the scene."""
_RUN_SECONDS = 0.4
"""Shorter stretches of good frames are not worth a seek."""
_SIZES = (0.6, 1.6)
"""How much smaller or larger a face may be in another shot."""


@dataclass(frozen=True, slots=True)
class LibraryRun:
    """Frames [first, last) of one track, each with a face that is good for lips."""

    track: int
    first: int
    last: int


def choose_library(unit: LipUnit, seen: SeenFaces, limits: FaceLimits, most: int) -> tuple[LibraryRun, ...]:
    """Return stretches of at most `most` frames of the unit's person, in order of frame, outside the unit."""
    reach = _SCENE_SECONDS * seen.rate
    own = [
        track
        for track in seen.tracks
        if seen.people[track.number] == unit.person
        and track.last > unit.first - reach
        and track.first < unit.last + reach
    ]
    height = _median_height(seen, unit)
    found: list[tuple[float, LibraryRun]] = []
    for track in own:
        rows = seen.rows[track.rows]
        size = (rows["box"][:, 3] - rows["box"][:, 1]) / max(height, 1e-6)
        good = (
            np.isfinite(rows["opening"])
            & (rows["sharpness"] >= BLURRED)
            & (np.abs(rows["pose"][:, 0]) < limits.profile)
            & (size > _SIZES[0])
            & (size < _SIZES[1])
            & ((rows["frame"] < unit.first) | (rows["frame"] >= unit.last))
        )
        for first, last in _find_runs(rows["frame"][good]):
            if last - first >= _RUN_SECONDS * seen.rate:
                far = max(unit.first - last, first - unit.last, 0)
                far += 0 if track.shot == unit.shot else round(reach)
                found.append((far, LibraryRun(track.number, first, last)))
    return _take_nearest(found, unit, most)


def _take_nearest(found: list[tuple[float, LibraryRun]], unit: LipUnit, most: int) -> tuple[LibraryRun, ...]:
    chosen: list[LibraryRun] = []
    left = most
    for _, run in sorted(found, key=lambda one: (one[0], one[1].first)):
        if left <= 0:
            break
        count = min(left, run.last - run.first)
        # Of a long stretch the part next to the unit is taken: there the light is the most alike.
        first = run.last - count if run.last <= unit.first else run.first
        chosen.append(LibraryRun(run.track, first, first + count))
        left -= count
    return tuple(sorted(chosen, key=lambda run: run.first))


def _median_height(seen: SeenFaces, unit: LipUnit) -> float:
    track = seen.find_track(unit.track)
    rows = seen.rows[track.rows]
    inside = rows[(rows["frame"] >= unit.first) & (rows["frame"] < unit.last)]
    return float(np.median(inside["box"][:, 3] - inside["box"][:, 1]))


def _find_runs(frames: NDArray[np.int32]) -> list[tuple[int, int]]:
    if not len(frames):
        return []
    breaks = np.flatnonzero(np.diff(frames) != 1) + 1
    return [(int(part[0]), int(part[-1]) + 1) for part in np.split(frames, breaks)]
