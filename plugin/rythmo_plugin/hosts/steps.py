"""Make the steps that bring a host's timeline to the wanted layout. Pure.

`PlacingWay` lists the ways to place clips in the order in which they are tried. hosts/README.md lists the
quirks of each host that explain this order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from itertools import groupby, islice

from rythmo.errors import InputError
from rythmo.timebase import snap_rate
from rythmo_plugin.hosts.compare import is_ours
from rythmo_plugin.hosts.line_protocol import Step, step
from rythmo_plugin.hosts.reports import HostClip, HostContent, HostMarker
from rythmo_plugin.hosts.wanted_layout import MARK, Layout, WantedClip, WantedMarker, WantedTrack

BIN = "Rythmo"
_BATCH = 100
# The rate at which Resolve counts a WAV when it reports none (seen in 21.0).
_WAV_RATE = Fraction(24)
LOOK = step("look")


class PlacingWay(Enum):
    """A way to place clips. Each is tried on the clips that the one before did not place."""

    TOGETHER = auto()
    """Whole files, one call for each hundred clips of a track."""
    ALONE = auto()
    """Whole files, one call each: some versions drop or shift clips that are appended together."""
    BOUNDED = auto()
    """With first and last frame at the file's own rate, the last not included (Resolve 19 and later)."""
    BOUNDED_INCLUSIVE = auto()
    """The same with the last frame included (Resolve 18)."""
    FRESH = auto()
    """Whole files, one call each, on a new track, in case something hidden blocks the old one."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Rythmo's files in the host's media pool. `rates` gives the frame rate of each file, by file name."""

    rates: Mapping[str, Fraction]

    def has(self, clip: WantedClip) -> bool:
        """Return whether the clip's file was imported."""
        return clip.file.name in self.rates


def read_pool(reports: Iterable[Step]) -> Pool:
    """Read `item FILE RATE` lines."""
    return Pool({each.field(0): _rate(each.field(1)) for each in reports if each.verb == "item"})


def _rate(told: str) -> Fraction:
    try:
        return snap_rate(told.upper().removesuffix("DF").strip())
    except InputError:
        return _WAV_RATE


def import_steps(clips: Iterable[WantedClip]) -> list[Step]:
    """Make the steps that import each file once, into Rythmo's bin."""
    files = {clip.file.name: clip.file for clip in clips}
    return [step("bin", BIN), *(step("import", name, str(path)) for name, path in files.items())]


def find_own_tracks(layout: Layout, landed: HostContent, folder: str) -> dict[str, list[int]]:
    """Find the host's tracks that have a wanted track's name and hold only Rythmo's clips, by track key."""
    found: dict[str, list[int]] = {}
    for wanted in layout.tracks:
        found[wanted.key] = [
            track.index
            for track in landed.of("audio")
            if track.name == wanted.name and track.clips and all(is_ours(c, folder) for c in track.clips)
        ]
    return found


def track_steps(tracks: Iterable[WantedTrack], number: int = 1) -> list[Step]:
    """Make the steps that add tracks. On a later attempt their names end with its number."""
    names = ((each, each.name if number == 1 else f"{each.name} ({number})") for each in tracks)
    return [step("track", each.key, each.form, name) for each, name in names]


def read_made_tracks(reports: Iterable[Step]) -> dict[str, int]:
    """Read `made KEY INDEX` lines."""
    return {each.field(0): each.number(1) for each in reports if each.verb == "made"}


def place_steps(
    way: PlacingWay,
    clips: Iterable[WantedClip],
    tracks: Mapping[str, Sequence[int]],
    held: Pool,
    rate: Fraction,
) -> list[Step]:
    """Make the `place` and `append` steps that put clips on the newest of their tracks.

    `tracks` maps a track's key to the host's track indices, `held` gives the rate at which each file's
    bounds are counted, and `rate` is the timeline's frame rate.
    """
    size = _BATCH if way is PlacingWay.TOGETHER else 1
    able = [clip for clip in clips if held.has(clip) and tracks.get(track_key(clip))]
    steps: list[Step] = [step("use")]
    for key, group in groupby(sorted(able, key=lambda c: (track_key(c), c.start)), key=track_key):
        rest = iter(group)
        while batch := list(islice(rest, size)):
            steps += [_place(way, clip, tracks[key][-1], held, rate) for clip in batch]
            steps.append(step("append"))
    return steps


def track_key(clip: WantedClip) -> str:
    """Return the key of the track that a clip belongs to."""
    return clip.key.partition(".")[0]


def _place(way: PlacingWay, clip: WantedClip, index: int, held: Pool, rate: Fraction) -> Step:
    bounds: tuple[int, ...] = ()
    if way in (PlacingWay.BOUNDED, PlacingWay.BOUNDED_INCLUSIVE):
        frames = math.ceil(clip.length * held.rates[clip.file.name] / rate)
        bounds = (0, frames - (way is PlacingWay.BOUNDED_INCLUSIVE))
    return step("place", clip.file.name, index, clip.start, *bounds)


def remove_steps(clips: Iterable[HostClip]) -> list[Step]:
    """Make the steps that remove these clips, identified by track, first frame and name."""
    return [step("remove", c.kind, c.index, c.start, c.name) for c in clips]


def find_sounding_tracks(landed: HostContent, ours: Iterable[int]) -> list[int]:
    """Return the indices of enabled audio tracks whose clips are not Rythmo's: the sound that was dubbed."""
    own = set(ours)
    return [t.index for t in landed.of("audio") if t.enabled and t.clips and t.index not in own]


def marker_steps(markers: Iterable[WantedMarker], landed: HostContent) -> list[Step]:
    """Make the steps that replace Rythmo's markers. A frame holds one marker, so ours avoid the editor's."""
    free = move_to_free_frames(markers, find_editor_frames(landed))
    return [
        *(step("unmark", marker.mark) for marker in landed.markers if _ours(marker)),
        *(step("mark", m.offset, m.colour, m.name, m.note, 1, m.mark) for m in free),
    ]


def move_to_free_frames(markers: Iterable[WantedMarker], taken: set[int]) -> list[WantedMarker]:
    """Move each marker to the first free frame at or after its own."""
    used = set(taken)
    moved = []
    for marker in markers:
        offset = marker.offset
        while offset in used:
            offset += 1
        used.add(offset)
        moved.append(WantedMarker(offset, marker.colour, marker.name, marker.note, marker.mark))
    return moved


def find_editor_frames(landed: HostContent) -> set[int]:
    """Return the frames (offsets) that hold a marker of the editor's."""
    return {marker.offset for marker in landed.markers if not _ours(marker)}


def _ours(marker: HostMarker) -> bool:
    return marker.mark.startswith(MARK)
