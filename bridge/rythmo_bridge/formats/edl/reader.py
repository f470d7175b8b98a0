"""Reads CMX 3600 edit decision lists (`.edl`) of Avid, Premiere, Resolve, Nucoda and Rythmo.

An EDL holds neither its frame rate nor its first frame. Callers can give both. Without them, the rate is the
lowest common one that has all frame numbers of the list (30000/1001 if it says DROP FRAME), and the timeline
starts at the full hour before its first event (for a leader just before the first hour: at its first event).
`metadata["edl"]` records that the rate was inferred. `edl.times` interprets the timecodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from rythmo.errors import InputError
from rythmo.timebase import can_drop, frames_to_samples, nominal_rate
from rythmo_bridge.colours import Colour
from rythmo_bridge.formats.edl.times import (
    Clock,
    EventTimes,
    after_midnight,
    crosses_midnight,
    highest_record_frame,
    length_between,
    list_rate,
    record_drops,
    reel_clocks,
    require_rate,
)
from rythmo_bridge.formats.limits import (
    read_bytes,
    require_length,
    unreadable_error,
    without_garbage_collection,
)
from rythmo_bridge.formats.media_paths import name_of, path_of
from rythmo_bridge.formats.reader_items import end_of, line_of, pack_items, role_of
from rythmo_bridge.timeline import Item, Kind, Marker, Media, Timeline, Track, Transition

_TIMECODE = r"\d{1,2}[:;.,]\d{2}[:;.,]\d{2}[:;.,]\d{2}"
_EVENT = re.compile(
    rf"(\d+)\s+(.*?)\s+(\S+)\s+(C|D|W\d*|K\s*B|K\s*O|K)\s+(?:(\d+)\s+)?({_TIMECODE})\s+({_TIMECODE})"
    rf"\s+({_TIMECODE})\s+({_TIMECODE})\s*\Z"
)
_SPEED = re.compile(rf"M2\s+(.*?)\s+([-+]?\d+(?:\.\d+)?)\s+({_TIMECODE})?\s*\Z")
_LOCATOR = re.compile(rf"\*\s*LOC:\s+({_TIMECODE})\s+(\S+)\s*(.*)\Z")
_COMMENT = re.compile(r"\*\s*([A-Z][A-Z /_]*?)\s*(?:IS)?:\s*(.*)\Z")
# Comments without the star, which some programs leave out.
_BARE_NAME = re.compile(r"((?:FROM|TO) CLIP NAME|SOURCE FILE)\s*:\s*(.*)\Z")
# A line below an event that puts it on sound tracks beyond the second as well.
_MORE_SOUND = re.compile(r"AUD((?:\s+\d+)+)\s*\Z")
_SOME_TIMECODE = re.compile(_TIMECODE)
_LABEL = re.compile(r"\.([VA])(\d+) ([^/\\]*)\.edl\Z", re.IGNORECASE)
_MAX_EVENTS = 1_000_000
# Comments that name an event's file.
_FILES = ("SOURCE FILE", "SOURCE FILE PATH", "FROM FILE")


@dataclass(slots=True)
class _Event:
    number: str
    reel: str
    channel: str
    kind: str
    length: int
    times: tuple[str, str, str, str]
    drop: bool
    notes: dict[str, str] = field(default_factory=dict)
    speed: str = ""
    locators: list[tuple[str, str, str]] = field(default_factory=list)
    more_sound: tuple[str, ...] = ()

    @property
    def written(self) -> EventTimes:
        """Return its timecodes."""
        source_in, source_out, record_in, record_out = self.times
        retimed = bool(self.speed) or "FREEZE FRAME" in self.notes
        return EventTimes(self.reel, (source_in, source_out), (record_in, record_out), self.drop, retimed)


@without_garbage_collection
def read(path: Path) -> Timeline:
    """Read the list, at the rate that its frame numbers allow.

    Raises:
        TimelineError: The file cannot be read.
    """
    return read_at(path, None, None)


def read_at(path: Path, rate: Fraction | None, start_frame: int | None) -> Timeline:
    """Read the list of a timeline whose frame rate and first frame are known.

    Raises:
        TimelineError: The file cannot be read, or does not fit the rate.
    """
    text = _text(read_bytes(path))
    title, drop, events = _parse(path, text)
    if not events:
        raise unreadable_error(path, "it holds no event in CMX 3600 form")
    times = [event.written for event in events]
    try:
        drop = record_drops(times, header_drop=drop)
        used = rate or list_rate(times, drop=drop)
        require_rate(highest_record_frame(times), used)
        record = Clock(used, drop and can_drop(used))
        reels = reel_clocks(times, used, drop=record.drop or any(each.drop for each in times))
        reader = _Reader(path, record, reels, start_frame)
        return reader.timeline(title or path.stem, events, inferred=rate is None)
    except InputError as error:
        raise unreadable_error(path, error.message.rstrip("."), error.hint) from error


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parse(path: Path, text: str) -> tuple[str, bool, list[_Event]]:
    """Return the title, the drop-frame flag of the first FCM line, and the events with their comments."""
    title, drop, header = "", False, None
    events: list[_Event] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.upper().startswith("TITLE:"):
            title = line[6:].strip()
        elif line.upper().startswith("FCM:"):
            drop = "NON" not in line.upper()
            header = drop if header is None else header
        elif line[:1].isdigit() and (_EVENT.match(line) or _SOME_TIMECODE.search(line)):
            events.append(_event(path, number, line, drop=drop))
        elif events:
            _note(events[-1], line)
        if len(events) > _MAX_EVENTS:
            raise unreadable_error(path, f"it holds more than {_MAX_EVENTS} events")
    return title, bool(header), events


def _event(path: Path, number: int, line: str, *, drop: bool) -> _Event:
    match = _EVENT.match(line)
    if not match:
        raise unreadable_error(
            path, f"line {number} is not an event ({line[:60]!r})", "Export a CMX 3600 list."
        )
    label, reel, channel, kind, length, *times = match.groups()
    shape = "".join(kind.split())
    return _Event(label, reel, channel.upper(), shape, int(length or 0), (*times,), drop)  # type: ignore[arg-type]  # four, by the pattern


def _note(event: _Event, line: str) -> None:
    if match := _SPEED.match(line):
        event.speed = match[2]
    elif match := _LOCATOR.match(line):
        event.locators.append((match[1], match[2], match[3]))
    elif match := _COMMENT.match(line) or _BARE_NAME.match(line):
        event.notes.setdefault(match[1], match[2].strip())
    elif match := _MORE_SOUND.match(line):
        event.more_sound = tuple(match[1].split())
    elif line.upper().startswith("FINAL CUT PRO REEL:"):
        event.notes.setdefault("REEL", line[19:].strip())


class _Reader:
    def __init__(
        self, path: Path, record: Clock, reels: Mapping[str, Clock], start_frame: int | None
    ) -> None:
        self.path = path
        self.record = record
        self.reels = reels
        self.rate = record.rate
        self.start_frame = start_frame
        self.late = False
        self.media: dict[str, Media] = {}

    def recorded(self, text: str) -> int:
        """Return the frame that a record timecode names, counted from midnight of the first day."""
        return self.record.frame(after_midnight(text) if self.late else text)

    def timeline(self, title: str, events: list[_Event], *, inferred: bool) -> Timeline:
        """Return the timeline, with one track for each channel."""
        self.late = crosses_midnight([event.written.record for event in events])
        first = min(self.recorded(event.times[2]) for event in events)
        if self.start_frame is None:
            self.start_frame = self.inferred_start(first)
        rows: dict[tuple[Kind, int, str], list[Item]] = {}
        transitions: dict[tuple[Kind, int, str], list[Transition]] = {}
        markers: list[Marker] = []
        for event in events:
            markers += self.markers(event)
            item = self.item(event, _incoming(event))
            for row in _rows(event):
                if event.kind not in {"C", "KB"} and event.length:
                    name = "dissolve" if event.kind == "D" else event.kind
                    shape = Transition(item.start, self.samples(event.length), name)
                    transitions.setdefault(row, []).append(shape)
                if item.length and event.reel.upper() not in {"BL", "BLK"}:
                    rows.setdefault(row, []).append(item)
        tracks = tuple(self.tracks(rows, transitions))
        return Timeline(
            name=title,
            frame_rate=self.rate,
            length=end_of(tracks),
            start_frame=self.start_frame,
            drop=self.record.drop,
            tracks=tracks,
            media=self.media,
            markers=tuple(markers),
            metadata={"edl": {"rate_inferred": inferred}},
        )

    def inferred_start(self, first: int) -> int:
        """Return the full hour before the first event.

        For a leader just before the first hour it is the event itself.
        """
        hour = self.record.frame("01:00:00:00")
        return first if hour // 2 < first < hour else first // hour * hour

    def samples(self, frames: int) -> int:
        """Convert frames to samples."""
        return frames_to_samples(frames, self.rate)

    def tracks(
        self,
        rows: dict[tuple[Kind, int, str], list[Item]],
        transitions: dict[tuple[Kind, int, str], list[Transition]],
    ) -> Iterable[Track]:
        """Yield the tracks: picture first, then sound in order of channel."""
        label = _LABEL.search(self.path.name)
        for row in sorted(rows, key=lambda each: (each[0] is Kind.AUDIO, *each[1:])):
            kind, _, name = row
            # Our own lists hold one track each and say in their name which.
            shown = label[3] if label and len(rows) == 1 else name
            over = tuple(transitions.get(row, ()))
            width = 2 if name.endswith("A") else 1
            blank = Track(shown, kind, role_of(shown, kind), channels=width, transitions=over)
            yield from pack_items(blank, rows[row])

    def item(self, event: _Event, name: str) -> Item:
        """Return an event as an item; an event without length is the outgoing side of a transition."""
        start, end = (self.recorded(time) for time in event.times[2:])
        assert self.start_frame is not None
        at = start - self.start_frame
        if end < start:
            require_length(end - start, f"Event {event.number}")
        media = self.file(event, name)
        length = self.samples(at + end - start) - self.samples(at)
        speed = Fraction(1)
        if event.speed:
            speed = (Fraction(event.speed) / nominal_rate(self.rate)).limit_denominator(100_000)
        if "FREEZE FRAME" in event.notes:
            speed = Fraction(0)
        shown = name or event.notes.get("SOURCE FILE", "") or event.reel
        return Item(
            name=shown,
            start=self.samples(at),
            length=length,
            media=media.id if media else None,
            source=self.reels[event.reel].samples(event.times[0]) - (media.start if media else 0),
            line=event.notes.get("LINE") or line_of(name, event.notes.get("SOURCE FILE", "")),
            speed=speed,
        )

    def file(self, event: _Event, name: str) -> Media | None:
        """Return the reel's file. It extends to its last event, since a list gives no more."""
        if event.reel.upper() in {"BL", "BLK"}:
            return None
        told = next((event.notes[key] for key in _FILES if event.notes.get(key)), "")
        key = f"{event.reel}/{told or name}"
        clock, (begins, ends) = self.reels[event.reel], event.times[:2]
        end = clock.samples(begins) + length_between(clock, begins, ends)
        before = self.media.get(key)
        self.media[key] = Media(
            id=key,
            name=name_of(told) or name or event.reel,
            path=path_of(told, self.path.parent) if re.search(r"[\\/]", told) else None,
            length=max(end, before.length if before else 0),
            start_told=False,
            reel=event.reel,
            candidates=(told,) if told else (),
        )
        return self.media[key]

    def markers(self, event: _Event) -> Iterable[Marker]:
        """Yield locators, in record time."""
        assert self.start_frame is not None
        for time, colour, name in event.locators:
            at = self.samples(self.recorded(time) - self.start_frame)
            yield Marker(at, name, colour=Colour.__members__.get(colour.upper(), Colour.YELLOW))


