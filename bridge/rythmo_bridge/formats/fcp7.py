"""Final Cut Pro 7 XML, xmeml version 5 (`.xml`): what Premiere, Resolve, Avid and Audition import.

Counts in frames; the take's head carries what lies between two (`rythmo_bridge.frames`). Sound tracks of
two channels are written as pairs of tracks, the way Premiere itself does ("exploded tracks").
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from rythmo.files import write_atomically
from rythmo.timebase import can_drop, format_timecode, nominal
from rythmo_bridge.colours import RGB, Colour
from rythmo_bridge.formats.features import ALL, Feature
from rythmo_bridge.formats.markup import document, element, leaf
from rythmo_bridge.formats.places import file_url
from rythmo_bridge.formats.registry import Format
from rythmo_bridge.timeline import Delivery, Item, Kind, Marker, Media, Track

# Premiere's names for the label colours closest to ours.
_LABELS = {
    Colour.BLUE: "Cerulean",
    Colour.ORANGE: "Mango",
    Colour.GREEN: "Forest",
    Colour.MAGENTA: "Magenta",
    Colour.CYAN: "Caribbean",
    Colour.YELLOW: "Yellow",
    Colour.PURPLE: "Violet",
    Colour.PINK: "Rose",
    Colour.RED: "Rose",
}
_CHANNEL_NAMES = {1: "Mono", 2: "Stereo", 6: "5.1"}


def write(delivery: Delivery, target: Path) -> tuple[Path, ...]:
    """Write the sequence. Items must lie on frames."""
    write_atomically(target, render(delivery))
    return (target,)


def render(delivery: Delivery) -> bytes:
    """The file's bytes."""
    return document(
        element("xmeml", _Writer(delivery).sequence(), attributes={"version": 5}), doctype="xmeml"
    )


