"""Find clips on the timeline that play an older take, because the line was changed on the page later.

Compared with the present project, such a clip would look as if the editor had trimmed or moved it. So Rythmo
records where it places each file. A clip that still has its whole length then counts as the line's present
clip, moved as far as the editor moved the old one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec

from rythmo.files import write_atomically
from rythmo.media.wav import WavReader
from rythmo.timebase import frames_to_samples
from rythmo_bridge.formats.reader_items import line_of
from rythmo_bridge.timeline import Item, Timeline
from rythmo_plugin.hosts.clip_files import HostFiles
from rythmo_plugin.hosts.compare import is_ours
from rythmo_plugin.hosts.reports import HostClip, HostContent
from rythmo_plugin.hosts.wanted_layout import WantedClip

_PLACED = "placed.json"
# Frames by which a host may round the length of a whole file.
_ROUNDED = 1


@dataclass(frozen=True, slots=True)
class StaleClip:
    """A line whose clip plays an older take. `moved` is how many frames the editor moved the clip."""

    line: str
    there: HostClip
    wanted: WantedClip
    moved: int


def save_placements(files: HostFiles) -> None:
    """Record the first frame of each placed file. File names are never reused, so old entries are kept."""
    starts = {**_load_placements(files), **{clip.file.name: clip.start for clip in files.layout.clips()}}
    write_atomically(files.folder.parent / _PLACED, msgspec.json.encode(starts))


def find_stale_clips(files: HostFiles, landed: HostContent) -> tuple[StaleClip, ...]:
    """Return the lines that have exactly one clip, uncut, which plays an older take."""
    return tuple(_walk_stale_clips(files, landed))


def replace_stale_clips(timeline: Timeline, remade: tuple[StaleClip, ...], files: HostFiles) -> Timeline:
    """Return the edited timeline with the line's present clip in the place of each stale one."""
    own = {item.line: item for _, item in files.delivery.items() if item.line}
    stands = {(each.there.file, each.there.start): each for each in remade}

    def now(item: Item) -> Item:
        media = timeline.media_of(item)
        name = media.path.name if media is not None and media.path is not None else item.name
        each = stands.get((name, timeline.start_frame + timeline.frame(item.start)))
        return _move_item(own[each.line], each, timeline) if each else item

    tracks = tuple(replace(track, items=tuple(map(now, track.items))) for track in timeline.tracks)
    return replace(timeline, tracks=tracks, media={**files.delivery.media, **timeline.media})


def _walk_stale_clips(files: HostFiles, landed: HostContent) -> Iterator[StaleClip]:
    folder, starts = str(files.folder), _load_placements(files)
    wanted = {clip.line: clip for clip in files.layout.clips() if clip.line}
    ours = [clip for clip in landed.clips("audio") if is_ours(clip, folder)]
    times = Counter(line_of(clip.file) for clip in ours)
    for clip in ours:
        line = line_of(clip.file)
        now = wanted.get(line or "")
        if now is None or times[line] > 1 or clip.file == now.file.name or clip.file not in starts:
            continue
        if _is_whole(clip, files):
            yield StaleClip(now.line, clip, now, clip.start - starts[clip.file])


def _is_whole(clip: HostClip, files: HostFiles) -> bool:
    """Return whether the clip is as long as its file."""
    with suppress(OSError), WavReader(files.folder / clip.file) as reader:
        frames = math.floor(reader.length * files.delivery.frame_rate / files.delivery.sample_rate)
        return abs(clip.length - frames) <= _ROUNDED
    return False


def _move_item(item: Item, each: StaleClip, timeline: Timeline) -> Item:
    first = each.wanted.start + each.moved - timeline.start_frame
    start, end = (
        frames_to_samples(frame, timeline.frame_rate, timeline.sample_rate)
        for frame in (first, first + each.wanted.length)
    )
    return replace(item, start=start, length=end - start)


def _load_placements(files: HostFiles) -> dict[str, int]:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((files.folder.parent / _PLACED).read_bytes(), type=dict[str, int])
    return {}
