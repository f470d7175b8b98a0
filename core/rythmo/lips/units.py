"""Plan which faces get new lips in which frames: one unit for each line, shot and face. Pure.

A unit never crosses a cut. What gets no new lips is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rythmo.faces.presence import BLURRED, FaceLimits, is_like_usual
from rythmo.faces.rows import Rows
from rythmo.faces.tracks import FaceTrack, Shot

Flags = NDArray[np.bool_]
_BRIDGE_SECONDS = 0.2
"""A face that is lost or bad for so long between good frames is still worked on."""
_LEAST_SECONDS = 0.3
"""Shorter stretches are left alone: a patch that comes and goes is worse than old lips."""


OLD_PLACE = "where it was said"
"""Detail of frames in which only the original of a moved line is heard."""


class LipSkip(StrEnum):
    """A reason why some frames of a line get no new lips."""

    OFF_SCREEN = "off screen"
    UNKNOWN_FACE = "nobody knows whose face it is"
    DOUBTFUL_FACE = "another speaker's face moves with these words"
    SHARED_FACE = "two lines with one face"
    LOST = "the face is not seen"
    PROFILE = "profile"
    SMALL = "tiny"
    COVERED = "covered"
    BLURRED = "blurred"
    SHORT = "too short"
    MOVED = "moved to another picture"
    NO_TAKE = "no take"
    ORIGINAL = "the original sound stays"
    NOT_ASKED = "not asked for"
    NO_CONSENT = "no consent for the face"
    FAILED = "the engine failed"


@dataclass(frozen=True, slots=True)
class DubbedLine:
    """A line to be worked on: frames [first, last) in which the original or the dub is heard.

    `skip` says why it is not to be, as far as the script alone tells, and `detail` adds to that. `silent`:
    only the original is heard there, because an editor moved the dub away: the mouth is shut, unless another
    line is heard.
    """

    id: str
    speaker: str
    first: int
    last: int
    skip: LipSkip | None = None
    detail: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class LipUnit:
    """Frames [first, last) of one face in one shot, over one line.

    `ramp_in` and `ramp_out` are how many frames at its ends lead from the original picture and back to it; 0
    at a cut.
    """

    line: str
    speaker: str
    person: str
    track: int
    shot: int
    first: int
    last: int
    ramp_in: int = 0
    ramp_out: int = 0

    @property
    def count(self) -> int:
        """How many frames it has."""
        return self.last - self.first

    def weigh_frames(self) -> NDArray[np.float32]:
        """Return how far each frame is the new one, shape (count,), above 0 to 1."""
        index = np.arange(self.count)
        into = (index + 1) / (self.ramp_in + 1)
        out = (self.count - index) / (self.ramp_out + 1)
        return np.asarray(np.minimum(1.0, np.minimum(into, out)), np.float32)


@dataclass(frozen=True, slots=True)
class SkippedFrames:
    """Frames [first, last) of a line that get no new lips, and why; `detail` adds to the reason."""

    line: str
    reason: LipSkip
    first: int
    last: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LipPlan:
    """The units in order of first frame, and what is skipped."""

    units: tuple[LipUnit, ...]
    skipped: tuple[SkippedFrames, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SeenFaces:
    """What is known of the faces: rows, tracks, the person of each track, the speaker of each person."""

    rows: Rows
    tracks: Sequence[FaceTrack]
    people: Mapping[int, str]
    speakers: Mapping[str, str]
    shots: Sequence[Shot]
    rate: float

    def find_track(self, number: int) -> FaceTrack:
        """Return the track of that number."""
        return next(track for track in self.tracks if track.number == number)


def plan_lips(lines: Sequence[DubbedLine], seen: SeenFaces, limits: FaceLimits, ramp: int) -> LipPlan:
    """Return the units of all lines. `ramp` is the number of frames at the ends of each."""
    units: list[LipUnit] = []
    silent: list[LipUnit] = []
    skipped: list[SkippedFrames] = []
    for line in lines:
        if line.skip is not None:
            skipped.append(SkippedFrames(line.id, line.skip, line.first, line.last, line.detail))
            continue
        own, left = _plan_line(line, seen, limits)
        (silent if line.silent else units).extend(own)
        skipped += _tell_silent(left) if line.silent else left
    units, shared = _part_shared(units)
    units += _cut_out(_part_shared(silent)[0], units, round(_LEAST_SECONDS * seen.rate))
    cut = {edge for shot in seen.shots for edge in (shot.first, shot.last)}
    units.sort(key=lambda unit: (unit.first, unit.track))
    return LipPlan(
        tuple(_with_ramps(unit, cut, ramp) for unit in units),
        tuple(sorted((*skipped, *shared), key=lambda one: (one.first, one.line))),
    )


def _plan_line(
    line: DubbedLine, seen: SeenFaces, limits: FaceLimits
) -> tuple[list[LipUnit], list[SkippedFrames]]:
    """Return the units of one line, and the frames of it that have none."""
    there = [track for track in seen.tracks if track.first < line.last and line.first < track.last]
    own = [track for track in there if seen.speakers.get(seen.people[track.number]) == line.speaker]
    if not own:
        unnamed = any(seen.people[track.number] not in seen.speakers for track in there)
        reason = LipSkip.UNKNOWN_FACE if unnamed else LipSkip.OFF_SCREEN
        return [], [SkippedFrames(line.id, reason, line.first, line.last)]
    reasons = np.full(line.last - line.first, LipSkip.OFF_SCREEN.value, dtype=object)
    units = []
    for track in own:
        first, last = max(line.first, track.first), min(line.last, track.last)
        bad = _find_faults(track, seen, first, last, limits)
        inside = slice(first - line.first, last - line.first)
        reasons[inside] = bad
        for start, end in _good_stretches(bad == "", seen.rate):
            if end - start < _LEAST_SECONDS * seen.rate:
                reasons[inside][start:end] = LipSkip.SHORT.value
                continue
            reasons[inside][start:end] = ""
            person = seen.people[track.number]
            units.append(
                LipUnit(line.id, line.speaker, person, track.number, track.shot, first + start, first + end)
            )
    return units, _list_skipped(line, reasons, seen.rate)


def _find_faults(
    track: FaceTrack, seen: SeenFaces, first: int, last: int, limits: FaceLimits
) -> NDArray[np.object_]:
    """Return the reason against each frame of [first, last); "" for one that is good."""
    found = np.full(last - first, LipSkip.LOST.value, dtype=object)
    frames = seen.rows["frame"][track.rows]
    chosen = track.rows[(frames >= first) & (frames < last)]
    rows = seen.rows[chosen]
    meshed = np.isfinite(rows["opening"])
    height = rows["box"][:, 3] - rows["box"][:, 1]
    reasons = np.full(len(rows), "", dtype=object)
    reasons[rows["sharpness"] < BLURRED] = LipSkip.BLURRED.value
    reasons[~is_like_usual(seen.rows, chosen, track)] = LipSkip.COVERED.value
    reasons[height < limits.small] = LipSkip.SMALL.value
    reasons[(np.abs(rows["pose"][:, 0]) >= limits.profile) | ~meshed] = LipSkip.PROFILE.value
    found[rows["frame"] - first] = reasons
    return found


def _good_stretches(good: Flags, rate: float) -> list[tuple[int, int]]:
    """Return the stretches [start, end) of good frames, joined over short gaps."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], good.astype(np.int8), [0]))))
    joined: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if joined and start - joined[-1][1] <= _BRIDGE_SECONDS * rate:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _list_skipped(line: DubbedLine, reasons: NDArray[np.object_], rate: float) -> list[SkippedFrames]:
    """Return the stretches of one reason; those of a few frames at the ends of a unit are not worth one."""
    edges = [0, *(np.flatnonzero(reasons[1:] != reasons[:-1]) + 1).tolist(), len(reasons)]
    whole = len(edges) == 2
    return [
        SkippedFrames(line.id, LipSkip(reasons[start]), line.first + start, line.first + end)
        for start, end in pairwise(edges)
        if reasons[start] and (whole or end - start > _BRIDGE_SECONDS * rate)
    ]


