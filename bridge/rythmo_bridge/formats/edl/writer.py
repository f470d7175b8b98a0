"""Writes CMX 3600 edit decision lists (`.edl`): one for the picture and one for each sound track.

An EDL holds one picture track and few sound channels, so each track gets its own list, in a folder beside the
target. An EDL has no frame rate, no gain and no disabled clips: disabled tracks and items are left out. The
head of each take's file makes up for starts between two frames (`rythmo_bridge.frame_grid`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from rythmo.files import write_atomically
from rythmo.timebase import format_timecode, nominal_rate
from rythmo_bridge.formats.features import Feature
from rythmo_bridge.formats.registry import Format, lazy_reader
from rythmo_bridge.formats.transitions import transitions_at
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

_REEL_LENGTH = 8
_ODD = re.compile(r"[^A-Za-z0-9]+")
_UNSAFE = re.compile(r"[^\w\- ]+")


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write `NAME.V1.edl`, `NAME.A1 DX Ana.edl` ... to the folder `edl` beside `target`."""
    made = []
    for label, track in _label_tracks(delivery):
        path = target.parent / "edl" / f"{target.name.removesuffix('.edl')}.{label}.edl"
        write_atomically(path, render(delivery, track).encode())
        made.append(path)
    return tuple(made)


def _label_tracks(delivery: Timeline) -> Iterable[tuple[str, Track]]:
    for kind, letter in ((Kind.VIDEO, "V"), (Kind.AUDIO, "A")):
        for number, track in enumerate(delivery.tracks_of(kind), start=1):
            if track.enabled and any(item.enabled for item in track.items):
                yield f"{letter}{number} {_UNSAFE.sub('_', track.name).strip()}".strip(), track


def render(delivery: Timeline, track: Track) -> str:
    """Return the list of one track."""
    reels = _reels(delivery)
    channel = "V" if track.kind is Kind.VIDEO else "AA" if track.channels == 2 else "A"
    items = list(_with_dissolves([item for item in track.items if item.enabled], track, delivery))
    # Three digits are the rule; lists that need more get as many as they need.
    digits = max(3, len(str(len(items))))
    lines = [f"TITLE: {_one_line(delivery.name)} {_one_line(track.name)}".rstrip()]
    lines += [f"FCM: {'DROP FRAME' if delivery.drop else 'NON-DROP FRAME'}", ""]
    before: Item | None = None
    for number, (item, dissolve) in enumerate(items, start=1):
        media = delivery.media_of(item)
        reel = reels.get(item.media or "", "AX")
        event = f"{number:0{digits}}  {{:<{_REEL_LENGTH}}} {channel:<5} {{:<8}} {{}}".format
        if dissolve:
            # The outgoing side is an event without length.
            out = before if before is not None and before.end == item.start else None
            lines.append(event(_reel(out, reels), "C", _cut(delivery, out, item)))
        times = " ".join(_times(delivery, item, media))
        lines.append(event(reel, f"D    {dissolve:03}" if dissolve else "C", times))
        if item.speed != 1:
            speed = float(item.speed * nominal_rate(delivery.frame_rate))
            lines.append(f"M2   {reel:<{_REEL_LENGTH}} {speed:05.1f}                {times[:11]}")
        lines += _comments(item, media, dissolve=bool(dissolve))
        before = item
    return "\r\n".join(lines) + "\r\n"


def _with_dissolves(items: list[Item], track: Track, delivery: Timeline) -> Iterable[tuple[Item, int]]:
    """Yield items with the length in frames of the dissolve that each begins with.

    In an EDL the cut is where a dissolve begins: the outgoing item ends there, and the incoming one begins
    there, earlier in its media.
    """
    over = transitions_at(track)
    begins = {item.start: item for item in items}
    for item in items:
        start, end, source, frames = item.start, item.end, item.source, 0
        shape = over.get(start)
        if shape is not None and item.speed == 1 and shape.start >= start - source:
            source -= start - shape.start
            start = shape.start
            frames = max(1, delivery.frame(shape.start + shape.length) - delivery.frame(shape.start))
        after = over.get(end)
        following = begins.get(end)
        if after is not None and following is not None and after.start >= end - following.source:
            end = after.start
        yield replace(item, start=start, source=source, length=max(1, end - start)), frames


def _reel(item: Item | None, reels: dict[str, str]) -> str:
    return reels.get(item.media or "", "AX") if item is not None else "BL"


def _cut(delivery: Timeline, out: Item | None, item: Item) -> str:
    """Return the times of a zero-length event at the beginning of `item`."""
    media = delivery.media_of(out) if out is not None else None
    source = delivery.frame(out.source + out.length + (media.start if media else 0)) if out is not None else 0
    record = delivery.start_frame + delivery.frame(item.start)
    times = (source, source, record, record)
    return " ".join(format_timecode(each, delivery.frame_rate, drop=delivery.drop) for each in times)


def _times(delivery: Timeline, item: Item, media: Media | None) -> Iterable[str]:
    source = delivery.frame(item.source) + (delivery.frame(media.start) if media else 0)
    record = delivery.start_frame + delivery.frame(item.start)
    length = delivery.frame(item.end) - delivery.frame(item.start)
    used = round(length * abs(item.speed))
    for frame in (source, source + used, record, record + length):
        yield format_timecode(frame, delivery.frame_rate, drop=delivery.drop)


def _comments(item: Item, media: Media | None, *, dissolve: bool) -> Iterable[str]:
    yield f"* {'TO' if dissolve else 'FROM'} CLIP NAME: {_one_line(item.name)}"
    if media is not None and media.path is not None:
        yield f"* SOURCE FILE: {_one_line(media.name)}"
    if item.line is not None:
        yield f"* LINE: {_one_line(item.line)}"


def _reels(delivery: Timeline) -> dict[str, str]:
    """Return a unique reel of at most eight letters and digits for each file.

    It is the file's own reel name, else the last letters of the file's name, which differ more than the
    first.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for media in delivery.used_media().values():
        plain = _ODD.sub("", media.reel or media.name.rpartition(".")[0] or media.name).upper()
        reel, number = plain[:_REEL_LENGTH] or "AX", 1
        while reel in taken:
            number += 1
            tail = str(number)
            reel = plain[: _REEL_LENGTH - len(tail)] + tail
        taken.add(reel)
        found[media.id] = reel
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())


FORMAT = Format(
    "edl",
    ".edl",
    "CMX 3600 edit decision lists, one for each track",
    write=write,
    names=lambda stem, _languages: (f"edl/{stem}.*.edl",),
    read=lazy_reader("rythmo_bridge.formats.edl.reader"),
    keeps=frozenset(
        {
            Feature.START,
            Feature.DROP,
            Feature.TRACK_NAMES,
            Feature.STEREO,
            Feature.CLIP_NAMES,
            Feature.LINES,
            Feature.MEDIA_START,
            Feature.REELS,
            Feature.SPEED,
        }
    ),
    partly={Feature.TRACK_STATE: "out", Feature.CLIP_STATE: "out", Feature.TRANSITIONS: "start"},
)
