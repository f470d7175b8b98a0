"""Writes MLT XML (`.mlt`) for Kdenlive, Shotcut and `melt`; `melt` is also our independent renderer.

There is a playlist for each track and a `mix` transition for each but the first: `sum=1` and
`always_active=1` add the tracks up without changing levels. MLT counts in frames; the head of each take's
file makes up for starts between two frames (`rythmo_bridge.frame_grid`). Rendered by melt 7.12, every clip is
sample-exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from rythmo.files import write_atomically
from rythmo.timebase import format_timecode
from rythmo_bridge.colours import hex_colour
from rythmo_bridge.formats.features import Feature
from rythmo_bridge.formats.registry import Format
from rythmo_bridge.timeline import Item, Kind, Marker, Media, Timeline, Track
from rythmo_bridge.xml_text import document, element, leaf

# MLT lays mono over both sides of a stereo project 3 dB lower (measured with melt 7.12).
_CENTRE_DB = 20 * math.log10(math.sqrt(2))


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the project. Items must lie on frames."""
    write_atomically(target, render(delivery))
    return (target,)


def render(delivery: Timeline) -> bytes:
    """Return the file's bytes."""
    # MLT expects the lowest video track first, and sound before it.
    tracks = (*delivery.tracks_of(Kind.AUDIO), *delivery.tracks_of(Kind.VIDEO))
    playlists = [_Playlist(delivery, track, number) for number, track in enumerate(tracks, start=1)]
    length = max(1, delivery.frame(delivery.length), *(playlist.length for playlist in playlists))
    return document(
        element(
            "mlt",
            _profile(delivery),
            *(producer for playlist in playlists for producer in playlist.producers()),
            _background(length),
            *(playlist.element() for playlist in playlists),
            _tractor(delivery, playlists, length),
            attributes={"LC_NUMERIC": "C", "version": "7.12.0", "title": delivery.name, "producer": "main"},
        )
    )


def _property(name: str, value: object) -> str:
    return leaf("property", value, {"name": name})


def _profile(delivery: Timeline) -> str:
    rate = delivery.frame_rate
    width, height = delivery.size or (1920, 1080)
    return element(
        "profile",
        attributes={
            "description": delivery.name,
            "width": width,
            "height": height,
            "progressive": 1,
            "sample_aspect_num": 1,
            "sample_aspect_den": 1,
            "display_aspect_num": width,
            "display_aspect_den": height,
            "frame_rate_num": rate.numerator,
            "frame_rate_den": rate.denominator,
            "colorspace": 709,
        },
    )


def _background(length: int) -> str:
    """Return black under everything, so that the film is as long as the timeline."""
    return element(
        "producer",
        _property("length", length),
        _property("mlt_service", "color"),
        _property("resource", "black"),
        attributes={"id": "background", "in": 0, "out": length - 1},
    )


class _Playlist:
    """One track as a playlist."""

    def __init__(self, delivery: Timeline, track: Track, number: int) -> None:
        self.delivery = delivery
        self.track = track
        self.number = number
        self.length = delivery.frame(track.items[-1].end) if track.items else 0

    @property
    def items(self) -> Iterable[Item]:
        """Yield what can be played. MLT has no disabled clips, so in an enabled track they are left out."""
        keep_all = not self.track.enabled
        return (item for item in self.track.items if item.media is not None and (item.enabled or keep_all))

    def producers(self) -> Iterable[str]:
        """Yield a producer for each clip."""
        delivery = self.delivery
        for place, item in enumerate(self.items, start=1):
            media = delivery.media_of(item)
            if media is None:
                continue
            length = max(1, delivery.frame(media.length))
            yield element(
                "producer",
                _property("length", length),
                _property("resource", media.path or media.name),
                _property("mlt_service", "avformat"),
                _property("seekable", 1),
                _property("video_index", -1) if self.track.kind is Kind.AUDIO else "",
                _property("audio_index", -1) if self.track.kind is Kind.VIDEO else "",
                _property("shotcut:caption", item.name),
                _property("kdenlive:clipname", item.name),
                _property("rythmo:line", item.line) if item.line else "",
                attributes={"id": f"clip{self.number}_{place}", "in": 0, "out": length - 1},
            )

    def element(self) -> str:
        """Return the playlist, with blanks between clips."""
        delivery = self.delivery
        entries = []
        position = 0
        for place, item in enumerate(self.items, start=1):
            start, end = delivery.frame(item.start), delivery.frame(item.end)
            source = delivery.frame(item.source)
            if start > position:
                entries.append(element("blank", attributes={"length": start - position}))
            attributes = {
                "producer": f"clip{self.number}_{place}",
                "in": source,
                "out": source + end - start - 1,
            }
            entries.append(element("entry", *_filters(item, delivery.media_of(item)), attributes=attributes))
            position = end
        colour = _property("kdenlive:color", hex_colour(self.track.colour)) if self.track.colour else ""
        return element(
            "playlist",
            _property("shotcut:name", self.track.name),
            _property("kdenlive:track_name", self.track.name),
            _property("shotcut:audio" if self.sounds else "shotcut:video", 1),
            _property("kdenlive:audio_track", 1) if self.sounds else "",
            colour,
            *entries,
            attributes={"id": f"playlist{self.number}"},
        )

    @property
    def sounds(self) -> bool:
        """Whether it is a sound track."""
        return self.track.kind is Kind.AUDIO

    @property
    def hidden(self) -> str:
        """Return what of the track is hidden or muted."""
        if not self.track.enabled:
            return "both"
        return "video" if self.sounds else "audio"


