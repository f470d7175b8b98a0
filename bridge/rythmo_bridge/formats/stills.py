"""Handles stills in a timeline: pictures without a time of their own, which hosts count from anywhere.

Final Cut starts them at one hour, Premiere in the middle of a day; their files have one frame or no length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rythmo_bridge.timeline import Item, Kind, Media, Timeline

STILL_FILES = frozenset(
    {".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".pdf", ".png", ".psd", ".tga", ".tif", ".tiff", ".webp"}
)
_SEQUENCE = re.compile(r"%0?\d*d\.\w+\Z")
_NUMBERED = re.compile(r"[._]\d{3,}\.\w+\Z")


def with_stills(timeline: Timeline) -> Timeline:
    """Return the timeline with its stills played from their first frame, as long as their longest clip.

    A still is recognised by its file's name, or is a picture without length.
    """
    longest = _longest(timeline)
    if not longest:
        return timeline
    known: dict[int, Timeline] = {}
    media = {
        key: replace(each, length=max(longest[key], each.length), start=0) if key in longest else each
        for key, each in timeline.media.items()
    }
    return _replace_stills(timeline, media, frozenset(longest), known)


def _replace_stills(
    timeline: Timeline, media: Mapping[str, Media], stills: frozenset[str], known: dict[int, Timeline]
) -> Timeline:
    if id(timeline) in known:
        return known[id(timeline)]

    def item(each: Item) -> Item:
        if each.nested is not None:
            return replace(each, nested=_replace_stills(each.nested, media, stills, known))
        return replace(each, source=0) if each.media in stills else each

    tracks = tuple(replace(t, items=tuple(item(each) for each in t.items)) for t in timeline.tracks)
    known[id(timeline)] = replace(timeline, tracks=tracks, media=media)
    return known[id(timeline)]


def _longest(timeline: Timeline) -> dict[str, int]:
    """Return the length of the longest clip of every still."""
    found: dict[str, int] = {}
    waiting, seen = [timeline], {id(timeline)}
    while waiting:
        here = waiting.pop()
        for track, item in here.items():
            if item.nested is not None and id(item.nested) not in seen:
                seen.add(id(item.nested))
                waiting.append(item.nested)
            if track.kind is not Kind.VIDEO:
                continue
            media = here.media.get(item.media or "")
            if media is not None and _is_still(media, item):
                found[media.id] = max(found.get(media.id, 0), item.length)
    return found


def _is_still(media: Media, item: Item) -> bool:
    names = (media.name, *media.candidates, *([media.path.name] if media.path else []))
    if media.channels or any(_SEQUENCE.search(name) for name in names):
        return False
    picture = any(Path(name).suffix.lower() in STILL_FILES for name in names)
    # A numbered picture may be the first frame of an image sequence, which has a length.
    if picture and not any(_NUMBERED.search(name) for name in names):
        return True
    beyond = item.source < 0 or item.source + item.length > media.length
    return beyond and (picture or (media.has_picture and not media.length))
