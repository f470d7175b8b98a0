"""Join the faces of consecutive frames into tracks: one face, in one shot, without a break. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.model import Box, make_box, overlap
from rythmo.faces.rows import Rows

_LEAST_OVERLAP = 0.25
_MOST_GROWTH = 1.7
"""How much larger or smaller a face may be in its next frame: more is another face in the same place."""
_GAP_SECONDS = 0.4
"""A face that is missed for so long, and is still there, was there all the time."""
_LEAST_SECONDS = 0.2
"""What is seen for a shorter time is no face, as a rule: a pattern that flickers."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames [first, last) between two cuts."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """One face in one shot. `rows` are the indices of its rows, in order of frame, at most one a frame."""

    number: int
    shot: int
    rows: NDArray[np.int32]
    first: int
    last: int
    """The frame after its last one."""


def make_shots(cuts: Sequence[int], frames: int) -> tuple[Shot, ...]:
    """Return the shots of a picture of so many frames, whose cuts begin new ones."""
    edges = sorted({0, frames, *(cut for cut in cuts if 0 < cut < frames)})
    return tuple(Shot(first, last) for first, last in pairwise(edges))


def find_tracks(rows: Rows, shots: Sequence[Shot], rate: float) -> tuple[FaceTrack, ...]:
    """Return the tracks of all shots, numbered in order of first frame. `rate` is frames a second."""
    found: list[FaceTrack] = []
    frames = rows["frame"]
    for index, shot in enumerate(shots):
        start, end = np.searchsorted(frames, (shot.first, shot.last))
        found += _tracks_of_shot(rows, int(start), int(end), index, rate)
    found.sort(key=lambda track: (track.first, track.rows[0]))
    return tuple(
        FaceTrack(number, track.shot, track.rows, track.first, track.last)
        for number, track in enumerate(found, 1)
    )


def _tracks_of_shot(rows: Rows, start: int, end: int, shot: int, rate: float) -> list[FaceTrack]:
    open_: list[list[int]] = []
    done: list[list[int]] = []
    gap, frames = max(1, round(_GAP_SECONDS * rate)), rows["frame"]
    boxes = [make_box(edges) for edges in rows["box"][start:end].tolist()]
    at = start
    while at < end:
        after = at + int(np.searchsorted(frames[at:end], frames[at], side="right"))
        frame = int(frames[at])
        closed = [track for track in open_ if frame - frames[track[-1]] > gap]
        done += closed
        open_ = [track for track in open_ if track not in closed]
        last = [boxes[track[-1] - start] for track in open_]
        free = set(range(len(open_)))
        for row, track in _match(boxes[at - start : after - start], last):
            open_[track].append(at + row)
            free.discard(track)
        taken = {track[-1] for track in open_}
        open_ += [[row] for row in range(at, after) if row not in taken]
        at = after
    least = _LEAST_SECONDS * rate
    return [
        FaceTrack(0, shot, np.array(track, np.int32), int(frames[track[0]]), int(frames[track[-1]]) + 1)
        for track in (*done, *open_)
        if len(track) >= least
    ]


def _match(boxes: Sequence[Box], last: Sequence[Box]) -> list[tuple[int, int]]:
    """Return (new box, open track) pairs, those that overlap most first; each is in one pair at most."""
    pairs = [
        (overlap(box, before), row, track)
        for row, box in enumerate(boxes)
        for track, before in enumerate(last)
        if _is_like_sized(box, before)
    ]
    chosen: list[tuple[int, int]] = []
    for shared, row, track in sorted(pairs, reverse=True):
        if shared < _LEAST_OVERLAP:
            break
        if all(row != one and track != other for one, other in chosen):
            chosen.append((row, track))
    return chosen


def _is_like_sized(one: Box, other: Box) -> bool:
    growth = math.log(max(1e-9, one[3] - one[1]) / max(1e-9, other[3] - other[1]))
    return abs(growth) <= math.log(_MOST_GROWTH)
