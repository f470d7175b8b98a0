"""Writes OpenTimelineIO (`.otio`): the lossless form, and two flavours for hosts that count in frames.

In the lossless form sound is written at the audio rate (RationalTime rate 48000), so every start is exact to
the sample; picture is written in frames. Source ranges count in the media's own timecode, as Resolve's do.
`target_url` is the bare absolute path, because Resolve does not accept every file: URL (Premiere's flavour
has URLs). The path relative to the .otio is in the metadata, so that a project folder that was moved can
still be found.

The JSON is written directly, in the schemas of OpenTimelineIO 0.18, because building its objects takes ten
times as long. Tests read every file back with OpenTimelineIO itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from rythmo.files import write_atomically
from rythmo_bridge.formats.features import ALL, Feature
from rythmo_bridge.formats.media_urls import file_url
from rythmo_bridge.formats.registry import Format, lazy_named_reader, lazy_reader
from rythmo_bridge.formats.transitions import transitions_at
from rythmo_bridge.timeline import Item, Kind, Marker, Media, Timeline, Track, Transition

Object = dict[str, Any]

_AUDIO_TYPES = {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}
_MEDIA_KEY = "DEFAULT_MEDIA"


@dataclass(frozen=True, slots=True)
class Flavour:
    """The differences between hosts."""

    samples: bool = False
    """Sound counts in samples instead of frames."""
    premiere: bool = False
    """Premiere's metadata, and media named by URL instead of by bare path."""


LOSSLESS = Flavour(samples=True)
RESOLVE = Flavour()
PREMIERE = Flavour(premiere=True)


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the lossless form; the same timeline always gives the same bytes."""
    return _save(delivery, target, LOSSLESS)


def write_resolve(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write what DaVinci Resolve imports. Items must lie on frames."""
    return _save(delivery, target, RESOLVE)


