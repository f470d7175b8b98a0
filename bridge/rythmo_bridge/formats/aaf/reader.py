"""Reads AAF (`.aaf`) files of Media Composer, Pro Tools, Premiere, Resolve and Rythmo.

Each slot of a composition has its own edit rate. `segments` reads what lies in a slot, `clip_sources`
resolves what a clip plays. AAF stores stereo as one slot for each channel: slots named `X.L` and `X.R` whose
clips agree become one track.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rythmo.errors import RythmoError, TimelineError, UsageError
from rythmo.timebase import can_drop
from rythmo_bridge.formats.aaf.clip_row import PlacedClip
from rythmo_bridge.formats.aaf.clip_sources import TOP_LEVEL, ClipFinder, edit_rate, kind_of, timecode_in
from rythmo_bridge.formats.aaf.compound_reader import SIGNATURE, DamagedError, open_compound
from rythmo_bridge.formats.aaf.event_markers import markers_of
from rythmo_bridge.formats.aaf.segments import SegmentReader
from rythmo_bridge.formats.aaf.stored_objects import (
    MOB_ID,
    MOB_NAME,
    SEGMENT,
    SLOT_ID,
    SLOT_NAME,
    SLOTS,
    TIMECODE_DROP,
    TIMECODE_START,
    USAGE,
    ObjectFile,
    StoredObject,
)
from rythmo_bridge.formats.extent import require_bounded
from rythmo_bridge.formats.limits import (
    MAX_NESTED,
    frame_rate,
    require_file,
    to_samples,
    unreadable_error,
    without_garbage_collection,
)
from rythmo_bridge.formats.reader_items import end_of, join_channels, line_of, pack_items, place_of, role_of
from rythmo_bridge.formats.timeline_choice import choose_timeline
from rythmo_bridge.timeline import Item, Kind, Timeline, Track


@without_garbage_collection
def read(path: Path, sequence: str = "") -> Timeline:
    """Read the composition called `sequence`, else the first top-level one.

    Raises:
        TimelineError: The file cannot be read.
        UsageError: It holds no composition of that name.
    """
    require_file(path)
    try:
        with path.open("rb") as file:
            if file.read(len(SIGNATURE)) != SIGNATURE:
                raise unreadable_error(path, "it is not an AAF file")
        with open_compound(path) as container:
            objects = ObjectFile(container)
            tops = _tops(path, objects)
            chosen, notes = choose_timeline(path, [mob.get(MOB_NAME) or "" for mob in tops], sequence)
            timeline = _Reader(path, objects).composition(tops[chosen])
            require_bounded(timeline)
            return replace(timeline, notes=(*notes, *timeline.notes))
    except DamagedError as error:
        raise unreadable_error(path, f"its structure is damaged ({error})") from error
    except OSError as error:
        raise unreadable_error(path, f"{error.strerror}") from error
    except UsageError:
        raise
    except (ArithmeticError, ValueError) as error:
        raise unreadable_error(path, f"its numbers are damaged ({error})") from error
    except RythmoError as error:
        if isinstance(error, TimelineError) and "cannot be read" in error.message:
            raise
        raise unreadable_error(path, error.message.rstrip("."), error.hint) from error


def _tops(path: Path, file: ObjectFile) -> list[StoredObject]:
    compositions = [mob for mob in file.mobs() if mob.kind == "CompositionMob"]
    tops = [mob for mob in compositions if mob.get(USAGE) == TOP_LEVEL]
    if not compositions:
        raise unreadable_error(path, "it holds no composition")
    # Some programs mark no top-level composition; the first one is used then.
    return tops or compositions[:1]


class _Reader:
    def __init__(self, path: Path, file: ObjectFile) -> None:
        self.path = path
        self.clips = ClipFinder(path, file)
        self.segments = SegmentReader(self.clips)
        self.clips.composition = self.composition
        self.clips.row = self.segments.row
        self.clips.inside = self.segments.inside
        self.open: list[bytes] = []
        self.known: dict[tuple[bytes, int], Timeline] = {}

    def composition(self, mob: StoredObject, slot: StoredObject | None = None) -> Timeline:
        """Return the timeline of a composition mob, or of one slot of it; cached if it is used twice."""
        key = (mob.get(MOB_ID) or b"", 0 if slot is None else slot.get(SLOT_ID) or 0)
        if key[0] in self.open or len(self.open) >= MAX_NESTED:
            raise TimelineError("A composition contains itself.", hint="Export it flat.")
        if key not in self.known:
            self.open.append(key[0])
            self.known[key] = self.laid_out(mob, slot)
            self.open.pop()
        return self.known[key]

    def laid_out(self, mob: StoredObject, only: StoredObject | None) -> Timeline:
        """Return a composition's slots as tracks; for a nested one, only the slot that the clip names."""
        rate, start, drop = _clock(mob)
        tracks: list[Track] = []
        for number, (slot, kind) in enumerate(_slots(mob), start=1):
            if only is None or slot is only:
                tracks += self.slot(slot, kind, number)
        tracks = list(_pair_stereo(tracks))
        tracks.sort(key=lambda track: track.kind is Kind.AUDIO)
        return Timeline(
            name=mob.get(MOB_NAME) or self.path.stem,
            frame_rate=rate,
            length=end_of(tracks),
            start_frame=start,
            drop=drop and can_drop(rate),
            tracks=tuple(tracks),
            media=self.clips.media,
            markers=tuple(markers_of(mob)),
        )

    def slot(self, slot: StoredObject, kind: Kind, number: int) -> Iterator[Track]:
        """Yield one slot as a track."""
        row = self.segments.row(slot.one(SEGMENT), edit_rate(slot))
        name = (slot.get(SLOT_NAME) or "") or f"{kind.value[0].upper()}{number}"
        wide = max((len(each.found.channels) for each in row.clips), default=1)
        role = role_of(name.rpartition(".")[0] or name, kind)
        blank = Track(name, kind, role, transitions=tuple(row.shapes()))
        if kind is Kind.AUDIO:
            blank = replace(blank, channels=max(1, wide))
        items = (_item(each) for each in row.clips)
        yield from pack_items(blank, (item for item in items if item is not None))


