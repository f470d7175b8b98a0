"""Moves a timeline to frame borders for formats that count in frames, keeping every sound on its sample.

A take that begins between two frames gets a file of its own, whose head holds silence from the frame border
to the take's first sample. The clip then starts on the border, and the sound where it should. Files that
already lie on borders (picture, stems) are used unchanged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import MediaError
from rythmo.media.bwf import Bext, BwfWriter, build_ixml
from rythmo.media.wav import WavReader
from rythmo.timebase import find_frame, frames_to_samples, nearest_frame, samples_to_frames, time_reference
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

_BLOCK = 1 << 20


def on_frames(delivery: Timeline, folder: Path) -> Timeline:
    """Return the timeline with all positions on frame borders; files needed for that are written to `folder`.

    Sound that cannot be rendered (not a WAV, a missing file, a changed speed) moves to the nearest frame
    instead.

    Raises:
        OutputError: A file cannot be written.
        MediaError: A WAV is damaged.
    """
    framer = _Framer(delivery, folder)
    tracks = tuple(replace(track, items=tuple(framer.items(track))) for track in delivery.tracks)
    used = {item.media for track in tracks for item in track.items} | {delivery.print_master, delivery.film}
    return replace(
        delivery,
        tracks=tracks,
        media={name: media for name, media in framer.media.items() if name in used},
        length=framer.ceiling(delivery.length),
        markers=tuple(replace(marker, start=framer.floor(marker.start)) for marker in delivery.markers),
    )


class _Framer:
    def __init__(self, delivery: Timeline, folder: Path) -> None:
        self.delivery = delivery
        self.folder = folder
        self.media = dict(delivery.media)
        self.origin = time_reference(delivery.start_frame, delivery.frame_rate, delivery.sample_rate)
        self.names: set[str] = set()

    def floor(self, position: int) -> int:
        """Return the frame border at or before a position."""
        rate, samples = self.delivery.frame_rate, self.delivery.sample_rate
        return frames_to_samples(find_frame(position, rate, samples), rate, samples)

    def ceiling(self, position: int) -> int:
        """Return the frame border at or after a position."""
        before = self.floor(position)
        if before == position:
            return before
        rate, samples = self.delivery.frame_rate, self.delivery.sample_rate
        return frames_to_samples(find_frame(position, rate, samples) + 1, rate, samples)

    def nearest(self, position: int) -> int:
        """Return the nearest frame border."""
        rate, samples = self.delivery.frame_rate, self.delivery.sample_rate
        return frames_to_samples(nearest_frame(position, rate, samples), rate, samples)

    def items(self, track: Track) -> Iterable[Item]:
        """Yield the track's items on borders.

        Where two meet inside a frame, the frame belongs to the later one, whose head then carries the end of
        the earlier: nothing is lost and nothing moves.
        """
        last = 0
        for before, item, after in zip(
            (None, *track.items), track.items, (*track.items[1:], None), strict=False
        ):
            media = self.delivery.media_of(item)
            if self._renders(item, track):
                assert media is not None
                framed = self._render(item, media, max(self.floor(item.start), last), before)
            else:
                framed = self._rounded(item, media, last)
            if after is not None and self._renders(after, track):
                framed = replace(framed, length=min(framed.end, self.floor(after.start)) - framed.start)
            if framed.length > 0:
                last = framed.end
                yield framed

    def _renders(self, item: Item, track: Track) -> bool:
        media = self.delivery.media_of(item)
        if media is None or track.kind is Kind.VIDEO or track.kept:
            return False
        return _can_render(item, media, self.delivery.sample_rate) and not self._fits(item, media)

    def _fits(self, item: Item, media: Media) -> bool:
        """Whether start and source lie on borders, also in the media's own timecode.

        A line has to end on one too: rounded, its last sound would be cut by up to a frame. Stems end with
        the programme.
        """
        places = (item.start, item.source, media.start, *([item.end] if item.line else []))
        return all(self.nearest(place) == place for place in places)

    def _rounded(self, item: Item, media: Media | None, earliest: int) -> Item:
        start = max(self.nearest(item.start), earliest)
        end = self.nearest(item.end)
        # A stem that ends inside a frame fills it if the file continues, else the clip ends before.
        if media is not None and item.speed == 1 and 0 < media.length < item.source + end - item.start:
            end = self.floor(item.end)
        return replace(item, start=start, length=end - start, source=self.nearest(item.source))

    def _render(self, item: Item, media: Media, start: int, before: Item | None) -> Item:
        """Write the item's sound so that it begins at `start`, a frame border, and fills whole frames."""
        rate, samples = self.delivery.frame_rate, self.delivery.sample_rate
        end = self.ceiling(item.end)
        frames = round(samples_to_frames(end - start, rate, samples))
        # Hosts count a file's whole frames, so rounding must not leave it a sample short of one.
        length = max(math.ceil(frames * samples / rate), item.end - start)
        name = self._name(item)
        path = self.folder / f"{name}.wav"
        earlier = self.delivery.media_of(before) if before is not None else None
        with BwfWriter(
            path,
            samples,
            media.channels,
            Bext(description=item.name, time_reference=self.origin + start),
            build_ixml(take=item.name, line=item.line or ""),
            length=length,
        ) as out:
            head = np.zeros((media.channels, item.start - start), np.int32)
            if before is not None and earlier is not None and before.end > start:
                _carry(head, before, earlier, start, samples)
            out.write(head)
            for block in _blocks(media, item.source, item.length):
                out.write(block)
            out.write(np.zeros((media.channels, length - out.written), np.int32))
        key = f"framed/{name}"
        self.media[key] = replace(
            media, id=key, name=path.name, path=path.absolute(), length=length, start=self.origin + start
        )
        early = item.start - start
        return replace(
            item,
            start=start,
            length=end - start,
            media=key,
            source=0,
            fade_in=item.fade_in + early if item.fade_in else 0,
            levels=tuple(replace(level, at=level.at + early) for level in item.levels),
        )

    def _name(self, item: Item) -> str:
        name, number = item.name, 1
        while name in self.names:
            number += 1
            name = f"{item.name}_{number}"
        self.names.add(name)
        return name


def _can_render(item: Item, media: Media, sample_rate: int) -> bool:
    if item.speed != 1 or item.nested is not None or media.path is None or media.sample_rate != sample_rate:
        return False
    return media.path.suffix.lower() == ".wav" and media.path.is_file()


def _carry(head: NDArray[np.int32], before: Item, media: Media, start: int, sample_rate: int) -> None:
    """Copy the end of the previous item into the head of the one that begins in the same frame."""
    first = max(start, before.start)
    if not _can_render(before, media, sample_rate) or media.channels != head.shape[0]:
        return
    count = min(before.end - first, head.shape[1] - (first - start))
    at = first - start
    for block in _blocks(media, before.source + first - before.start, count):
        head[:, at : at + block.shape[1]] = block
        at += block.shape[1]


def _blocks(media: Media, source: int, count: int) -> Iterable[NDArray[np.int32]]:
    assert media.path is not None
    with WavReader(media.path) as reader:
        if source + count > reader.length:
            hint = "Run again to remake the take."
            raise MediaError(f"{media.path} is shorter than its clip.", hint=hint)
        for at in range(source, source + count, _BLOCK):
            yield reader.read_int(at, min(_BLOCK, source + count - at))
