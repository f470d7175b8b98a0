"""Finds where the programme's picture moved in an edited timeline. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rythmo.timebase import frames_to_samples
from rythmo_bridge.timeline import Item, Kind, Timeline, Track


@dataclass(frozen=True, slots=True)
class PictureCut:
    """A stretch of the delivered picture [start, end), in record samples, and how far it moved."""

    start: int
    end: int
    shift: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What remains of the picture. `tolerance` is one frame in samples."""

    cuts: tuple[PictureCut, ...]
    tolerance: int

    def shift(self, position: int) -> int | None:
        """Return how far the picture at a delivered position moved; None if it is gone or there twice."""
        shifts = {cut.shift for cut in self.cuts if cut.start <= position < cut.end}
        return shifts.pop() if len(shifts) == 1 else None

    def is_gone(self, start: int, end: int) -> bool:
        """Whether nothing remains of the picture under [start, end)."""
        return bool(self.cuts) and not any(cut.start < end and start < cut.end for cut in self.cuts)

    @property
    def moved(self) -> tuple[PictureCut, ...]:
        """Return the cuts that moved, in order: those that nothing plays at their old position."""
        still = [cut for cut in self.cuts if abs(cut.shift) <= self.tolerance]
        return tuple(
            cut
            for cut in self.cuts
            if abs(cut.shift) > self.tolerance
            and not any(other.start <= cut.start and cut.end <= other.end for other in still)
        )

    @property
    def common_shift(self) -> int | None:
        """Return how far all of it moved; None if its cuts moved differently or nothing remains."""
        shifts = [cut.shift for cut in self.cuts]
        if not shifts or max(shifts) - min(shifts) > self.tolerance:
            return None
        return min(shifts, key=abs)


def find_picture(delivered: Timeline, edited: Timeline, kind: Kind = Kind.VIDEO) -> Picture:
    """Find the delivered picture in the edited timeline, by the files that clips play and their timecode.

    With Kind.AUDIO, find the programme's own sound and stems, which lie under the lines as the picture does.
    """
    shots = [
        shot
        for track in delivered.tracks_of(kind)
        for shot in _shots(track, delivered)
        if shot[2].line is None
    ]
    frame = frames_to_samples(1, delivered.frame_rate, delivered.sample_rate)
    named: dict[str, list[tuple[str, int, Item]]] = {}
    for shot in shots:
        named.setdefault(shot[0], []).append(shot)
    cuts = [
        cut
        for track in edited.tracks_of(kind)
        for name, label, item in _shots(track, edited)
        for cut in _cuts(label, item, named.get(name, ()), frame)
    ]
    return Picture(tuple(sorted(set(cuts), key=lambda cut: (cut.start, cut.end, cut.shift))), frame)


def _cuts(
    label: int, item: Item, played: Sequence[tuple[str, int, Item]], frame: int
) -> Iterable[PictureCut]:
    # Hosts that forget a file's timecode count from the file's beginning instead.
    starts = {shot[1] - shot[2].source for shot in played} if label == item.source else {0}
    for _, theirs, shot in played:
        for shift in starts:
            at = label + shift
            first, last = max(at, theirs), min(at + item.length, theirs + shot.length)
            if last - first > frame // 2:
                begin = shot.start + first - theirs
                yield PictureCut(begin, begin + last - first, item.start + first - at - begin)


def _shots(track: Track, timeline: Timeline) -> Iterable[tuple[str, int, Item]]:
    """Yield (name of the file, timecode of the first sample, clip) for each clip that plays a file."""
    for item in track.items:
        media = timeline.media_of(item)
        if media is not None:
            yield Path(media.name).stem.lower(), media.start + item.source, item
