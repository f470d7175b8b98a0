"""Reads Final Cut Pro 7 XML, xmeml 1 to 5 (`.xml`), of Final Cut Pro, Premiere, Resolve and Avid.

Record positions count in the sequence's rate, `in` and `out` in the clip's own. A `start` or `end` of -1 lies
inside a transition: the cut is then its middle, or its edge if its alignment says so, and `in` counts from
the transition's beginning. Premiere writes a track for each channel ("exploded"); tracks of one group whose
clips agree are joined into one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from rythmo.errors import InputError, TimelineError
from rythmo_bridge.formats.extent import note_left_out, require_bounded
from rythmo_bridge.formats.fcp7.speed import retiming_of
from rythmo_bridge.formats.fcp7.values import (
    channel_of,
    flag_of,
    frame_count,
    gain_of,
    label_of,
    levels_of,
    links_of,
    logging_info,
    markers_of,
    name_in,
    outputs_of,
    rate_of,
    size_of,
    text_of,
    timecode_of,
)
from rythmo_bridge.formats.limits import (
    MAX_NESTED,
    frames_to_samples,
    has_length,
    parse_xml,
    read_bytes,
    to_samples,
    unreadable_error,
    without_garbage_collection,
)
from rythmo_bridge.formats.media_paths import name_of, path_of
from rythmo_bridge.formats.reader_items import end_of, join_channels, line_of, pack_items, place_of, role_of
from rythmo_bridge.formats.timeline_choice import choose_timeline
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track, Transition

_CLIPS = ("clipitem", "generatoritem")
_DEFAULT_RATE = Fraction(25)


@without_garbage_collection
def read(path: Path, sequence: str = "") -> Timeline:
    """Read the sequence called `sequence`, else the first of the document.

    Raises:
        TimelineError: The file cannot be read.
        UsageError: It holds no sequence of that name.
    """
    root = parse_xml(path, read_bytes(path))
    if root.tag != "xmeml":
        raise unreadable_error(path, f"it is not Final Cut Pro 7 XML (its root is {root.tag[:40]!r})")
    sequences = list(_sequences(root))
    if not sequences:
        raise unreadable_error(path, "it holds no sequence", "Export a sequence, not a clip or an empty bin.")
    chosen, notes = choose_timeline(path, [text_of(each, "name") for each in sequences], sequence)
    try:
        reader = _Reader(path, _by_id(root))
        delivery = note_left_out(reader.sequence(sequences[chosen], ()), reader.left_out)
        require_bounded(delivery)
    except InputError as error:
        raise unreadable_error(path, error.message.rstrip("."), error.hint) from error
    return replace(delivery, notes=(*notes, *delivery.notes))


def _sequences(root: Element) -> Iterator[Element]:
    """Yield the sequences that are not merely nested in another."""
    for child in root:
        if child.tag == "sequence" and child.find("media") is not None:
            yield child
        elif child.tag in {"project", "children", "bin"}:
            yield from _sequences(child)


def _by_id(root: Element) -> dict[tuple[str, str], Element]:
    """Return the full declarations of files and sequences, by id."""
    found: dict[tuple[str, str], Element] = {}
    for tag in ("file", "sequence"):
        for element in root.iter(tag):
            name = element.get("id")
            if name and len(element):
                found.setdefault((tag, name), element)
    return found


@dataclass(frozen=True, slots=True)
class _Span:
    """A transition in frames of the record, and where it puts the cut."""

    start: int
    end: int
    cut: int
    name: str


@dataclass(slots=True)
class _Reader:
    path: Path
    known: dict[tuple[str, str], Element]
    media: dict[str, Media] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    inner: dict[str, Timeline] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def sequence(self, element: Element, inside: tuple[str, ...]) -> Timeline:
        """Return a sequence, nested ones included."""
        rate = rate_of(element) or _DEFAULT_RATE
        self.links |= links_of(element)
        tracks: list[Track] = []
        for kind in Kind:
            found = element.findall(f"media/{kind.value}/track")
            tracks += self.tracks(found, kind, rate, inside)
        start, drop, _ = timecode_of(element.find("timecode"), rate)
        length = frames_to_samples(frame_count(element, "duration"), rate)
        return Timeline(
            name=text_of(element, "name") or self.path.stem,
            frame_rate=rate,
            length=max(length, end_of(tracks)),
            start_frame=start,
            drop=drop,
            size=size_of(element.find("media/video/format/samplecharacteristics")),
            tracks=tuple(tracks),
            media=self.media,
            markers=tuple(markers_of(element, rate)),
        )

    def tracks(
        self, elements: Sequence[Element], kind: Kind, rate: Fraction, inside: tuple[str, ...]
    ) -> Iterator[Track]:
        """Yield the tracks of one kind; exploded tracks are joined."""
        read = [
            (element, self.track(element, number, kind, rate, inside))
            for number, element in enumerate(elements, start=1)
        ]
        outputs = outputs_of(elements) if kind is Kind.AUDIO else ()
        read = [
            (element, replace(track, outputs=outputs[at : at + 1]))
            for at, (element, track) in enumerate(read)
        ]
        at = 0
        while at < len(read):
            width = _count_exploded(read[at : at + 32])
            track = read[at][1]
            if width > 1:
                both = tuple(join_channels([t for _, t in read[at : at + width]]))
                track = replace(track, channels=width, items=both, outputs=())
            yield from pack_items(track, track.items)
            at += width

    def track(
        self, element: Element, number: int, kind: Kind, rate: Fraction, inside: tuple[str, ...]
    ) -> Track:
        """Return one track as it is in the file."""
        name = element.get("MZ.TrackName") or text_of(element, "name") or f"{kind.value[0].upper()}{number}"
        spans: list[_Span] = []
        items = []
        parts = [part for part in element if part.tag in (*_CLIPS, "transitionitem")]
        for before, part, after in zip((None, *parts), parts, (*parts[1:], None), strict=False):
            if part.tag == "transitionitem":
                spans.append(_span(part))
            else:
                items.append(self.item(part, kind, rate, (_beside(before), _beside(after)), inside))
        return Track(
            name=name,
            kind=kind,
            role=role_of(name, kind),
            enabled=flag_of(element, "enabled"),
            locked=flag_of(element, "locked", default=False),
            items=tuple(item for item in items if item is not None),
            transitions=tuple(_transition(span, rate) for span in spans),
        )

    def item(
        self,
        clip: Element,
        kind: Kind,
        rate: Fraction,
        beside: tuple[_Span | None, _Span | None],
        inside: tuple[str, ...],
    ) -> Item | None:
        """Return a clip; None if a transition covers it entirely."""
        name = name_in(clip)
        own = rate_of(clip) or rate
        start, end, into = _edges(clip, beside, name)
        if end == start and into:
            return None
        begins = frames_to_samples(start, rate)
        length = frames_to_samples(end, rate) - begins
        if not has_length(length, name, self.left_out):
            return None
        media = self.file(clip.find("file"), own)
        nested = self.nested(clip.find("sequence"), inside)
        log = clip.find("logginginfo")
        effects = clip.findall("filter/effect")
        levels = levels_of(effects, clip, own) if kind is Kind.AUDIO else ()
        first = max(0, frame_count(clip, "in"))
        source, speed = frames_to_samples(first, own) + frames_to_samples(into, rate), Fraction(1)
        if retiming := retiming_of(effects, clip):
            played = retiming.played(first + into * own / rate, (end - start) * own / rate)
            source, speed = to_samples(played[0] / own), played[1]
        return Item(
            name=name,
            start=begins,
            length=length,
            media=media.id if media else None,
            source=source,
            line=line_of(name, media.name if media else ""),
            enabled=flag_of(clip, "enabled"),
            # With keyframes the value beside them is where the playhead stood.
            gain_db=gain_of(effects) if kind is Kind.AUDIO and not levels else 0.0,
            levels=levels,
            channels=channel_of(clip, media, nested) if kind is Kind.AUDIO else (),
            link=self.links.get(clip.get("id", "")),
            speed=speed,
            markers=tuple(markers_of(clip, own, first)),
            colour=label_of(clip),
            kind="generator" if clip.tag == "generatoritem" else "nested" if nested else "clip",
            nested=nested,
            metadata=logging_info(log) if log is not None else {},
        )

    def nested(self, element: Element | None, inside: tuple[str, ...]) -> Timeline | None:
        """Return a sequence inside a clip; cached, since several clips may hold it."""
        if element is None:
            return None
        name = element.get("id", "")
        if (name and name in inside) or len(inside) >= MAX_NESTED:
            raise TimelineError(f"The sequence {name!r} contains itself.", hint="Export it flat.")
        if name and name in self.inner:
            return self.inner[name]
        full = element if len(element) else self.known.get(("sequence", name))
        if full is None:
            return None
        found = self.sequence(full, (*inside, name))
        if name:
            self.inner[name] = found
        return found

    def file(self, element: Element | None, rate: Fraction) -> Media | None:
        """Return the file, declared here or elsewhere."""
        if element is None:
            return None
        name = element.get("id", "")
        full = self.known.get(("file", name), element)
        key = name or text_of(full, "pathurl") or text_of(full, "name")
        if not key:
            return None
        if key not in self.media:
            self.media[key] = self.declared(full, key, rate)
        return self.media[key]

    def declared(self, element: Element, key: str, rate: Fraction) -> Media:
        """Return what a file element declares."""
        rate = rate_of(element) or rate
        url = text_of(element, "pathurl")
        start, drop, reel = timecode_of(element.find("timecode"), rate)
        sound = element.findall("media/audio")
        picture = element.find("media/video")
        start_time = next(
            (int(v) for v in (text_of(s, "samplecharacteristics/samplerate") for s in sound) if v.isdigit()),
            0,
        )
        return Media(
            id=key,
            name=text_of(element, "name") or name_of(url),
            path=path_of(url, self.path.parent) if url else None,
            length=max(0, frames_to_samples(frame_count(element, "duration"), rate)),
            start=frames_to_samples(start, rate),
            channels=sum(max(1, frame_count(each, "channelcount")) for each in sound),
            sample_rate=start_time or None,
            frame_rate=rate if picture is not None else None,
            size=size_of(picture.find("samplecharacteristics")) if picture is not None else None,
            drop=drop,
            reel=reel,
            candidates=(url,) if url else (),
        )


def _edges(clip: Element, beside: tuple[_Span | None, _Span | None], name: str) -> tuple[int, int, int]:
    """Return start, end and how far into its source the cut lies, in frames of the record."""
    start, end = frame_count(clip, "start", -1), frame_count(clip, "end", -1)
    length = frame_count(clip, "out") - frame_count(clip, "in")
    before, after = beside
    into = 0
    if start == -1:
        start = end - length
        if before is not None:
            start, into = before.cut, before.cut - before.start
        elif end == -1 and after is not None:
            start = after.end - length
    if end == -1:
        end = after.cut if after is not None else start - into + length
    if start < 0 or end < start:
        raise TimelineError(f"The clip {name!r} has no position or a negative length in the timeline.")
    return start, end, into


def _beside(part: Element | None) -> _Span | None:
    return _span(part) if part is not None and part.tag == "transitionitem" else None


def _span(element: Element) -> _Span:
    start, end = frame_count(element, "start"), frame_count(element, "end")
    alignment = text_of(element, "alignment")
    cut = (start + end) // 2
    if alignment.startswith("start"):
        cut = start
    elif alignment.startswith("end"):
        cut = end
    return _Span(start, max(start, end), cut, text_of(element, "effect/name") or "dissolve")


def _transition(span: _Span, rate: Fraction) -> Transition:
    start = frames_to_samples(span.start, rate)
    return Transition(start, frames_to_samples(span.end, rate) - start, span.name)


def _count_exploded(read: Sequence[tuple[Element, Track]]) -> int:
    """Return how many of the next tracks are the channels of one; 1 for a separate track."""
    head, first = read[0]
    total = head.get("totalExplodedTrackCount", "1")
    width = int(total) if total.isdigit() else 1
    if width < 2 or len(read) < width or head.get("currentExplodedTrackIndex") != "0":
        return 1
    for number, (element, track) in enumerate(read[1:width], start=1):
        same = element.get("currentExplodedTrackIndex") == str(number) and track.name == first.name
        unnamed = "MZ.TrackName" not in element.attrib
        if not (same or (unnamed and element.get("currentExplodedTrackIndex") == str(number))):
            return 1
        if [place_of(item) for item in track.items] != [place_of(item) for item in first.items]:
            return 1
    return width
