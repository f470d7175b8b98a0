"""Reads Final Cut Pro X XML to version 1.13 (`.fcpxml`, and the folder `.fcpxmld`), of Final Cut and Resolve.

Everything is attached to a storyline: an element's `offset` counts in its parent's own time, its `start` is
where its own time begins. The reader flattens this: the storyline's picture becomes V1, lanes above it V2
..., and sound gets a track for each lane. Compound, synchronized and multicam clips keep their contents as
`nested`. Of an audition, the pick is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from rythmo.errors import InputError, TimelineError
from rythmo.timebase import SAMPLE_RATE, can_drop
from rythmo_bridge.formats.extent import note_left_out, require_bounded
from rythmo_bridge.formats.fcpxml.lanes import LaneRows, mute_roles
from rythmo_bridge.formats.fcpxml.resources import Resources
from rythmo_bridge.formats.fcpxml.timing import Window, conform_factor, read_transition, time_map
from rythmo_bridge.formats.fcpxml.values import (
    channel_gain,
    fade_of,
    gain_of,
    has_audible_channel,
    lane_of,
    markers_of,
    media_elements,
    mute_ranges,
    muted_roles,
    own_facts,
    seconds,
    seen_and_heard,
    size_of,
    sounding_channels,
    source_channels,
)
from rythmo_bridge.formats.levels import fcpxml_levels, muted_levels
from rythmo_bridge.formats.limits import (
    MAX_NESTED,
    has_length,
    parse_xml,
    read_bytes,
    require_length,
    to_samples,
    unreadable_error,
    without_garbage_collection,
)
from rythmo_bridge.formats.reader_items import end_of, line_of
from rythmo_bridge.formats.timeline_choice import choose_timeline
from rythmo_bridge.timeline import Item, Kind, Media, Timeline

_CLIPS = ("asset-clip", "clip", "ref-clip", "sync-clip", "mc-clip", "video", "audio", "title")
_STORY = (*_CLIPS, "gap", "audition", "spine", "transition")
_NESTED = {"ref-clip": "nested", "sync-clip": "synchronized", "mc-clip": "multicam"}
_DEFAULT_RATE = Fraction(25)


@without_garbage_collection
def read(path: Path, sequence: str = "") -> Timeline:
    """Read the project or clip called `sequence`, else the first project, else the first separate clip.

    Raises:
        TimelineError: The file cannot be read.
        UsageError: It holds nothing of that name.
    """
    file = path / "Info.fcpxml" if path.is_dir() else path
    root = parse_xml(file, read_bytes(file))
    if root.tag != "fcpxml":
        raise unreadable_error(path, f"it is not Final Cut Pro X XML (its root is {root.tag[:40]!r})")
    reader = _Reader(path, Resources.of(path, root))
    # Before version 1.3 events were called projects.
    projects = [each for each in root.iter("project") if each.find("sequence") is not None]
    loose = [each for each in _clips_outside_projects(root) if each.tag in _CLIPS]
    candidates = [*projects, *loose] if sequence or not projects else projects
    if not candidates:
        raise unreadable_error(path, "it holds neither a project nor a clip")
    chosen, notes = choose_timeline(path, [each.get("name") or "" for each in candidates], sequence)
    try:
        found = note_left_out(reader.whole(candidates[chosen]), reader.left_out)
        require_bounded(found)
        return replace(found, notes=(*notes, *found.notes))
    except InputError as error:
        if isinstance(error, TimelineError) and "cannot be read" in error.message:
            raise
        raise unreadable_error(path, error.message.rstrip("."), error.hint) from error


def _clips_outside_projects(root: Element) -> Iterator[Element]:
    for child in root:
        if child.tag in {"library", "event", "project"}:
            yield from _clips_outside_projects(child)
        else:
            yield child


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element is, and whether it is heard and seen.

    `at` is its start in record seconds; lane and rate are those of its sequence.
    """

    at: Fraction
    lane: int
    rate: Fraction
    enabled: bool = True
    gain_db: float = 0.0
    only: str = ""