class _Writer:
    """Numbers files and clips of one delivery, and remembers which file is declared already.

    Resolve drops clips, with no error, when a file is declared in full twice.
    """

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.rate = _rate(delivery.frame_rate)
        self.files = {name: f"file-{number}" for number, name in enumerate(delivery.used_media(), start=1)}
        self.declared: set[str] = set()
        self.links = _links(delivery)

    def sequence(self) -> str:
        """The only sequence."""
        delivery = self.delivery
        width, height = delivery.size or (1920, 1080)
        picture = element(
            "format",
            element(
                "samplecharacteristics",
                self.rate,
                leaf("width", width),
                leaf("height", height),
                leaf("pixelaspectratio", "square"),
                leaf("fielddominance", "none"),
            ),
        )
        sound = element("format", _sound_characteristics(delivery.sample_rate))
        return element(
            "sequence",
            leaf("name", delivery.name),
            leaf("duration", delivery.frame(delivery.length)),
            self.rate,
            self.timecode(delivery.start_frame, drop=delivery.drop),
            leaf("in", -1),
            leaf("out", -1),
            element(
                "media",
                element("video", picture, *self.video_tracks()),
                element("audio", leaf("numOutputChannels", 2), sound, _OUTPUTS, *self.audio_tracks()),
            ),
            *(self.marker(marker) for marker in delivery.markers),
            attributes={"id": "sequence-1"},
        )

    def timecode(self, frame: int, *, drop: bool, reel: str = "") -> str:
        """The timecode of a sequence's or file's first frame."""
        return element(
            "timecode",
            self.rate,
            leaf("string", format_timecode(frame, self.delivery.frame_rate, drop=drop)),
            leaf("frame", frame),
            leaf("displayformat", "DF" if drop else "NDF"),
            element("reel", leaf("name", reel)) if reel else "",
        )

    def video_tracks(self) -> Iterable[str]:
        """V1, V2 ..."""
        for number, track in enumerate(self.delivery.tracks_of(Kind.VIDEO), start=1):
            clips = (
                self.clip(item, track, (number, place), 0) for place, item in enumerate(track.items, start=1)
            )
            yield element("track", *clips, *_state(track), attributes={"MZ.TrackName": track.name})

    def audio_tracks(self) -> Iterable[str]:
        """A1, A2 ...: one for each channel."""
        number = 0
        for track in self.delivery.tracks_of(Kind.AUDIO):
            for channel in range(track.channels):
                number += 1
                clips = (
                    self.clip(item, track, (number, place), channel)
                    for place, item in enumerate(track.items, start=1)
                )
                attributes = {
                    "MZ.TrackName": track.name,
                    "currentExplodedTrackIndex": channel,
                    "totalExplodedTrackCount": track.channels,
                    "premiereTrackType": _CHANNEL_NAMES.get(track.channels, "Multichannel"),
                }
                output = leaf("outputchannelindex", channel % 2 + 1)
                yield element("track", *clips, *_state(track), output, attributes=attributes)

    def clip(self, item: Item, track: Track, place: tuple[int, int], channel: int) -> str:
        """One clip on one track; `place` is the track's and the clip's number, from 1."""
        delivery, media = self.delivery, self.delivery.media_of(item)
        start, source = delivery.frame(item.start), delivery.frame(item.source)
        length = delivery.frame(item.end) - start
        sound = track.kind is Kind.AUDIO
        channels = item.channels or tuple(range(track.channels))
        attributes: dict[str, object] = {"id": _clip_id(track.kind, place)}
        if sound:
            attributes["premiereChannelType"] = _CHANNEL_NAMES.get(track.channels, "multichannel").lower()
        return element(
            "clipitem",
            leaf("name", item.name),
            leaf("enabled", _flag(item.enabled)),
            leaf("duration", delivery.frame(media.length) if media else length),
            self.rate,
            leaf("start", start),
            leaf("end", start + length),
            leaf("in", source),
            leaf("out", source + length),
            self.file(media) if media else "",
            _source_track(channels[channel % len(channels)]) if sound else "",
            _level(item.gain_db) if sound and item.gain_db else "",
            *self.links.get((track.kind, *place), ()),
            *(self.marker(marker) for marker in item.markers),
            _log(item),
            element("labels", leaf("label2", _LABELS.get(item.colour, "Iris"))) if item.colour else "",
            attributes=attributes,
        )

    def file(self, media: Media) -> str:
        """The file, in full at its first use and by its id alone after that."""
        name = self.files[media.id]
        if name in self.declared:
            return element("file", attributes={"id": name})
        self.declared.add(name)
        delivery = self.delivery
        # A file of another rate is counted in the timeline's, which may have no drop-frame.
        drop = (media.drop or delivery.drop) and can_drop(delivery.frame_rate)
        return element(
            "file",
            leaf("name", media.name),
            leaf("pathurl", file_url(media.path, "localhost")) if media.path else "",
            self.rate,
            leaf("duration", delivery.frame(media.length)),
            self.timecode(delivery.frame(media.start), drop=drop, reel=media.reel),
            element("media", self.picture_of(media), _sound_of(media)),
            attributes={"id": name},
        )

    def picture_of(self, media: Media) -> str:
        """What the file has to show."""
        if not media.has_picture:
            return ""
        width, height = media.size or self.delivery.size or (1920, 1080)
        return element(
            "video", element("samplecharacteristics", self.rate, leaf("width", width), leaf("height", height))
        )

    def marker(self, marker: Marker) -> str:
        """A marker; one without length has no out point."""
        start = self.delivery.frame(marker.start)
        end = self.delivery.frame(marker.start + marker.length) if marker.length else -1
        red, green, blue = RGB[marker.colour]
        return element(
            "marker",
            leaf("comment", marker.note),
            leaf("name", marker.name),
            leaf("in", start),
            leaf("out", end),
            element("color", leaf("alpha", 0), leaf("red", red), leaf("green", green), leaf("blue", blue)),
        )


