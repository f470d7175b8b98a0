"""Final Cut Pro X XML (`.fcpxml`, and the folder `.fcpxmld`) to version 1.13, out of Final Cut and Resolve.

Everything hangs on a storyline: an element's `offset` counts in its parent's own time, its `start` is where
its own time begins. Here all of it is laid flat: the storyline's picture is V1, lanes above it V2 ..., sound
gets a track for each lane. Compound, synchronized and multicam clips keep what is in them as `nested`; of an
audition the pick is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from rythmo.errors import InputError, TimelineError
from rythmo.timebase import can_drop
from rythmo_bridge.readers.build import end_of, line_of, packed, role_of
from rythmo_bridge.readers.fcpxml_values import (
    audio_rate,
    count_of,
    fade_of,
    gain_of,
    lane_of,
    markers_of,
    seconds,
    senses,
    senses_inside,
    size_of,
    source_channels,
    speed_of,
)
from rythmo_bridge.readers.levels import fcpxml_levels
from rythmo_bridge.readers.limits import (
    MAX_NESTED,
    frame_rate,
    parse_xml,
    positive,
    read_bytes,
    refuse,
    to_samples,
)
from rythmo_bridge.readers.places import name_of, path_of
from rythmo_bridge.timeline import Delivery, Item, Kind, Marker, Media, Track, Transition

_CLIPS = ("asset-clip", "clip", "ref-clip", "sync-clip", "mc-clip", "video", "audio", "title")
_STORY = (*_CLIPS, "gap", "audition", "spine", "transition")
_NESTED = {"ref-clip": "nested", "sync-clip": "synchronized", "mc-clip": "multicam"}
_WORDS = "org.rythmo."
AUDIO_ROLE = "audio_role"
"""Key of `Item.metadata`: the role, with its sub-role, that Final Cut gives each clip (dialogue.boom)."""
_DEFAULT_RATE = Fraction(25)


def read(path: Path) -> Delivery:
    """The first project, or a clip that stands alone. Raises TimelineError."""
    file = path / "Info.fcpxml" if path.is_dir() else path
    root = parse_xml(file, read_bytes(file))
    if root.tag != "fcpxml":
        raise refuse(path, f"it is no Final Cut Pro X XML (its root is {root.tag[:40]!r})")
    reader = _Reader(path, {each.get("id", ""): each for each in root.iterfind(".//resources/*")})
    try:
        project = next(root.iter("project"), None)
        sequence = project.find("sequence") if project is not None else None
        # Before version 1.3 events were called projects.
        if project is not None and sequence is not None:
            return reader.sequence(sequence, project.get("name") or path.stem, ())
        alone = next((each for each in _loose(root) if each.tag in _CLIPS), None)
        if alone is None:
            raise refuse(path, "it holds no project and no clip")
        return reader.alone(alone)
    except InputError as error:
        if isinstance(error, TimelineError) and "cannot be read" in error.message:
            raise
        raise refuse(path, error.message.rstrip("."), error.hint) from error


def _loose(root: Element) -> Iterator[Element]:
    for child in root:
        if child.tag in {"library", "event", "project"}:
            yield from _loose(child)
        else:
            yield child


@dataclass(slots=True)
class _Rows:
    """Items gathered by lane while a storyline is walked."""

    items: dict[tuple[Kind, int], list[Item]] = field(default_factory=dict)
    names: dict[tuple[Kind, int], set[str]] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    crossfades: list[Transition] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    links: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element stands: record seconds of its beginning, its lane, whether it is heard and seen."""

    at: Fraction
    lane: int
    enabled: bool = True
    gain_db: float = 0.0
    only: str = ""


