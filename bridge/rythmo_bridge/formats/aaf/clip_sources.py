"""Resolves what a clip of an AAF plays: through effects along its chain of mobs, to master, file and tape.

A clip names a mob and a slot in it, whose segment names the next one. The start positions of all steps add
up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from uuid import UUID

from rythmo.errors import TimelineError
from rythmo_bridge.formats.aaf.clip_row import ClipRow, FoundClip
from rythmo_bridge.formats.aaf.stored_objects import (
    AUDIO_RATE,
    CHANNELS,
    CHOICES,
    COMMENTS,
    COMPONENTS,
    DATA_KIND,
    DESCRIPTOR,
    EDIT_RATE,
    EVENT_RATE,
    INPUTS,
    LENGTH,
    LOCATORS,
    MOB_ID,
    MOB_NAME,
    PULLED_DOWN,
    SAMPLE_RATE,
    SEGMENT,
    SELECTED,
    SLOT_ID,
    SLOTS,
    SOURCE_MOB,
    SOURCE_SLOT,
    START,
    TAG_NAME,
    TAG_VALUE,
    TIMECODE_START,
    URL,
    USAGE,
    ObjectFile,
    StoredObject,
)
from rythmo_bridge.formats.limits import MAX_NESTED, any_rate, frame_rate, to_samples
from rythmo_bridge.formats.media_paths import name_of, path_of
from rythmo_bridge.timeline import Kind, Media, Timeline

TOP_LEVEL = UUID("0d010102-0101-0700-060e-2b3404010101").bytes_le
LOWER_LEVEL = UUID("0d010102-0101-0800-060e-2b3404010101").bytes_le
_MAX_PARTS = 300_000
_KINDS = {
    UUID(name).bytes_le: kind
    for name, kind in {
        "01030202-0100-0000-060e-2b3404010101": Kind.VIDEO,
        "01030202-0200-0000-060e-2b3404010101": Kind.AUDIO,
        # Written by programs that predate the standard.
        "6f3c8ce1-6cef-11d2-807d-006008143e6f": Kind.VIDEO,
        "78e1ebe1-6cef-11d2-807d-006008143e6f": Kind.AUDIO,
    }.items()
}


class ClipFinder:
    """Resolves the clips of one file.

    `composition` reads a nested composition, `row` the clips of a segment, and `inside` the single clip that
    a composition holds.
    """

    composition: Callable[[StoredObject, StoredObject | None], Timeline]
    row: Callable[[StoredObject | None, Fraction, int], ClipRow]
    inside: Callable[[StoredObject, StoredObject | None, tuple[Fraction, Fraction], int], FoundClip | None]

    def __init__(self, path: Path, file: ObjectFile) -> None:
        self.path = path
        self.file = file
        self.media: dict[str, Media] = {}
        self._parts = 0

    def count(self, depth: int, deepest: int) -> None:
        """Count one more segment.

        Raises:
            TimelineError: Segments are too deep or too many.
        """
        self._parts += 1
        if depth > deepest or self._parts > _MAX_PARTS:
            raise TimelineError("Its segments are nested too deeply or are too many.")

    def find(self, segment: StoredObject | None, rate: Fraction, depth: int) -> FoundClip | None:
        """Return the clip that a segment stands for; None for silence."""
        if segment is None:
            return None
        self.count(depth, 4 * MAX_NESTED)
        if segment.kind == "SourceClip":
            return self.clip(segment, rate, depth)
        if segment.kind == "EssenceGroup":
            choices = segment.many(CHOICES)
            return self.find(choices[0], rate, depth + 1) if choices else None
        if segment.kind in {"OperationGroup", "Sequence", "Selector"}:
            clips = self.row(segment, rate, depth + 1).clips
            return clips[0].found if clips else None
        return self.find(segment.one(PULLED_DOWN), rate, depth + 1)

    def clip(self, clip: StoredObject, rate: Fraction, depth: int) -> FoundClip | None:
        """Follow a clip to its file through the master mob, adding the start of each step."""
        name = ""
        facts: dict[str, str] = {}
        source, length = Fraction(0), length_of(clip) / rate
        seen: set[bytes | None] = set()
        while True:
            source += (clip.get(START) or 0) / rate
            mob = self.file.mob(clip.get(SOURCE_MOB))
            if mob is None:
                return FoundClip(name, source=source) if name else None
            if mob.get(MOB_ID) in seen:
                raise TimelineError("A clip refers to itself.", hint="Export it again.")
            seen.add(mob.get(MOB_ID))
            name = name or mob.get(MOB_NAME) or ""
            facts |= _comments(mob)
            wanted = clip.get(SOURCE_SLOT)
            slot = next((each for each in mob.many(SLOTS) if each.get(SLOT_ID) == wanted), None)
            if mob.kind == "CompositionMob":
                return self.of_composition(mob, slot, (source, source + length), (name, facts), depth)
            if mob.kind == "SourceMob" and _is_file(mob):
                media, channel = self.of_file(mob, slot)
                known = () if channel is None else (channel,)
                return FoundClip(name, media, source, known, facts=tuple(facts.items()))
            following = _first_clip(slot.one(SEGMENT)) if slot is not None else None
            if following is None or slot is None:
                return FoundClip(name, source=source, facts=tuple(facts.items()))
            clip, rate = following, edit_rate(slot)

    def of_composition(
        self,
        mob: StoredObject,
        slot: StoredObject | None,
        span: tuple[Fraction, Fraction],
        told: tuple[str, dict[str, str]],
        depth: int,
    ) -> FoundClip:
        """Return a clip of a composition: the contents of a subclip or adjusted clip, else the nest."""
        name, facts = told
        whole = mob.get(USAGE) in {TOP_LEVEL, LOWER_LEVEL}
        only = None if whole else self.inside(mob, slot, span, depth)
        if only is not None:
            return replace(only, name=name or only.name, facts=tuple({**dict(only.facts), **facts}.items()))
        return FoundClip(
            name, None, span[0], kind="nested", nested=self.composition(mob, slot), facts=tuple(facts.items())
        )

    def of_file(self, mob: StoredObject, slot: StoredObject | None) -> tuple[Media, int | None]:
        """Return the file of a source mob, and which of its channels a slot is."""
        key = (mob.get(MOB_ID) or b"").hex()
        sounds = [each for each in mob.many(SLOTS) if kind_of(each) is Kind.AUDIO]
        channel = sounds.index(slot) if slot is not None and slot in sounds else None
        if key not in self.media:
            self.media[key] = self.described(mob, key, len(sounds), slot)
        return self.media[key], channel

    def described(self, mob: StoredObject, key: str, sounds: int, slot: StoredObject | None) -> Media:
        """Return what mob and descriptor say about the file."""
        descriptor = mob.one(DESCRIPTOR)
        urls = tuple(_urls(descriptor)) if descriptor else ()
        paths = (path_of(url, self.path.parent) for url in urls)
        slots = mob.many(SLOTS)
        picture = next((each for each in slots if kind_of(each) is Kind.VIDEO), None)
        any_slot = slot if slot is not None else next(iter(slots), None)
        length = start = Fraction(0)
        reel = ""
        if any_slot is not None:
            rate = edit_rate(any_slot)
            segment = any_slot.one(SEGMENT)
            length = length_of(segment) / rate if segment is not None else length
            start, reel = self.on_tape(segment, rate)
        told = descriptor.get(AUDIO_RATE) if descriptor else None
        if told is None and descriptor and sounds and picture is None:
            told = descriptor.get(SAMPLE_RATE)
        return Media(
            id=key,
            name=mob.get(MOB_NAME) or (name_of(urls[0]) if urls else ""),
            path=next((path for path in paths if path is not None), None),
            length=max(0, to_samples(length)),
            start=max(0, to_samples(start)),
            channels=max((descriptor.get(CHANNELS) or 0) if descriptor else 0, sounds),
            sample_rate=int(told) if told else None,
            frame_rate=frame_rate(edit_rate(picture)) if picture is not None else None,
            reel=reel,
            candidates=urls,
        )

    def on_tape(self, segment: StoredObject | None, rate: Fraction) -> tuple[Fraction, str]:
        """Return where a file begins in its own timecode, and its tape's name."""
        clip = _first_clip(segment)
        tape = self.file.mob(clip.get(SOURCE_MOB)) if clip is not None else None
        if clip is None or tape is None or tape.kind != "SourceMob":
            return Fraction(0), ""
        start = (clip.get(START) or 0) / rate
        for slot in tape.many(SLOTS):
            timecode = timecode_in(slot.one(SEGMENT))
            if timecode is not None:
                start += (timecode.get(TIMECODE_START) or 0) / edit_rate(slot)
                break
        descriptor = tape.one(DESCRIPTOR)
        named = descriptor is not None and descriptor.kind == "TapeDescriptor"
        return start, (tape.get(MOB_NAME) or "") if named else ""