def _rate(rate: Fraction) -> str:
    """23.976 is timebase 24 with ntsc TRUE."""
    return element("rate", leaf("timebase", nominal(rate)), leaf("ntsc", _flag(rate.denominator == 1001)))


def _flag(value: bool) -> str:  # noqa: FBT001 - the value itself is the flag
    return "TRUE" if value else "FALSE"


def _state(track: Track) -> tuple[str, str]:
    return leaf("enabled", _flag(track.enabled)), leaf("locked", _flag(track.locked))


def _clip_id(kind: Kind, place: tuple[int, int]) -> str:
    return f"clipitem-{'v' if kind is Kind.VIDEO else 'a'}{place[0]}-{place[1]}"


def _source_track(channel: int) -> str:
    return element("sourcetrack", leaf("mediatype", "audio"), leaf("trackindex", channel + 1))


def _sound_characteristics(sample_rate: int) -> str:
    return element("samplecharacteristics", leaf("depth", 24), leaf("samplerate", sample_rate))


def _sound_of(media: Media) -> str:
    if not media.channels:
        return ""
    return element(
        "audio",
        _sound_characteristics(media.sample_rate or 48_000),
        leaf("channelcount", media.channels),
    )


def _level(gain_db: float) -> str:
    """Clip gain is an effect whose level is a factor; hosts stop at 12 dB."""
    return element(
        "filter",
        element(
            "effect",
            leaf("name", "Audio Levels"),
            leaf("effectid", "audiolevels"),
            leaf("effectcategory", "audiolevels"),
            leaf("effecttype", "audiolevels"),
            leaf("mediatype", "audio"),
            element(
                "parameter",
                leaf("parameterid", "level"),
                leaf("name", "Level"),
                leaf("valuemin", 0),
                leaf("valuemax", "3.98109"),
                leaf("value", f"{10 ** (gain_db / 20):.6f}"),
            ),
        ),
    )


def _log(item: Item) -> str:
    """Line and words, where hosts show scene, take and note."""
    if item.line is None:
        return ""
    return element(
        "logginginfo",
        leaf("description", item.metadata.get("translation", "")),
        leaf("scene", item.line),
        leaf("shottake", item.metadata.get("take_id", "")),
        leaf("lognote", item.metadata.get("text", "")),
    )


def _links(delivery: Delivery) -> dict[tuple[Kind, int, int], tuple[str, ...]]:
    """For each clip's place, the link elements of everything that moves with it: its other channels, and
    the items of the same link."""
    groups: dict[object, list[tuple[Kind, int, int]]] = {}
    for kind in Kind:
        number = 0
        for track in delivery.tracks_of(kind):
            for _ in range(track.channels if kind is Kind.AUDIO else 1):
                number += 1
                for place, item in enumerate(track.items, start=1):
                    key = item.link if item.link is not None else (id(track), place)
                    groups.setdefault(key, []).append((kind, number, place))
    found: dict[tuple[Kind, int, int], tuple[str, ...]] = {}
    for members in groups.values():
        if len(members) > 1:
            links = tuple(_link(*member) for member in members)
            found.update(dict.fromkeys(members, links))
    return found


def _link(kind: Kind, number: int, place: int) -> str:
    return element(
        "link",
        leaf("linkclipref", _clip_id(kind, (number, place))),
        leaf("mediatype", kind.value),
        leaf("trackindex", number),
        leaf("clipindex", place),
        leaf("groupindex", 1) if kind is Kind.AUDIO else "",
    )


_OUTPUTS = element(
    "outputs",
    *(
        element(
            "group",
            leaf("index", index),
            leaf("numchannels", 1),
            leaf("downmix", 0),
            element("channel", leaf("index", index)),
        )
        for index in (1, 2)
    ),
)

FORMAT = Format(
    "fcp7",
    ".xml",
    "Final Cut Pro 7 XML, for Premiere, Resolve and Avid",
    write=write,
    keeps=ALL - {Feature.SAMPLES, Feature.TRACK_COLOURS, Feature.SPEED},
)