def _filters(item: Item, media: Media | None) -> Iterable[str]:
    """Yield the gain, and the choice of channel of a stereo file."""
    channels = media.channels if media else 0
    if channels == 2 and len(item.channels) == 1:
        (chosen,) = item.channels
        facts = {"mlt_service": "channelcopy", "from": chosen, "to": 1 - chosen}
        yield element("filter", *(_property(name, value) for name, value in facts.items()))
    gain = item.gain_db + (_CENTRE_DB if channels == 1 else 0)
    if gain:
        yield element("filter", _property("mlt_service", "volume"), _property("level", f"{gain:.9g}"))


def _tractor(delivery: Timeline, playlists: Iterable[_Playlist], length: int) -> str:
    tracks = [element("track", attributes={"producer": "background", "hide": "audio"})]
    transitions = []
    for number, playlist in enumerate(playlists, start=1):
        tracks.append(element("track", attributes={"producer": f"playlist{number}", "hide": playlist.hidden}))
        transitions.append(_transition("mix" if playlist.sounds else "qtblend", number))
    return element(
        "tractor",
        _property("shotcut", 1),
        _property("shotcut:projectAudioChannels", 2),
        _property("timecode", format_timecode(delivery.start_frame, delivery.frame_rate, drop=delivery.drop)),
        _markers(delivery),
        *tracks,
        *transitions,
        attributes={"id": "main", "title": delivery.name, "in": 0, "out": length - 1},
    )


def _transition(service: str, number: int) -> str:
    """Return the transition that adds up sound, or overlays picture."""
    mixing = (_property("always_active", 1), _property("sum", 1)) if service == "mix" else ()
    return element(
        "transition",
        _property("a_track", 0),
        _property("b_track", number),
        _property("mlt_service", service),
        *mixing,
        attributes={"id": f"transition{number}"},
    )


def _markers(delivery: Timeline) -> str:
    """Return markers in Shotcut's form."""
    if not delivery.markers:
        return ""
    return element(
        "properties",
        *(_marker(delivery, marker, number) for number, marker in enumerate(delivery.markers)),
        attributes={"name": "shotcut:markers"},
    )


def _marker(delivery: Timeline, marker: Marker, number: int) -> str:
    start = delivery.frame(marker.start)
    times = (start, start + max(1, delivery.frame(marker.length)) - 1)
    clock = [_clock(delivery, frame) for frame in times]
    return element(
        "properties",
        _property("text", f"{marker.name}: {marker.note}" if marker.note else marker.name),
        _property("start", clock[0]),
        _property("end", clock[1]),
        _property("color", hex_colour(marker.colour)),
        attributes={"name": number},
    )


def _clock(delivery: Timeline, frame: int) -> str:
    """Return MLT's clock time, `00:00:01.500`, from the start of the film."""
    thousandths = round(frame * 1000 / delivery.frame_rate)
    seconds, rest = divmod(thousandths, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


FORMAT = Format(
    "mlt",
    ".mlt",
    "MLT XML, for Kdenlive, Shotcut and melt",
    write=write,
    keeps=frozenset(
        {
            Feature.START,
            Feature.RATE,
            Feature.DROP,
            Feature.TRACK_NAMES,
            Feature.TRACK_COLOURS,
            Feature.TRACK_STATE,
            Feature.CLIP_NAMES,
            Feature.LINES,
            Feature.GAIN,
            Feature.MARKERS,
            Feature.PATHS,
        }
    ),
    partly={Feature.CLIP_STATE: "out"},
)
