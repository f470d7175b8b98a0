"""What the picture shows of each line's speaker: how long, in which tracks, and how well. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.rows import Rows
from rythmo.faces.tracks import FaceTrack
from rythmo.script.on_screen import LipLimit, OnScreen, Presence

_ON, _OFF = 0.8, 0.15
BLURRED = 0.06
"""Sharpness below which lips are not seen any more; see test_presence for faces of known blur."""
_COVERED = 0.35
"""A lower face that is less like its track's usual one than this (a correlation) has something before it."""
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class FaceLimits:
    """From when on a face is no good for lips: height as a share of the picture's, and yaw in degrees."""

    small: float = 0.08
    profile: float = 50.0


def find_presence(
    first: int,
    last: int,
    speaker: str,
    tracks: Sequence[FaceTrack],
    rows: Rows,
    people: Mapping[int, str],
    named: Mapping[str, str],
    limits: FaceLimits,
) -> OnScreen:
    """Return what frames [first, last) show of a speaker.

    `people` is the person of each track, `named` the speaker of each person who is one.
    """
    there = [track for track in tracks if track.first < last and first < track.last]
    own = [track for track in there if named.get(people[track.number]) == speaker]
    unnamed = [track for track in there if people[track.number] not in named]
    seen = np.concatenate(
        [_rows_between(track, rows, first, last) for track in own] or [np.empty(0, np.int32)]
    )
    share = len(np.unique(rows["frame"][seen])) / max(1, last - first)
    if share <= _OFF:
        lost = _share_of(unnamed, rows, first, last) > _OFF
        return OnScreen(Presence.UNCLEAR if lost else Presence.OFF, round(share, 3))
    return OnScreen(
        Presence.ON if share >= _ON else Presence.PARTLY,
        round(share, 3),
        people[max(own, key=lambda track: len(_rows_between(track, rows, first, last))).number],
        tuple(track.number for track in own),
        _find_limits(own, rows, first, last, limits),
        opens=bool(np.mean(rows["frame"][seen]) < (first + last) / 2),
    )


def _rows_between(track: FaceTrack, rows: Rows, first: int, last: int) -> NDArray[np.int32]:
    frames = rows["frame"][track.rows]
    return np.asarray(track.rows[(frames >= first) & (frames < last)])


def _share_of(tracks: Sequence[FaceTrack], rows: Rows, first: int, last: int) -> float:
    frames = [rows["frame"][_rows_between(track, rows, first, last)] for track in tracks]
    return len(np.unique(np.concatenate(frames))) / max(1, last - first) if frames else 0.0


def _find_limits(
    tracks: Sequence[FaceTrack], rows: Rows, first: int, last: int, limits: FaceLimits
) -> tuple[LipLimit, ...]:
    parts = [(_rows_between(track, rows, first, last), track) for track in tracks]
    seen = rows[np.concatenate([part for part, _ in parts])]
    meshed = np.isfinite(seen["opening"])
    height = seen["box"][:, 3] - seen["box"][:, 1]
    covered = np.concatenate([~is_like_usual(rows, part, track) for part, track in parts])
    checks = {
        LipLimit.PROFILE: (np.abs(seen["pose"][:, 0]) >= limits.profile) | ~meshed,
        LipLimit.SMALL: height < limits.small,
        LipLimit.COVERED: covered & meshed,
        LipLimit.BLURRED: (seen["sharpness"] < BLURRED) & meshed,
    }
    return tuple(limit for limit, bad in checks.items() if bad.mean() > _MOSTLY)


def is_like_usual(rows: Rows, chosen: NDArray[np.int32], track: FaceTrack) -> NDArray[np.bool_]:
    """Tell for each chosen row whether the lower face looks as it usually does in its track.

    What is before a mouth for less than half of a track is told so: it is compared with the track's median.
    """
    usual = _normalise(np.median(rows["patch"][track.rows].astype(np.float64), axis=0)[None])[0]
    patches = _normalise(rows["patch"][chosen].astype(np.float64))
    return np.asarray((patches @ usual >= _COVERED) | (np.abs(patches).sum(axis=1) == 0))


def _normalise(patches: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = patches - patches.mean(axis=1, keepdims=True)
    size = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(np.where(size > 1e-6, centred / np.maximum(size, 1e-6), 0.0))