def _item(placed: PlacedClip) -> Item | None:
    """Return a clip as an item; None if transitions cover it entirely."""
    found, begin = placed.found, to_samples(placed.start)
    length = to_samples(placed.end) - begin
    if length <= 0:
        return None
    facts = dict(found.facts)
    media = found.media
    source, speed = _from_first_frame(to_samples(found.source), found.speed, length)
    return Item(
        name=found.name,
        start=begin,
        length=length,
        media=media.id if media else None,
        source=source,
        line=facts.pop("line", None) or line_of(found.name, media.name if media else ""),
        enabled=found.enabled,
        gain_db=found.gain_db,
        channels=() if media and found.channels == tuple(range(media.channels)) else found.channels,
        speed=speed,
        fade_in=to_samples(placed.fade_in),
        fade_out=to_samples(placed.fade_out),
        levels=found.levels,
        kind=found.kind,
        nested=found.nested,
        metadata=facts,
    )


def _from_first_frame(source: int, speed: Fraction, length: int) -> tuple[int, Fraction]:
    """Return source and mean speed of a clip; Avid holds the first frame where a curve leads to before it."""
    if source >= 0 or speed == 1:
        return source, speed
    last = max(Fraction(0), source + length * abs(speed))
    return 0, (last / length if speed > 0 else -last / length).limit_denominator(100_000)


def _slots(mob: StoredObject) -> Iterator[tuple[StoredObject, Kind]]:
    for slot in mob.many(SLOTS):
        kind = kind_of(slot)
        if kind is not None:
            yield slot, kind


def _clock(mob: StoredObject) -> tuple[Fraction, int, bool]:
    """Return frame rate, first frame and drop-frame flag, from the timecode slot, else the picture."""
    for slot in mob.many(SLOTS):
        part = timecode_in(slot.one(SEGMENT)) if slot.kind == "TimelineMobSlot" else None
        if part is not None:
            first = max(0, part.get(TIMECODE_START) or 0)
            return frame_rate(edit_rate(slot)), first, bool(part.get(TIMECODE_DROP))
    rates = [edit_rate(slot) for slot, kind in _slots(mob) if kind is Kind.VIDEO]
    rates += [edit_rate(slot) for slot, _ in _slots(mob)]
    slow = (rate for rate in rates if rate <= 300)
    return frame_rate(next(slow, Fraction(25))), 0, False


def _pair_stereo(tracks: Iterable[Track]) -> Iterator[Track]:
    """Join `X.L` and `X.R` with the same clips into one stereo track; likewise numbered tracks."""
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
            first = replace(first, name=stem, channels=len(group), items=tuple(join_channels(group)))
        yield first
