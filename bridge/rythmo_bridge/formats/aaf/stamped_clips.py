"""Writes the lines of a film to an AAF: builds one with pyaaf2 and stamps the others from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rythmo.media.riff import WaveHeader
from rythmo_bridge.formats.aaf.compound_writer import Borrowed, Storage
from rythmo_bridge.formats.aaf.media_facts import clip_comments, locator_url, riff_summary, wav_header
from rythmo_bridge.formats.aaf.stamp import (
    Patches,
    Stamp,
    cut_stamp,
    grow_set,
    grow_vector,
    length_value,
    text_value,
)
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

# Property ids of the AAF Object Specification.
_LENGTH, _SOURCE_ID, _START = 0x0202, 0x1101, 0x1201
_MOB_ID, _NAME, _VALUE, _DATA_MOB_ID = 0x4401, 0x4402, 0x5003, 0x2701
_DATA = "Data-2702"
_SUMMARY, _ESSENCE_LENGTH, _URL = 0x3801, 0x3002, 0x4001
_SEGMENT = "Slots-4403{0}/Segment-4803"
# A tagged value begins with the kind of its content: byte order and type id.
_TYPE_BYTES = 17


@dataclass(frozen=True, slots=True)
class _Line:
    """A plain line: `gap` samples of silence, then its clip."""

    gap: int
    item: Item
    media: Media
    header: WaveHeader


@dataclass(slots=True)
class _Model:
    """The objects that pyaaf2 built, to be copied once they are stored; `essence` if sound is embedded."""

    clip: Any
    filler: Any
    master: Any
    file_mob: Any
    essence: Any = None

    def cut(self) -> _Stamps:
        """Make the stamps of all of them."""
        return _Stamps(
            clip=cut_stamp(self.clip.dir.storage_node),
            gap=cut_stamp(self.filler.dir.storage_node),
            master=cut_stamp(self.master.dir.storage_node),
            file_mob=cut_stamp(self.file_mob.dir.storage_node),
            essence=cut_stamp(self.essence.dir.storage_node) if self.essence is not None else None,
        )


@dataclass(frozen=True, slots=True)
class _Stamps:
    """The stamps of a model's objects."""

    clip: Stamp
    gap: Stamp
    master: Stamp
    file_mob: Stamp
    essence: Stamp | None


@dataclass(slots=True)
class _StampedObjects:
    """What the stamped lines add to the content of the file: mobs and sound, each under its key."""

    mobs: list[tuple[bytes, Storage]] = field(default_factory=list)
    essences: list[tuple[bytes, Storage]] = field(default_factory=list)