def length_of(segment: StoredObject) -> Fraction:
    """Return a segment's length in its slot's units.

    Raises:
        TimelineError: The length is negative.
    """
    length = Fraction(segment.get(LENGTH) or 0)
    if length < 0:
        raise TimelineError("A clip has a negative duration.")
    return length


def edit_rate(slot: StoredObject) -> Fraction:
    """Return a slot's units per second.

    Raises:
        TimelineError: The rate is zero.
    """
    rate = slot.get(EDIT_RATE) or slot.get(EVENT_RATE)
    if not rate:
        raise TimelineError("A track has an edit rate of zero.")
    return any_rate(rate)


def kind_of(slot: StoredObject) -> Kind | None:
    """Return what a slot carries; None for timecode, events and the like."""
    segment = slot.one(SEGMENT) if slot.kind == "TimelineMobSlot" else None
    return _KINDS.get(segment.get(DATA_KIND) or b"") if segment is not None else None


def timecode_in(segment: StoredObject | None) -> StoredObject | None:
    """Return the first timecode of a slot: bare, in a sequence, or behind a pulldown."""
    for _ in range(MAX_NESTED):
        if segment is None or segment.kind == "Timecode":
            return segment
        parts = segment.many(COMPONENTS) if segment.kind == "Sequence" else [segment.one(PULLED_DOWN)]
        inside = (each for each in parts if each is not None and each.kind != "Filler")
        segment = next(inside, None)
    return None


