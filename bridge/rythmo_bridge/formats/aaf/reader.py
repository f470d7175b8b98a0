"""AAF (`.aaf`): out of Media Composer, Pro Tools, Premiere, Resolve and us.

A composition's slots each have an edit rate of their own. In a sequence a transition overlaps what stands
before and after it. What a clip plays is found in `aaf_clips`. A slot for each channel is how AAF holds
stereo; slots named `X.L` and `X.R` whose clips agree become one track.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from uuid import UUID

from rythmo.errors import RythmoError, TimelineError
from rythmo.timebase import can_drop
from rythmo_bridge.formats.aaf.clip_sources import ClipFinder, Found, edit_rate, kind_of, length_of
from rythmo_bridge.formats.aaf.compound_reader import SIGNATURE, DamagedError, open_compound
from rythmo_bridge.formats.aaf.stored_objects import (
    COMPONENTS,
    CUT_POINT,
    EVENT_AT,
    EVENT_COMMENT,
    MOB_ID,
    MOB_NAME,
    NESTED_SLOTS,
    SEGMENT,
    SLOT_NAME,
    SLOTS,
    TIMECODE_DROP,
    TIMECODE_START,
    USAGE,
    ObjectFile,
    StoredObject,
)
from rythmo_bridge.formats.limits import MAX_NESTED, frame_rate, refuse, require_file, to_samples, unswept
from rythmo_bridge.formats.reader_items import end_of, joined, line_of, packed, place_of, role_of
from rythmo_bridge.timeline import Item, Kind, Level, Marker, Timeline, Track, Transition

_TOP_LEVEL = UUID("0d010102-0101-0700-060e-2b3404010101").bytes_le


@unswept
def read(path: Path) -> Timeline:
    """The composition of an AAF. Raises TimelineError."""
    require_file(path)
    try:
        with path.open("rb") as file:
            if file.read(len(SIGNATURE)) != SIGNATURE:
                raise refuse(path, "it is no AAF")
        with open_compound(path) as container:
            objects = ObjectFile(container)
            return _Reader(path, objects).composition(_top(path, objects))
    except DamagedError as error:
        raise refuse(path, f"its structure is damaged ({error})") from error
    except OSError as error:
        raise refuse(path, f"{error.strerror}") from error
    except RythmoError as error:
        if isinstance(error, TimelineError) and "cannot be read" in error.message:
            raise
        raise refuse(path, error.message.rstrip("."), error.hint) from error


def _top(path: Path, file: ObjectFile) -> StoredObject:
    compositions = [mob for mob in file.mobs() if mob.kind == "CompositionMob"]
    tops = [mob for mob in compositions if mob.get(USAGE) == _TOP_LEVEL] or compositions
    if not tops:
        raise refuse(path, "it holds no composition")
    return tops[0]


@dataclass(slots=True)
class _Row:
    """Items of a slot while it is walked; positions in seconds."""

    items: list[tuple[Fraction, Fraction, Found, Fraction]] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    fades: dict[int, tuple[Fraction, Fraction]] = field(default_factory=dict)


class _Reader:
    def __init__(self, path: Path, file: ObjectFile) -> None:
        self.path = path
        self.clips = ClipFinder(path, file, self.composition)
        self.inside: list[bytes] = []
        self.known: dict[bytes, Timeline] = {}

    def composition(self, mob: StoredObject) -> Timeline:
        """The timeline of a composition mob; one that is used twice is read once."""
        key = mob.get(MOB_ID) or b""
        if key in self.inside or len(self.inside) >= MAX_NESTED:
            raise TimelineError("A composition lies inside itself.", hint="Export it flat.")
        if key not in self.known:
            self.inside.append(key)
            self.known[key] = self.laid_out(mob)
            self.inside.pop()
        return self.known[key]

    def laid_out(self, mob: StoredObject) -> Timeline:
        """A composition's slots as tracks."""
        rate, start, drop = _clock(mob)
        tracks: list[Track] = []
        for number, (slot, kind) in enumerate(_slots(mob), start=1):
            tracks += self.slot(slot, kind, number)
        tracks = list(_paired(tracks))
        tracks.sort(key=lambda track: track.kind is Kind.AUDIO)
        return Timeline(
            name=mob.get(MOB_NAME) or self.path.stem,
            frame_rate=rate,
            length=end_of(tracks),
            start_frame=start,
            drop=drop and can_drop(rate),
            tracks=tuple(tracks),
            media=self.clips.media,
            markers=tuple(_markers(mob)),
        )

    def slot(self, slot: StoredObject, kind: Kind, number: int) -> Iterator[Track]:
        """One slot as a track."""
        rate = edit_rate(slot)
        row = _Row()
        self.walk(slot.one(SEGMENT), Fraction(0), rate, row, 0)
        name = (slot.get(SLOT_NAME) or "") or f"{kind.value[0].upper()}{number}"
        items = [self.item(row, index) for index in range(len(row.items))]
        wide = max((len(found.channels) for _, _, found, _ in row.items), default=1)
        blank = Track(
            name, kind, role_of(name.rpartition(".")[0] or name, kind), transitions=tuple(row.transitions)
        )
        if kind is Kind.AUDIO:
            blank = replace(blank, channels=max(1, wide))
        yield from packed(blank, (item for item in items if item is not None))

    def item(self, row: _Row, index: int) -> Item | None:
        """One gathered clip; None for one that transitions cover whole."""
        start, end, found, into = row.items[index]
        begin, fades = to_samples(start), row.fades.get(index, (Fraction(0), Fraction(0)))
        length = to_samples(end) - begin
        if length <= 0:
            return None
        facts = dict(found.facts)
        media = found.media
        return Item(
            name=found.name,
            start=begin,
            length=length,
            media=media.id if media else None,
            source=to_samples(found.source + into),
            line=facts.pop("line", None) or line_of(found.name, media.name if media else ""),
            enabled=found.enabled,
            gain_db=found.gain_db,
            channels=() if media and found.channels == tuple(range(media.channels)) else found.channels,
            speed=found.speed,
            fade_in=to_samples(fades[0]),
            fade_out=to_samples(fades[1]),
            levels=tuple(Level(each.at - to_samples(into), each.gain_db) for each in found.levels),
            kind=found.kind,
            nested=found.nested,
            metadata=facts,
        )

    def walk(
        self, segment: StoredObject | None, at: Fraction, rate: Fraction, row: _Row, depth: int
    ) -> Fraction:
        """Gather what a segment plays from `at` on; gives where it ends."""
        if segment is None:
            return at
        self.clips.count(depth, MAX_NESTED)
        length = length_of(segment) / rate
        if segment.kind == "Sequence":
            return self.sequence(segment.many(COMPONENTS), at, rate, row, depth)
        if segment.kind == "NestedScope":
            for each in segment.many(NESTED_SLOTS):
                self.walk(each, at, rate, row, depth + 1)
        elif segment.kind not in {"Filler", "ScopeReference", "Timecode"}:
            found = self.clips.find(segment, rate, depth)
            if found is not None and length > 0:
                row.items.append((at, at + length, found, Fraction(0)))
        return at + length

    def sequence(
        self, components: list[StoredObject], at: Fraction, rate: Fraction, row: _Row, depth: int
    ) -> Fraction:
        """Components in a row. A transition takes its length from both sides; beside a gap it is a fade."""
        cut: tuple[Fraction, Fraction] | None = None
        for index, component in enumerate(components):
            if component.kind != "Transition":
                first = len(row.items)
                at = self.walk(component, at, rate, row, depth + 1)
                if cut is not None and first < len(row.items):
                    row.items[first] = _after(row.items[first], *cut)
                cut = None
                continue
            length = length_of(component) / rate
            begin = at - length
            before = index > 0 and components[index - 1].kind != "Filler" and row.items
            after = index + 1 < len(components) and components[index + 1].kind != "Filler"
            if before and after:
                point = begin + min(length, Fraction(component.get(CUT_POINT) or 0) / rate)
                start, _, found, into = row.items[-1]
                row.items[-1] = (start, point, found, into)
                cut = (begin, point)
                row.transitions.append(_transition(begin, length))
            elif before:
                row.fades[len(row.items) - 1] = (row.fades.get(len(row.items) - 1, (Fraction(0),))[0], length)
            elif after:
                row.fades[len(row.items)] = (length, Fraction(0))
            at = begin
        return at


