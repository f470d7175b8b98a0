"""Seeded random edits, as editors make them, through every format: each line is classified correctly."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from cutting import FORMATS, RATES, make_scene, through

from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform.changes import Fate
from rythmo_bridge.conform.classify import classify
from rythmo_bridge.formats.edl.reader import read_at
from rythmo_bridge.formats.registry import formats
from rythmo_bridge.timeline import Item, Timeline


@dataclass
class _Cut:
    """A timeline in an editor's hands: everything moves by whole frames."""

    delivery: Timeline
    rng: random.Random
    wanted: dict[str, set[Fate]]

    def frames(self, low: int, high: int) -> int:
        return frames_to_samples(self.rng.randrange(low, high), self.delivery.frame_rate)

    def pick(self) -> tuple[int, int] | None:
        """An untouched line's track and place."""
        free = [
            (t, i)
            for t, track in enumerate(self.delivery.tracks)
            for i, item in enumerate(track.items)
            if item.line in self.wanted and self.wanted[item.line] == {Fate.SAME}
        ]
        return self.rng.choice(free) if free else None

    def put(self, t: int, items: list[Item]) -> None:
        tracks = list(self.delivery.tracks)
        tracks[t] = replace(tracks[t], items=tuple(sorted(items, key=lambda item: item.start)))
        self.delivery = replace(self.delivery, tracks=tuple(tracks))

    def edit(self, kind: str) -> None:
        place = self.pick()
        if place is not None:
            items = list(self.delivery.tracks[place[0]].items)
            getattr(self, kind)(*place, items, items[place[1]])

    def done(self, t: int, items: list[Item], item: Item, *fates: Fate) -> None:
        self.put(t, items)
        self.wanted[item.line] = set(fates)

    def delete(self, t: int, i: int, items: list[Item], item: Item) -> None:
        del items[i]
        self.done(t, items, item, Fate.DELETED)

    def head(self, t: int, i: int, items: list[Item], item: Item) -> None:
        cut = self.frames(3, 15)
        items[i] = replace(item, start=item.start + cut, source=item.source + cut, length=item.length - cut)
        self.done(t, items, item, Fate.TRIMMED_HEAD)

    def tail(self, t: int, i: int, items: list[Item], item: Item) -> None:
        items[i] = replace(item, length=item.length - self.frames(3, 15))
        self.done(t, items, item, Fate.TRIMMED_TAIL)

    def blade(self, t: int, i: int, items: list[Item], item: Item) -> None:
        at = self.frames(8, 16)
        second = replace(item, start=item.start + at, source=item.source + at, length=item.length - at)
        items[i : i + 1] = [replace(item, length=at), second]
        self.done(t, items, item, Fate.SPLIT)

    def slide(self, t: int, i: int, items: list[Item], item: Item) -> None:
        after = items[i + 1].start if i + 1 < len(items) else self.delivery.length
        room = self.delivery.frame(after - item.end)
        if room > 4:
            items[i] = replace(item, start=item.start + self.frames(2, room - 1))
            self.done(t, items, item, Fate.MOVED)

    def slip(self, t: int, i: int, items: list[Item], item: Item) -> None:
        by = self.frames(3, 10)
        items[i] = replace(item, source=item.source + by, length=item.length - by)
        self.done(t, items, item, Fate.MOVED, Fate.TRIMMED_HEAD)

    def copy(self, t: int, i: int, items: list[Item], item: Item) -> None:
        shift = self.delivery.frame(max(each.end for each in items) - item.start) + 30
        copy = replace(item, start=item.start + frames_to_samples(shift, self.delivery.frame_rate))
        self.done(t, [*items, copy], item, Fate.COPIED)

    def track(self, t: int, i: int, items: list[Item], item: Item) -> None:
        taken = self.delivery.tracks[3 - t].items
        if all(each.end <= item.start or item.end <= each.start for each in taken):
            del items[i]
            self.put(3 - t, [*taken, item])
            self.done(t, items, item, Fate.OTHER_TRACK)

    def ripple(self, t: int, i: int, items: list[Item], item: Item) -> None:
        """Take a line out and close up by whole frames; everything after moves with the picture."""
        close = frames_to_samples(self.delivery.frame(item.length) - 1, self.delivery.frame_rate)
        moved = {
            each.line
            for track in self.delivery.tracks[1:]
            for each in track.items
            if each.line and each.start > item.start
        }
        if any(self.wanted[line] != {Fate.SAME} for line in moved):
            return
        for row in (1, 2):
            kept = [each for each in self.delivery.tracks[row].items if each.line != item.line]
            self.put(row, [replace(e, start=e.start - close) if e.line in moved else e for e in kept])
        self.wanted[item.line] = {Fate.DELETED}
        self.wanted |= {line: {Fate.MOVED} for line in moved}


EDITS = ["ripple", "delete", "head", "tail", "blade", "slide", "slip", "copy", "track"]


def _edited(delivery: Timeline, seed: int) -> _Cut:
    rng = random.Random(seed)
    wanted = {item.line: {Fate.SAME} for _, item in delivery.items() if item.line}
    cut = _Cut(delivery, rng, wanted)
    for kind in rng.sample(EDITS, len(EDITS)):
        cut.edit(kind)
    return cut


@pytest.fixture(scope="module", params=range(len(RATES)), ids=["23.976", "25", "29.97df"])
def scene(request, tmp_path_factory) -> tuple[Timeline, Timeline]:
    rate, drop = RATES[request.param]
    return make_scene(tmp_path_factory.mktemp("scene"), rate, drop=drop, seed=request.param)


@pytest.mark.parametrize("name", FORMATS)
def test_every_line_is_classified_right_after_random_edits(scene, tmp_path, name):
    delivered, framed = scene
    for seed in range(4):
        # A host edits what was imported: whole frames for the formats that count in frames.
        cut = _edited(delivered if formats()[name].exact else framed, seed)
        back = through(cut.delivery, name, tmp_path)
        changes = {change.line: change for change in classify(delivered, back)}
        assert {line: set(change.fates) for line, change in changes.items()} == cut.wanted, (name, seed)
        assert sum(fates != {Fate.SAME} for fates in cut.wanted.values()) >= 6


def test_one_edl_a_track_classifies_as_well(scene, tmp_path):
    delivered, framed = scene
    cut = _edited(framed, 3)
    paths = formats()["edl"].write(cut.delivery, tmp_path / "cut.edl")
    read = [read_at(path, delivered.frame_rate, delivered.start_frame) for path in paths]
    media = {f"{n}/{key}": each for n, one in enumerate(read) for key, each in one.media.items()}
    tracks = tuple(
        replace(track, items=tuple(replace(i, media=f"{n}/{i.media}") for i in track.items))
        for n, one in enumerate(read)
        for track in one.tracks
    )
    back = replace(read[0], tracks=tracks, media=media)
    found = {change.line: set(change.fates) for change in classify(delivered, back, partial=True)}
    assert found == cut.wanted