@dataclass(slots=True)
class _Reader:
    path: Path
    resources: Resources
    inner: dict[tuple[str, ...], Timeline] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def whole(self, element: Element) -> Timeline:
        """Return the timeline of a project, or of a clip outside projects."""
        sequence = element.find("sequence") if element.tag == "project" else None
        if sequence is None:
            return self.alone(element)
        return self.sequence(sequence, element.get("name") or self.path.stem, ())

    def sequence(self, element: Element, name: str, inside: tuple[str, ...]) -> Timeline:
        """Return a sequence or multicam angle with everything attached to it."""
        rate = self.resources.rate(element.get("format", "")) or _DEFAULT_RATE
        start = seconds(element, "tcStart")
        rows = LaneRows()
        self.story(element.findall("spine"), _Place(Fraction(0), 0, rate), start, rows, inside)
        tracks = tuple(rows.tracks())
        return Timeline(
            name=name,
            frame_rate=rate,
            length=max(to_samples(seconds(element, "duration")), end_of(tracks)),
            start_frame=max(0, round(start * rate)),
            drop=element.get("tcFormat") == "DF" and can_drop(rate),
            size=size_of(self.resources.get(element.get("format", ""))),
            tracks=tracks,
            media=self.resources.media,
            markers=tuple(sorted(rows.markers, key=lambda each: (each.start, each.name))),
        )

    def alone(self, clip: Element) -> Timeline:
        """Return a clip outside any project as a timeline."""
        rows = LaneRows()
        resource = self.resources.get(clip.get("ref", ""))
        form = clip.get("format") or (resource.get("format") if resource is not None else None) or ""
        inner = (resource if resource is not None else clip).find("sequence")
        if not form and inner is not None:
            form = inner.get("format", "")
        rate = self.resources.rate(form) or _DEFAULT_RATE
        self.element(clip, _Place(Fraction(0), 0, rate), rows, ())
        tracks = tuple(rows.tracks())
        name, media = clip.get("name") or self.path.stem, self.resources.media
        return Timeline(name, rate, end_of(tracks), tracks=tracks, media=media, markers=tuple(rows.markers))

    def story(
        self,
        elements: Iterable[Element],
        place: _Place,
        start: Fraction,
        rows: LaneRows,
        inside: tuple[str, ...],
    ) -> None:
        """Read elements in a row: spines, or the contents of one.

        Without an offset, one follows the other.
        """
        next_at = place.at
        for child in elements:
            if child.tag == "spine":
                self.story(child, place, start, rows, inside)
                continue
            if child.tag not in _STORY:
                continue
            at = place.at + seconds(child, "offset") - start if child.get("offset") else next_at
            if child.tag == "transition":
                rows.cross(
                    place.lane, read_transition(child, at), sound=child.find("filter-audio") is not None
                )
                continue
            self.element(child, replace(place, at=at), rows, inside)
            next_at = at + self.resources.length(child)

    def element(self, element: Element, place: _Place, rows: LaneRows, inside: tuple[str, ...]) -> None:
        """Read a clip, gap or audition, and what is attached to it."""
        if element.tag == "audition":
            pick = next((each for each in element if each.tag in _CLIPS), None)
            if pick is not None:
                self.element(pick, place, rows, inside)
            return
        own = replace(
            place,
            enabled=place.enabled and element.get("enabled") != "0",
            gain_db=place.gain_db + gain_of(element),
            only=element.get("srcEnable") or place.only,
        )
        window = Window(
            place.at,
            self.resources.start(element),
            self.resources.length(element),
            conform_factor(element, place.rate),
            time_map(element),
        )
        if element.tag != "gap":
            self.clip(element, own, window, rows, inside)
        rows.markers += markers_of(element, window.start, place.at, window.factor)
        self.hung(element, own, window, rows, inside)

    def hung(
        self, element: Element, place: _Place, window: Window, rows: LaneRows, inside: tuple[str, ...]
    ) -> None:
        """Read what is attached to an element in other lanes.

        It stays enabled when the element is disabled.
        """
        if element.tag == "sync-clip" and not any(c.tag in _STORY and c.get("lane") is None for c in element):
            return
        for child in element:
            if child.tag not in _STORY or (child.get("lane") is None and element.tag in _CLIPS):
                continue
            at = place.at + (seconds(child, "offset") - window.start) * window.factor
            free = _Place(at, place.lane + lane_of(child), place.rate)
            if child.tag == "spine":
                # What lies in a secondary storyline counts from the storyline's beginning.
                self.story(child, free, Fraction(0), rows, inside)
            else:
                self.element(child, free, rows, inside)

    def clip(
        self, element: Element, place: _Place, window: Window, rows: LaneRows, inside: tuple[str, ...]
    ) -> None:
        """Read the items of one clip: its picture, its sound, or both, linked."""
        if element.tag == "clip":
            self.contained(element, place, window, rows)
            return
        reference = element.get("ref", "")
        media = self.resources.asset(reference)
        nested, before = self.nested(element, place, window.start, inside)
        seen, heard = seen_and_heard(element, media, self.resources.get(reference), place.only)
        heard = heard and has_audible_channel(element)
        link = rows.link() if seen and heard else None
        length = to_samples(window.at + window.length) - to_samples(window.at)
        if not has_length(length, element.get("name") or (media.name if media else ""), self.left_out):
            return
        if seen:
            item = self.item(element, replace(place, gain_db=0.0), window, media, nested, before)
            rows.add(Kind.VIDEO, place.lane, replace(item, levels=(), link=link))
        if heard:
            width = media.channels if media else 1
            rows.widths[place.lane] = max(rows.widths.get(place.lane, 1), width)
            louder = replace(place, gain_db=place.gain_db + channel_gain(element))
            item = self.item(element, louder, window.heard(element), media, nested, before)
            channels = sounding_channels(element, media)
            role = element.get("audioRole") or element.get("role") or own_facts(element).get("role", "")
            rows.add(Kind.AUDIO, place.lane, replace(item, channels=channels, link=link), role)

    def contained(self, clip: Element, place: _Place, window: Window, rows: LaneRows) -> None:
        """Read a `clip`, which is a window onto the video and audio elements inside it."""
        length = to_samples(window.at + window.length) - to_samples(window.at)
        if not has_length(length, clip.get("name") or "", self.left_out):
            return
        inner = list(media_elements(clip))
        link = rows.link() if len(inner) > 1 else None
        for element, shift in inner:
            kind = Kind.AUDIO if element.tag == "audio" else Kind.VIDEO
            if place.only not in ("", kind.value):
                continue
            media = self.resources.asset(element.get("ref", ""))
            # From the window's own time to that of the element.
            into = self.resources.start(element) - seconds(element, "offset") + shift
            played = window.heard(clip) if kind is Kind.AUDIO else window
            item = self.item(clip, place, played, media, into=into)
            item = replace(item, name=item.name or element.get("name", ""), link=link)
            if kind is Kind.AUDIO:
                item = replace(item, channels=source_channels(element, media))
            rows.add(kind, place.lane, item, element.get("role") or "")

    def item(
        self,
        element: Element,
        place: _Place,
        window: Window,
        media: Media | None,
        nested: Timeline | None = None,
        into: Fraction = Fraction(0),
    ) -> Item:
        """Return a clip at its place; its source counts from the media's first sample, plus `into`."""
        name = element.get("name") or (media.name if media else "")
        begin = to_samples(window.at)
        source, speed = window.source
        facts = own_facts(element)
        facts.pop("role", None)
        return Item(
            name=name,
            start=begin,
            length=require_length(to_samples(window.at + window.length) - begin, name),
            media=media.id if media else None,
            source=to_samples(source + into) - (media.start if media else 0),
            line=facts.pop("line_id", None) or line_of(name, media.name if media else ""),
            enabled=place.enabled,
            gain_db=place.gain_db,
            fade_in=fade_of(element, "fadeIn"),
            fade_out=fade_of(element, "fadeOut"),
            levels=muted_levels(
                fcpxml_levels(element, window.start), mute_ranges(element, window.start, window.length)
            ),
            speed=speed,
            kind=_NESTED.get(element.tag, "title" if element.tag == "title" else "clip"),
            nested=nested,
            metadata=facts,
        )

    def nested(
        self, element: Element, place: _Place, start: Fraction, inside: tuple[str, ...]
    ) -> tuple[Timeline | None, Fraction]:
        """Return the contents of a compound, synchronized or multicam clip.

        The second value leads from the clip's own time to the time of the contents, which begins at zero.
        """
        name = element.get("name", "")
        if element.tag == "sync-clip":
            return self.synchronized(element, place.rate, start, inside)
        if element.tag not in _NESTED:
            return None, Fraction(0)
        reference = element.get("ref", "")
        if reference in inside or len(inside) >= MAX_NESTED:
            raise TimelineError(f"The clip {name!r} contains itself.", hint="Export it flat.")
        media = self.resources.get(reference)
        if media is None:
            return None, Fraction(0)
        inner = media.find("multicam" if element.tag == "mc-clip" else "sequence")
        if inner is None:
            return None, Fraction(0)
        return self.shared(element, media, inner, (*inside, reference)), -seconds(inner, "tcStart")

    def shared(self, clip: Element, media: Element, inner: Element, inside: tuple[str, ...]) -> Timeline:
        """Return the contents of a compound or multicam clip, cached for clips that show the same of it.

        Otherwise nested compound clips would be read over and over.
        """
        reference, roles = inside[-1], muted_roles(clip)
        used = (f"{each.get('angleID')}/{each.get('srcEnable')}" for each in clip.iter("mc-source"))
        key = (reference, *used, "roles", *sorted(roles))
        if key not in self.inner:
            name = media.get("name") or clip.get("name") or ""
            if inner.tag == "multicam":
                self.inner[key] = self.angles(inner, name, clip, inside)
            else:
                whole = self.inner.get((reference,)) or self.sequence(inner, name, inside)
                self.inner[(reference,)] = whole
                self.inner[key] = mute_roles(whole, roles)
        return self.inner[key]

    def synchronized(
        self, clip: Element, rate: Fraction, start: Fraction, inside: tuple[str, ...]
    ) -> tuple[Timeline, Fraction]:
        """Return the contents of a synchronized clip. Some may begin before the clip does.

        A child with a lane does not belong to it, but is attached to the clip in the outer timeline.
        """
        rows = LaneRows()
        plain = any(child.tag in _STORY and child.get("lane") is None for child in clip)
        for child in clip:
            if child.tag in _STORY and (child.get("lane") is None or not plain):
                place = _Place(seconds(child, "offset") - start, lane_of(child), rate)
                self.element(child, place, rows, inside)
        first = min((item.start for items in rows.items.values() for item in items), default=0)
        early = max(0, -first)
        for row, items in rows.items.items():
            rows.items[row] = [replace(item, start=item.start + early) for item in items]
        tracks = tuple(rows.tracks())
        name = clip.get("name", "")
        found = Timeline(name, rate, end_of(tracks), tracks=tracks, media=self.resources.media)
        return mute_roles(found, muted_roles(clip)), Fraction(early, SAMPLE_RATE) - start

    def angles(self, multicam: Element, name: str, clip: Element, inside: tuple[str, ...]) -> Timeline:
        """Return a multicam's angles: those that the clip uses for picture and sound, else the first."""
        used: dict[str, str] = {}
        for source in clip.findall("mc-source"):
            key, sense = source.get("angleID", ""), source.get("srcEnable") or "all"
            used[key] = sense if used.get(key, sense) == sense else "all"
        every = multicam.findall("mc-angle")
        chosen = [each for each in every if each.get("angleID") in used] or every[:1]
        rate = self.resources.rate(multicam.get("format", "")) or _DEFAULT_RATE
        rows, start = LaneRows(), seconds(multicam, "tcStart")
        for lane, angle in enumerate(chosen):
            only = used.get(angle.get("angleID", ""), "all").replace("all", "")
            if only != "none":
                self.story(angle, _Place(Fraction(0), lane, rate, only=only), start, rows, inside)
        tracks = tuple(rows.tracks())
        found = Timeline(name, rate, end_of(tracks), tracks=tracks, media=self.resources.media)
        return mute_roles(found, muted_roles(clip))
