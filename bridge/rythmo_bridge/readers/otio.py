"""OpenTimelineIO, `.otio` and `.otioz`, in every flavour: our own, Resolve's, Premiere's, the adapters'.

Read from the plain JSON: OpenTimelineIO 0.18 loads NaN rates without a word and crashes its process on
deep nesting. A clip's `source_range` counts in the media's own timecode; its length there is its length in
the record, whatever its speed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from rythmo.errors import TimelineError
from rythmo.script.model import Severity
from rythmo_bridge.colours import Colour
from rythmo_bridge.readers.build import end_of, facts, line_of, packed, role_of
from rythmo_bridge.readers.limits import (
    MAX_BYTES,
    MAX_NESTED,
    any_rate,
    frame_rate,
    parse_json,
    positive,
    read_bytes,
    refuse,
    require_file,
    to_samples,
    unswept,
)
from rythmo_bridge.readers.places import name_of, path_of
from rythmo_bridge.timeline import Delivery, Item, Kind, Level, Marker, Media, Role, Track, Transition

Object = Mapping[str, Any]
_TOP = ("Timeline", "SerializableCollection", "Stack", "Track", "Clip")
_DEFAULT_RATE = Fraction(24)
_FASTEST_PICTURE = 300


@unswept
def read(path: Path) -> Delivery:
    """The timeline of an `.otio` or `.otioz`; of a collection the first. Raises TimelineError."""
    require_file(path)
    # A bundle may hold hours of media: only the timeline in it is read.
    data = _unpacked(path) if zipfile.is_zipfile(path) else read_bytes(path)
    document = parse_json(path, data)
    try:
        return _Reader(path).timeline(_first_timeline(path, document))
    except TimelineError as error:
        raise refuse(path, error.message.rstrip("."), error.hint) from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise refuse(path, f"its objects are not those of OpenTimelineIO ({error!r})") from error


def _unpacked(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as bundle:
            info = bundle.getinfo("content.otio")
            if info.file_size > MAX_BYTES:
                raise refuse(path, "the timeline inside is far too large")
            return bundle.read(info)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise refuse(path, f"it is no OpenTimelineIO bundle ({error})") from error


def _schema(thing: Any) -> str:
    return str(thing.get("OTIO_SCHEMA", "")).partition(".")[0] if isinstance(thing, Mapping) else ""


def _first_timeline(path: Path, document: Any) -> Object:
    """The timeline in the document; a bare stack, track or clip counts as one."""
    thing = document
    while _schema(thing) == "SerializableCollection":
        children = thing.get("children") or []
        thing = next((child for child in children if _schema(child) == "Timeline"), None) or next(
            iter(children), None
        )
    schema = _schema(thing)
    if schema == "Timeline":
        return dict(thing)
    if schema not in _TOP:
        raise refuse(path, "it holds no timeline")
    tracks = thing if schema == "Stack" else {"OTIO_SCHEMA": "Stack.1", "children": [thing]}
    return {"OTIO_SCHEMA": "Timeline.1", "name": thing.get("name") or path.stem, "tracks": tracks}


@dataclass(slots=True)
class _Reader:
    """Reads one document; media of all its sequences share ids."""

    path: Path
    media: dict[str, Media] = field(default_factory=dict)

    def timeline(self, timeline: Object) -> Delivery:
        """The whole."""
        ours = _own(timeline)
        start = _time(timeline.get("global_start_time"))
        rate = self.rate(timeline, start)
        stack = timeline.get("tracks") or {}
        tracks = tuple(self.tracks(stack, 0))
        return Delivery(
            name=str(timeline.get("name") or self.path.stem),
            frame_rate=rate,
            length=int(ours.get("length") or 0) or end_of(tracks),
            start_frame=round(start.seconds * rate) if start else 0,
            drop=bool(ours.get("drop", False)),
            language=str(ours.get("language", "")),
            size=_size(timeline),
            tracks=tracks,
            media=self.media,
            markers=tuple(_markers(stack, Fraction(0))),
        )

    def rate(self, timeline: Object, start: _Time | None) -> Fraction:
        """The picture's: as the document says, else that of the first thing that counts in frames."""
        told = _own(timeline).get("frame_rate") or _meta(timeline, "PremierePro_OTIO").get("VideoFrameRate")
        if told:
            return frame_rate(told)
        found = (time.rate for time in (start, *_times_of(timeline)) if time is not None)
        return next((rate for rate in found if rate <= _FASTEST_PICTURE), _DEFAULT_RATE)

    def tracks(self, stack: Object, depth: int) -> Iterable[Track]:
        """Every track of a stack, bottom up; what lies in a stack without a track gets one."""
        for number, child in enumerate(stack.get("children") or (), start=1):
            if _schema(child) == "Track":
                yield from self.track(child, number, depth)
            else:
                bare = {"children": [child], "kind": "Video", "name": child.get("name")}
                yield from self.track(bare, number, depth)

    def track(self, track: Object, number: int, depth: int) -> Iterable[Track]:
        """One track; its transitions lie over its cuts."""
        kind = Kind.AUDIO if str(track.get("kind", "Video")).lower() == "audio" else Kind.VIDEO
        ours, resolve = _own(track), _meta(track, "Resolve_OTIO")
        name = str(track.get("name") or f"{kind.value[0].upper()}{number}")
        position = Fraction(0)
        items, transitions = [], []
        for child in track.get("children") or ():
            schema = _schema(child)
            if schema == "Transition":
                transitions.append(_transition(child, position))
                continue
            length = self.length(child, depth)
            if schema != "Gap":
                items.append(self.item(child, kind, position, length, depth))
            position += length
        role = str(ours.get("role", ""))
        blank = Track(
            name=name,
            kind=kind,
            role=Role(role) if role in set(Role) else role_of(name, kind),
            enabled=bool(track.get("enabled", True)),
            channels=int(ours.get("channels") or 0) or _channels(track) or 1,
            colour=_colour(ours.get("colour")),
            speaker=str(ours.get("speaker") or "") or None,
            locked=bool(resolve.get("Locked", False)),
            solo=bool(resolve.get("SoloOn", False)),
            transitions=tuple(transitions),
        )
        yield from packed(blank, items)

    def length(self, child: Object, depth: int) -> Fraction:
        """A child's length in the record, in seconds."""
        if depth > MAX_NESTED:
            raise TimelineError(f"Sequences lie more than {MAX_NESTED} deep in each other.")
        span = _range(child.get("source_range"))
        if span is None and _schema(child) == "Clip":
            span = _range((_reference(child) or {}).get("available_range"))
        if span is not None:
            return span[1].seconds
        lengths = [self.length(each, depth + 1) for each in child.get("children") or () if _fills(each)]
        if _schema(child) == "Track":
            return sum(lengths, Fraction(0))
        return max(lengths, default=Fraction(0))

    def item(self, child: Object, kind: Kind, position: Fraction, length: Fraction, depth: int) -> Item:
        """A clip, or a stack or track inside a track."""
        name, ours = str(child.get("name") or ""), _own(child)
        start = to_samples(position)
        media, source, nested = None, Fraction(0), None
        span = _range(child.get("source_range"))
        begins = span[0].seconds if span else None
        if _schema(child) == "Clip":
            media, source = self.source(child, begins)
        else:
            nested, source = self.nested(child, depth + 1), begins or Fraction(0)
        speed = _speed(child)
        resolve = _meta(child, "Resolve_OTIO")
        link = str(ours.get("link") or resolve.get("Link Group ID") or "") or None
        return Item(
            name=name,
            start=start,
            length=positive(to_samples(position + length) - start, name),
            media=media.id if media else None,
            source=to_samples(source),
            line=str(ours["line_id"]) if ours.get("line_id") else line_of(name, media.name if media else ""),
            enabled=bool(child.get("enabled", True)),
            gain_db=_gain(child, ours),
            channels=_chosen(resolve, media) if kind is Kind.AUDIO else (),
            link=link,
            speed=speed,
            fade_in=int(ours.get("fade_in") or 0),
            fade_out=int(ours.get("fade_out") or 0),
            levels=tuple(Level(int(each["at"]), float(each["gain_db"])) for each in ours.get("levels") or ()),
            markers=tuple(_markers(child, begins or Fraction(0))),
            colour=_colour(ours.get("colour")),
            kind=_kind(child, media, nested),
            nested=nested,
            metadata=facts(ours, "take_id", "speaker", "text", "translation"),
        )

    def nested(self, child: Object, depth: int) -> Delivery:
        """A stack or track as a timeline of its own."""
        stack = child if _schema(child) == "Stack" else {"children": [child]}
        if _schema(child) == "Track":
            stack = {"children": [{**child, "source_range": None}]}
        tracks = tuple(self.tracks(stack, depth))
        told = _own(child).get("timeline")
        ours = told if isinstance(told, Mapping) else {}
        rate = self.rate({"tracks": stack, "metadata": {"rythmo": ours}}, None)
        length = int(ours.get("length") or 0) or end_of(tracks)
        drop = bool(ours.get("drop", False))
        name = str(child.get("name") or "")
        return Delivery(name, rate, length, drop=drop, tracks=tracks, media=self.media)

    def source(self, clip: Object, begins: Fraction | None) -> tuple[Media | None, Fraction]:
        """The clip's media, and where in it the clip begins, in seconds from its first sample."""
        reference = _reference(clip)
        available = _range(reference.get("available_range")) if reference else None
        first = available[0].seconds if available else Fraction(0)
        source = (begins if begins is not None else first) - first
        # A missing file that says how long it is can still be found by its name.
        known = {"ExternalReference", "ImageSequenceReference", *({"MissingReference"} if available else ())}
        if reference is None or _schema(reference) not in known:
            return None, source
        return self.external(reference, available, str(clip.get("name") or "")), source

    def external(self, reference: Object, available: tuple[_Time, _Time] | None, clip: str) -> Media:
        """A reference to a file; the same file, counted the same way, is the same media."""
        ours = _own(reference)
        url = str(reference.get("target_url") or reference.get("target_url_base") or "")
        start, length = (to_samples(t.seconds) for t in available) if available else (0, 0)
        key = str(ours.get("id") or "") or f"{url}#{start}"
        known = self.media.get(key)
        if known is not None and (url in known.candidates or not url):
            return known
        if known is not None:
            key = f"{key}#{url}"
        relative = str(ours.get("relative_path") or "")
        rate = ours.get("frame_rate")
        self.media[key] = Media(
            id=key,
            name=str(reference.get("name") or "") or name_of(url) or clip,
            path=path_of(url, self.path.parent),
            length=max(0, length),
            start=start,
            start_told=available is not None,
            channels=int(ours.get("channels") or 0),
            sample_rate=int(ours.get("sample_rate") or 0) or None,
            frame_rate=frame_rate(rate) if rate else None,
            drop=bool(ours.get("drop", False)),
            reel=str(ours.get("reel") or ""),
            candidates=tuple(each for each in (url, relative) if each),
        )
        return self.media[key]


