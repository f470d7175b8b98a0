"""Lists the shots that a viewer sees in a timeline, upper tracks covering lower ones. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from rythmo_bridge.timeline import Item, Kind, Timeline

_DEEPEST = 16
_MOST_SHOTS = 100_000


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch [start, end) of the record that shows `media` from its sample `source`; `speed` 0 is
    frozen.
    """

    start: int
    end: int
    media: str
    source: int
    speed: Fraction = Fraction(1)


def visible_shots(timeline: Timeline, depth: int = 0) -> tuple[Shot, ...]:
    """Return the visible shots in order of start, with gaps where nothing is visible.

    Titles and generators are not shots. A dissolve is a cut where its clips meet.
    """
    seen: list[Shot] = []
    for track in timeline.tracks_of(Kind.VIDEO):
        if not track.enabled:
            continue
        for item in track.items:
            if not item.enabled or depth > _DEEPEST:
                continue
            for shot in _shots_of_item(item, timeline, depth):
                seen = [*_hide_range(seen, shot.start, shot.end), shot]
            if len(seen) > _MOST_SHOTS:
                return ()
    inside = (_crop_shot(shot, 0, timeline.length) for shot in seen)
    return tuple(sorted((shot for shot in inside if shot is not None), key=lambda shot: shot.start))


def cut_positions(timeline: Timeline) -> tuple[int, ...]:
    """Return the samples at which another shot, or none, begins; ascending, without the timeline's first."""
    found = {edge for shot in visible_shots(timeline) for edge in (shot.start, shot.end)}
    return tuple(sorted(edge for edge in found if 0 < edge < timeline.length))


def _shots_of_item(item: Item, timeline: Timeline, depth: int) -> Iterator[Shot]:
    if item.nested is not None:
        if item.speed <= 0:
            return
        inner = replace(item.nested, media={**timeline.media, **item.nested.media})
        for shot in visible_shots(inner, depth + 1):
            start = item.start + round((shot.start - item.source) / item.speed)
            end = item.start + round((shot.end - item.source) / item.speed)
            moved = _crop_shot(
                replace(shot, start=start, end=end, speed=shot.speed * item.speed), item.start, item.end
            )
            if moved is not None:
                yield moved
        return
    media = timeline.media_of(item)
    if media is not None and media.has_picture:
        yield Shot(item.start, item.end, media.id, item.source, item.speed)


def _hide_range(seen: list[Shot], start: int, end: int) -> Iterator[Shot]:
    """Return what remains visible of a lower shot that another covers over [start, end)."""
    for shot in seen:
        for part in (_crop_shot(shot, shot.start, start), _crop_shot(shot, end, shot.end)):
            if part is not None:
                yield part


def _crop_shot(shot: Shot, start: int, end: int) -> Shot | None:
    first, last = max(start, shot.start), min(end, shot.end)
    if first >= last:
        return None
    return replace(shot, start=first, end=last, source=shot.source + round((first - shot.start) * shot.speed))