@dataclass(slots=True)
class _Reader:
    path: Path
    resources: Mapping[str, Element]
    media: dict[str, Media] = field(default_factory=dict)

    def sequence(self, element: Element, name: str, inside: tuple[str, ...]) -> Delivery:
        """A sequence or multicam angle with everything that hangs on it."""
        rate = self.rate(element.get("format", "")) or _DEFAULT_RATE
        start = seconds(element, "tcStart")
        rows = _Rows()
        self.story(element.findall("spine"), _Place(Fraction(0), 0), start, rows, inside)
        tracks = tuple(_tracks(rows))
        shape = self.resources.get(element.get("format", ""))
        return Delivery(
            name=name,
            frame_rate=rate,
            length=max(to_samples(seconds(element, "duration")), end_of(tracks)),
            start_frame=max(0, round(start * rate)),
            drop=element.get("tcFormat") == "DF" and can_drop(rate),
            size=size_of(shape),
            tracks=tracks,
            media=self.media,
            markers=tuple(sorted(rows.markers, key=lambda each: (each.start, each.name))),
        )

    def alone(self, clip: Element) -> Delivery:
        """A clip outside any project, as a timeline of its own."""
        rows = _Rows()
        self.element(clip, _Place(Fraction(0), 0), rows, ())
        tracks = tuple(_tracks(rows))
        form = clip.get("format") or self.resources.get(clip.get("ref", ""), clip).get("format") or ""
        inner = self.resources.get(clip.get("ref", ""), clip).find("sequence")
        rate = self.rate(form or (inner.get("format", "") if inner is not None else "")) or _DEFAULT_RATE
        name = clip.get("name") or self.path.stem
        return Delivery(
            name, rate, end_of(tracks), tracks=tracks, media=self.media, markers=tuple(rows.markers)
        )

    def rate(self, form: str) -> Fraction | None:
        """The rate of a format; some formats have none."""
        element = self.resources.get(form)
        length = seconds(element, "frameDuration") if element is not None else Fraction(0)
        if length < 0:
            raise TimelineError("A format has a negative frame duration.")
        return frame_rate(1 / length) if length else None

    def story(
        self,
        elements: Iterable[Element],
        place: _Place,
        start: Fraction,
        rows: _Rows,
        inside: tuple[str, ...],
    ) -> None:
        """Elements in a row: spines, or what lies in one. Without an offset one follows the other."""
        next_at = place.at
        for child in elements:
            if child.tag == "spine":
                self.story(child, place, start, rows, inside)
                continue
            if child.tag not in _STORY:
                continue
            at = place.at + seconds(child, "offset") - start if child.get("offset") else next_at
            if child.tag == "transition":
                begin = to_samples(at)
                length = to_samples(at + seconds(child, "duration")) - begin
                shape = Transition(max(0, begin), length, child.get("name") or "dissolve")
                rows.transitions.append(shape)
                if child.find("filter-audio") is not None:
                    rows.crossfades.append(shape)
                continue
            self.element(child, replace(place, at=at), rows, inside)
            next_at = at + self.length(child)

    def length(self, element: Element) -> Fraction:
        """What an element fills; an asset's own length where it says nothing."""
        if element.tag == "audition":
            return max((self.length(each) for each in element if each.tag in _CLIPS), default=Fraction(0))
        asset = self.resources.get(element.get("ref", ""))
        if element.get("duration") is None and asset is not None:
            inner = asset.find("sequence")
            return seconds(inner if inner is not None else asset, "duration")
        return seconds(element, "duration")

    def element(self, element: Element, place: _Place, rows: _Rows, inside: tuple[str, ...]) -> None:
        """A clip, gap or audition, and what hangs on it."""
        if element.tag == "audition":
            pick = next((each for each in element if each.tag in _CLIPS), None)
            if pick is not None:
                self.element(pick, place, rows, inside)
            return
        start = self.start(element)
        own = replace(
            place,
            enabled=place.enabled and element.get("enabled") != "0",
            gain_db=place.gain_db + gain_of(element),
            only=element.get("srcEnable") or place.only,
        )
        if element.tag != "gap":
            self.clip(element, own, start, rows, inside)
        rows.markers += markers_of(element, start, place.at)
        if element.tag != "sync-clip":
            self.hung(element, own, start, rows, inside)

    def start(self, element: Element) -> Fraction:
        """Where an element's own time begins: said, or its asset's beginning."""
        if element.get("start") is not None:
            return seconds(element, "start")
        asset = self.resources.get(element.get("ref", ""))
        return seconds(asset, "start") if asset is not None and asset.tag == "asset" else Fraction(0)

    def hung(
        self, element: Element, place: _Place, start: Fraction, rows: _Rows, inside: tuple[str, ...]
    ) -> None:
        """What hangs on an element in lanes of its own."""
        for child in element:
            if child.tag not in _STORY or (child.get("lane") is None and element.tag in _CLIPS):
                continue
            lane = lane_of(child)
            at = place.at + seconds(child, "offset") - start
            free = _Place(at, place.lane + lane, place.enabled)
            if child.tag == "spine":
                # What lies in a secondary storyline counts from the storyline's beginning.
                self.story(child, free, Fraction(0), rows, inside)
            else:
                self.element(child, free, rows, inside)

    def clip(
        self, element: Element, place: _Place, start: Fraction, rows: _Rows, inside: tuple[str, ...]
    ) -> None:
        """The items of one clip: its picture, its sound, or both, linked."""
        if element.tag == "clip":
            self.contained(element, place, start, rows)
            return
        media = self.asset(element.get("ref", ""))
        nested = self.nested(element, inside)
        seen, heard = senses(element, media, self.resources.get(element.get("ref", "")), place.only)
        rows.links += 1
        link = f"clip-{rows.links}" if seen and heard else None
        item = self.item(element, place, start, media)
        item = replace(item, nested=nested, link=link)
        if seen:
            _add(rows, Kind.VIDEO, place.lane, replace(item, gain_db=0.0, levels=(), channels=()), "")
        if heard:
            rows.widths[place.lane] = max(rows.widths.get(place.lane, 1), media.channels if media else 1)
            _add(rows, Kind.AUDIO, place.lane, item, element.get("audioRole") or element.get("role") or "")

    def contained(self, clip: Element, place: _Place, start: Fraction, rows: _Rows) -> None:
        """A `clip` is a window onto the video and audio elements inside it."""
        rows.links += 1
        stack = [(child, Fraction(0)) for child in clip if child.tag in {"video", "audio"}]
        inner = [pair for pair in stack if pair[0].get("lane") in (None, "0")] or stack[:1]
        link = f"clip-{rows.links}" if len(list(senses_inside(inner))) > 1 else None
        for element, shift in senses_inside(inner):
            media = self.asset(element.get("ref", ""))
            # Where the window begins, in the element's own time.
            source = self.start(element) + start - seconds(element, "offset") + shift
            kind = Kind.AUDIO if element.tag == "audio" else Kind.VIDEO
            if place.only not in ("", kind.value):
                continue
            item = self.item(clip, place, source, media)
            item = replace(item, name=item.name or element.get("name", ""), link=link)
            if kind is Kind.AUDIO:
                item = replace(item, channels=source_channels(element, media))
            _add(rows, kind, place.lane, item, element.get("role") or "")

    def item(self, element: Element, place: _Place, start: Fraction, media: Media | None) -> Item:
        """A clip at its place; its source counts from the media's first sample."""
        name = element.get("name") or (media.name if media else "")
        begin = to_samples(place.at)
        length = positive(to_samples(place.at + self.length(element)) - begin, name)
        facts = {
            each.get("key", "").removeprefix(_WORDS): each.get("value", "")
            for each in element.findall("metadata/md")
            if each.get("key", "").startswith(_WORDS)
        }
        return Item(
            name=name,
            start=begin,
            length=length,
            media=media.id if media else None,
            source=to_samples(start) - (media.start if media else 0),
            line=facts.pop("line_id", None) or line_of(name, media.name if media else ""),
            enabled=place.enabled,
            gain_db=place.gain_db,
            fade_in=fade_of(element, "fadeIn"),
            fade_out=fade_of(element, "fadeOut"),
            levels=fcpxml_levels(element, self.start(element)),
            speed=speed_of(element),
            kind=_NESTED.get(element.tag, "title" if element.tag == "title" else "clip"),
            metadata=facts,
        )

    def nested(self, element: Element, inside: tuple[str, ...]) -> Delivery | None:
        """What a compound, synchronized or multicam clip holds."""
        name = element.get("name", "")
        if element.tag == "sync-clip":
            rows = _Rows()
            for child in element:
                if child.tag in _STORY:
                    at = seconds(child, "offset") - self.start(element)
                    self.element(child, _Place(max(Fraction(0), at), lane_of(child)), rows, inside)
            tracks = tuple(_tracks(rows))
            return Delivery(name, _DEFAULT_RATE, end_of(tracks), tracks=tracks, media=self.media)
        if element.tag not in _NESTED:
            return None
        reference = element.get("ref", "")
        if reference in inside or len(inside) >= MAX_NESTED:
            raise TimelineError(f"The clip {name!r} lies inside itself.", hint="Export it flat.")
        media = self.resources.get(reference)
        if media is None:
            return None
        deeper = (*inside, reference)
        if element.tag == "mc-clip":
            return self.angles(media, name, element, deeper)
        sequence = media.find("sequence")
        return self.sequence(sequence, name, deeper) if sequence is not None else None

    def angles(self, media: Element, name: str, clip: Element, inside: tuple[str, ...]) -> Delivery | None:
        """A multicam's angles; those that the clip uses for picture and sound, else the first."""
        multicam = media.find("multicam")
        if multicam is None:
            return None
        used: dict[str, str] = {}
        for source in clip.findall("mc-source"):
            key, sense = source.get("angleID", ""), source.get("srcEnable") or "all"
            used[key] = sense if used.get(key, sense) == sense else "all"
        every = multicam.findall("mc-angle")
        chosen = [each for each in every if each.get("angleID") in used] or every[:1]
        rows = _Rows()
        for lane, angle in enumerate(chosen):
            only = used.get(angle.get("angleID", ""), "all").replace("all", "")
            self.story(angle, _Place(Fraction(0), lane, only=only), Fraction(0), rows, inside)
        tracks = tuple(_tracks(rows))
        rate = self.rate(multicam.get("format", "")) or _DEFAULT_RATE
        return Delivery(name, rate, end_of(tracks), tracks=tracks, media=self.media)

    def asset(self, reference: str) -> Media | None:
        """A file; effects and compound clips are none."""
        element = self.resources.get(reference)
        if element is None or element.tag != "asset":
            return None
        if reference not in self.media:
            part = element.find("media-rep")
            url = (part.get("src") if part is not None else None) or element.get("src") or ""
            picture = element.get("hasVideo") == "1"
            sound = element.get("hasAudio") == "1"
            rate = self.rate(element.get("format", "")) if picture else None
            told = element.get("audioRate", "")
            reel = element.find("metadata/md[@key='com.apple.proapps.studio.reel']")
            self.media[reference] = Media(
                id=reference,
                name=element.get("name") or name_of(url),
                path=path_of(url, self.path.parent) if url else None,
                length=max(0, to_samples(seconds(element, "duration"))),
                start=to_samples(seconds(element, "start")),
                channels=count_of(element.get("audioChannels"), 1) if sound else 0,
                sample_rate=audio_rate(told),
                frame_rate=(rate or _DEFAULT_RATE) if picture else None,
                size=size_of(self.resources.get(element.get("format", ""))) if picture else None,
                reel=reel.get("value", "") if reel is not None else "",
                candidates=(url,) if url else (),
            )
        return self.media[reference]