@dataclass(frozen=True, slots=True)
class _Time:
    value: Fraction
    rate: Fraction

    @property
    def seconds(self) -> Fraction:
        return self.value / self.rate


def _time(thing: Any) -> _Time | None:
    if not isinstance(thing, Mapping):
        return None
    # Fraction of an infinite float raises OverflowError, which the reader reports.
    return _Time(Fraction(thing["value"]), any_rate(thing["rate"]))


def _range(thing: Any) -> tuple[_Time, _Time] | None:
    if not isinstance(thing, Mapping):
        return None
    start, length = _time(thing.get("start_time")), _time(thing.get("duration"))
    if start is None or length is None:
        raise TimelineError("A time range has no start or no duration.")
    if length.value < 0:
        raise TimelineError("A clip has a negative duration.")
    return start, length


def _times_of(timeline: Object) -> Iterable[_Time]:
    for track in (timeline.get("tracks") or {}).get("children") or ():
        for child in track.get("children") or () if isinstance(track, Mapping) else ():
            span = _range(child.get("source_range")) if isinstance(child, Mapping) else None
            if span:
                yield span[1]


def _fills(child: Any) -> bool:
    return _schema(child) != "Transition"


def _meta(thing: Object, key: str) -> Object:
    metadata = thing.get("metadata")
    found = metadata.get(key) if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _own(thing: Object) -> Object:
    return _meta(thing, "rythmo")


