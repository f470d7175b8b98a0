"""Finds our lines in a foreign timeline: which line a clip is, which samples of it are heard, and who speaks.

A clip is recognised by the line id in its metadata, else by the take's name at the head of its own or its
file's name, else by its sound: the file's description, or a length and timecode that no other take has.

Its speaker follows from its role, else from its track if that still has the name it was delivered with, else
from the line. Hosts put clips on whatever track is free, so a position alone means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rythmo.errors import RythmoError
from rythmo.media.bwf import read_description
from rythmo.timebase import frames_to_samples
from rythmo_bridge.alternates import is_alternate
from rythmo_bridge.conform.changes import Piece
from rythmo_bridge.conform.content import content_of, guess_content
from rythmo_bridge.conform.fades import fades_of
from rythmo_bridge.formats.reader_items import line_of
from rythmo_bridge.timeline import AUDIO_ROLE, SOURCE_UNKNOWN, Item, Kind, Media, Timeline, Track

_TAKE = re.compile(r"_(t\d{2,})(?![0-9])")
_LANE = re.compile(r"\s*\(\d+\)$")
_LOUDEST, _SOFTEST = 24.0, -144.0
_SILENT_DB = -96.0


@dataclass(frozen=True, slots=True)
class DeliveredLine:
    """A line as it was delivered.

    `until` is the sample that its clip reaches in formats that count in frames, where the frame in which the
    next line begins belongs to that next line. `take` is the take that it plays.
    """

    line: str
    item: Item
    media: Media | None
    speaker: str | None
    track: str
    until: int
    take: str = ""


@dataclass(frozen=True, slots=True)
class FoundClips:
    """The clips found: pieces by line, clips that belong to no line, and clips with contradictory ids.

    `known` are the lines as delivered, `items` the clips behind the pieces, `tracks` the plain names of all
    sound tracks, and `clips` the number of sound clips that were examined.
    """

    pieces: Mapping[str, tuple[Piece, ...]]
    unknown: tuple[tuple[str, Piece], ...]
    disagreeing: Mapping[str, str]
    known: Mapping[str, DeliveredLine] = field(default_factory=dict)
    items: Mapping[str, tuple[tuple[Item, Media | None], ...]] = field(default_factory=dict)
    tracks: frozenset[str] = frozenset()
    clips: int = 0


def take_in_names(*names: str) -> str:
    """Return the take in the first of these names that holds one: `S1_0007_t02.wav` holds t02. Else empty."""
    for name in names:
        if line_of(name) and (match := _TAKE.search(name)):
            return match[1]
    return ""


def delivered_lines(delivered: Timeline) -> dict[str, DeliveredLine]:
    """Return every line of a delivery, by id."""
    found = {}
    for track in delivered.tracks_of(Kind.AUDIO):
        for item, after in zip(track.items, (*track.items[1:], None), strict=False):
            if item.line is None:
                continue
            until = item.end if after is None else min(item.end, frame_floor(delivered, after.start))
            found[item.line] = DeliveredLine(
                item.line,
                item,
                delivered.media_of(item),
                track.speaker,
                track.name,
                max(until, item.start),
                take_in_names(item.name),
            )
    return found


def frame_floor(delivery: Timeline, position: int) -> int:
    """Return the frame border at or before a position."""
    frame = delivery.frame(position)
    border = frames_to_samples(frame, delivery.frame_rate, delivery.sample_rate)
    if border > position:
        border = frames_to_samples(frame - 1, delivery.frame_rate, delivery.sample_rate)
    return border


def plain_name(name: str) -> str:
    """Return a track's name without what hosts change in it: case, spaces, punctuation and lane number."""
    return re.sub(r"[^0-9a-z\u00c0-\uffff]+", "", _LANE.sub("", name).casefold())


def line_starts(edited: Timeline, known: Mapping[str, DeliveredLine]) -> dict[str, int]:
    """Return where each line's first clip begins in the edited timeline, in samples."""
    signs = LineSigns(known)
    found: dict[str, int] = {}
    for track in _chosen_tracks(edited):
        for item in track.items:
            line, _ = signs.of(item, edited.media_of(item))
            if line is not None:
                found[line] = min(item.start, found.get(line, item.start))
    return found


def find_line_clips(
    delivered: Timeline, edited: Timeline, known: Mapping[str, DeliveredLine] | None = None
) -> FoundClips:
    """Search the sound of the edited timeline, which must be flat, for the clips of lines.

    `known` are the lines of `delivered`, if the caller has them already.
    """
    known = delivered_lines(delivered) if known is None else known
    signs, people = LineSigns(known), _People(delivered, known)
    own = {_stem(media.name) for media in delivered.media.values()}
    pieces: dict[str, list[Piece]] = {}
    items: dict[str, list[tuple[Item, Media | None]]] = {}
    unknown: list[tuple[str, Piece]] = []
    disagreeing: dict[str, str] = {}
    clips, names = 0, set()
    for track in _chosen_tracks(edited):
        names.add(plain_name(track.name))
        found = [(item, *signs.of(item, edited.media_of(item))) for item in track.items]
        holds_lines = any(line is not None for _, line, _ in found)
        clips += len(found)
        for item, line, named in found:
            media = edited.media_of(item)
            piece = _piece(item, track, media, known.get(line or ""), people, delivered)
            if line is None:
                # Stems and the original are not lines; any other clip among lines is unknown.
                ours = _stem(media.name if media else item.name) in own
                if not ours and (holds_lines or people.by_track(track.name) or named):
                    unknown.append((item.name, piece))
                continue
            pieces.setdefault(line, []).append(piece)
            items.setdefault(line, []).append((item, media))
            if named and named != line:
                disagreeing[line] = f"a clip is {line} in its metadata and {named} in its name"
    ordered = {
        line: tuple(sorted(each, key=lambda p: (p.content, p.start, p.track)))
        for line, each in pieces.items()
    }
    held = {line: tuple(each) for line, each in items.items()}
    return FoundClips(ordered, tuple(unknown), disagreeing, known, held, frozenset(names), clips)