def _part_shared(units: Sequence[LipUnit]) -> tuple[list[LipUnit], list[SkippedFrames]]:
    """Give each frame of a track to one line at most: lines that overlap meet in the middle.

    A line that lies within another one with the same face cannot be told from it, and is skipped.
    """
    kept: list[LipUnit] = []
    skipped: list[SkippedFrames] = []
    for unit in sorted(units, key=lambda one: (one.track, one.first, -one.last)):
        before = kept[-1] if kept and kept[-1].track == unit.track else None
        if before is None or before.last <= unit.first:
            kept.append(unit)
        elif unit.last <= before.last or before.speaker != unit.speaker:
            skipped.append(SkippedFrames(unit.line, LipSkip.SHARED_FACE, unit.first, unit.last, before.line))
        else:
            middle = (unit.first + before.last) // 2
            kept[-1] = replace(before, last=middle)
            kept.append(replace(unit, first=middle))
    return [unit for unit in kept if unit.count > 0], skipped


def _tell_silent(skipped: Sequence[SkippedFrames]) -> list[SkippedFrames]:
    """Return what is worth telling of frames that only the original is heard in: not that nobody is seen."""
    nobody = (LipSkip.OFF_SCREEN, LipSkip.UNKNOWN_FACE)
    return [replace(one, detail=OLD_PLACE) for one in skipped if one.reason not in nobody]


def _cut_out(silent: Sequence[LipUnit], units: Sequence[LipUnit], least: int) -> list[LipUnit]:
    """Return what is left of units that shut a mouth where no other unit has the same face."""
    left = list(silent)
    for unit in units:
        parts = []
        for one in left:
            if one.track != unit.track or unit.last <= one.first or one.last <= unit.first:
                parts.append(one)
                continue
            sides = replace(one, last=unit.first), replace(one, first=unit.last)
            parts += [side for side in sides if side.count >= least]
        left = parts
    return left


def _with_ramps(unit: LipUnit, cuts: set[int], ramp: int) -> LipUnit:
    """Return the unit with ramps, shorter in a short unit, and none where a cut is."""
    most = min(ramp, unit.count // 3)
    return replace(
        unit,
        ramp_in=0 if unit.first in cuts else most,
        ramp_out=0 if unit.last in cuts else most,
    )
