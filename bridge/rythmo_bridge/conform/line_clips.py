"""Finds our lines in a foreign timeline: whose a clip is, which samples of it sound, whose track it lies on.

A clip is known by the line id in its metadata, else by the take's name at the head of its own or its file's.
Which samples it plays is told by timecode: a delivered take carries, as its file's timecode, the place where
it was heard. Hosts that forget a file's timecode count from the file's beginning instead; both are tried,
and the reading that falls inside the line is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from rythmo.timebase import frames_to_samples, time_reference
from rythmo_bridge.conform.changes import Piece
from rythmo_bridge.formats.reader_items import line_of
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

_FRAMED_FOLDER = "media"
"""Where deliveries that count in frames keep takes that begin on a frame."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A line as it was delivered; `until` is the sample its clip reaches in formats that count in frames,
    where the frame in which the next line begins belongs to that one."""

    line: str
    item: Item
    media: Media | None
    speaker: str | None
    until: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: pieces by line, clips that are nobody's line, and clips whose signs disagree."""

    pieces: Mapping[str, tuple[Piece, ...]]
    unknown: tuple[tuple[str, Piece], ...]
    disagreeing: Mapping[str, str]


def delivered_lines(delivered: Timeline) -> dict[str, Delivered]:
    """Every line of a delivery, by id."""
    found = {}
    for track in delivered.tracks_of(Kind.AUDIO):
        for item, after in zip(track.items, (*track.items[1:], None), strict=False):
            if item.line is None:
                continue
            until = item.end if after is None else min(item.end, frame_floor(delivered, after.start))
            found[item.line] = Delivered(
                item.line, item, delivered.media_of(item), track.speaker, max(until, item.start)
            )
    return found


def frame_floor(delivery: Timeline, position: int) -> int:
    """The frame border at or before a position."""
    frame = delivery.frame(position)
    border = frames_to_samples(frame, delivery.frame_rate, delivery.sample_rate)
    if border > position:
        border = frames_to_samples(frame - 1, delivery.frame_rate, delivery.sample_rate)
    return border


def find(delivered: Timeline, edited: Timeline) -> Found:
    """Look through the sound of the edited timeline."""
    known = delivered_lines(delivered)
    speakers = _speakers(delivered, edited, known)
    pieces: dict[str, list[Piece]] = {}
    unknown: list[tuple[str, Piece]] = []
    disagreeing: dict[str, str] = {}
    foreign = {track.name for track in delivered.tracks if track.speaker is None}
    for number, track in enumerate(edited.tracks):
        if track.kind is not Kind.AUDIO:
            continue
        for item in track.items:
            line, named = _signs(item, edited, known)
            piece = _piece(item, track, speakers.get(number), known.get(line or ""), delivered, edited)
            if line is None:
                # Stems and the original are no lines; what else lies on a speaker's track is unknown.
                if speakers.get(number) is not None or (named and track.name not in foreign):
                    unknown.append((item.name, piece))
                continue
            pieces.setdefault(line, []).append(piece)
            if named and named != line:
                disagreeing[line] = f"a clip is {line} by its metadata and {named} by its name"
    ordered = {
        line: tuple(sorted(each, key=lambda p: (p.content, p.start, p.track)))
        for line, each in pieces.items()
    }
    return Found(ordered, tuple(unknown), disagreeing)


def _signs(item: Item, edited: Timeline, known: Mapping[str, Delivered]) -> tuple[str | None, str]:
    """The line that a clip belongs to, and the one that its name alone says."""
    media = edited.media_of(item)
    named = line_of(item.name, media.name if media else "") or ""
    if item.line in known:
        return item.line, named
    return (named, named) if named in known else (None, named or item.line or "")


def _speakers(delivered: Timeline, edited: Timeline, known: Mapping[str, Delivered]) -> dict[int, str | None]:
    """Whose track each sound track is: by its name as delivered, else by most of the lines on it."""
    by_name = {track.name: track.speaker for track in delivered.tracks if track.kind is Kind.AUDIO}
    found: dict[int, str | None] = {}
    for number, track in enumerate(edited.tracks):
        if track.kind is not Kind.AUDIO:
            continue
        if track.name in by_name:
            found[number] = by_name[track.name]
            continue
        lines = (_signs(item, edited, known)[0] for item in track.items)
        votes = Counter(known[line].speaker for line in lines if line is not None)
        found[number] = min(votes, key=lambda s: (-votes[s], str(s))) if votes else None
    return found


def _piece(
    item: Item,
    track: Track,
    speaker: str | None,
    line: Delivered | None,
    delivered: Timeline,
    edited: Timeline,
) -> Piece:
    content = item.start if line is None else _content(item, edited.media_of(item), line, delivered)
    return Piece(track.name, speaker, item.start, item.length, content, item.speed, item.enabled)


def _content(item: Item, media: Media | None, line: Delivered, delivered: Timeline) -> int:
    """Where the clip's first sample was heard as delivered."""
    original = line.item
    base = (line.media.start if line.media else 0) + original.source
    label = (media.start if media else 0) + item.source
    origin = time_reference(delivered.start_frame, delivered.frame_rate, delivered.sample_rate)
    border = frame_floor(delivered, original.start)
    from_file = [original.start + item.source - original.source, border + item.source]
    if media is not None and media.path is not None and media.path.parent.name == _FRAMED_FOLDER:
        from_file.reverse()
    readings = [original.start + label - base, label - origin, *from_file]
    length = round(item.length * abs(item.speed))
    frame = frames_to_samples(1, delivered.frame_rate, delivered.sample_rate) + 1

    def outside(content: int) -> int:
        early = original.start - frame - content
        late = content + length - original.end - frame
        return max(0, early) + max(0, late)

    return min(readings, key=outside)