def _size(timeline: Object) -> tuple[int, int] | None:
    size = _meta(timeline, "PremierePro_OTIO").get("VideoResolution")
    return (int(size["width"]), int(size["height"])) if isinstance(size, Mapping) else None


def _channels(track: Object) -> int:
    told = _meta(track, "PremierePro_OTIO").get("AudioChannels")
    if isinstance(told, Mapping):
        return int(told.get("NumberOfChannels") or 0)
    kind = str(_meta(track, "Resolve_OTIO").get("Audio Type", ""))
    names = {"Mono": 1, "Stereo": 2, "5.1": 6, "7.1": 8}
    return names.get(kind) or int(kind.removeprefix("Adaptive ") if kind.startswith("Adaptive ") else 0)


def _chosen(resolve: Object, media: Media | None) -> tuple[int, ...]:
    """The channels that sound; none named when it is all of them."""
    told = resolve.get("Channels") or ()
    channels = tuple(int(c.get("Source Channel ID", 0)) for c in told if isinstance(c, Mapping))
    return () if media is None or channels == tuple(range(media.channels)) else channels


def _reference(clip: Object) -> Object | None:
    found = clip.get("media_reference")
    many = clip.get("media_references")
    if isinstance(many, Mapping):
        found = many.get(str(clip.get("active_media_reference_key") or "DEFAULT_MEDIA"))
    return found if isinstance(found, Mapping) else None


