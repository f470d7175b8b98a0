"""Flattens a timeline: lays out what is inside nests, compound, multicam and synchronized clips. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from rythmo.errors import TimelineError
from rythmo_bridge.conform.fades import fades_of
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

_DEEPEST = 20
_MOST_CLIPS = 200_000


def flatten(timeline: Timeline) -> Timeline:
    """Return the timeline without nests; their contents go to tracks of their own, after the timeline's.

    Tracks keep the names that they have inside their nest. A clip keeps what is heard of it through all nests
    around it, with their speed, level and mute.

    Raises:
        TimelineError: Nests are deeper or larger than in any real edit.
    """
    if not any(item.nested for _, item in timeline.items()):
        return timeline
    flat = _Flattener(dict(timeline.media))
    tracks = [
        replace(track, items=tuple(item for item in track.items if item.nested is None))
        for track in timeline.tracks
    ]
    tracks += flat.inside(timeline, 0)
    return replace(timeline, tracks=tuple(tracks), media=flat.media)


@dataclass
class _Flattener:
    media: dict[str, Media]
    clips: int = 0
    nests: int = field(default=0)

    def inside(self, timeline: Timeline, depth: int) -> list[Track]:
        """Return the tracks of all nests of a timeline, in its record time."""
        if depth > _DEEPEST:
            raise TimelineError(
                "The timeline's nests are too deep.",
                hint="Flatten them and export again.",
            )
        heard = {(i.start, i.length) for t in timeline.tracks_of(Kind.AUDIO) for i in t.items if i.nested}
        found: list[Track] = []
        for track in timeline.tracks:
            for item in track.items:
                if item.nested is None:
                    continue
                # If only the picture's clip holds the nest, the nest's sound is heard through that clip.
                both = track.kind is Kind.VIDEO and (item.start, item.length) not in heard
                kinds = {track.kind, Kind.AUDIO} if both else {track.kind}
                found += self.nest(item, track, kinds, depth)
        return found

    def nest(self, item: Item, track: Track, kinds: set[Kind], depth: int) -> Iterator[Track]:
        assert item.nested is not None
        self.nests += 1
        inner = self.renamed(item.nested, f"nest {self.nests}/")
        rows = [t for t in inner.tracks if t.kind in kinds] + self.inside(inner, depth + 1)
        for row in rows:
            if row.kind not in kinds:
                continue
            items = tuple(self.seen(row, item, track))
            if items:
                yield replace(row, items=items, enabled=True, transitions=())

    def renamed(self, inner: Timeline, prefix: str) -> Timeline:
        """Return the nest with media ids that are unique outside it."""
        self.media |= {f"{prefix}{key}": media for key, media in inner.media.items()}

        def item(each: Item) -> Item:
            known = each.media is not None and each.media in inner.media
            return replace(each, media=f"{prefix}{each.media}") if known else each

        tracks = tuple(replace(t, items=tuple(item(i) for i in t.items)) for t in inner.tracks)
        return replace(inner, tracks=tracks)

    def seen(self, row: Track, nest: Item, track: Track) -> Iterable[Item]:
        """Yield what is heard of a nest's track through the nest's clip."""
        for item in row.items:
            if item.nested is not None:
                continue
            fade_in, fade_out = fades_of(item, row)
            out = _crop_to_nest(replace(item, fade_in=fade_in, fade_out=fade_out), nest)
            if out is None:
                continue
            self.clips += 1
            if self.clips > _MOST_CLIPS:
                raise TimelineError(
                    f"The timeline's nests hold more than {_MOST_CLIPS} clips.",
                    hint="Flatten the nest that holds the dub.",
                )
            on = item.enabled and row.enabled and nest.enabled and track.enabled
            yield replace(out, enabled=on, gain_db=item.gain_db + nest.gain_db)


def _crop_to_nest(item: Item, nest: Item) -> Item | None:
    """Return a clip inside a nest, cropped to what the nest's clip plays, in the outer record time."""
    if nest.speed <= 0:
        # Backwards or frozen, its audible part is undefined, but the clip still counts as present.
        return replace(item, start=nest.start, length=nest.length, speed=nest.speed)
    first = max(item.start, nest.source)
    last = min(item.end, nest.source + round(nest.length * nest.speed))
    if last <= first:
        return None
    cut = first - item.start
    start = nest.start + round((first - nest.source) / nest.speed)
    end = nest.start + round((last - nest.source) / nest.speed)
    return replace(
        item,
        start=start,
        length=max(1, end - start),
        source=item.source + round(cut * item.speed),
        speed=item.speed * nest.speed,
        fade_in=0 if cut else item.fade_in,
        fade_out=0 if last < item.end else item.fade_out,
        levels=tuple(replace(level, at=level.at - cut) for level in item.levels),
    )
