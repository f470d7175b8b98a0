"""Writes AAF (`.aaf`) through pyaaf2, for Pro Tools, Media Composer, Nuendo, Fairlight and Resolve.

Sound slots run at edit rate 48000, so every line keeps its exact sample position. A file is linked by its
path, or embedded in the AAF; either way all of it is there, handles included. Each channel has a slot, as the
AAF edit protocol requires: a stereo track becomes two. Disabled items are Selectors whose selected
alternative is silence, which is what Media Composer itself writes for a muted clip.

Dates and ids come from the content, not from the clock, so the same timeline always gives the same file.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rythmo.files import make_atomically
from rythmo.media.riff import WaveHeader
from rythmo.timebase import nominal_rate
from rythmo_bridge.formats.aaf.effects import Effects
from rythmo_bridge.formats.aaf.fades import lay_out_clips
from rythmo_bridge.formats.aaf.marker_slot import add_markers
from rythmo_bridge.formats.aaf.media_facts import clip_comments, locator_url, riff_summary, wav_header
from rythmo_bridge.formats.aaf.stamped_clips import LineStamper, put_samples
from rythmo_bridge.formats.features import ALL, Feature
from rythmo_bridge.formats.registry import Format, lazy_named_reader, lazy_reader
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - AAF time stamps have no zone
# Namespace for ids made from names, so that the same timeline gives the same file.
_IDS = uuid.UUID("6d9a9c3e-9a56-5d1c-8f0e-0f3f0b6f6a11")
_SOUND, _PICTURE = "sound", "picture"
_DAY_HOURS = 24


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write an AAF that links to its media."""
    return _write(delivery, target, embed=False)


