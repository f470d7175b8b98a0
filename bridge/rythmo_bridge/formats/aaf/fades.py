"""Lays out a track's fades and transitions for an AAF, whose sequences let them overlap what they join. Pure.

A transition between two clips needs media beyond both their edges. Without it, they are cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rythmo_bridge.formats.transitions import transitions_at
from rythmo_bridge.timeline import Item, Timeline, Track, Transition

_NONE = (0, 0)


@dataclass(frozen=True, slots=True)
class LaidClip:
    """A clip as it lies in a sequence. All lengths are in samples.

    Transitions need `early` samples of media before its beginning and `late` after its end. `into` is how far
    the first transition reaches into the clip before, 0 if there is none. The fades are from and to silence.
    """

    item: Item
    early: int = 0
    late: int = 0
    into: int = 0
    fade_in: int = 0
    fade_out: int = 0


def lay_out_clips(track: Track, items: Sequence[Item], delivery: Timeline) -> Iterator[LaidClip]:
    """Yield the clips of a track in order."""
    over = transitions_at(track)
    cuts = {item.start for item in items} & {item.end for item in items}
    free = {at: shape for at, shape in over.items() if at not in cuts}
    joins = [_NONE]
    for before, after in pairwise(items):
        taken = sum(joins[-1])
        reach, late = _join(before, after, over.get(after.start), delivery)
        fits = taken + reach + late <= before.length + joins[-1][0] + late
        joins.append((reach, late) if fits else _NONE)
    joins.append(_NONE)
    for item, first, last in zip(items, joins, joins[1:], strict=False):
        room = max(0, item.length - first[1] - last[0])
        silent = delivery.media_of(item) is None
        fade_in = 0 if silent or first != _NONE else min(room, _fade(item, free, item.start))
        fade_out = 0 if silent or last != _NONE else min(room - fade_in, _fade(item, free, item.end))
        yield LaidClip(item, first[0], last[1], first[1], fade_in, fade_out)


def _join(before: Item, after: Item, shape: Transition | None, delivery: Timeline) -> tuple[int, int]:
    """Return how far a transition reaches before and after a cut; zero without media on both sides."""
    known = delivery.media_of(before) is not None and delivery.media_of(after) is not None
    plain = before.speed == after.speed == 1
    if shape is None or before.end != after.start or not (known and plain):
        return _NONE
    reach = min(after.start - shape.start, after.source, before.length)
    late = min(shape.start + shape.length - after.start, delivery.handles(before)[1], after.length)
    return max(0, reach), max(0, late)


def _fade(item: Item, over: Mapping[int, Transition], at: int) -> int:
    """Return the samples that fade at an edge: a transition's part over the clip, else its own fade."""
    shape = over.get(at)
    if shape is None:
        return item.fade_in if at == item.start else item.fade_out
    return max(0, shape.start + shape.length - at if at == item.start else at - shape.start)
