"""Reads Pro Tools session texts (`.txt`): File > Export > Session Info as Text, with track EDLs.

A text says where each clip lies, and with user timestamps also which part of its file it plays: the
timestamp of a clip that was trimmed is that of its first sample, wherever the clip was moved to (Pro Tools
Reference Guide, "Exporting a Clip"). Without timestamps that is unknown, and a note says so.

Written from the Reference Guide and from texts that users published. None of Pro Tools' own versions could be
tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from rythmo.errors import InputError
from rythmo_bridge.formats.limits import (
    read_bytes,
    require_length,
    unreadable_error,
    without_garbage_collection,
)
from rythmo_bridge.formats.media_paths import path_of
from rythmo_bridge.formats.reader_items import crop_before_start, end_of, line_of, pack_items, role_of
from rythmo_bridge.formats.session_text.sections import (
    ClipRow,
    SessionText,
    TrackText,
    each_clip,
    is_session_text,
    split_sections,
)
from rythmo_bridge.formats.session_text.times import SessionClock, count_from_midnight, make_clock
from rythmo_bridge.timeline import SOURCE_UNKNOWN, Item, Kind, Marker, Media, Timeline, Track

KEY = "session_text"
_MOST_CLIPS = 1_000_000
_HINT = "In Pro Tools: File > Export > Session Info as Text, with Include Track EDLs."
_NO_STAMPS = (
    "The session text holds no user timestamps, so which part of a take plays is guessed: a clip that was "
    "both cut at its head and moved is taken for one that was cut at its tail. "
    "Tick Include User Timestamps at export."
)
_FADES = ("(fade in)", "(fade out)", "(cross fade)")
# What Pro Tools adds to the names of tracks that are not mono, and to those of a clip's channels.
_WIDTH = re.compile(
    r"\s*\((?:Stereo|Quad|LCRS?|\d\.\d(?:\.\d)?(?: SDDS)?)\)\Z",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"\.(?:L|R|C|Ls|Rs|LFE|Lss|Rss|Lsr|Rsr|A\d+)\Z")
_MAC_FOLDER = re.compile(r"([^:/\\]+):(.*):?\Z", re.DOTALL)
_HIGH_CONTROLS = range(0x80, 0xA0)


@without_garbage_collection
def read(path: Path) -> Timeline:
    """Read the text.

    Raises:
        TimelineError: The file is no session text, lacks the track EDLs, or holds times that make no sense.
    """
    text = decode_text(read_bytes(path))
    if not is_session_text(text):
        raise unreadable_error(path, "it is not a Pro Tools session text", _HINT)
    try:
        return timeline_of(split_sections(text), path.parent)
    except InputError as error:
        raise unreadable_error(path, error.message.rstrip("."), error.hint) from error


def decode_text(data: bytes) -> str:
    """Decode a text as Pro Tools writes it: UTF-8, or the Mac's or Windows' own encoding ("TextEdit")."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Letters with accents lie in this range in Mac Roman, and hardly anything in Windows-1252.
        mac = any(byte in _HIGH_CONTROLS for byte in data)
        return data.decode("mac_roman" if mac else "cp1252", "replace")


def timeline_of(found: SessionText, folder: Path) -> Timeline:
    """Return the sections as a timeline; media paths that are relative count from `folder`.

    Raises InputError for a text that makes no sense.
    """
    head = found.head
    clock = make_clock(
        head.get("SAMPLE RATE", ""), head.get("SESSION START TIMECODE", ""), head.get("TIMECODE FORMAT", "")
    )
    if not found.tracks:
        raise InputError("it holds no track EDLs", hint=_HINT)
    if sum(len(track.rows) for track in found.tracks) > _MOST_CLIPS:
        raise InputError(f"it holds more than {_MOST_CLIPS} clips", hint="Export fewer tracks.")
    reader = _Reader(found, clock, folder)
    tracks = tuple(track for each in found.tracks for track in reader.tracks(each))
    return Timeline(
        name=head.get("SESSION NAME", ""),
        frame_rate=clock.rate,
        length=end_of(tracks),
        start_frame=clock.start_frame,
        drop=clock.drop,
        tracks=tracks,
        media=reader.media,
        markers=tuple(reader.markers()),
        metadata={KEY: {"sample_rate": clock.sample_rate, "timestamps": reader.stamped}},
        notes=() if reader.stamped else (_NO_STAMPS,),
    )


def plain_track_name(name: str) -> str:
    """Return a track's name without the width that Pro Tools adds in a text: "M&E (Stereo)" is M&E."""
    return _WIDTH.sub("", name)


