"""What editors do to whole scenes: reordering them, and changing the timeline's frame rate."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from cutting import FORMATS, RATES, make_scene, through

from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform.changes import Fate
from rythmo_bridge.conform.classify import classify
from rythmo_bridge.formats.registry import formats
from rythmo_bridge.timeline import Item, Kind, Timeline


@pytest.fixture(scope="module", params=range(len(RATES)), ids=["23.976", "25", "29.97df"])
def scene(request, tmp_path_factory) -> tuple[Timeline, Timeline]:
    rate, drop = RATES[request.param]
    return make_scene(tmp_path_factory.mktemp("scene"), rate, drop=drop, seed=10 + request.param)


def _quiet(delivery: Timeline) -> list[int]:
    """Frame borders where nobody speaks, a frame away from everybody."""
    spans = sorted((i.start, i.end) for t in delivery.tracks_of(Kind.AUDIO) for i in t.items)
    found, busy = [], 0
    for start, end in spans:
        frame = delivery.frame(busy) + 2
        border = frames_to_samples(frame, delivery.frame_rate)
        if border + 4_000 < start:
            found.append(border)
        busy = max(busy, end)
    return found


def _piece(item: Item, first: int, last: int, shift: int) -> Item | None:
    """What of a clip lies in [first, last), moved."""
    start, end = max(item.start, first), min(item.end, last)
    if start >= end:
        return None
    return replace(item, start=start + shift, length=end - start, source=item.source + start - item.start)


def _reordered(delivery: Timeline, cuts: tuple[int, int, int]) -> Timeline:
    """The scenes [0, 1) and [1, 2) of three cuts in the other order, picture and sound together."""
    first, middle, last = cuts
    moves = (
        (0, first, 0),
        (first, middle, last - middle),
        (middle, last, first - middle),
        (last, delivery.length, 0),
    )

    def moved(items: tuple[Item, ...]) -> tuple[Item, ...]:
        pieces = (_piece(item, *move) for item in items for move in moves)
        return tuple(sorted((p for p in pieces if p is not None), key=lambda p: p.start))

    return replace(
        delivery, tracks=tuple(replace(track, items=moved(track.items)) for track in delivery.tracks)
    )


@pytest.mark.parametrize("name", FORMATS)
def test_scenes_in_another_order_take_their_lines_with_them(scene, tmp_path, name):
    delivered, framed = scene
    exact = formats()[name].exact
    rng = random.Random(name)
    for _ in range(3):
        first, middle, last = sorted(rng.sample(_quiet(delivered), 3))
        cut = _reordered(delivered if exact else framed, (first, middle, last))
        changes = {c.line: c for c in classify(delivered, through(cut, name, tmp_path))}
        lines = [item for track in delivered.tracks for item in track.items if item.line is not None]
        for item in lines:
            change = changes[item.line]
            if not first <= item.start < last:
                assert change.same, item.line
                continue
            wanted = last - middle if item.start < middle else first - middle
            assert change.fates == (Fate.MOVED,), item.line
            assert abs(change.pieces[0].shift - wanted) <= (2 if exact else 2_002), item.line
            assert change.with_picture
            assert not change.conflict


def _at_rate(delivery: Timeline, rate: Fraction) -> Timeline:
    """The timeline as a host brings it to another rate: every edge goes to the nearest of the new frames."""
    other = replace(delivery, frame_rate=rate, drop=False)

    def near(position: int) -> int:
        return frames_to_samples(other.frame(position), rate)

    def items(before: tuple[Item, ...]) -> Iterator[Item]:
        for each, after in zip(before, (*before[1:], None), strict=True):
            start, end = near(each.start), near(each.end)
            # No clip lies over the next.
            end = end if after is None else min(end, near(after.start))
            yield replace(each, start=start, length=end - start)

    tracks = tuple(replace(t, items=tuple(items(t.items))) for t in delivery.tracks)
    nominal = -(-rate.numerator // rate.denominator)
    return replace(other, tracks=tracks, start_frame=3600 * nominal)


NEW_RATES = ["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001"]


@pytest.mark.parametrize("rate", NEW_RATES)
@pytest.mark.parametrize("name", FORMATS)
def test_another_frame_rate_of_the_timeline_moves_no_line(scene, tmp_path, name, rate):
    delivered, framed = scene
    cut = _at_rate(delivered if formats()[name].exact else framed, Fraction(rate))
    rng = random.Random(rate)
    lines = [item.line for _, item in cut.items() if item.line]
    gone, later = rng.sample(lines, 2)
    shift = frames_to_samples(400, Fraction(rate))

    def edit(item: Item) -> list[Item]:
        if item.line == gone:
            return []
        return [replace(item, start=item.start + shift) if item.line == later else item]

    end = max(item.end for _, item in cut.items() if item.line)
    shift += frames_to_samples(cut.frame(end), Fraction(rate))
    tracks = tuple(
        replace(t, items=tuple(sorted((n for i in t.items for n in edit(i)), key=lambda i: i.start)))
        for t in cut.tracks
    )
    changes = classify(delivered, through(replace(cut, tracks=tracks), name, tmp_path))
    told = {c.line: c.fates for c in changes if not c.same}
    assert told == {gone: (Fate.DELETED,), later: (Fate.MOVED,)}
