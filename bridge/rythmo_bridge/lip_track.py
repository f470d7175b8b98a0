"""The track of lips: clips with new lips above the untouched picture, each named by its line and shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rythmo.lips.lip_map import LipClip, LipMap
from rythmo.project.workspace import Project
from rythmo.project_paths import path_in
from rythmo.stages.lips import load_lips
from rythmo.timebase import frames_to_samples, time_reference
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

NAME = "Lips"
FILM = "lips film"
"""The id of the film with all lips in it."""


def add_lips(delivery: Timeline, project: Path) -> Timeline:
    """Return the timeline with the lips that were made, on a video track above the others.

    Clips whose files are gone, or whose frames are not the timeline's, are left out.
    """
    found = load_lips(Project(project))
    if found is None or Fraction(found.rate) != delivery.frame_rate:
        return delivery
    there = [clip for clip in found.clips if path_in(project, clip.file).is_file()]
    if there:
        delivery = _with_track(delivery, found, there, project)
    film = path_in(project, found.burnt.file) if found.burnt else None
    if film is not None and film.is_file():
        media = Media(FILM, film.name, film.absolute(), delivery.length, frame_rate=delivery.frame_rate)
        delivery = replace(delivery, media={**delivery.media, FILM: media})
    return delivery


def _with_track(delivery: Timeline, found: LipMap, clips: Sequence[LipClip], project: Path) -> Timeline:
    media = {one.id: one for one in (_make_media(delivery, clip, project) for clip in clips)}
    track = Track(NAME, Kind.VIDEO, items=tuple(_make_item(delivery, found, clip) for clip in clips))
    pictures = delivery.tracks_of(Kind.VIDEO)
    others = tuple(one for one in delivery.tracks if one.kind is not Kind.VIDEO)
    return replace(delivery, tracks=(*pictures, track, *others), media={**delivery.media, **media})


def _make_media(delivery: Timeline, clip: LipClip, project: Path) -> Media:
    path = path_in(project, clip.file)
    first, last = clip.first - clip.head, clip.last + clip.tail
    return Media(
        f"lips {clip.name}",
        path.name,
        path.absolute(),
        _samples(delivery, first, last),
        time_reference(delivery.start_frame + first, delivery.frame_rate, delivery.sample_rate),
        frame_rate=delivery.frame_rate,
        size=delivery.size,
        drop=delivery.drop,
    )


def _make_item(delivery: Timeline, found: LipMap, clip: LipClip) -> Item:
    return Item(
        clip.name,
        frames_to_samples(clip.first, delivery.frame_rate, delivery.sample_rate),
        _samples(delivery, clip.first, clip.last),
        f"lips {clip.name}",
        _samples(delivery, clip.first - clip.head, clip.first),
        clip.lines[0],
        metadata={
            "lines": " ".join(clip.lines),
            "shot": clip.shot + 1,
            "lips": found.engine,
            "draft": found.draft,
        },
    )


def _samples(delivery: Timeline, first: int, last: int) -> int:
    ends = (frames_to_samples(frame, delivery.frame_rate, delivery.sample_rate) for frame in (first, last))
    start, end = ends
    return end - start
