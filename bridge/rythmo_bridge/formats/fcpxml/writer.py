"""Writes Final Cut Pro X XML, version 1.10 (`.fcpxml`), for Final Cut Pro and Resolve.

Both read 1.10, and a dub needs nothing of later versions (to 1.13).

The lowest picture track is the primary storyline. Everything else is connected to it in lanes, further
picture above and sound below; each track has a lane and a role. Times are fractions of a second that are
whole frames; the head of each take's file makes up for starts between two frames
(`rythmo_bridge.frame_grid`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from pathlib import Path

from rythmo.files import write_atomically
from rythmo_bridge.formats.fcpxml.elements import (
    conform_of,
    facts_of,
    file_contents,
    metadata,
    role_of,
    speed_of,
)
from rythmo_bridge.formats.features import ALL, Feature
from rythmo_bridge.formats.media_urls import file_url
from rythmo_bridge.formats.registry import Format, lazy_named_reader, lazy_reader
from rythmo_bridge.formats.transitions import transitions_at
from rythmo_bridge.timeline import AUDIO_ROLE, Item, Kind, Marker, Media, Timeline, Track, Transition
from rythmo_bridge.xml_text import document, element

_VERSION = "1.10"


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the project for Final Cut Pro. Items must lie on frames."""
    write_atomically(target, render(delivery))
    return (target,)


