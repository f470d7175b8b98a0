"""Merges the dub into the timeline that it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rythmo_bridge.assemble.programme import Assembly
from rythmo_bridge.assemble.track_roles import Use
from rythmo_bridge.timeline import Item, Kind, Media, Role, Timeline, Track

# Prefix of the media ids of the original timeline, which keeps them apart from the dub's.
_OLD = "timeline/"


def merge_dub(dubbed: Timeline, assembly: Assembly) -> Timeline:
    """Return the dubbed timeline's own tracks, in their order, followed by the dub's.

    Picture, markers and M&E tracks stay unchanged. Dialogue tracks are disabled and otherwise unchanged;
    where dialogue and M&E were one mix, all sound tracks are, and the dub's M&E is added. Solo is cleared,
    because the new tracks would not be heard under it.
    """
    old = assembly.timeline
    pictures = [_keep_track(track) for track in old.tracks_of(Kind.VIDEO)]
    sounds = list(_dub_tracks(old.tracks_of(Kind.AUDIO), assembly))
    names = {track.name for track in (*pictures, *sounds)}
    new = [
        _rename_track(track, names, dubbed.language)
        for track in dubbed.tracks
        if not (assembly.apart and track.role is Role.ME)
    ]
    media = {f"{_OLD}{key}": replace(each, id=f"{_OLD}{key}") for key, each in old.media.items()}
    return replace(
        dubbed,
        name=old.name,
        length=max(old.length, dubbed.length),
        size=old.size or _size(old.media.values()),
        tracks=(*pictures, *sounds, *new),
        media={**media, **dubbed.media},
        markers=tuple(sorted((*old.markers, *dubbed.markers), key=lambda each: each.start)),
    )


def _keep_track(track: Track, items: Iterable[Item] | None = None) -> Track:
    items = track.items if items is None else items
    moved = tuple(
        item if item.media is None else replace(item, media=f"{_OLD}{item.media}") for item in items
    )
    return replace(track, items=moved, kept=True, solo=False)


def _dub_tracks(tracks: Sequence[Track], assembly: Assembly) -> Iterable[Track]:
    for number, track in enumerate(tracks):
        row = assembly.uses.of[number]
        stays = [assembly.apart and use is Use.ME for use in row]
        items = [
            item if stay else replace(item, enabled=False)
            for item, stay in zip(track.items, stays, strict=True)
        ]
        on = track.enabled and (any(stays) or not items)
        role = Role.ME if all(stays) and assembly.apart else Role.ORIGINAL
        yield replace(_keep_track(track, items), enabled=on, role=role)


def _rename_track(track: Track, names: set[str], language: str) -> Track:
    """Give a track a name that no other has: editors and `rythmo conform` recognise tracks by name."""
    name, number = track.name, 1
    while name in names:
        name = f"{track.name} {language}" if number == 1 else f"{track.name} {language} {number}"
        number += 1
    names.add(name)
    return replace(track, name=name)


def _size(media: Iterable[Media]) -> tuple[int, int] | None:
    return next((each.size for each in media if each.size is not None), None)
