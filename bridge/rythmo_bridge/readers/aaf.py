"""AAF (`.aaf`) through pyaaf2: out of Media Composer, Pro Tools, Premiere, Resolve and us.

A composition's slots each have an edit rate of their own. A clip is found through its chain of mobs: master,
file, tape. In a sequence a transition overlaps what stands before and after it. A slot for each channel is
how AAF holds stereo; slots named `X.L` and `X.R` whose clips agree become one track.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from rythmo.errors import RythmoError, TimelineError
from rythmo.timebase import can_drop
from rythmo_bridge.readers.build import end_of, joined, line_of, packed, place_of, role_of
from rythmo_bridge.readers.levels import aaf_levels, decibels
from rythmo_bridge.readers.limits import MAX_NESTED, any_rate, frame_rate, read_bytes, refuse, to_samples
from rythmo_bridge.readers.places import name_of, path_of
from rythmo_bridge.timeline import Delivery, Item, Kind, Level, Marker, Media, Track, Transition

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GAINS = {"Amplitude multiplier", "Amplitude", "Level"}
_SIDES = ("L", "R")
_MAX_PARTS = 500_000
_log = logging.getLogger(__name__)


def read(path: Path) -> Delivery:
    """The composition of an AAF. Raises TimelineError."""
    if not read_bytes(path).startswith(_SIGNATURE):
        raise refuse(path, "it is no AAF")
    try:
        with _opened(path) as file:
            return _Reader(path).composition(_top(path, file))
    except RythmoError as error:
        if isinstance(error, TimelineError) and "cannot be read" in error.message:
            raise
        raise refuse(path, error.message.rstrip("."), error.hint) from error
    except Exception as error:  # pyaaf2 raises whatever damage leads it to
        _log.debug("pyaaf2 on %s", path, exc_info=True)
        raise refuse(path, f"its structure is damaged ({type(error).__name__}: {error})") from error


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file; closed also when pyaaf2 fails at its head, where `aaf2.open` leaves it open."""
    from aaf2.file import AAFFile

    class File(AAFFile):  # type: ignore[misc]  # pyaaf2 has no types
        """Made in two steps, so that there is something to close."""

        def __init__(self) -> None:
            """Nothing yet."""

        def load(self) -> None:
            """Read head and directory."""
            super().__init__(str(path), "r")

    file = File()
    try:
        file.load()
        yield file
    finally:
        stream = getattr(file, "f", None)
        if stream is not None:
            stream.close()