def _after(
    item: tuple[Fraction, Fraction, Found, Fraction], begin: Fraction, cut: Fraction
) -> tuple[Fraction, Fraction, Found, Fraction]:
    """The clip behind a transition begins at the cut."""
    _, end, found, into = item
    return cut, max(cut, end), found, into + cut - begin


def _transition(begin: Fraction, length: Fraction) -> Transition:
    start = to_samples(begin)
    return Transition(start, to_samples(begin + length) - start)


def _slots(mob: StoredObject) -> Iterator[tuple[StoredObject, Kind]]:
    for slot in mob.many(SLOTS):
        kind = kind_of(slot)
        if kind is not None:
            yield slot, kind


def _parts(segment: StoredObject | None) -> list[StoredObject]:
    if segment is None:
        return []
    return segment.many(COMPONENTS) if segment.kind == "Sequence" else [segment]


def _clock(mob: StoredObject) -> tuple[Fraction, int, bool]:
    """Frame rate, first frame and drop of a composition, from its timecode slot, else its picture."""
    for slot in mob.many(SLOTS):
        for part in _parts(slot.one(SEGMENT)):
            if part.kind == "Timecode":
                first = max(0, part.get(TIMECODE_START) or 0)
                return frame_rate(edit_rate(slot)), first, bool(part.get(TIMECODE_DROP))
    rates = [edit_rate(slot) for slot, kind in _slots(mob) if kind is Kind.VIDEO]
    rates += [edit_rate(slot) for slot, _ in _slots(mob)]
    slow = (rate for rate in rates if rate <= 300)
    return frame_rate(next(slow, Fraction(25))), 0, False


def _paired(tracks: Iterable[Track]) -> Iterator[Track]:
    """`X.L` and `X.R` that hold the same clips are one stereo track; numbered ones likewise."""
    waiting = list(tracks)
    while waiting:
        first = waiting.pop(0)
        stem, _, side = first.name.rpartition(".")
        group = [first]
        if stem and first.kind is Kind.AUDIO and side in {"L", "1"}:
            for number, track in enumerate(waiting, start=2):
                wanted = "R" if side == "L" else str(number)
                same = [place_of(item) for item in track.items] == [place_of(item) for item in first.items]
                if track.name != f"{stem}.{wanted}" or not same or len(group) == (2 if side == "L" else 32):
                    break
                group.append(track)
        if len(group) > 1:
            del waiting[: len(group) - 1]
            first = replace(first, name=stem, channels=len(group), items=tuple(joined(group)))
        yield first


def _markers(mob: StoredObject) -> Iterator[Marker]:
    for slot in mob.many(SLOTS):
        if slot.kind != "EventMobSlot":
            continue
        rate = edit_rate(slot)
        for event in _parts(slot.one(SEGMENT)):
            position = event.get(EVENT_AT)
            if position is not None:
                yield Marker(to_samples(position / rate), event.get(EVENT_COMMENT) or "")
