"""Final Cut Pro 7 XML, xmeml 1 to 5 (`.xml`): out of Final Cut Pro, Premiere, Resolve and Avid.

Record positions count in the sequence's rate, `in` and `out` in the clip's own. A `start` or `end` of -1
lies inside a transition: the cut is then its middle, or its edge where its alignment says so, and `in` counts
from the transition's beginning. Premiere writes a track for each channel ("exploded"); tracks of one group
whose clips agree become one track again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from rythmo.errors import InputError, TimelineError
from rythmo.timebase import can_drop, parse_timecode
from rythmo_bridge.colours import RGB, Colour
from rythmo_bridge.readers.build import end_of, joined, line_of, packed, place_of, role_of
from rythmo_bridge.readers.levels import decibels, fcp7_levels
from rythmo_bridge.readers.limits import (
    MAX_NESTED,
    frame_rate,
    frames_to_samples,
    parse_xml,
    positive,
    read_bytes,
    refuse,
)
from rythmo_bridge.readers.places import name_of, path_of
from rythmo_bridge.timeline import Delivery, Item, Kind, Level, Marker, Media, Track, Transition

_CLIPS = ("clipitem", "generatoritem")
_DEFAULT_RATE = Fraction(25)


def read(path: Path) -> Delivery:
    """The first sequence of the document. Raises TimelineError."""
    root = parse_xml(path, read_bytes(path))
    if root.tag != "xmeml":
        raise refuse(path, f"it is no Final Cut Pro 7 XML (its root is {root.tag[:40]!r})")
    sequences = list(_sequences(root))
    if not sequences:
        raise refuse(path, "it holds no sequence", "Export a sequence, not a clip or an empty bin.")
    try:
        delivery = _Reader(path, _by_id(root)).sequence(sequences[0], ())
    except InputError as error:
        raise refuse(path, error.message.rstrip("."), error.hint) from error
    others = [_text(each, "name") for each in sequences[1:]]
    return replace(delivery, metadata={"fcp7": {"other_sequences": others}}) if others else delivery


def _sequences(root: Element) -> Iterator[Element]:
    """Those that are not merely used inside another."""
    for child in root:
        if child.tag == "sequence" and child.find("media") is not None:
            yield child
        elif child.tag in {"project", "children", "bin"}:
            yield from _sequences(child)


def _by_id(root: Element) -> dict[tuple[str, str], Element]:
    """Files and sequences in full, by id."""
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

    def sequence(self, element: Element, inside: tuple[str, ...]) -> Delivery:
        """A sequence, and those inside it."""
        rate = _rate(element) or _DEFAULT_RATE
        self.links |= _links(element)
        tracks: list[Track] = []
        for kind in Kind:
            found = element.findall(f"media/{kind.value}/track")
            tracks += self.tracks(found, kind, rate, inside)
        start, drop, _ = _timecode(element.find("timecode"), rate)
        length = frames_to_samples(_whole(element, "duration"), rate)
        return Delivery(
            name=_text(element, "name") or self.path.stem,
            frame_rate=rate,
            length=max(length, end_of(tracks)),
            start_frame=start,
            drop=drop,
            size=_size(element.find("media/video/format/samplecharacteristics")),
            tracks=tuple(tracks),
            media=self.media,
            markers=tuple(_markers(element, rate)),
        )

    def tracks(
        self, elements: Sequence[Element], kind: Kind, rate: Fraction, inside: tuple[str, ...]
    ) -> Iterator[Track]:
        """The tracks of one kind; exploded ones as one."""
        read = [
            (element, self.track(element, number, kind, rate, inside))
            for number, element in enumerate(elements, start=1)
        ]
        outputs = _outputs(elements) if kind is Kind.AUDIO else ()
        read = [
            (element, replace(track, outputs=outputs[at : at + 1]))
            for at, (element, track) in enumerate(read)
        ]
        at = 0
        while at < len(read):
            width = _exploded(read[at : at + 32])
            track = read[at][1]
            if width > 1:
                both = tuple(joined([t for _, t in read[at : at + width]]))
                track = replace(track, channels=width, items=both, outputs=())
            yield from packed(track, track.items)
            at += width

    def track(
        self, element: Element, number: int, kind: Kind, rate: Fraction, inside: tuple[str, ...]
    ) -> Track:
        """One track as it stands in the file."""
        name = element.get("MZ.TrackName") or _text(element, "name") or f"{kind.value[0].upper()}{number}"
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
            enabled=_flag(element, "enabled"),
            locked=_flag(element, "locked", default=False),
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
        """A clip; None for one that a transition covers whole."""
        name = _text(clip, "name")
        own = _rate(clip) or rate
        start, end, into = _edges(clip, beside, name)
        if end == start and into:
            return None
        begins = frames_to_samples(start, rate)
        media = self.file(clip.find("file"), own)
        nested = self.nested(clip.find("sequence"), inside)
        log = clip.find("logginginfo")
        effects = clip.findall("filter/effect")
        levels = _levels(effects, clip, own) if kind is Kind.AUDIO else ()
        named = name or (media.name if media else "")
        return Item(
            name=name,
            start=begins,
            length=positive(frames_to_samples(end, rate) - begins, named),
            media=media.id if media else None,
            source=frames_to_samples(max(0, _whole(clip, "in")), own) + frames_to_samples(into, rate),
            line=line_of(name, media.name if media else ""),
            enabled=_flag(clip, "enabled"),
            # With keyframes the value beside them is where the playhead stood.
            gain_db=_gain(effects) if kind is Kind.AUDIO and not levels else 0.0,
            levels=levels,
            channels=_channel(clip, media, nested) if kind is Kind.AUDIO else (),
            link=self.links.get(clip.get("id", "")),
            speed=_speed(effects),
            markers=tuple(_markers(clip, own)),
            kind="generator" if clip.tag == "generatoritem" else "nested" if nested else "clip",
            nested=nested,
            metadata=_logged(log) if log is not None else {},
        )

    def nested(self, element: Element | None, inside: tuple[str, ...]) -> Delivery | None:
        """A sequence inside a clip."""
        if element is None:
            return None
        name = element.get("id", "")
        if (name and name in inside) or len(inside) >= MAX_NESTED:
            raise TimelineError(f"The sequence {name!r} lies inside itself.", hint="Export it flat.")
        full = element if len(element) else self.known.get(("sequence", name))
        return self.sequence(full, (*inside, name)) if full is not None else None

    def file(self, element: Element | None, rate: Fraction) -> Media | None:
        """The file, declared here or elsewhere."""
        if element is None:
            return None
        name = element.get("id", "")
        full = self.known.get(("file", name), element)
        key = name or _text(full, "pathurl") or _text(full, "name")
        if not key:
            return None
        if key not in self.media:
            self.media[key] = self.declared(full, key, rate)
        return self.media[key]

    def declared(self, element: Element, key: str, rate: Fraction) -> Media:
        """What a file element says."""
        rate = _rate(element) or rate
        url = _text(element, "pathurl")
        start, drop, reel = _timecode(element.find("timecode"), rate)
        sound = element.findall("media/audio")
        picture = element.find("media/video")
        told = next(
            (int(v) for v in (_text(s, "samplecharacteristics/samplerate") for s in sound) if v.isdigit()), 0
        )
        return Media(
            id=key,
            name=_text(element, "name") or name_of(url),
            path=path_of(url, self.path.parent) if url else None,
            length=max(0, frames_to_samples(_whole(element, "duration"), rate)),
            start=frames_to_samples(start, rate),
            channels=sum(max(1, _whole(each, "channelcount")) for each in sound),
            sample_rate=told or None,
            frame_rate=rate if picture is not None else None,
            size=_size(picture.find("samplecharacteristics")) if picture is not None else None,
            drop=drop,
            reel=reel,
            candidates=(url,) if url else (),
        )


def _edges(clip: Element, beside: tuple[_Span | None, _Span | None], name: str) -> tuple[int, int, int]:
    """Start, end and how far into its source the cut lies, in frames of the record."""
    start, end = _whole(clip, "start", -1), _whole(clip, "end", -1)
    length = _whole(clip, "out") - _whole(clip, "in")
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
        raise TimelineError(f"The clip {name!r} has no place or a negative length in the timeline.")
    return start, end, into


def _beside(part: Element | None) -> _Span | None:
    return _span(part) if part is not None and part.tag == "transitionitem" else None


def _span(element: Element) -> _Span:
    start, end = _whole(element, "start"), _whole(element, "end")
    alignment = _text(element, "alignment")
    cut = (start + end) // 2
    if alignment.startswith("start"):
        cut = start
    elif alignment.startswith("end"):
        cut = end
    return _Span(start, max(start, end), cut, _text(element, "effect/name") or "dissolve")


def _transition(span: _Span, rate: Fraction) -> Transition:
    start = frames_to_samples(span.start, rate)
    return Transition(start, frames_to_samples(span.end, rate) - start, span.name)


def _exploded(read: Sequence[tuple[Element, Track]]) -> int:
    """How many of the tracks that come next are the channels of one; 1 for a track of its own."""
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


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _whole(element: Element, path: str, default: int = 0) -> int:
    """A count of frames; some programs write fractions of one, which are cut."""
    text = _text(element, path)
    if not text:
        return default
    try:
        value = float(text)
        return int(text) if text.lstrip("+-").isdigit() else math.floor(value)
    except (ValueError, OverflowError) as error:
        raise TimelineError(f"{path} is {text[:30]!r}, which is no number of frames.") from error


def _rate(element: Element) -> Fraction | None:
    """Timebase 30 with ntsc TRUE is 30000/1001."""
    rate = element.find("rate")
    base = _text(rate, "timebase") if rate is not None else ""
    if rate is None or not base:
        return None
    exact = frame_rate(base)
    return exact * 1000 / 1001 if _text(rate, "ntsc").upper() == "TRUE" and exact.denominator == 1 else exact


def _timecode(element: Element | None, rate: Fraction) -> tuple[int, bool, str]:
    """First frame, whether it drops, and the reel."""
    if element is None:
        return 0, False, ""
    own = _rate(element) or rate
    drop = _text(element, "displayformat").upper() == "DF" and can_drop(own)
    reel = _text(element, "reel/name")
    if _text(element, "frame"):
        frame = _whole(element, "frame")
    else:
        label = _text(element, "string").replace(";", ":")
        frame = parse_timecode(label, own, drop=drop).frame if label else 0
    return max(0, round(frame * rate / own)), drop, reel


def _flag(element: Element, path: str, *, default: bool = True) -> bool:
    text = _text(element, path).upper()
    return default if not text else text != "FALSE"


def _size(element: Element | None) -> tuple[int, int] | None:
    if element is None:
        return None
    width, height = _whole(element, "width"), _whole(element, "height")
    return (width, height) if width > 0 and height > 0 else None


def _parameters(effects: Iterable[Element], effect_id: str) -> dict[str, str] | None:
    for effect in effects:
        if _text(effect, "effectid") == effect_id:
            return {_text(p, "parameterid"): _text(p, "value") for p in effect.findall("parameter")}
    return None


def _number(text: str, default: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return default
    return value if math.isfinite(value) else default


def _gain(effects: Iterable[Element]) -> float:
    """The level is a factor."""
    return decibels(_number((_parameters(effects, "audiolevels") or {}).get("level", ""), 1.0))


def _levels(effects: Iterable[Element], clip: Element, rate: Fraction) -> tuple[Level, ...]:
    parameters = (p for e in effects if _text(e, "effectid") == "audiolevels" for p in e.findall("parameter"))
    return fcp7_levels(parameters, max(0, _whole(clip, "in")), rate)


def _speed(effects: Iterable[Element]) -> Fraction:
    told = _parameters(effects, "timeremap")
    if told is None:
        return Fraction(1)
    speed = Fraction(_number(told.get("speed", ""), 100.0)).limit_denominator(1_000_000) / 100
    return -abs(speed) if told.get("reverse", "").upper() == "TRUE" else speed


def _channel(clip: Element, media: Media | None, nested: Delivery | None) -> tuple[int, ...]:
    index = _whole(clip, "sourcetrack/trackindex")
    if index < 1 or (media is None and nested is None) or (media and media.channels == 1 and index == 1):
        return ()
    return (index - 1,)


def _outputs(elements: Sequence[Element]) -> tuple[int, ...]:
    """The side of the mix that each track of Final Cut goes to: odd outputs left, even ones right.

    Premiere pans by the kind of its tracks, and writes 1 for mono ones in the centre.
    """
    told = [_whole(element, "outputchannelindex") for element in elements]
    by_kind = any("premiereTrackType" in element.attrib for element in elements)
    if by_kind or len(set(told)) < 2 or min(told) < 1:
        return ()
    return tuple((output - 1) % 2 for output in told)


def _links(sequence: Element) -> dict[str, str]:
    """Clip id -> the id of the first clip of its group. A clip's own channels share a group as well."""
    found: dict[str, str] = {}
    for clip in sequence.iter("clipitem"):
        refs = [_text(link, "linkclipref") for link in clip.findall("link")]
        if len(refs) > 1:
            found[clip.get("id", "")] = min(refs)
    return found


def _logged(log: Element) -> dict[str, str]:
    names = {"description": "translation", "lognote": "text", "scene": "scene", "shottake": "take_id"}
    return {ours: _text(log, theirs) for theirs, ours in names.items() if _text(log, theirs)}


def _markers(parent: Element, rate: Fraction) -> Iterator[Marker]:
    for marker in parent.findall("marker"):
        start, end = _whole(marker, "in"), _whole(marker, "out", -1)
        at = frames_to_samples(start, rate)
        length = frames_to_samples(end, rate) - at if end > start else 0
        yield Marker(
            at, _text(marker, "name"), _text(marker, "comment"), length, _colour(marker.find("color"))
        )


def _colour(element: Element | None) -> Colour:
    if element is None:
        return Colour.YELLOW
    wanted = [_whole(element, part) for part in ("red", "green", "blue")]
    return min(RGB, key=lambda colour: sum((a - b) ** 2 for a, b in zip(RGB[colour], wanted, strict=True)))