def write_premiere(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write what Premiere imports. Items must lie on frames."""
    return _save(delivery, target, PREMIERE)


def _save(delivery: Timeline, target: Path, flavour: Flavour) -> tuple[Path, ...]:
    raw = msgspec.json.encode(_Writer(delivery, target.parent, flavour).timeline())
    write_atomically(target, msgspec.json.format(raw, indent=2) + b"\n")
    return (target,)


class _Writer:
    """Makes the objects of one timeline; relative paths count from `folder`."""

    def __init__(self, delivery: Timeline, folder: Path, flavour: Flavour) -> None:
        self.delivery = delivery
        self.folder = str(folder.absolute())
        self.flavour = flavour
        self.rate = float(delivery.frame_rate)
        links = sorted({item.link for _, item in delivery.items() if item.link is not None})
        self.groups = {link: number for number, link in enumerate(links, start=1)}

    def facts(self) -> Object:
        """Return what OpenTimelineIO has no field for."""
        delivery = self.delivery
        return {
            "frame_rate": str(delivery.frame_rate),
            "drop": delivery.drop,
            "sample_rate": delivery.sample_rate,
            "length": delivery.length,
            "language": delivery.language,
        }

    def timeline(self) -> Object:
        """Return the document."""
        delivery = self.delivery
        metadata: Object = {
            "Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"},
            "rythmo": self.facts(),
        }
        if self.flavour.premiere:
            width, height = delivery.size or (1920, 1080)
            metadata["PremierePro_OTIO"] = {
                "AudioFrameRate": float(delivery.sample_rate),
                "VideoFrameRate": self.rate,
                "VideoResolution": {"width": width, "height": height},
                "PixelAspectRatio": 1.0,
            }
        stack = _composable("Stack.1", "tracks") | {
            "markers": [self.marker(marker, sound=False) for marker in delivery.markers],
            "children": [self.track(track) for track in delivery.tracks],
        }
        return {
            "OTIO_SCHEMA": "Timeline.1",
            "metadata": metadata,
            "name": delivery.name,
            "global_start_time": _time(delivery.start_frame, self.rate),
            "tracks": stack,
        }

    def units(self, samples: int, *, sound: bool) -> int:
        """Return samples for sound of the lossless form, frames for everything else."""
        return samples if sound and self.flavour.samples else self.delivery.frame(samples)

    def range(self, start: int, length: int, *, sound: bool) -> Object:
        """Return [start, start + length); the two ends are rounded, not the length."""
        rate = float(self.delivery.sample_rate) if sound and self.flavour.samples else self.rate
        first = self.units(start, sound=sound)
        last = self.units(start + length, sound=sound)
        return {
            "OTIO_SCHEMA": "TimeRange.1",
            "duration": _time(last - first, rate),
            "start_time": _time(first, rate),
        }

    def played(self, item: Item, source: int, *, sound: bool) -> Object:
        """Return what a clip plays.

        It is as long as in the record, however its source is rounded, or everything after it would move. A
        time warp does not change it either.
        """
        found = self.range(item.start, item.length, sound=sound)
        found["start_time"]["value"] = float(self.units(source, sound=sound))
        return found

    def track(self, track: Track) -> Object:
        """Return a track with its gaps."""
        sound = track.kind is Kind.AUDIO
        kind = _AUDIO_TYPES.get(track.channels, f"Adaptive {track.channels}")
        metadata: Object = {
            "Resolve_OTIO": {"Locked": track.locked},
            "rythmo": {
                "role": track.role.value,
                "channels": track.channels,
                "speaker": track.speaker or "",
                "colour": track.colour.value if track.colour else "",
            },
        }
        if sound:
            metadata["Resolve_OTIO"] = {"Audio Type": kind, "Locked": track.locked, "SoloOn": False}
            if self.flavour.premiere:
                channels = {"ChannelType": kind, "NumberOfChannels": track.channels}
                metadata["PremierePro_OTIO"] = {"AudioChannels": channels}
        return _composable("Track.1", track.name, metadata) | {
            "enabled": track.enabled,
            "children": list(self.children(track, sound=sound)),
            "kind": "Audio" if sound else "Video",
        }

    def children(self, track: Track, *, sound: bool) -> Iterable[Object]:
        """Yield items in order, with gaps between them."""
        position = 0
        over = transitions_at(track)
        for item in track.items:
            if position in over and position < item.start:
                yield self.transition(over[position], position, sound=sound)
            if item.start > position:
                first = self.units(position, sound=sound)
                gap = self.range(position, item.start - position, sound=sound)
                gap["start_time"]["value"] -= first
                yield _composable("Gap.1", "") | {"source_range": gap}
            if item.start in over:
                yield self.transition(over[item.start], item.start, sound=sound)
            yield self.clip(item, track, sound=sound)
            position = item.end
        if position in over:
            yield self.transition(over[position], position, sound=sound)

    def transition(self, shape: Transition, cut: int, *, sound: bool) -> Object:
        """Return a transition over a cut: how far it extends to both sides."""
        before = self.range(shape.start, cut - shape.start, sound=sound)["duration"]
        after = self.range(cut, shape.start + shape.length - cut, sound=sound)["duration"]
        return {
            "OTIO_SCHEMA": "Transition.1",
            "metadata": {},
            "name": shape.name,
            "in_offset": before,
            "out_offset": after,
            "transition_type": "SMPTE_Dissolve",
        }

    def clip(self, item: Item, track: Track, *, sound: bool) -> Object:
        """Return a clip with its media, gain and markers."""
        media = self.delivery.media_of(item)
        start = item.source + (media.start if media else 0)
        resolve: Object = {}
        if item.link is not None:
            resolve["Link Group ID"] = self.groups[item.link]
        if sound:
            channels = item.channels or range(track.channels)
            resolve["Channels"] = [{"Source Channel ID": c, "Source Track ID": 0} for c in channels]
        metadata = {"Resolve_OTIO": resolve, "rythmo": _item_facts(item)}
        if item.nested is not None:
            return self.stack(item, item.nested, metadata, sound=sound)
        return _composable("Clip.2", item.name, metadata) | {
            "source_range": self.played(item, start, sound=sound),
            "effects": _effects(item),
            "markers": [self.marker(marker, sound=sound) for marker in item.markers],
            "enabled": item.enabled,
            "media_references": {_MEDIA_KEY: self.reference(item, media, sound=sound)},
            "active_media_reference_key": _MEDIA_KEY,
        }

    def stack(self, item: Item, nested: Timeline, metadata: Object, *, sound: bool) -> Object:
        """Return a nested timeline. A stack has no rate and no timecode, so our metadata holds them."""
        inner = _Writer(nested, Path(self.folder), self.flavour)
        metadata = {**metadata, "rythmo": {**metadata["rythmo"], "timeline": inner.facts()}}
        return _composable("Stack.1", item.name, metadata) | {
            "source_range": self.played(item, item.source, sound=sound),
            "effects": _effects(item),
            "markers": [self.marker(marker, sound=sound) for marker in item.markers],
            "enabled": item.enabled,
            "children": [inner.track(track) for track in nested.tracks],
        }

    def reference(self, item: Item, media: Media | None, *, sound: bool) -> Object:
        """Return the media, with its available range in its own timecode."""
        if media is None:
            return _without_media(item)
        metadata = {
            "rythmo": {
                "relative_path": _relative(media.path, self.folder) if media.path else "",
                "channels": media.channels,
                "sample_rate": media.sample_rate or 0,
                "frame_rate": str(media.frame_rate) if media.frame_rate else "",
                "drop": media.drop,
                "reel": media.reel,
                "id": media.id,
            }
        }
        span = {"available_range": self.range(media.start, media.length, sound=sound)}
        if media.path is None:
            return _reference("MissingReference.1", media.name, metadata) | span
        return _reference("ExternalReference.1", media.name, metadata) | {
            **span,
            "target_url": file_url(media.path) if self.flavour.premiere else str(media.path),
        }

    def marker(self, marker: Marker, *, sound: bool) -> Object:
        """Return a marker in its parent's time."""
        facts = {
            "severity": marker.severity.value if marker.severity else "",
            "line_id": marker.line or "",
            "start": marker.start,
            "length": marker.length,
        }
        return {
            "OTIO_SCHEMA": "Marker.2",
            "metadata": {"rythmo": facts},
            "name": marker.name,
            "color": marker.colour.value,
            "marked_range": self.range(marker.start, marker.length, sound=sound),
            "comment": marker.note,
        }


def _time(value: int, rate: float) -> Object:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}


