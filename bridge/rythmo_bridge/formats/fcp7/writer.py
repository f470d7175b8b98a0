"""Writes Final Cut Pro 7 XML, xmeml version 5 (`.xml`), which Premiere, Resolve, Avid and Audition import.

It counts in frames; the head of each take's file makes up for starts between two frames
(`rythmo_bridge.frame_grid`). Sound tracks of two channels are written as pairs of tracks, as Premiere does
("exploded tracks").
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rythmo.files import write_atomically
from rythmo.timebase import can_drop, format_timecode
from rythmo_bridge.colours import RGB
from rythmo_bridge.formats.fcp7.elements import (
    OUTPUTS,
    clip_id,
    comments_of,
    effect_filter,
    factor_of,
    flag,
    generator_of,
    label_of,
    links_of,
    log_of,
    rate_of,
    sound_characteristics,
    sound_of,
    source_track,
    speed_of,
    state_of,
    stretch_of,
)
from rythmo_bridge.formats.features import ALL, Feature
from rythmo_bridge.formats.media_urls import file_url
from rythmo_bridge.formats.registry import Format, lazy_named_reader, lazy_reader
from rythmo_bridge.formats.transitions import transitions_at
from rythmo_bridge.timeline import Item, Kind, Marker, Media, Timeline, Track, Transition
from rythmo_bridge.xml_text import document, element, leaf

_FADE = "Cross Fade"
_CHANNEL_NAMES = {1: "Mono", 2: "Stereo", 6: "5.1"}


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the sequence. Items must lie on frames."""
    write_atomically(target, render(delivery))
    return (target,)


def render(delivery: Timeline) -> bytes:
    """Return the file's bytes."""
    return document(
        element("xmeml", _Writer(delivery).sequence(), attributes={"version": 5}), doctype="xmeml"
    )