def _kind(child: Object, media: Media | None, nested: Delivery | None) -> str:
    if nested is not None:
        return "nested"
    reference = _reference(child)
    if media is None and reference is not None and _schema(reference) == "GeneratorReference":
        return str(reference.get("generator_kind") or "generator")
    return "clip"


def _effects(child: Object) -> Iterable[Object]:
    return (each for each in child.get("effects") or () if isinstance(each, Mapping))


def _speed(child: Object) -> Fraction:
    for effect in _effects(child):
        if _schema(effect) == "FreezeFrame":
            return Fraction(0)
        if _schema(effect) == "LinearTimeWarp":
            return Fraction(effect.get("time_scalar", 1)).limit_denominator(100_000)
    return Fraction(1)


def _gain(child: Object, ours: Object) -> float:
    if "gain_db" in ours:
        return float(ours["gain_db"])
    volumes = (_meta(effect, "Resolve_OTIO").get("volume") for effect in _effects(child))
    return float(next((v for v in volumes if isinstance(v, int | float)), 0.0))


def _colour(value: Any) -> Colour | None:
    name = str(value or "").upper()
    return Colour(name) if name in Colour.__members__ else None


def _transition(child: Object, position: Fraction) -> Transition:
    before, after = _time(child.get("in_offset")), _time(child.get("out_offset"))
    start = to_samples(position - (before.seconds if before else 0))
    end = to_samples(position + (after.seconds if after else 0))
    return Transition(start, max(0, end - start), str(child.get("name") or "dissolve"))


def _markers(parent: Object, origin: Fraction) -> Iterable[Marker]:
    """Markers of a clip or stack, counted from its first sample."""
    for marker in parent.get("markers") or ():
        span = _range(marker.get("marked_range"))
        if span is None:
            continue
        ours = _own(marker)
        start = ours.get("start")
        length = ours.get("length")
        severity = str(ours.get("severity") or "")
        yield Marker(
            start=start if isinstance(start, int) else to_samples(span[0].seconds - origin),
            name=str(marker.get("name") or ""),
            note=str(marker.get("comment") or ""),
            length=length if isinstance(length, int) else to_samples(span[1].seconds),
            colour=_colour(marker.get("color")) or Colour.YELLOW,
            severity=Severity(severity) if severity in set(Severity) else None,
            line=str(ours.get("line_id") or "") or None,
        )