class LineStamper:
    """Knows which tracks hold only plain lines, and stamps the lines that pyaaf2 did not build.

    A plain line is enabled, has no gain and no fade, and plays a mono WAV of its own. `mob_id` gives the ids
    of its mobs.
    """

    def __init__(self, delivery: Timeline, mob_id: Callable[..., Any]) -> None:
        self.delivery = delivery
        self.mob_id = mob_id
        self.model: _Model | None = None
        self.later: list[tuple[Any, list[_Line]]] = []
        self.names: tuple[str, ...] = ()
        self.layout: tuple[int, int, int] | None = None
        self.known: dict[int, list[_Line] | None] = {}
        self.uses = Counter(item.media for _, item in delivery.items())

    def built(self, track: Track) -> int:
        """Return how many of the track's items pyaaf2 has to build: all, enough for a model, or none."""
        lines = self._lines(track)
        if lines is None:
            return len(track.items)
        if self.model is not None:
            return 0
        # The model needs a clip and a gap.
        return next((n for n, line in enumerate(lines, start=1) if line.gap), len(lines))

    def take(self, sequence: Any, track: Track, built: int, made: tuple[dict[str, Any], ...]) -> None:
        """Remember what remains to be stamped into a sequence, and the model if there is none yet.

        `made` are the master and file mobs and the essences so far, by media.
        """
        lines = self._lines(track)
        if lines is None:
            return
        if self.model is None:
            parts = list(sequence.components)
            clips = [part for part in parts if type(part).__name__ == "SourceClip"]
            gaps = [part for part in parts if type(part).__name__ == "Filler"]
            if not clips or not gaps:
                return
            media = lines[built - 1].media.id
            masters, files, essences = made
            self.model = _Model(clips[-1], gaps[-1], masters[media], files[media], essences.get(media))
        if lines[built:]:
            self.later.append((sequence, lines[built:]))

    def _lines(self, track: Track) -> list[_Line] | None:
        if id(track) not in self.known:
            self.known[id(track)] = self._plain_lines(track)
        return self.known[id(track)]

    def _plain_lines(self, track: Track) -> list[_Line] | None:
        """Return the track as plain lines; None if any item on it is not plain."""
        plain = track.kind is Kind.AUDIO and track.channels == 1 and track.enabled and not track.transitions
        if not plain:
            return None
        found, position = [], 0
        for item in track.items:
            media = self.delivery.media_of(item)
            if media is None or not self._is_plain(item, media):
                return None
            header = wav_header(media)
            if header is None or not self._is_alike(header):
                return None
            found.append(_Line(item.start - position, item, media, header))
            position = item.end
        return found

    def _is_plain(self, item: Item, media: Media) -> bool:
        own = self.uses[media.id] == 1 and media.channels == 1 and not media.has_picture
        names = tuple(name for name, _ in clip_comments(item))
        # A copy has the comments that its model has, so the first line decides which those are.
        self.names = self.names or names
        same = bool(names) and names == self.names
        shaped = item.gain_db or item.levels or item.fade_in or item.fade_out or item.channels
        return item.enabled and not shaped and own and same

    def _is_alike(self, header: WaveHeader) -> bool:
        """Whether a file has the same layout as the first, and so as the model."""
        layout = header.rate, header.bits, header.channels
        self.layout = self.layout or layout
        return layout == self.layout

    def stamp(self, content: Storage) -> None:
        """Add what remains to the stored file; `content` is the storage of its ContentStorage."""
        model, made = self.model, _StampedObjects()
        if model is None:
            return
        stamps = model.cut()
        for sequence, lines in self.later:
            parts: list[Storage] = []
            for line in lines:
                if line.gap:
                    parts.append(stamps.gap.press("", {"": {_LENGTH: length_value(line.gap)}}))
                parts.append(self._line(line, stamps, made))
            grow_vector(sequence.dir.storage_node, "Components-1001", parts)
        grow_set(content, "Mobs-1901", made.mobs)
        if made.essences:
            grow_set(content, "EssenceData-1902", made.essences)

    def _line(self, line: _Line, stamps: _Stamps, made: _StampedObjects) -> Storage:
        """Stamp a line's two mobs and its sound into `made`, and return its clip."""
        media, item = line.media, line.item
        name = media.name.rpartition(".")[0] or media.name
        master_id = bytes(self.mob_id("MasterMob", name, media.id).bytes_le)
        file_id = bytes(self.mob_id("SourceMob", media.name, media.id, "file").bytes_le)
        whole = length_value(media.length)
        described = {_ESSENCE_LENGTH: length_value(line.header.length)}
        file_patches: dict[str, dict[int, bytes]] = {
            "": {_MOB_ID: file_id, _NAME: text_value(media.name)},
            _SEGMENT: {_START: length_value(media.start), _LENGTH: whole},
            "EssenceDescription-4701": described,
        }
        if stamps.essence is not None:
            essence = stamps.essence.press("", {"": {_DATA_MOB_ID: file_id}})
            put_samples(essence, media, line.header)
            made.essences.append((file_id, essence))
        else:
            described[_SUMMARY] = riff_summary(line.header)
            file_patches["EssenceDescription-4701/Locator-2f01{0}"] = {_URL: text_value(locator_url(media))}
        master_patches = {
            "": {_MOB_ID: master_id, _NAME: text_value(name)},
            _SEGMENT: {_SOURCE_ID: file_id, _LENGTH: whole},
            **_comment_patches_of(item, stamps.master),
        }
        made.mobs.append((file_id, stamps.file_mob.press("", file_patches)))
        made.mobs.append((master_id, stamps.master.press("", master_patches)))
        place = {_SOURCE_ID: master_id, _START: length_value(item.source), _LENGTH: length_value(item.length)}
        return stamps.clip.press("", {"": place})


def put_samples(essence: Storage, media: Media, header: WaveHeader) -> None:
    """Give stored essence the samples of a WAV, which are copied when the AAF is laid out."""
    assert media.path is not None
    essence.children[_DATA] = Borrowed(
        _DATA, size=header.data_size, path=media.path, offset=header.data_offset
    )


def _comment_patches_of(item: Item, master: Stamp) -> Patches:
    """Return the comments of a line, in the order of the model's."""
    values = [value for _, value in clip_comments(item)]
    return dict(_comment_patches(values, master))


def _comment_patches(values: Iterable[str], master: Stamp) -> Iterable[tuple[str, dict[int, bytes]]]:
    inside = dict(master.inside)
    for number, value in enumerate(values):
        path = f"UserComments-4406{{{number:x}}}"
        kind = next(old for pid, _, old in inside[path].values if pid == _VALUE)[:_TYPE_BYTES]
        yield path, {_VALUE: kind + text_value(value)}
