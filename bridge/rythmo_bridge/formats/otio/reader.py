"""Reads OpenTimelineIO, `.otio` and `.otioz`: Rythmo's own, Resolve's, Premiere's and the adapters' flavours.

It reads the plain JSON, because OpenTimelineIO 0.18 accepts NaN rates silently and crashes its process on
deep nesting. A clip's `source_range` counts in the media's own timecode; its length there is its length in
the record, whatever its speed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from rythmo.errors import TimelineError
from rythmo_bridge.formats.extent import note_left_out
from rythmo_bridge.formats.limits import (
    MAX_BYTES,
    MAX_NESTED,
    frame_rate,
    has_length,
    parse_json,
    read_bytes,
    require_file,
    to_samples,
    unreadable_error,
    without_garbage_collection,
)
from rythmo_bridge.formats.media_paths import name_of, path_of
from rythmo_bridge.formats.otio.values import (
    Object,
    Time,
    channels_of,
    chosen_channels,
    colour_of,
    fills_track,
    gain_of,
    host_metadata,
    kind_of,
    markers_of,
    range_of,
    reference_of,
    rythmo_metadata,
    schema_of,
    size_of,
    speed_of,
    time_of,
    times_of,
    transition_of,
)
from rythmo_bridge.formats.reader_items import end_of, line_of, pack_items, plain_facts, role_of
from rythmo_bridge.formats.timeline_choice import choose_timeline
from rythmo_bridge.timeline import Item, Kind, Level, Media, Role, Timeline, Track

_TOP = ("Timeline", "Stack", "Track", "Clip")
_DEFAULT_RATE = Fraction(24)
_FASTEST_PICTURE = 300


@without_garbage_collection
def read(path: Path, sequence: str = "") -> Timeline:
    """Read the timeline of an `.otio` or `.otioz`.

    From a collection, read the timeline called `sequence`, else the first.

    Raises:
        TimelineError: The file cannot be read.
        UsageError: It holds no timeline of that name.
    """
    require_file(path)
    # A bundle may hold hours of media: only the timeline in it is read.
    data = _read_bundle(path) if zipfile.is_zipfile(path) else read_bytes(path)
    document = parse_json(path, data)
    try:
        timelines = list(_timelines(document))
        if not timelines:
            raise unreadable_error(path, "it holds no timeline")
        chosen, notes = choose_timeline(path, [str(each.get("name") or "") for each in timelines], sequence)
        reader = _Reader(path)
        found = note_left_out(reader.timeline(_as_timeline(path, timelines[chosen])), reader.left_out)
        return replace(found, notes=(*notes, *found.notes))
    except TimelineError as error:
        raise unreadable_error(path, error.message.rstrip("."), error.hint) from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise unreadable_error(path, f"its objects do not match OpenTimelineIO ({error!r})") from error


def _read_bundle(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as bundle:
            info = bundle.getinfo("content.otio")
            if info.file_size > MAX_BYTES:
                raise unreadable_error(path, "the timeline inside is far too large")
            return bundle.read(info)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise unreadable_error(path, f"it is not an OpenTimelineIO bundle ({error})") from error


def _timelines(document: Any) -> Iterable[Object]:
    """Yield the timelines in the document, also in collections; a bare stack, track or clip counts as one."""
    schema = schema_of(document)
    if schema == "SerializableCollection":
        inside = [each for child in document.get("children") or () for each in _timelines(child)]
        whole = [each for each in inside if schema_of(each) == "Timeline"]
        yield from whole or inside
    elif schema in _TOP:
        yield document


def _as_timeline(path: Path, thing: Object) -> Object:
    schema = schema_of(thing)
    if schema == "Timeline":
        return dict(thing)
    tracks = thing if schema == "Stack" else {"OTIO_SCHEMA": "Stack.1", "children": [thing]}
    return {"OTIO_SCHEMA": "Timeline.1", "name": thing.get("name") or path.stem, "tracks": tracks}


@dataclass(slots=True)
class _Reader:
    """Reads one document; media ids are shared by all its sequences."""

    path: Path
    media: dict[str, Media] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def timeline(self, timeline: Object) -> Timeline:
        """Return the whole timeline."""
        ours = rythmo_metadata(timeline)
        start = time_of(timeline.get("global_start_time"))
        rate = self.rate(timeline, start)
        stack = timeline.get("tracks") or {}
        tracks = tuple(self.tracks(stack, 0))
        return Timeline(
            name=str(timeline.get("name") or self.path.stem),
            frame_rate=rate,
            length=int(ours.get("length") or 0) or end_of(tracks),
            start_frame=round(start.seconds * rate) if start else 0,
            drop=bool(ours.get("drop", False)),
            language=str(ours.get("language", "")),
            size=size_of(timeline),
            tracks=tracks,
            media=self.media,
            markers=tuple(markers_of(stack, Fraction(0))),
        )

    def rate(self, timeline: Object, start: Time | None) -> Fraction:
        """Return the picture's rate: as stated, else that of the first object that counts in frames."""
        stated = rythmo_metadata(timeline).get("frame_rate") or host_metadata(
            timeline, "PremierePro_OTIO"
        ).get("VideoFrameRate")
        if stated:
            return frame_rate(stated)
        found = (time.rate for time in (start, *times_of(timeline)) if time is not None)
        return next((rate for rate in found if rate <= _FASTEST_PICTURE), _DEFAULT_RATE)

    def tracks(self, stack: Object, depth: int) -> Iterable[Track]:
        """Yield every track of a stack, bottom up; clips directly in a stack get a track of their own."""
        for number, child in enumerate(stack.get("children") or (), start=1):
            if schema_of(child) == "Track":
                yield from self.track(child, number, depth)
            else:
                bare = {"children": [child], "kind": "Video", "name": child.get("name")}
                yield from self.track(bare, number, depth)

    def track(self, track: Object, number: int, depth: int) -> Iterable[Track]:
        """Yield one track, with transitions over its cuts."""
        kind = Kind.AUDIO if str(track.get("kind", "Video")).lower() == "audio" else Kind.VIDEO
        ours, resolve = rythmo_metadata(track), host_metadata(track, "Resolve_OTIO")
        name = str(track.get("name") or f"{kind.value[0].upper()}{number}")
        position = Fraction(0)
        items, transitions = [], []
        for child in track.get("children") or ():
            schema = schema_of(child)
            if schema == "Transition":
                transitions.append(transition_of(child, position))
                continue
            length = self.length(child, depth)
            clip = str(child.get("name") or "")
            if schema != "Gap" and has_length(self.samples(position, length), clip, self.left_out):
                items.append(self.item(child, kind, position, length, depth))
            position += length
        role = str(ours.get("role", ""))
        blank = Track(
            name=name,
            kind=kind,
            role=Role(role) if role in set(Role) else role_of(name, kind),
            enabled=bool(track.get("enabled", True)),
            channels=int(ours.get("channels") or 0) or channels_of(track) or 1,
            colour=colour_of(ours.get("colour")),
            speaker=str(ours.get("speaker") or "") or None,
            locked=bool(resolve.get("Locked", False)),
            solo=bool(resolve.get("SoloOn", False)),
            transitions=tuple(transitions),
        )
        yield from pack_items(blank, items)

    def length(self, child: Object, depth: int) -> Fraction:
        """Return a child's length in the record, in seconds."""
        if depth > MAX_NESTED:
            raise TimelineError(f"Sequences are nested more than {MAX_NESTED} deep.")
        span = range_of(child.get("source_range"))
        if span is None and schema_of(child) == "Clip":
            span = range_of((reference_of(child) or {}).get("available_range"))
        if span is not None:
            return span[1].seconds
        lengths = [self.length(each, depth + 1) for each in child.get("children") or () if fills_track(each)]
        if schema_of(child) == "Track":
            return sum(lengths, Fraction(0))
        return max(lengths, default=Fraction(0))

    def samples(self, position: Fraction, length: Fraction) -> int:
        """Return a length in samples at a place in the record, in seconds."""
        return to_samples(position + length) - to_samples(position)

    def item(self, child: Object, kind: Kind, position: Fraction, length: Fraction, depth: int) -> Item:
        """Return a clip, or a stack or track inside a track."""
        name, ours = str(child.get("name") or ""), rythmo_metadata(child)
        start = to_samples(position)
        media, source, nested = None, Fraction(0), None
        span = range_of(child.get("source_range"))
        begins = span[0].seconds if span else None
        if schema_of(child) == "Clip":
            media, source = self.source(child, begins)
        else:
            nested, source = self.nested(child, depth + 1), begins or Fraction(0)
        speed = speed_of(child)
        resolve = host_metadata(child, "Resolve_OTIO")
        link = str(ours.get("link") or resolve.get("Link Group ID") or "") or None
        return Item(
            name=name,
            start=start,
            length=self.samples(position, length),
            media=media.id if media else None,
            source=to_samples(source),
            line=str(ours["line_id"]) if ours.get("line_id") else line_of(name, media.name if media else ""),
            enabled=bool(child.get("enabled", True)),
            gain_db=gain_of(child, ours),
            channels=chosen_channels(resolve, media) if kind is Kind.AUDIO else (),
            link=link,
            speed=speed,
            fade_in=int(ours.get("fade_in") or 0),
            fade_out=int(ours.get("fade_out") or 0),
            levels=tuple(Level(int(each["at"]), float(each["gain_db"])) for each in ours.get("levels") or ()),
            markers=tuple(markers_of(child, begins or Fraction(0))),
            colour=colour_of(ours.get("colour")),
            kind=kind_of(child, media, nested),
            nested=nested,
            metadata=plain_facts(ours, "take_id", "speaker", "text", "translation", "voice"),
        )

    def nested(self, child: Object, depth: int) -> Timeline:
        """Return a stack or track as a timeline."""
        stack = {"children": [{**child, "source_range": None}]} if schema_of(child) == "Track" else child
        tracks = tuple(self.tracks(stack, depth))
        stated = rythmo_metadata(child).get("timeline")
        ours = stated if isinstance(stated, Mapping) else {}
        rate = self.rate({"tracks": stack, "metadata": {"rythmo": ours}}, None)
        length = int(ours.get("length") or 0) or end_of(tracks)
        drop = bool(ours.get("drop", False))
        name = str(child.get("name") or "")
        return Timeline(name, rate, length, drop=drop, tracks=tracks, media=self.media)

    def source(self, clip: Object, begins: Fraction | None) -> tuple[Media | None, Fraction]:
        """Return the clip's media, and where in it the clip begins, in seconds from its first sample."""
        reference = reference_of(clip)
        available = range_of(reference.get("available_range")) if reference else None
        first = available[0].seconds if available else Fraction(0)
        source = (begins if begins is not None else first) - first
        # A missing file that says how long it is can still be found by its name.
        known = {"ExternalReference", "ImageSequenceReference", *({"MissingReference"} if available else ())}
        if reference is None or schema_of(reference) not in known:
            return None, source
        return self.external(reference, available, str(clip.get("name") or "")), source

    def external(self, reference: Object, available: tuple[Time, Time] | None, clip: str) -> Media:
        """Return the media of a file reference; references to one file that count alike share one media."""
        ours = rythmo_metadata(reference)
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