class _Writer:
    """Numbers the files and clips of one timeline, and remembers which files are declared already.

    Resolve silently drops clips if a file is declared in full twice.
    """

    def __init__(self, delivery: Timeline, outer: _Writer | None = None) -> None:
        self.delivery = delivery
        self.rate = rate_of(delivery.frame_rate)
        self.files: dict[str, str] = outer.files if outer else {}
        for name in delivery.used_media():
            self.files.setdefault(name, f"file-{len(self.files) + 1}")
        self.declared: set[str] = outer.declared if outer else set()
        self.nested: dict[int, str] = outer.nested if outer else {id(delivery): "sequence-1"}
        self.mark = outer.nested[id(delivery)].removeprefix("sequence") if outer else ""
        self.links = links_of(delivery, self.mark)

    def sequence(self) -> str:
        """Return the sequence element."""
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
        sound = element("format", sound_characteristics(delivery.sample_rate))
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
                element("audio", leaf("numOutputChannels", 2), sound, OUTPUTS, *self.audio_tracks()),
            ),
            *(self.marker(marker) for marker in delivery.markers),
            attributes={"id": self.nested[id(delivery)]},
        )

    def inside(self, nested: Timeline) -> str:
        """Return a nested sequence: in full at its first use, then by its id."""
        known = self.nested.get(id(nested))
        if known is not None:
            return element("sequence", attributes={"id": known})
        self.nested[id(nested)] = f"sequence-{len(self.nested) + 1}"
        return _Writer(nested, self).sequence()

    def timecode(self, frame: int, *, drop: bool, reel: str = "") -> str:
        """Return the timecode of a sequence's or file's first frame."""
        return element(
            "timecode",
            self.rate,
            leaf("string", format_timecode(frame, self.delivery.frame_rate, drop=drop)),
            leaf("frame", frame),
            leaf("displayformat", "DF" if drop else "NDF"),
            element("reel", leaf("name", reel)) if reel else "",
        )

    def video_tracks(self) -> Iterable[str]:
        """Yield V1, V2 ..."""
        for number, track in enumerate(self.delivery.tracks_of(Kind.VIDEO), start=1):
            clips = self.row(track, number, 0)
            yield element("track", *clips, *state_of(track), attributes={"MZ.TrackName": track.name})

    def audio_tracks(self) -> Iterable[str]:
        """Yield A1, A2 ...: one for each channel."""
        number = 0
        for track in self.delivery.tracks_of(Kind.AUDIO):
            for channel in range(track.channels):
                number += 1
                clips = self.row(track, number, channel)
                attributes = {
                    "MZ.TrackName": track.name,
                    "currentExplodedTrackIndex": channel,
                    "totalExplodedTrackCount": track.channels,
                    "premiereTrackType": _CHANNEL_NAMES.get(track.channels, "Multichannel"),
                }
                output = leaf("outputchannelindex", channel % 2 + 1)
                yield element("track", *clips, *state_of(track), output, attributes=attributes)

    def row(self, track: Track, number: int, channel: int) -> Iterable[str]:
        """Yield clips in order, with the transitions between them and at their free ends."""
        over = transitions_at(track)
        last = -1
        for place, item in enumerate(track.items, start=1):
            if item.start in over and item.start != last:
                yield self.transition(over[item.start], item.start, track)
            elif item.fade_in:
                yield self.transition(Transition(item.start, item.fade_in, _FADE), item.start, track)
            yield self.clip(item, track, (number, place), channel)
            last = item.end
            if last in over:
                yield self.transition(over[last], last, track)
            elif item.fade_out:
                yield self.transition(Transition(last - item.fade_out, item.fade_out, _FADE), last, track)

    def transition(self, shape: Transition, cut: int, track: Track) -> str:
        """Return a transition; its alignment gives the cut. The clips beside it keep their own edges."""
        delivery, kind = self.delivery, track.kind.value
        start, end, at = (delivery.frame(place) for place in (shape.start, shape.start + shape.length, cut))
        alignment = "start" if at <= start else "end" if at >= end else "center"
        if not any(each.end == cut for each in track.items):
            alignment = "start-black"
        elif not any(each.start == cut for each in track.items):
            alignment = "end-black"
        sound = track.kind is Kind.AUDIO
        return element(
            "transitionitem",
            self.rate,
            leaf("start", start),
            leaf("end", max(start + 1, end)),
            leaf("alignment", alignment),
            element(
                "effect",
                leaf("name", shape.name),
                leaf("effectid", "KGAudioTransCrossFade0dB" if sound else "Cross Dissolve"),
                leaf("effecttype", "transition"),
                leaf("mediatype", kind),
            ),
        )

    def clip(self, item: Item, track: Track, place: tuple[int, int], channel: int) -> str:
        """Return one clip on one track; `place` is the number of track and clip, from 1."""
        delivery, media = self.delivery, self.delivery.media_of(item)
        start, source = delivery.frame(item.start), delivery.frame(item.source)
        length = delivery.frame(item.end) - start
        whole = delivery.frame(media.length) if media else length
        stretch = stretch_of(item, source, length, whole)
        sound = track.kind is Kind.AUDIO
        channels = item.channels or tuple(range(track.channels))
        attributes: dict[str, object] = {"id": clip_id(track.kind, place, self.mark)}
        if sound:
            attributes["premiereChannelType"] = _CHANNEL_NAMES.get(track.channels, "multichannel").lower()
        empty = media is None and item.nested is None
        return element(
            "generatoritem" if empty else "clipitem",
            leaf("name", item.name),
            leaf("enabled", flag(item.enabled)),
            leaf("duration", stretch.whole if media else length),
            self.rate,
            leaf("start", start),
            leaf("end", start + length),
            leaf("in", stretch.first),
            leaf("out", stretch.first + length),
            self.file(media) if media else "",
            self.inside(item.nested) if item.nested and not media else "",
            generator_of(item, track.kind) if empty else "",
            source_track(channels[channel % len(channels)]) if sound else "",
            self.level(item, stretch.first) if sound and (item.gain_db or item.levels) else "",
            speed_of(item, stretch, length) if item.speed != 1 else "",
            *self.links.get((track.kind, *place), ()),
            *(self.marker(marker, stretch.first) for marker in item.markers),
            log_of(item),
            comments_of(item),
            label_of(item),
            attributes=attributes,
        )

    def file(self, media: Media) -> str:
        """Return the file: in full at its first use, then by its id."""
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
            element("media", self.picture_of(media), sound_of(media)),
            attributes={"id": name},
        )

    def picture_of(self, media: Media) -> str:
        """Return the video characteristics of a file."""
        if not media.has_picture:
            return ""
        width, height = media.size or self.delivery.size or (1920, 1080)
        return element(
            "video", element("samplecharacteristics", self.rate, leaf("width", width), leaf("height", height))
        )

    def level(self, item: Item, source: int) -> str:
        """Return the clip gain: an effect whose level is a factor, with keyframes at frames of the source.

        Hosts stop at 12 dB.
        """
        points = [
            element(
                "keyframe",
                leaf("when", source + self.delivery.frame(point.at)),
                leaf("value", factor_of(item.gain_db + point.gain_db)),
            )
            for point in item.levels
        ]
        value = factor_of(0.0 if points else item.gain_db)
        limits = (leaf("name", "Level"), leaf("valuemin", 0), leaf("valuemax", "3.98109"))
        parameter = element("parameter", leaf("parameterid", "level"), *limits, leaf("value", value), *points)
        return effect_filter("Audio Levels", "audio", parameter)

    def marker(self, marker: Marker, first: int = 0) -> str:
        """Return a marker; without length it has no out point. A clip's markers count as its `in` does."""
        start = first + self.delivery.frame(marker.start)
        end = first + self.delivery.frame(marker.start + marker.length) if marker.length else -1
        red, green, blue = RGB[marker.colour]
        return element(
            "marker",
            leaf("comment", marker.note),
            leaf("name", marker.name),
            leaf("in", start),
            leaf("out", end),
            element("color", leaf("alpha", 0), leaf("red", red), leaf("green", green), leaf("blue", blue)),
        )


FORMAT = Format(
    "fcp7",
    ".xml",
    "Final Cut Pro 7 XML, for Premiere, Resolve and Avid",
    write=write,
    read=lazy_reader("rythmo_bridge.formats.fcp7.reader"),
    read_named=lazy_named_reader("rythmo_bridge.formats.fcp7.reader"),
    keeps=ALL - {Feature.SAMPLES, Feature.TRACK_COLOURS, Feature.FADES},
    partly={Feature.FADES: "transition"},
)