def _add(rows: _Rows, kind: Kind, lane: int, item: Item, role: str) -> None:
    if role:
        item = replace(item, metadata={**item.metadata, AUDIO_ROLE: role})
    rows.items.setdefault((kind, lane), []).append(item)
    rows.names.setdefault((kind, lane), set()).add(role)


def _tracks(rows: _Rows) -> Iterator[Track]:
    """Picture from the lowest lane up; sound from the storyline down, then what lies above it."""
    pictures = sorted(lane for kind, lane in rows.items if kind is Kind.VIDEO)
    sounds = sorted((lane for kind, lane in rows.items if kind is Kind.AUDIO), key=lambda n: (n > 0, abs(n)))
    for kind, lanes in ((Kind.VIDEO, pictures), (Kind.AUDIO, sounds)):
        for number, lane in enumerate(lanes, start=1):
            items = rows.items[kind, lane]
            name = _track_name(rows.names[kind, lane]) or f"{kind.value[0].upper()}{number}"
            shapes = rows.transitions if kind is Kind.VIDEO else rows.crossfades
            over = tuple(shapes) if lane == 0 else ()
            width = rows.widths.get(lane, 1) if kind is Kind.AUDIO else 1
            blank = Track(name, kind, role_of(name, kind), channels=width, transitions=over)
            yield from packed(blank, items)


def _track_name(roles: set[str]) -> str:
    """The sub-role that all clips of a lane share: ours are the tracks' names."""
    return next(iter(roles)).rpartition(".")[2] if len(roles) == 1 else ""
