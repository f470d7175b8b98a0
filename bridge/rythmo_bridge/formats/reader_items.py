"""Helpers that readers share: line ids, roles of tracks, overlapping items, channels of one clip."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rythmo.errors import TimelineError
from rythmo_bridge.timeline import Item, Kind, Role, Track

# Limit on overlapping clips of a track: one in a real edit, some tens in a storyline with its lanes.
_MOST_LANES = 1000
_TAKE = re.compile(r"([A-Za-z][A-Za-z0-9]*_\d{4,})_t\d{2,}(?![0-9])")


def line_of(*names: str) -> str | None:
    """Return the line whose take one of these names begins with: `S1_0007_t02.wav` is of S1_0007."""
    for name in names:
        if match := _TAKE.match(name.strip()):
            return match[1]
    return None


def role_of(name: str, kind: Kind) -> Role:
    """Return what a track is for, by the names that Rythmo and mixers use."""
    plain = name.strip().upper()
    if kind is Kind.VIDEO:
        return Role.PICTURE if plain == "PICTURE" else Role.OTHER
    if plain == "DX" or plain.startswith(("DX ", "DX_", "DIALOGUE", "DIALOG ")):
        return Role.DIALOGUE
    if plain.startswith(("M&E", "M_E", "ME STEM", "MUSIC AND EFFECTS")):
        return Role.ME
    return Role.ORIGINAL if plain == "ORIGINAL" else Role.OTHER


def pack_items(track: Track, items: Iterable[Item]) -> Iterator[Track]:
    """Put the items in order; overlapping ones go to further tracks of the same name.

    Raises:
        TimelineError: More than a thousand clips overlap.
    """
    lanes: list[list[Item]] = [[]]
    free, busy = [0], list[tuple[int, int]]()
    for item in sorted(items, key=lambda each: each.start):
        while busy and busy[0][0] <= item.start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if not free:
            if len(lanes) >= _MOST_LANES:
                raise TimelineError(
                    f"More than {_MOST_LANES} clips of the track {track.name[:40]!r} play at the same time."
                )
            free.append(len(lanes))
            lanes.append([])
        lane = heapq.heappop(free)
        lanes[lane].append(item)
        heapq.heappush(busy, (item.end, lane))
    for number, lane_items in enumerate(lanes, start=1):
        name = track.name if number == 1 else f"{track.name} ({number})"
        transitions = track.transitions if number == 1 else ()
        yield replace(track, name=name, items=tuple(lane_items), transitions=transitions)


def crop_before_start(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items without what lies before the timeline's first frame, which is never played."""
    for item in items:
        if item.start >= 0:
            yield item
        elif item.end > 0:
            source = item.source + round(-item.start * item.speed) if item.speed > 0 else item.source
            early = item.start
            levels = tuple(replace(each, at=each.at + early) for each in item.levels)
            yield replace(item, start=0, length=item.end, source=source, levels=levels)


def end_of(tracks: Iterable[Track]) -> int:
    """Return the sample after the last item."""
    return max((item.end for track in tracks for item in track.items), default=0)


def plain_facts(source: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the named values that exist and are plain."""
    return {n: source[n] for n in names if isinstance(source.get(n), str | int | float | bool)}


def place_of(item: Item) -> tuple[object, ...]:
    """Return what the channels of one clip have in common."""
    return item.start, item.length, item.media, item.source, item.enabled, item.gain_db


def join_channels(tracks: Sequence[Track]) -> Iterator[Item]:
    """Yield the channels' clips as one; channels stay empty if they are the track's own in order."""
    for items in zip(*(track.items for track in tracks), strict=True):
        channels = tuple(channel for item in items for channel in item.channels)
        yield replace(items[0], channels=() if channels == tuple(range(len(tracks))) else channels)