def _chosen_tracks(edited: Timeline) -> Iterable[Track]:
    """Return the sound tracks without those that hold takes which were not chosen."""
    return (track for track in edited.tracks_of(Kind.AUDIO) if not is_alternate(track.name))


class LineSigns:
    """What tells which line a clip is. Each file is opened once."""

    def __init__(self, known: Mapping[str, DeliveredLine]) -> None:
        self._known = known
        self._told: dict[Path, str] = {}
        self._sounds: dict[tuple[int, int], list[str]] = {}
        for line in known.values():
            if line.media is not None and line.media.start and line.media.length:
                key = (line.media.start, line.media.length)
                self._sounds.setdefault(key, []).append(line.line)

    def of(self, item: Item, media: Media | None) -> tuple[str | None, str]:
        """Return the line that a clip belongs to, and the line that its name alone indicates."""
        named = line_of(item.name, media.name if media else "") or ""
        if item.line in self._known:
            return item.line, named
        if named in self._known:
            return named, named
        heard = self._by_sound(media)
        return (heard, "") if heard else (None, named or item.line or "")

    def _by_sound(self, media: Media | None) -> str | None:
        if media is None:
            return None
        lines = self._sounds.get((media.start, media.length), ())
        if len(lines) == 1:
            return lines[0]
        line = line_of(self._description(media.path)) if media.path is not None else None
        return line if line in self._known else None

    def _description(self, path: Path) -> str:
        """Return a file's description; that of our takes begins with the ids of line and take."""
        if path not in self._told:
            self._told[path] = ""
            with suppress(OSError, RythmoError):
                words = read_description(path).split()
                self._told[path] = "_".join(words[:2]) if len(words) > 1 else "".join(words)
        return self._told[path]


class _People:
    """The speakers, recognised by role or track."""

    def __init__(self, delivered: Timeline, known: Mapping[str, DeliveredLine]) -> None:
        self._tracks: dict[str, str | None] = {}
        for track in delivered.tracks_of(Kind.AUDIO):
            self._tracks.setdefault(plain_name(track.name), track.speaker)
        self._lines = {line.line: line.speaker for line in known.values()}

    def by_track(self, name: str) -> str | None:
        """Return the speaker whose track has this name; None if there is none."""
        return self._tracks.get(plain_name(name))

    def of(self, item: Item, track: Track, line: str | None) -> str | None:
        """Return who speaks a clip; None if it lies on a track of ours that belongs to no speaker."""
        role = plain_name(str(item.metadata.get(AUDIO_ROLE) or "").rpartition(".")[2])
        if self._tracks.get(role) is not None:
            return self._tracks[role]
        name = plain_name(track.name)
        if name in self._tracks:
            return self._tracks[name]
        return self._lines.get(line or "")


def _piece(
    item: Item,
    track: Track,
    media: Media | None,
    line: DeliveredLine | None,
    people: _People,
    delivered: Timeline,
) -> Piece:
    fade_in, fade_out = fades_of(item, track)
    gain_db, levels = item.gain_db, item.levels
    if levels and len({round(level.gain_db, 2) for level in levels}) == 1:
        # Some hosts write a steady gain as keyframes.
        gain_db, levels = gain_db + levels[0].gain_db, ()
    take = take_in_names(media.name if media else "", item.name)
    # Some programs write mute as a level of minus infinity.
    silent = gain_db <= _SILENT_DB
    gain_db = line.item.gain_db if silent and line is not None else gain_db
    return Piece(
        track.name,
        people.of(item, track, line.line if line else None),
        item.start,
        item.length,
        _content_position(item, media, line, take, delivered),
        item.speed,
        item.enabled and track.enabled and not silent,
        min(_LOUDEST, max(_SOFTEST, gain_db)),
        fade_in,
        fade_out,
        levels,
        take,
        (media.start if media else 0) + item.source,
    )


def _content_position(
    item: Item, media: Media | None, line: DeliveredLine | None, take: str, delivered: Timeline
) -> int:
    """Return where a clip's first sample was heard as delivered.

    For a clip of no line, or of another take, this is where it lies now.
    """
    if line is None:
        return item.start
    if take and line.take and take != line.take:
        return line.item.start
    if item.metadata.get(SOURCE_UNKNOWN):
        return guess_content(item, line.item)
    return content_of(item, media, line.item, line.media, delivered)


def _stem(name: str) -> str:
    return Path(name).stem.casefold()


def join_names(lines: Iterable[str], most: int = 3) -> str:
    """Join some names for a sentence."""
    names = list(lines)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