def _composable(schema: str, name: str, metadata: Object | None = None) -> Object:
    """Return what stacks, tracks, gaps and clips have in common."""
    return {
        "OTIO_SCHEMA": schema,
        "metadata": metadata or {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _reference(schema: str, name: str, metadata: Object | None = None) -> Object:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": metadata or {},
        "name": name,
        "available_range": None,
        "available_image_bounds": None,
    }


def _without_media(item: Item) -> Object:
    """Return the media reference of a clip without a file: a generator's kind, or a missing reference."""
    if item.kind == "clip":
        return _reference("MissingReference.1", "")
    generator: Object = {"generator_kind": item.kind, "parameters": {}}
    return _reference("GeneratorReference.1", "") | generator


def _item_facts(item: Item) -> Object:
    facts: Object = {"link": item.link or "", "gain_db": item.gain_db}
    if item.line is not None:
        facts["line_id"] = item.line
    if item.colour is not None:
        facts["colour"] = item.colour.value
    if item.fade_in or item.fade_out:
        facts |= {"fade_in": item.fade_in, "fade_out": item.fade_out}
    if item.levels:
        facts["levels"] = [{"at": level.at, "gain_db": level.gain_db} for level in item.levels]
    return facts | {k: v for k, v in item.metadata.items() if isinstance(v, str | int | float | bool)}


def _effects(item: Item) -> list[Object]:
    effects = []
    if item.speed != 1:
        schema = "FreezeFrame.1" if item.speed == 0 else "LinearTimeWarp.1"
        effects.append(_effect(schema, "FreezeFrame" if item.speed == 0 else "LinearTimeWarp", {}))
        effects[-1]["time_scalar"] = float(item.speed)
    if item.gain_db:
        # Resolve's own name; its volume is in dB.
        name = "Fairlight Clip Volume and Fades"
        facts = {"Effect Name": name, "Enabled": True, "volume": item.gain_db}
        effects.append(_effect("Effect.1", name, {"Resolve_OTIO": facts}))
    return effects


def _effect(schema: str, name: str, metadata: Object) -> Object:
    return {"OTIO_SCHEMA": schema, "metadata": metadata, "name": "", "effect_name": name, "enabled": True}


def _relative(path: Path, folder: str) -> str:
    """Return a path with forward slashes; empty if the two are on different drives."""
    try:
        return os.path.relpath(path, folder).replace("\\", "/")
    except ValueError:
        return ""


_KEEPS = ALL - {Feature.SAMPLES}
FORMAT = Format(
    "otio",
    ".otio",
    "OpenTimelineIO, exact to the sample",
    write=write,
    read=lazy_reader("rythmo_bridge.formats.otio.reader"),
    read_named=lazy_named_reader("rythmo_bridge.formats.otio.reader"),
    suffixes=(".otioz",),
    exact=True,
    keeps=ALL,
)
RESOLVE_FORMAT = replace(
    FORMAT,
    name="otio-resolve",
    suffix=".resolve.otio",
    summary="OpenTimelineIO for DaVinci Resolve",
    write=write_resolve,
    suffixes=(),
    exact=False,
    keeps=_KEEPS,
)
PREMIERE_FORMAT = replace(
    RESOLVE_FORMAT,
    name="otio-premiere",
    suffix=".premiere.otio",
    summary="OpenTimelineIO for Premiere",
    write=write_premiere,
)
