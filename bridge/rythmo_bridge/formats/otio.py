"""OpenTimelineIO (`.otio`): the lossless form.

Sound is written at the audio rate (RationalTime rate 48000), so every start is exact to the sample; picture
is written in frames. Source ranges count in the media's own timecode, as Resolve does. `target_url` is the
bare absolute path, because Resolve does not take every file: URL; the path relative to the .otio lies in
the metadata, so that a project folder that was moved can still be found.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rythmo.files import write_atomically
from rythmo.timebase import nearest_frame
from rythmo_bridge.formats.registry import Format
from rythmo_bridge.timeline import Delivery, Item, Kind, Marker, Media, Track

_RESOLVE = {"Resolve OTIO Meta Version": "1.0"}
_AUDIO_TYPES = {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}


def write(delivery: Delivery, target: Path) -> tuple[Path, ...]:
    """Write the timeline; the same delivery gives the same bytes."""
    return _save(build(delivery, target.parent, LOSSLESS), target)


def write_resolve(delivery: Delivery, target: Path) -> tuple[Path, ...]:
    """Write what DaVinci Resolve imports: whole frames, bare paths."""
    return _save(build(delivery, target.parent, RESOLVE), target)


def write_premiere(delivery: Delivery, target: Path) -> tuple[Path, ...]:
    """Write what Premiere imports: whole frames, file: URLs."""
    return _save(build(delivery, target.parent, PREMIERE), target)


def _save(timeline: Any, target: Path) -> tuple[Path, ...]:
    write_atomically(target, (timeline.to_json_string(indent=2) + "\n").encode())
    return (target,)


@dataclass(frozen=True, slots=True)
class Flavour:
    """What differs between hosts."""

    samples: bool = False
    """Sound counts in samples instead of frames."""
    urls: bool = False
    """Media are named by file: URL instead of by bare path."""
    premiere: bool = False
    """Premiere's own metadata."""


LOSSLESS = Flavour(samples=True)
RESOLVE = Flavour()
PREMIERE = Flavour(urls=True, premiere=True)


def build(delivery: Delivery, folder: Path, flavour: Flavour = LOSSLESS) -> Any:
    """The timeline as an OpenTimelineIO object; relative paths count from `folder`."""
    from opentimelineio import opentime, schema

    timeline = schema.Timeline(delivery.name)
    timeline.global_start_time = opentime.RationalTime(delivery.start_frame, float(delivery.frame_rate))
    timeline.metadata["Resolve_OTIO"] = dict(_RESOLVE)
    timeline.metadata["rythmo"] = _timeline_facts(delivery)
    if flavour.premiere:
        timeline.metadata["PremierePro_OTIO"] = _premiere_facts(delivery)
    writer = _Writer(delivery, folder, flavour)
    timeline.tracks.extend(writer.track(track) for track in delivery.tracks)
    timeline.tracks.markers.extend(writer.marker(marker, sound=False) for marker in delivery.markers)
    return timeline


def _timeline_facts(delivery: Delivery) -> dict[str, Any]:
    return {
        "frame_rate": str(delivery.frame_rate),
        "drop": delivery.drop,
        "sample_rate": delivery.sample_rate,
        "length": delivery.length,
        "language": delivery.language,
    }


def _premiere_facts(delivery: Delivery) -> dict[str, Any]:
    width, height = delivery.size or (1920, 1080)
    return {
        "AudioFrameRate": float(delivery.sample_rate),
        "VideoFrameRate": float(delivery.frame_rate),
        "VideoResolution": {"width": width, "height": height},
        "PixelAspectRatio": 1.0,
    }