def _top(path: Path, file: Any) -> Any:
    tops = list(file.content.toplevel()) or list(file.content.compositionmobs())
    if not tops:
        raise refuse(path, "it holds no composition")
    return tops[0]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a segment comes to: media (or none), seconds into it, the channel, and what effects say."""

    name: str = ""
    media: Media | None = None
    source: Fraction = Fraction(0)
    channels: tuple[int, ...] = ()
    gain_db: float = 0.0
    levels: tuple[Level, ...] = ()
    enabled: bool = True
    speed: Fraction = Fraction(1)
    kind: str = "clip"
    facts: tuple[tuple[str, str], ...] = ()
    nested: Delivery | None = None


@dataclass(slots=True)
class _Row:
    """Items of a slot while it is walked; positions in seconds."""

    items: list[tuple[Fraction, Fraction, _Found, Fraction]] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    fades: dict[int, tuple[Fraction, Fraction]] = field(default_factory=dict)


@dataclass(slots=True)
class _Reader:
    path: Path
    media: dict[str, Media] = field(default_factory=dict)
    parts: int = 0
    inside: list[str] = field(default_factory=list)

    def composition(self, mob: Any) -> Delivery:
        """The timeline of a composition mob."""
        key = str(mob.mob_id)
        if key in self.inside or len(self.inside) >= MAX_NESTED:
            raise TimelineError("A composition lies inside itself.", hint="Export it flat.")
        self.inside.append(key)
        rate, start, drop = _clock(mob)
        tracks: list[Track] = []
        for number, (slot, kind) in enumerate(_slots(mob), start=1):
            tracks += self.slot(slot, kind, number)
        tracks = list(_paired(tracks))
        tracks.sort(key=lambda track: track.kind is Kind.AUDIO)
        self.inside.pop()
        return Delivery(
            name=str(mob.name or self.path.stem),
            frame_rate=rate,
            length=end_of(tracks),
            start_frame=start,
            drop=drop and can_drop(rate),
            tracks=tuple(tracks),
            media=self.media,
            markers=tuple(_markers(mob)),
        )

    def slot(self, slot: Any, kind: Kind, number: int) -> Iterator[Track]:
        """One slot as a track."""
        rate = _edit_rate(slot)
        row = _Row()
        self.walk(slot.segment, Fraction(0), rate, row, 0)
        name = str(slot.name or "") or f"{kind.value[0].upper()}{number}"
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

    def walk(self, segment: Any, at: Fraction, rate: Fraction, row: _Row, depth: int) -> Fraction:
        """Gather what a segment plays from `at` on; gives where it ends."""
        self.parts += 1
        if depth > MAX_NESTED or self.parts > _MAX_PARTS:
            raise TimelineError("Its segments lie too deep in each other or are too many.")
        kind = type(segment).__name__
        length = _length(segment) / rate
        if kind == "Sequence":
            return self.sequence(list(segment.components), at, rate, row, depth)
        if kind == "NestedScope":
            for each in segment["Slots"].value:
                self.walk(each, at, rate, row, depth + 1)
        elif kind not in {"Filler", "ScopeReference", "Timecode"}:
            found = self.find(segment, rate, depth)
            if found is not None and length > 0:
                row.items.append((at, at + length, found, Fraction(0)))
        return at + length

    def sequence(
        self, components: list[Any], at: Fraction, rate: Fraction, row: _Row, depth: int
    ) -> Fraction:
        """Components in a row. A transition takes its length from both sides; beside a gap it is a fade."""
        cut: tuple[Fraction, Fraction] | None = None
        for index, component in enumerate(components):
            if type(component).__name__ != "Transition":
                first = len(row.items)
                at = self.walk(component, at, rate, row, depth + 1)
                if cut is not None and first < len(row.items):
                    row.items[first] = _after(row.items[first], *cut)
                cut = None
                continue
            length = _length(component) / rate
            begin = at - length
            before = index > 0 and type(components[index - 1]).__name__ != "Filler" and row.items
            after = index + 1 < len(components) and type(components[index + 1]).__name__ != "Filler"
            if before and after:
                point = begin + min(length, Fraction(int(component["CutPoint"].value or 0)) / rate)
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

    def find(self, segment: Any, rate: Fraction, depth: int) -> _Found | None:
        """What a segment plays; None for silence."""
        if depth > 4 * MAX_NESTED:
            raise TimelineError("Its segments lie too deep in each other.")
        kind = type(segment).__name__
        if kind == "SourceClip":
            return self.clip(segment, rate)
        if kind == "OperationGroup":
            return self.effect(segment, rate, depth)
        if kind == "Selector":
            selected = self.find(segment["Selected"].value, rate, depth + 1)
            others = segment["Alternates"].value if "Alternates" in segment else []
            hidden = next((f for f in (self.find(each, rate, depth + 1) for each in others) if f), None)
            return replace(hidden, enabled=False) if selected is None and hidden is not None else selected
        if kind == "Sequence":
            each = (self.find(component, rate, depth + 1) for component in segment.components)
            return next((found for found in each if found is not None), None)
        if kind == "EssenceGroup":
            choices = segment["Choices"].value
            return self.find(choices[0], rate, depth + 1) if choices else None
        return None

    def effect(self, group: Any, rate: Fraction, depth: int) -> _Found | None:
        """An effect around others: gain, several channels as one, speed; others let their input through."""
        inputs = [self.find(each, rate, depth + 1) for each in group.segments]
        found = next((each for each in inputs if each is not None), None)
        if found is None:
            return _Found(str(group.operation.name or ""), kind="effect") if not inputs else None
        if group.operation.name == "Audio Channel Combiner":
            channels = tuple(c for each in inputs if each is not None for c in each.channels)
            return replace(found, channels=channels)
        for parameter in group.parameters or ():
            if parameter.name in _GAINS and type(parameter).__name__ == "ConstantValue":
                found = replace(found, gain_db=round(found.gain_db + decibels(float(parameter.value)), 4))
            elif parameter.name in _GAINS and type(parameter).__name__ == "VaryingValue":
                points = ((Fraction(p.time), float(p.value)) for p in parameter["PointList"].value)
                found = replace(found, levels=aaf_levels(points, _length(group) / rate))
            elif parameter.name == "SpeedRatio" and type(parameter).__name__ == "ConstantValue":
                found = replace(found, speed=Fraction(parameter.value).limit_denominator(100_000))
        return found

    def clip(self, clip: Any, rate: Fraction) -> _Found | None:
        """Follow a clip to its file: through the master mob, adding what each step begins with."""
        name = ""
        facts: dict[str, str] = {}
        source = Fraction(0)
        seen: set[str] = set()
        while True:
            source += Fraction(int(clip.start or 0)) / rate
            mob = clip.mob
            if mob is None:
                return _Found(name, source=source) if name else None
            if str(mob.mob_id) in seen:
                raise TimelineError("A clip refers to itself.", hint="Export it again.")
            seen.add(str(mob.mob_id))
            name = name or str(mob.name or "")
            facts |= _comments(mob)
            if type(mob).__name__ == "CompositionMob":
                inner = self.composition(mob)
                return _Found(name, None, source, kind="nested", nested=inner)
            slot = next((each for each in mob.slots if each.slot_id == clip.slot_id), None)
            if type(mob).__name__ == "SourceMob" and _is_file(mob):
                media, channel = self.file(mob, slot)
                known = () if channel is None else (channel,)
                return _Found(name, media, source, known, facts=tuple(facts.items()))
            following = _first_clip(slot.segment) if slot is not None else None
            if following is None:
                return _Found(name, source=source, facts=tuple(facts.items()))
            clip, rate = following, _edit_rate(slot)

    def file(self, mob: Any, slot: Any) -> tuple[Media, int | None]:
        """The file of a source mob, and which of its channels a slot is."""
        key = str(mob.mob_id)
        sounds = [each for each in mob.slots if _kind(each) is Kind.AUDIO]
        channel = sounds.index(slot) if slot in sounds else None
        if key not in self.media:
            self.media[key] = self.described(mob, key, sounds, slot)
        return self.media[key], channel

    def described(self, mob: Any, key: str, sounds: list[Any], slot: Any) -> Media:
        """What mob and descriptor say of the file."""
        descriptor = mob.descriptor
        urls = tuple(_urls(descriptor))
        paths = (path_of(url, self.path.parent) for url in urls)
        picture = next((each for each in mob.slots if _kind(each) is Kind.VIDEO), None)
        any_slot = slot if slot is not None else next(iter(mob.slots), None)
        length = start = Fraction(0)
        reel = ""
        if any_slot is not None:
            rate = _edit_rate(any_slot)
            length = _length(any_slot.segment) / rate
            start, reel = _on_tape(any_slot, rate)
        channels = int(_property(descriptor, "Channels") or 0)
        sample_rate = _property(descriptor, "AudioSamplingRate") or (
            _property(descriptor, "SampleRate") if sounds and picture is None else None
        )
        return Media(
            id=key,
            name=str(mob.name or "") or (name_of(urls[0]) if urls else ""),
            path=next((path for path in paths if path is not None), None),
            length=max(0, to_samples(length)),
            start=max(0, to_samples(start)),
            channels=max(channels, len(sounds)),
            sample_rate=int(sample_rate) if sample_rate else None,
            frame_rate=frame_rate(_edit_rate(picture)) if picture is not None else None,
            reel=reel,
            candidates=urls,
        )


def _after(
    item: tuple[Fraction, Fraction, _Found, Fraction], begin: Fraction, cut: Fraction
) -> tuple[Fraction, Fraction, _Found, Fraction]:
    """The clip behind a transition begins at the cut."""
    _, end, found, into = item
    return cut, max(cut, end), found, into + cut - begin


def _transition(begin: Fraction, length: Fraction) -> Transition:
    start = to_samples(begin)
    return Transition(start, to_samples(begin + length) - start)


def _length(segment: Any) -> Fraction:
    length = Fraction(int(getattr(segment, "length", 0) or 0))
    if length < 0:
        raise TimelineError("A clip has a negative duration.")
    return length


def _edit_rate(slot: Any) -> Fraction:
    rate = slot.edit_rate
    if not rate.denominator or not rate.numerator:
        raise TimelineError("A track has an edit rate of zero.")
    return any_rate(Fraction(rate.numerator, rate.denominator))


def _kind(slot: Any) -> Kind | None:
    kind = str(slot.media_kind or "")
    if type(slot).__name__ != "TimelineMobSlot":
        return None
    return {
        "Picture": Kind.VIDEO,
        "Sound": Kind.AUDIO,
        "LegacyPicture": Kind.VIDEO,
        "LegacySound": Kind.AUDIO,
    }.get(kind.replace(" ", ""))


def _slots(mob: Any) -> Iterator[tuple[Any, Kind]]:
    for slot in mob.slots:
        kind = _kind(slot)
        if kind is not None:
            yield slot, kind


def _clock(mob: Any) -> tuple[Fraction, int, bool]:
    """Frame rate, first frame and drop of a composition, from its timecode slot, else its picture."""
    for slot in mob.slots:
        segment = slot.segment
        parts = segment.components if type(segment).__name__ == "Sequence" else [segment]
        for part in parts:
            if type(part).__name__ == "Timecode":
                rate = frame_rate(_edit_rate(slot))
                return rate, max(0, int(part.start or 0)), bool(part.drop)
    rates = [_edit_rate(slot) for slot, kind in _slots(mob) if kind is Kind.VIDEO]
    rates += [_edit_rate(slot) for slot, _ in _slots(mob)]
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


def _is_file(mob: Any) -> bool:
    """Whether it stands for a file: tapes and what was imported lie behind it."""
    kind = type(mob.descriptor).__name__
    return mob.descriptor is not None and kind not in {"TapeDescriptor", "ImportDescriptor", "FilmDescriptor"}


def _first_clip(segment: Any) -> Any:
    for _ in range(MAX_NESTED):
        kind = type(segment).__name__
        if kind == "SourceClip":
            return segment
        if kind == "Sequence":
            clips = [each for each in segment.components if type(each).__name__ != "Filler"]
        elif kind == "OperationGroup":
            clips = list(segment.segments)
        elif kind == "EssenceGroup":
            clips = list(segment["Choices"].value)
        elif kind == "Selector":
            clips = [segment["Selected"].value]
        else:
            return None
        if not clips:
            return None
        segment = clips[0]
    return None


def _on_tape(slot: Any, rate: Fraction) -> tuple[Fraction, str]:
    """Where a file begins in its own timecode, and its tape's name."""
    clip = _first_clip(slot.segment)
    tape = clip.mob if clip is not None else None
    if tape is None or type(tape).__name__ != "SourceMob":
        return Fraction(0), ""
    start = Fraction(int(clip.start or 0)) / rate
    for each in tape.slots:
        if type(each.segment).__name__ == "Timecode":
            start += Fraction(int(each.segment.start or 0)) / _edit_rate(each)
            break
    named = type(tape.descriptor).__name__ == "TapeDescriptor"
    return start, str(tape.name or "") if named else ""


def _urls(descriptor: Any) -> Iterator[str]:
    for locator in descriptor.locator or ():
        if "URLString" in locator and locator["URLString"].value:
            yield str(locator["URLString"].value)


def _property(thing: Any, name: str) -> Any:
    found = thing.get(name)
    return found.value if found is not None else None


def _comments(mob: Any) -> dict[str, str]:
    """What our own writer puts beside a clip."""
    names = {"Line": "line", "Speaker": "speaker", "Text": "text", "Translation": "translation"}
    return {names[name]: str(value) for name, value in (mob.comments.items() or ()) if name in names}


def _markers(mob: Any) -> Iterator[Marker]:
    for slot in mob.slots:
        if type(slot).__name__ != "EventMobSlot":
            continue
        rate = _edit_rate(slot)
        segment = slot.segment
        for event in segment.components if type(segment).__name__ == "Sequence" else [segment]:
            position = _property(event, "Position")
            if position is not None:
                text = str(_property(event, "Comment") or "")
                yield Marker(to_samples(Fraction(int(position)) / rate), text)