class _Reader:
    def __init__(self, found: SessionText, clock: SessionClock, folder: Path) -> None:
        self.found = found
        self.clock = clock
        self.folder = folder
        self.media: dict[str, Media] = {}
        rows = [row for track in found.tracks for row in track.rows if row.name not in _FADES]
        self.stamped = bool(rows) and any(row.timestamp for row in rows)
        samples = [clock.position(row.timestamp) for row in rows if row.timestamp.isdigit()]
        self.offset = 0 if count_from_midnight(samples, clock) else clock.start_reference

    def tracks(self, track: TrackText) -> Iterable[Track]:
        """Yield a track's clips as one track, or several where clips overlap."""
        clips = list(each_clip(track))
        items = _with_fades([self.item(row) for row, _ in clips])
        name = plain_track_name(track.name)
        blank = Track(
            name,
            Kind.AUDIO,
            role_of(name, Kind.AUDIO),
            enabled=not track.state & {"Muted", "Inactive"},
            channels=max((width for _, width in clips), default=1),
            solo="Solo" in track.state,
        )
        yield from pack_items(blank, crop_before_start(items))

    def item(self, row: ClipRow) -> Item:
        """Return a row as an item; a fade's has its name as `kind`."""
        start, end = self.clock.position(row.start), self.clock.position(row.end)
        fade = row.name in _FADES
        name = row.name if fade else _CHANNEL.sub("", row.name)
        return Item(
            name=name,
            start=start,
            length=require_length(end - start, row.name),
            media=None if fade else self.file(row),
            source=self.source(row),
            line=line_of(name),
            enabled=not row.muted,
            kind=row.name if fade else "clip",
            metadata={} if row.timestamp else {SOURCE_UNKNOWN: True},
        )

    def source(self, row: ClipRow) -> int:
        """Return a clip's timestamp in samples since midnight; 0 where there is none."""
        if not row.timestamp:
            return 0
        at = self.clock.position(row.timestamp)
        return max(0, at + (self.offset if row.timestamp.isdigit() else self.clock.start_reference))

    def file(self, row: ClipRow) -> str:
        """Return the id of a clip's file, which is named in the list of clips if the text has one."""
        name = self.found.sources.get(row.name, "") or _CHANNEL.sub("", row.name)
        if name not in self.media:
            told = _full_path(self.found.files.get(name, ""), name)
            path = path_of(told, self.folder) if told else None
            candidates = (told,) if told else ()
            self.media[name] = Media(name, name, path, start_told=False, candidates=candidates)
        return name

    def markers(self) -> Iterable[Marker]:
        """Yield the markers at or after the session's start."""
        for row in self.found.markers:
            at = self.clock.position(row.location)
            if at >= 0:
                yield Marker(at, row.name, row.comment, line=line_of(row.name))


def _full_path(location: str, name: str) -> str:
    """Return a file's path. A Mac writes `Disk:Folder:Folder:`, where the disk is below /Volumes."""
    if not location:
        return ""
    if "/" not in location and "\\" not in location and (match := _MAC_FOLDER.match(location)):
        parts = [part for part in match[2].split(":") if part]
        return str(PurePosixPath("/Volumes", match[1], *parts, name))
    if location.endswith(name):
        return location
    separator = "\\" if "\\" in location else "/"
    return f"{location.rstrip(separator)}{separator}{name}"


def _with_fades(items: Sequence[Item]) -> list[Item]:
    """Give the rows of fades to the clips beside them. A crossfade is shared half and half."""
    clips = [item for item in items if item.kind == "clip"]
    ending = {clip.end: place for place, clip in enumerate(clips)}
    beginning = {clip.start: place for place, clip in enumerate(clips)}
    for fade in (item for item in items if item.kind != "clip"):
        before = ending.get(fade.start) if fade.kind != "(fade in)" else None
        after = beginning.get(fade.end) if fade.kind != "(fade out)" else None
        tail = fade.length // 2 if after is not None else fade.length
        head = fade.length - tail if before is not None else fade.length
        if before is not None:
            clips[before] = replace(clips[before], length=clips[before].length + tail, fade_out=tail)
        if after is not None:
            clips[after] = _with_fade_in(clips[after], head)
    return clips


def _with_fade_in(clip: Item, head: int) -> Item:
    source = max(0, clip.source - head) if clip.source else 0
    return replace(clip, start=clip.start - head, length=clip.length + head, source=source, fade_in=head)