class _Writer:
    """Makes OpenTimelineIO objects of one delivery."""

    def __init__(self, delivery: Delivery, folder: Path, flavour: Flavour) -> None:
        self.delivery = delivery
        self.folder = folder
        self.flavour = flavour
        links = sorted({item.link for _, item in delivery.items() if item.link is not None})
        self.groups = {link: number for number, link in enumerate(links, start=1)}

    def time(self, samples: int, *, sound: bool) -> Any:
        """Samples for sound, frames for picture."""
        from opentimelineio import opentime

        if sound and self.flavour.samples:
            return opentime.RationalTime(samples, self.delivery.sample_rate)
        rate = self.delivery.frame_rate
        return opentime.RationalTime(nearest_frame(samples, rate, self.delivery.sample_rate), float(rate))

    def range(self, start: int, length: int, *, sound: bool) -> Any:
        """[start, start + length): the two ends are rounded, not the length."""
        from opentimelineio import opentime

        first = self.time(start, sound=sound)
        return opentime.TimeRange(first, self.time(start + length, sound=sound) - first)

    def track(self, track: Track) -> Any:
        """A track with its gaps."""
        from opentimelineio import schema

        sound = track.kind is Kind.AUDIO
        made = schema.Track(track.name, kind="Audio" if sound else "Video")
        made.enabled = track.enabled
        made.metadata["rythmo"] = {
            "role": track.role.value,
            "channels": track.channels,
            "speaker": track.speaker or "",
            "colour": track.colour.value if track.colour else "",
        }
        made.metadata["Resolve_OTIO"] = {"Locked": track.locked}
        if sound:
            kind = _AUDIO_TYPES.get(track.channels, f"Adaptive {track.channels}")
            made.metadata["Resolve_OTIO"] = {"Audio Type": kind, "Locked": track.locked, "SoloOn": False}
            if self.flavour.premiere:
                made.metadata["PremierePro_OTIO"] = {
                    "AudioChannels": {"ChannelType": kind, "NumberOfChannels": track.channels}
                }
        made.extend(self.children(track, sound=sound))
        return made

    def children(self, track: Track, *, sound: bool) -> Iterable[Any]:
        """Items in order, with gaps that fill what lies between."""
        from opentimelineio import schema

        position = 0
        for item in track.items:
            if item.start > position:
                gap = self.range(position, item.start - position, sound=sound)
                yield schema.Gap(duration=gap.duration)
            yield self.clip(item, track, sound=sound)
            position = item.end

    def clip(self, item: Item, track: Track, *, sound: bool) -> Any:
        """A clip with its media, gain and markers."""
        from opentimelineio import schema

        media = self.delivery.media_of(item)
        start = item.source + (media.start if media else 0)
        span = round(item.length * abs(item.speed))
        clip = schema.Clip(
            item.name, self.reference(media, sound=sound), self.range(start, span, sound=sound)
        )
        clip.enabled = item.enabled
        clip.metadata["rythmo"] = _item_facts(item)
        resolve: dict[str, Any] = {}
        if item.link is not None:
            resolve["Link Group ID"] = self.groups[item.link]
        if sound:
            channels = item.channels or tuple(range(track.channels))
            resolve["Channels"] = [{"Source Channel ID": c, "Source Track ID": 0} for c in channels]
        clip.metadata["Resolve_OTIO"] = resolve
        clip.effects.extend(_effects(item))
        clip.markers.extend(self.marker(marker, sound=sound) for marker in item.markers)
        return clip

    def reference(self, media: Media | None, *, sound: bool) -> Any:
        """The media, with the range there is, in its own timecode."""
        from opentimelineio import schema

        if media is None or media.path is None:
            return schema.MissingReference(name=media.name if media else "")
        available = self.range(media.start, media.length, sound=sound)
        reference = schema.ExternalReference(self.url(media.path), available)
        reference.name = media.name
        reference.metadata["rythmo"] = {
            "relative_path": _relative(media.path, self.folder),
            "channels": media.channels,
            "sample_rate": media.sample_rate or 0,
            "frame_rate": str(media.frame_rate) if media.frame_rate else "",
            "drop": media.drop,
            "id": media.id,
        }
        return reference

    def url(self, path: Path) -> str:
        """How this flavour names a file."""
        return path.as_uri() if self.flavour.urls else str(path)

    def marker(self, marker: Marker, *, sound: bool) -> Any:
        """A marker in its parent's time."""
        from opentimelineio import schema

        made = schema.Marker(
            marker.name,
            self.range(marker.start, marker.length, sound=sound),
            marker.colour.value,
            comment=marker.note,
        )
        made.metadata["rythmo"] = {
            "severity": marker.severity.value if marker.severity else "",
            "line_id": marker.line or "",
            "start": marker.start,
            "length": marker.length,
        }
        return made


def _item_facts(item: Item) -> dict[str, Any]:
    facts: dict[str, Any] = {"link": item.link or "", "gain_db": item.gain_db}
    if item.line is not None:
        facts["line_id"] = item.line
    facts.update(
        {key: value for key, value in item.metadata.items() if isinstance(value, str | int | float | bool)}
    )
    return facts


def _effects(item: Item) -> list[Any]:
    from opentimelineio import schema

    effects = []
    if item.speed != 1:
        effects.append(
            schema.FreezeFrame() if item.speed == 0 else schema.LinearTimeWarp(time_scalar=float(item.speed))
        )
    if item.gain_db:
        # Resolve's own name; its volume is in dB.
        gain = schema.Effect(effect_name="Fairlight Clip Volume and Fades")
        gain.metadata["Resolve_OTIO"] = {
            "Effect Name": gain.effect_name,
            "Enabled": True,
            "volume": item.gain_db,
        }
        effects.append(gain)
    return effects


def _relative(path: Path, folder: Path) -> str:
    """With forward slashes; empty when the two lie on different drives."""
    try:
        return Path(os.path.relpath(path, folder.absolute())).as_posix()
    except ValueError:
        return ""


FORMAT = Format("otio", ".otio", "OpenTimelineIO, exact to the sample", write=write, exact=True)
RESOLVE_FORMAT = Format(
    "otio-resolve", ".resolve.otio", "OpenTimelineIO for DaVinci Resolve", write=write_resolve
)
PREMIERE_FORMAT = Format(
    "otio-premiere", ".premiere.otio", "OpenTimelineIO for Premiere", write=write_premiere
)