def write_embedded(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write an AAF that embeds the sound of its WAV media; other media are linked."""
    return _write(delivery, target, embed=True)


def _write(delivery: Timeline, target: Path, *, embed: bool) -> tuple[Path, ...]:
    make_atomically(target, lambda temporary: _make(delivery, temporary, embed=embed))
    return (target,)


def _make(delivery: Timeline, path: Path, *, embed: bool) -> None:
    from rythmo_bridge.formats.aaf.object_file import new_file, sign_file

    with new_file(path) as file:
        sign_file(file, str(uuid.uuid5(_IDS, delivery.name)), EPOCH)
        writer = _Writer(file, delivery, embed=embed)
        writer.composition()
        file.save()
        writer.bulk.stamp(file.content.dir.storage_node)


class _Writer:
    """Makes the mobs of one timeline: the composition, and for each file a master, a file and a tape mob."""

    def __init__(self, file: Any, delivery: Timeline, *, embed: bool) -> None:
        self.file = file
        self.delivery = delivery
        self.embed = embed
        self.rate = f"{delivery.frame_rate.numerator}/{delivery.frame_rate.denominator}"
        self.masters: dict[str, Any] = {}
        self.files: dict[str, Any] = {}
        self.essences: dict[str, Any] = {}
        self.bulk = LineStamper(delivery, self.mob_id)
        self.effects = Effects(file)
        self.tape = self.tape_mob()

    def mob(self, kind: str, name: str, *key: str) -> Any:
        """Add a mob to the file, with an id that follows from its content."""
        mob = getattr(self.file.create, kind)(name)
        mob.mob_id = self.mob_id(kind, name, *key)
        mob["CreationTime"].value = EPOCH
        mob["LastModified"].value = EPOCH
        self.file.content.mobs.append(mob)
        return mob

    def mob_id(self, *key: str) -> Any:
        """Return an id that stands for these words in this timeline."""
        from aaf2.auid import AUID
        from aaf2.mobid import MobID

        made = MobID.new()
        made.material = AUID(str(uuid.uuid5(_IDS, "\n".join((self.delivery.name, *key)))))
        return made

    def composition(self) -> None:
        """Write the timeline as a composition mob."""
        delivery = self.delivery
        mob = self.mob("CompositionMob", delivery.name)
        mob.usage = "Usage_TopLevel"
        slot = mob.create_timeline_slot(self.rate)
        slot.name = "Timecode"
        slot["PhysicalTrackNumber"].value = 1
        slot.segment = self.timecode(delivery.start_frame, delivery.frame(delivery.length))
        for number, track in enumerate(delivery.tracks_of(Kind.VIDEO), start=1):
            self.slot(mob, track, number, 0)
        number = 0
        for track in delivery.tracks_of(Kind.AUDIO):
            for channel in range(track.channels):
                number += 1
                self.slot(mob, track, number, channel)
        add_markers(self.file, mob, delivery, slot.slot_id)

    def timecode(self, start: int, length: int) -> Any:
        """Return a timecode segment, in frames."""
        delivery = self.delivery
        made = self.file.create.Timecode(
            nominal_rate(delivery.frame_rate), drop=delivery.drop, length=max(1, length)
        )
        made.start = start
        return made

    def slot(self, mob: Any, track: Track, number: int, channel: int) -> None:
        """Write one channel of a track as a slot of the composition; a stereo track takes two calls."""
        sound = track.kind is Kind.AUDIO
        slot = mob.create_empty_sequence_slot(
            self.delivery.sample_rate if sound else self.rate, media_kind=_SOUND if sound else _PICTURE
        )
        side = f".{'LR'[channel]}" if track.channels == 2 else f".{channel + 1}" if track.channels > 2 else ""
        slot.name = track.name + side
        slot["PhysicalTrackNumber"].value = number
        built = self.bulk.built(track) if sound else len(track.items)
        items = track.items[:built]
        slot.segment.components.value = list(self.components(track, items, channel, sound=sound))
        slot.segment.length = self.units(track.items[-1].end, sound=sound) if track.items else 0
        self.bulk.take(slot.segment, track, built, (self.masters, self.files, self.essences))

    def units(self, samples: int, *, sound: bool) -> int:
        """Return samples in sound slots, frames in picture slots."""
        return samples if sound else self.delivery.frame(samples)

    def components(self, track: Track, items: Iterable[Item], channel: int, *, sound: bool) -> Iterable[Any]:
        """Yield clips, transitions and what fills the gaps between them."""
        kind = _SOUND if sound else _PICTURE
        position = pending = 0
        for laid in lay_out_clips(track, list(items), self.delivery):
            item = laid.item
            first, start, end = (
                self.units(place, sound=sound) for place in (item.start - laid.early, item.start, item.end)
            )
            over = self.units(item.start + laid.into, sound=sound) - first
            fades = [self.units(each, sound=sound) for each in (laid.fade_in, laid.fade_out)]
            # Silence extends under the fades on both sides of it.
            if silence := start - position + pending + fades[0]:
                yield self.file.create.Filler(media_kind=kind, length=silence)
            if over and position == start:
                yield self.effects.transition(kind, over, start - first)
            elif fades[0]:
                yield self.effects.transition(kind, fades[0], 0)
            last = self.units(item.end + laid.late, sound=sound)
            yield self.item(item, track, channel, (first - start, last - first), sound=sound)
            if fades[1]:
                yield self.effects.transition(kind, fades[1], fades[1])
            position, pending = end, fades[1]
        if pending:
            yield self.file.create.Filler(media_kind=kind, length=pending)

    def item(self, item: Item, track: Track, channel: int, place: tuple[int, int], *, sound: bool) -> Any:
        """Return a clip, inside its gain, inside its mute.

        `place` is how far before its start it begins, and its length, both including what transitions use.
        """
        early, length = place
        create = self.file.create
        kind = _SOUND if sound else _PICTURE
        media = self.delivery.media_of(item)
        if media is None:
            return create.Filler(media_kind=kind, length=length)
        channels = item.channels or tuple(range(max(1, media.channels)))
        slot_id = _slot_id(channels[channel % len(channels)]) if sound else 1
        segment = create.SourceClip(media_kind=kind, length=length)
        segment.mob = self.master(media, item)
        segment.slot_id = slot_id
        segment.start = self.units(item.source, sound=sound) + early
        if sound and (item.gain_db or item.levels):
            segment = self.effects.gain(segment, item, -early, length)
        if not (item.enabled and track.enabled):
            segment = self.muted(segment, kind, length)
        return segment

    def muted(self, segment: Any, kind: str, length: int) -> Any:
        """Return a Selector in which a segment is present but silent."""
        create = self.file.create
        selector = create.Selector(media_kind=kind, length=length)
        selector["Selected"].value = create.Filler(media_kind=kind, length=length)
        selector["Alternates"].append(segment)
        flag = create.TaggedValue("_DISABLE_CLIP_FLAG", 1, "aafInt32")
        selector["ComponentAttributeList"].append(flag)
        return selector

    def master(self, media: Media, item: Item) -> Any:
        """Return a file's master mob, which clips refer to.

        The first item that uses it gives its comments.
        """
        if media.id in self.masters:
            return self.masters[media.id]
        file_mob = self.files[media.id] = self.file_mob(media)
        name = media.name.rpartition(".")[0] or media.name
        master = self.masters[media.id] = self.mob("MasterMob", name, media.id)
        for name, value in clip_comments(item):
            master.comments[name] = value
        if media.has_picture:
            self.refer(master, file_mob, 1, _PICTURE)
        for channel in range(media.channels):
            self.refer(master, file_mob, _slot_id(channel), _SOUND)
        return master

    def refer(self, mob: Any, source: Any, slot_id: int, kind: str) -> None:
        """Add a slot to a mob that plays the same slot of another mob from its beginning."""
        origin = source.slot_at(slot_id)
        slot = mob.create_timeline_slot(origin.edit_rate, slot_id)
        slot["PhysicalTrackNumber"].value = slot_id - 1 if kind == _SOUND else 1
        clip = self.file.create.SourceClip(media_kind=kind, length=origin.segment.length)
        clip.mob = source
        clip.slot_id = slot_id
        clip.start = 0
        slot.segment = clip

    def file_mob(self, media: Media) -> Any:
        """Return the file's mob. Its place on the tape gives its timecode, exact to the sample."""
        header = wav_header(media)
        mob = self.mob("SourceMob", media.name, media.id, "file")
        if media.has_picture:
            self.on_tape(mob, media, 1, _PICTURE)
        for channel in range(media.channels):
            self.on_tape(mob, media, _slot_id(channel), _SOUND)
        if header is not None and self.embed:
            mob.descriptor = self.pcm(header, media)
            self.essence(mob, media, header)
        else:
            mob.descriptor = self.link(media, header)
        return mob

    def on_tape(self, mob: Any, media: Media, slot_id: int, kind: str) -> None:
        """Add a slot to a file mob, at the file's place on the tape."""
        sound = kind == _SOUND
        # Slots of a file at another rate count in the timeline's samples too: edit rates are free in AAF.
        slot = mob.create_timeline_slot(self.delivery.sample_rate if sound else self.rate, slot_id)
        slot["PhysicalTrackNumber"].value = slot_id - 1 if sound else 1
        clip = self.file.create.SourceClip(media_kind=kind, length=self.units(media.length, sound=sound))
        clip.mob = self.tape
        clip.slot_id = 2 if sound else 1
        clip.start = self.units(media.start, sound=sound)
        slot.segment = clip

    def tape_mob(self) -> Any:
        """Return a tape that lasts a day and holds every file at its timecode."""
        delivery = self.delivery
        mob = self.mob("SourceMob", f"{delivery.name} tape", "tape")
        mob.descriptor = self.file.create.TapeDescriptor()
        day = _DAY_HOURS * 3600
        frames = int(day * delivery.frame_rate)
        for slot_id, rate, kind, length in (
            (1, self.rate, _PICTURE, frames),
            (2, delivery.sample_rate, _SOUND, day * delivery.sample_rate),
        ):
            slot = mob.create_timeline_slot(rate, slot_id)
            slot.segment = self.file.create.SourceClip(media_kind=kind, length=length)
        slot = mob.create_timeline_slot(self.rate, 3)
        slot.segment = self.timecode(0, frames)
        return mob

    def link(self, media: Media, header: WaveHeader | None) -> Any:
        """Return a descriptor that names the file by its URL."""
        create = self.file.create
        if header is not None:
            descriptor = create.WAVEDescriptor()
            descriptor["Summary"].value = riff_summary(header)
        elif media.has_picture:
            descriptor = self.picture(media)
        else:
            descriptor = self.pcm(None, media)
        if media.has_picture:
            descriptor["SampleRate"].value = self.rate
            descriptor["Length"].value = self.delivery.frame(media.length)
        elif header is not None:
            descriptor["SampleRate"].value = header.rate
            descriptor["Length"].value = header.length
        descriptor["ContainerFormat"].value = self.file.dictionary.lookup_containerdef("AAF")
        locator = create.NetworkLocator()
        locator["URLString"].value = locator_url(media)
        descriptor["Locator"].append(locator)
        return descriptor

    def picture(self, media: Media) -> Any:
        """Return a descriptor of the picture, as far as it is known."""
        width, height = media.size or self.delivery.size or (1920, 1080)
        descriptor = self.file.create.CDCIDescriptor()
        descriptor["ComponentWidth"].value = 8
        descriptor["HorizontalSubsampling"].value = 2
        descriptor["VerticalSubsampling"].value = 2
        descriptor["StoredWidth"].value = width
        descriptor["StoredHeight"].value = height
        descriptor["FrameLayout"].value = "FullFrame"
        descriptor["VideoLineMap"].value = [0, 0]
        descriptor["ImageAspectRatio"].value = f"{width}/{height}"
        return descriptor

    def pcm(self, header: WaveHeader | None, media: Media) -> Any:
        """Return the layout of embedded sound, or what is known of sound in another container."""
        rate = media.sample_rate or self.delivery.sample_rate
        bits, channels = (header.bits, header.channels) if header else (24, max(1, media.channels))
        align = channels * -(-bits // 8)
        descriptor = self.file.create.PCMDescriptor()
        descriptor["Channels"].value = channels
        descriptor["BlockAlign"].value = align
        descriptor["SampleRate"].value = rate
        descriptor["AverageBPS"].value = rate * align
        descriptor["QuantizationBits"].value = bits
        descriptor["AudioSamplingRate"].value = rate
        descriptor["Length"].value = header.length if header else media.length
        return descriptor

    def essence(self, mob: Any, media: Media, header: WaveHeader) -> None:
        """Attach the file's samples, which are copied when the AAF is laid out."""
        data = self.essences[media.id] = self.file.create.EssenceData()
        data.mob_id = mob.mob_id
        self.file.content.essencedata.append(data)
        data.open("w")
        put_samples(data.dir.storage_node, media, header)


def _slot_id(channel: int) -> int:
    """Return a slot's id: 1 for picture, from 2 for sound."""
    return channel + 2


_KEEPS = ALL - {
    Feature.TRACK_COLOURS,
    Feature.TRACK_STATE,
    Feature.CLIP_NAMES,
    Feature.CLIP_COLOURS,
    Feature.LINKS,
    Feature.CLIP_MARKERS,
    Feature.REELS,
    Feature.SPEED,
    Feature.NESTED,
}
_PARTLY = {Feature.TRACK_STATE: "clips"}
FORMAT = Format(
    "aaf",
    ".aaf",
    "AAF with linked sound, exact to the sample",
    write=write,
    read=lazy_reader("rythmo_bridge.formats.aaf.reader"),
    read_named=lazy_named_reader("rythmo_bridge.formats.aaf.reader"),
    exact=True,
    keeps=_KEEPS,
    partly=_PARTLY,
)
EMBEDDED = replace(
    FORMAT,
    name="aaf-embedded",
    suffix=".embedded.aaf",
    summary="AAF that holds its sound, exact to the sample",
    write=write_embedded,
    keeps=_KEEPS - {Feature.PATHS},
)