def _incoming(event: _Event) -> str:
    """Return the clip's name; for a transition, that of the clip it goes to."""
    if event.kind != "C" and "TO CLIP NAME" in event.notes:
        return event.notes["TO CLIP NAME"]
    return event.notes.get("FROM CLIP NAME") or event.notes.get("CLIP NAME") or ""


def _rows(event: _Event) -> Iterable[tuple[Kind, int, str]]:
    """Yield place and name of each track that an event lies on: V, V2, A, A2, AA, B (both), AA/V.

    A key lies over its background. After `NONE`, another line names further sound tracks.
    """
    channel = event.channel
    if channel == "NONE" and not event.more_sound:
        yield Kind.VIDEO, 1, "V1"
    for part in channel.split("/"):
        if part == "B":
            yield Kind.VIDEO, 1, "V1"
            yield Kind.AUDIO, 1, "A1"
        elif part.startswith("V"):
            number = int(part[1:]) if part[1:].isdigit() else 1
            number += event.kind in {"K", "KO"}
            yield Kind.VIDEO, number, f"V{number}"
        elif part.startswith("AA"):
            yield Kind.AUDIO, 1, "AA"
            if part.endswith("V"):
                yield Kind.VIDEO, 1, "V1"
        elif part.startswith("A"):
            number = int(part[1:]) if part[1:].isdigit() else 1
            yield Kind.AUDIO, number, f"A{number}"
    for each in event.more_sound:
        yield Kind.AUDIO, int(each), f"A{int(each)}"