def write_resolve(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the project for Resolve, which expects gain as a bare number."""
    write_atomically(target, render(delivery, unit=""))
    return (target,)


def render(delivery: Timeline, unit: str = "dB") -> bytes:
    """Return the file's bytes; `unit` follows a gain."""
    return document(_Writer(delivery, unit).root(), doctype="fcpxml")


@dataclass(slots=True)
class _Host:
    """An element of the storyline, [start, end) in frames of the record, and what is connected to it.

    `offset` is added to a record frame to count it in the element's own time.
    """

    start: int
    end: int
    offset: int
    item: Item | None
    hung: list[str] = field(default_factory=list)
    markers: list[str] = field(default_factory=list)


class _Writer:
    def __init__(self, delivery: Timeline, unit: str, outer: _Writer | None = None) -> None:
        self.delivery = delivery
        self.unit = unit
        self.ids: Iterator[int] = outer.ids if outer else count(1)
        self.assets: dict[str, str] = outer.assets if outer else {}
        self.resources: list[str] = outer.resources if outer else []
        self.formats: dict[tuple[Fraction, tuple[int, int]], str] = outer.formats if outer else {}
        self.nested: dict[int, str] = outer.nested if outer else {}
        self.senses: dict[str, tuple[bool, int]] = outer.senses if outer else file_contents(delivery)
        self.own_format = self.format(delivery.frame_rate, delivery.size)
        for name, media in delivery.used_media().items():
            if name not in self.assets:
                self.assets[name] = f"r{next(self.ids)}"
                self.resources.append(self.asset(media))

    def time(self, frames: int) -> str:
        """Return frames as seconds: `86486400/24000s`."""
        count = frames * self.delivery.frame_rate.denominator
        base = self.delivery.frame_rate.numerator
        return f"{count // base}s" if count % base == 0 else f"{count}/{base}s"

    def root(self) -> str:
        """Return the document."""
        delivery = self.delivery
        project = element("project", self.sequence(), attributes={"name": delivery.name})
        return element(
            "fcpxml",
            element("resources", *self.resources),
            element("library", element("event", project, attributes={"name": delivery.name})),
            attributes={"version": _VERSION},
        )

    def format(self, rate: Fraction, size: tuple[int, int] | None) -> str:
        """Return the id of a format, of the sequence or of a file; without a name it is a custom one."""
        key = rate, size or self.delivery.size or (1920, 1080)
        if key not in self.formats:
            self.formats[key] = f"r{next(self.ids)}"
            facts = {
                "id": self.formats[key],
                "frameDuration": f"{rate.denominator}/{rate.numerator}s",
                "width": key[1][0],
                "height": key[1][1],
                "colorSpace": "1-1-1 (Rec. 709)",
            }
            self.resources.append(element("format", attributes=facts))
        return self.formats[key]

    def asset(self, media: Media) -> str:
        """Return the id of a file's asset."""
        delivery = self.delivery
        # An asset needs an address; our metadata marks this one as a placeholder.
        src = file_url(media.path) if media.path else file_url(f"/offline/{media.name or media.id}")
        attributes: dict[str, object] = {
            "id": self.assets[media.id],
            "name": media.name,
            "start": self.time(delivery.frame(media.start)),
            "duration": self.time(max(1, delivery.frame(media.length))),
        }
        seen, channels = self.senses[media.id]
        if seen:
            form = self.format(media.frame_rate or delivery.frame_rate, media.size)
            attributes |= {"hasVideo": 1, "format": form, "videoSources": 1}
        if channels:
            attributes |= {
                "hasAudio": 1,
                "audioSources": 1,
                "audioChannels": channels,
                "audioRate": media.sample_rate or delivery.sample_rate,
            }
        location = element("media-rep", attributes={"kind": "original-media", "src": src})
        facts = [metadata("com.apple.proapps.studio.reel", media.reel)] if media.reel else []
        if not media.path:
            facts.append(metadata("org.rythmo.offline", "1"))
        return element("asset", location, element("metadata", *facts) if facts else "", attributes=attributes)

    def sequence(self) -> str:
        """Return the sequence element."""
        delivery = self.delivery
        hosts = self.storyline()
        for lane, track in self.lanes():
            self.hang(track, lane, hosts)
        for marker in delivery.markers:
            host = _host_at(hosts, delivery.frame(marker.start))
            host.markers.append(self.marker(marker, host.offset))
        return element(
            "sequence",
            element("spine", *self.spine(hosts)),
            attributes={
                "format": self.own_format,
                "duration": self.time(hosts[-1].end),
                "tcStart": self.time(delivery.start_frame),
                "tcFormat": self.counting,
                "audioLayout": "stereo",
                "audioRate": f"{delivery.sample_rate / 1000:g}k",
            },
        )

    @property
    def counting(self) -> str:
        """Return how timecode is counted."""
        return "DF" if self.delivery.drop else "NDF"

    def storyline(self) -> list[_Host]:
        """Return the lowest picture track with gaps filled, as long as everything connected to it."""
        delivery = self.delivery
        pictures = delivery.tracks_of(Kind.VIDEO)
        ends = [delivery.frame(item.end) for _, item in delivery.items()]
        length = max([1, delivery.frame(delivery.length), *ends])
        hosts: list[_Host] = []
        position = 0
        for item in pictures[0].items if pictures else ():
            start, end = delivery.frame(item.start), delivery.frame(item.end)
            if start > position:
                hosts.append(self.gap(position, start))
            hosts.append(_Host(start, end, self.source(item) - start, item))
            position = end
        if position < length:
            hosts.append(self.gap(position, length))
        return hosts

    def gap(self, start: int, end: int) -> _Host:
        """Return a gap, which counts in record timecode."""
        return _Host(start, end, self.delivery.start_frame, None)

    def source(self, item: Item) -> int:
        """Return the frame of the media's own timecode that the item begins with."""
        media = self.delivery.media_of(item)
        return self.delivery.frame(item.source) + (self.delivery.frame(media.start) if media else 0)

    def lanes(self) -> Iterable[tuple[int, Track]]:
        """Yield tracks with their lanes: picture counts up from 1, sound down from -1."""
        yield from enumerate(self.delivery.tracks_of(Kind.VIDEO)[1:], start=1)
        for number, track in enumerate(self.delivery.tracks_of(Kind.AUDIO), start=1):
            yield -number, track

    def hang(self, track: Track, lane: int, hosts: Sequence[_Host]) -> None:
        """Connect a track's items to the storyline. Items and hosts must come in order of start."""
        index = 0
        for item in track.items:
            if self.delivery.media_of(item) is None and item.nested is None:
                continue  # only the storyline may hold a gap
            start = self.delivery.frame(item.start)
            while index + 1 < len(hosts) and hosts[index].end <= start:
                index += 1
            host = hosts[index]
            host.hung.append(self.clip(item, track, {"lane": lane, "offset": self.time(start + host.offset)}))

    def spine(self, hosts: Sequence[_Host]) -> Iterable[str]:
        """Yield the storyline, with the transitions of the lowest picture track between its elements."""
        pictures = self.delivery.tracks_of(Kind.VIDEO)
        found = transitions_at(pictures[0]) if pictures else {}
        over = {self.delivery.frame(at): each for at, each in found.items()}
        for host in hosts:
            if host.start in over:
                yield self.transition(over.pop(host.start))
            yield self.host(host)
        yield from (self.transition(each) for each in over.values())

    def transition(self, shape: Transition) -> str:
        """Return a transition of the storyline."""
        start, end = (self.delivery.frame(place) for place in (shape.start, shape.start + shape.length))
        place = {
            "name": shape.name,
            "offset": self.time(self.delivery.start_frame + start),
            "duration": self.time(max(1, end - start)),
        }
        return element("transition", attributes=place)

    def compound(self, nested: Timeline) -> str:
        """Return the id of a nested timeline, which becomes a compound clip's resource."""
        known = self.nested.get(id(nested))
        if known is None:
            known = self.nested[id(nested)] = f"r{next(self.ids)}"
            inner = _Writer(replace(nested, start_frame=0), self.unit, self)
            self.resources.append(
                element("media", inner.sequence(), attributes={"id": known, "name": nested.name})
            )
        return known

    def host(self, host: _Host) -> str:
        """Return one element of the storyline."""
        place = {"offset": self.time(self.delivery.start_frame + host.start)}
        if host.item is not None:
            track = self.delivery.tracks_of(Kind.VIDEO)[0]
            return self.clip(host.item, track, place, (*host.hung, *host.markers))
        attributes = {
            **place,
            "name": "Gap",
            "start": self.time(host.start + host.offset),
            "duration": self.time(host.end - host.start),
        }
        return element("gap", *host.hung, *host.markers, attributes=attributes)

    def clip(self, item: Item, track: Track, place: Mapping[str, object], inside: Sequence[str] = ()) -> str:
        """Return an item, on the storyline or in a lane."""
        delivery, media = self.delivery, self.delivery.media_of(item)
        length = delivery.frame(item.end) - delivery.frame(item.start)
        if media is None and item.nested is None:
            facts = {"name": item.name, "start": self.time(self.source(item)), "duration": self.time(length)}
            return element("gap", *inside, attributes={**place, **facts})
        role = str(item.metadata.get(AUDIO_ROLE) or role_of(track)) if track.kind is Kind.AUDIO else ""
        attributes: dict[str, object] = {
            "ref": self.assets[media.id] if media else self.compound(item.nested) if item.nested else None,
            **place,
            "name": item.name,
            "start": self.time(self.source(item)),
            "duration": self.time(length),
        }
        if not (item.enabled and track.enabled):
            attributes["enabled"] = 0
        if media is None or all(self.senses[media.id]):
            attributes["srcEnable"] = "audio" if track.kind is Kind.AUDIO else "video"
        if media is not None:
            attributes |= {"tcFormat": self.counting, "audioRole": role or None}
        return element(
            "asset-clip" if media else "ref-clip",
            conform_of(media, delivery),
            speed_of(item, media, self.source(item), length, delivery),
            self.volume(item),
            *inside,
            *(self.marker(marker, self.source(item)) for marker in item.markers),
            # The sound of a compound clip has the roles of its contents; our metadata adds the track's role.
            facts_of(item, {} if media or not role else {"role": role}),
            attributes=attributes,
        )

    def volume(self, item: Item) -> str:
        """Return gain, its keyframes and its fades."""
        start = self.source(item)
        points = [
            element(
                "keyframe",
                attributes={
                    "time": self.time(start + self.delivery.frame(each.at)),
                    "value": f"{item.gain_db + each.gain_db:g}{self.unit}",
                },
            )
            for each in item.levels
        ]
        shape = [
            element(name, attributes={"type": "linear", "duration": self.time(self.delivery.frame(length))})
            for name, length in (("fadeIn", item.fade_in), ("fadeOut", item.fade_out))
            if length
        ]
        inside = [*shape, *([element("keyframeAnimation", *points)] if points else [])]
        if not item.gain_db and not inside:
            return ""
        gain = 0.0 if points else item.gain_db
        parameter = element("param", *inside, attributes={"name": "amount"}) if inside else ""
        return element("adjust-volume", parameter, attributes={"amount": f"{gain:g}{self.unit}"})

    def marker(self, marker: Marker, offset: int) -> str:
        """Return a marker in its parent's time, which begins `offset` before its zero."""
        start = self.delivery.frame(marker.start) + offset
        length = max(1, self.delivery.frame(marker.length))
        attributes = {
            "start": self.time(start),
            "duration": self.time(length),
            "value": marker.name,
            "note": marker.note or None,
        }
        return element("marker", attributes=attributes)


def _host_at(hosts: Sequence[_Host], frame: int) -> _Host:
    return next((host for host in hosts if host.start <= frame < host.end), hosts[-1])


_KEEPS = ALL - {
    Feature.SAMPLES,
    Feature.TRACK_COLOURS,
    Feature.TRACK_STATE,
    Feature.CLIP_COLOURS,
    Feature.LINKS,
    Feature.STEREO,
    Feature.TRANSITIONS,
}
_PARTLY = {Feature.TRACK_STATE: "clips", Feature.TRANSITIONS: "picture"}
FORMAT = Format(
    "fcpxml",
    ".fcpxml",
    "Final Cut Pro X XML 1.10",
    write=write,
    read=lazy_reader("rythmo_bridge.formats.fcpxml.reader"),
    read_named=lazy_named_reader("rythmo_bridge.formats.fcpxml.reader"),
    suffixes=(".fcpxmld",),
    keeps=_KEEPS,
    partly=_PARTLY,
)
RESOLVE_FORMAT = replace(
    FORMAT,
    name="fcpxml-resolve",
    suffix=".resolve.fcpxml",
    summary="Final Cut Pro X XML for DaVinci Resolve",
    write=write_resolve,
    suffixes=(),
)
