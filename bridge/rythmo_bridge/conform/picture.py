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
    frame = frames_to_samples(1, delivered.frame_rate, delivered.sample_rate)
    played = list_played(delivered, kind)
    cuts = [
        cut
        for track in edited.tracks_of(kind)
        for clip in list_clips(track, edited)
        for cut in find_cuts(clip, played.get(clip.name, ()), frame)
    ]
    return Picture(tuple(sorted(set(cuts), key=lambda cut: (cut.start, cut.end, cut.shift))), frame)


@dataclass(frozen=True, slots=True)
class PlayedClip:
    """A clip that plays a file: the file's name, and the timecode of the first sample that it plays."""

    name: str
    label: int
    item: Item


def list_played(delivered: Timeline, kind: Kind) -> dict[str, list[PlayedClip]]:
    """Return the delivered clips of a kind by the names of their files, without those of lines."""
    played: dict[str, list[PlayedClip]] = {}
    for track in delivered.tracks_of(kind):
        for clip in list_clips(track, delivered):
            if clip.item.line is None:
                played.setdefault(clip.name, []).append(clip)
    return played


def find_cuts(clip: PlayedClip, played: Sequence[PlayedClip], frame: int) -> Iterable[PictureCut]:
    """Yield what an edited clip shows of delivered ones of the same file. `frame` is a frame in samples."""
    label, item = clip.label, clip.item
    # Hosts that forget a file's timecode count from the file's beginning instead.
    starts = {shot.label - shot.item.source for shot in played} if label == item.source else {0}
    for shot in played:
        for shift in starts:
            at = label + shift
            first, last = max(at, shot.label), min(at + item.length, shot.label + shot.item.length)
            if last - first > frame // 2:
                begin = shot.item.start + first - shot.label
                yield PictureCut(begin, begin + last - first, item.start + first - at - begin)


def list_clips(track: Track, timeline: Timeline) -> Iterable[PlayedClip]:
    """Yield each clip of a track that plays a file."""
    for item in track.items:
        clip = play_clip(item, timeline)
        if clip is not None:
            yield clip


def play_clip(item: Item, timeline: Timeline) -> PlayedClip | None:
    """Return what a clip plays; None where it plays no file."""
    media = timeline.media_of(item)
    if media is None:
        return None
    return PlayedClip(Path(media.name).stem.lower(), media.start + item.source, item)
