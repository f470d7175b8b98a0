"""Tells which picture an edited timeline shows where it moved a line to. Pure.

The project's own picture never moves: a new cut of it is refused. But the editor may have looked at another
one: a shot copied to the line's new place, an insert above it, or a picture that is not in the timeline at
all. Only what the timeline shows tells whether the line was moved against the project's picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rythmo.script.on_screen import PictureUnder
from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform.picture import PlayedClip, find_cuts, list_played, play_clip
from rythmo_bridge.lip_track import NAME as LIPS
from rythmo_bridge.timeline import Item, Kind, Timeline, Track


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Record samples [start, end) of one clip, and how far the picture in it moved: several ways where a file
    plays twice, none where it is no picture of ours."""

    start: int
    end: int
    shifts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """What an edited timeline shows: layers from the top down, each a row of stretches.

    Where the timeline holds no picture, the layers are those of the programme's own sound and stems, which
    belong to the picture. `tolerance` is one frame in samples.
    """

    layers: tuple[tuple[_Stretch, ...], ...]
    tolerance: int

    def find_under(self, start: int, end: int, shift: int) -> PictureUnder | None:
        """Return which picture plays in [start, end) of the record, for a line that moved by `shift`.

        None: another one, none at all, or part of this and part of that.
        """
        found = {self._judge(shifts, shift) for shifts in self._list_tops(start, end)}
        return found.pop() if len(found) == 1 else None

    def _list_tops(self, start: int, end: int) -> Iterable[frozenset[int]]:
        """Yield the shifts of what is on top, for each part of [start, end) that is longer than a frame."""
        near = [one for layer in self.layers for one in layer if one.start < end and start < one.end]
        inner = sorted({edge for one in near for edge in (one.start, one.end) if start < edge < end})
        for low, high in pairwise([start, *inner, end]):
            if high - low > self.tolerance or not inner:
                over = (one.shifts for one in near if one.start <= low and high <= one.end)
                yield next(over, frozenset())

    def _judge(self, shifts: frozenset[int], moved: int) -> PictureUnder | None:
        if any(abs(shift) <= self.tolerance for shift in shifts):
            return PictureUnder.STAYED
        if any(abs(shift - moved) <= self.tolerance for shift in shifts):
            return PictureUnder.FOLLOWED
        return None


def find_shown_picture(delivered: Timeline, edited: Timeline) -> ShownPicture:
    """Return what the edited timeline, flat and in the programme's time, shows of the delivered picture."""
    frame = frames_to_samples(1, delivered.frame_rate, delivered.sample_rate)
    lips = _list_lips(delivered)
    pictures = [_list_shown(track, edited, lips) for track in reversed(edited.tracks_of(Kind.VIDEO))]
    kind = Kind.VIDEO if any(pictures) else Kind.AUDIO
    played = list_played(delivered, kind)
    if kind is Kind.AUDIO:
        pictures = [
            [item for item in track.items if _name_of(item, edited) in played]
            for track in edited.tracks_of(Kind.AUDIO)
        ]
    layers = (
        tuple(part for item in items for part in _split_item(item, edited, played, frame))
        for items in pictures
    )
    return ShownPicture(tuple(layers), frame)


def _list_lips(delivered: Timeline) -> frozenset[str]:
    """Return the names of the files of our own lips: their clips lie above the picture and show the same."""
    found = (
        _name_of(item, delivered)
        for track in delivered.tracks_of(Kind.VIDEO)
        for item in track.items
        if item.line is not None
    )
    return frozenset(found)


def _list_shown(track: Track, edited: Timeline, lips: frozenset[str]) -> list[Item]:
    """Return the clips of a video track that show a picture; titles and generators leave it to be seen."""
    if not track.enabled or track.name.casefold() == LIPS.casefold():
        return []
    return [
        item
        for item in track.items
        if item.enabled and item.kind == "clip" and _name_of(item, edited) not in lips
    ]


def _name_of(item: Item, timeline: Timeline) -> str:
    media = timeline.media_of(item)
    return Path(media.name).stem.lower() if media is not None else ""


def _split_item(
    item: Item, edited: Timeline, played: Mapping[str, Sequence[PlayedClip]], frame: int
) -> Iterable[_Stretch]:
    """Yield the parts of a clip of the edited timeline by how far the picture in them moved."""
    clip = play_clip(item, edited)
    if clip is None or item.speed != 1:
        yield _Stretch(item.start, item.end)
        return
    cuts = list(find_cuts(clip, played.get(clip.name, ()), frame))
    spans = [(cut.start + cut.shift, cut.end + cut.shift, cut.shift) for cut in cuts]
    edges = {item.start, item.end, *(edge for low, high, _ in spans for edge in (low, high))}
    for low, high in pairwise(sorted(edge for edge in edges if item.start <= edge <= item.end)):
        shifts = frozenset(shift for start, end, shift in spans if start <= low and high <= end)
        yield _Stretch(low, high, shifts)