def _is_file(mob: StoredObject) -> bool:
    """Whether a mob stands for a file. Tapes and imported originals lie further down the chain."""
    descriptor = mob.one(DESCRIPTOR)
    behind = {"TapeDescriptor", "ImportDescriptor", "FilmDescriptor"}
    return descriptor is not None and descriptor.kind not in behind


def _first_clip(segment: StoredObject | None) -> StoredObject | None:
    for _ in range(MAX_NESTED):
        if segment is None or segment.kind == "SourceClip":
            return segment
        if segment.kind == "Sequence":
            inside = [each for each in segment.many(COMPONENTS) if each.kind != "Filler"]
        else:
            inside = segment.many(INPUTS) or segment.many(CHOICES)
        segment = inside[0] if inside else segment.one(SELECTED) or segment.one(PULLED_DOWN)
    return None


def _urls(descriptor: StoredObject) -> Iterator[str]:
    for locator in descriptor.many(LOCATORS):
        if url := locator.get(URL):
            yield url


def _comments(mob: StoredObject) -> dict[str, str]:
    """Return what our own writer stores with a clip."""
    names = {"Line": "line", "Speaker": "speaker", "Text": "text", "Translation": "translation"}
    tags = ((tag.get(TAG_NAME), tag.get(TAG_VALUE)) for tag in mob.many(COMMENTS))
    return {names[name]: str(value) for name, value in tags if name in names}
