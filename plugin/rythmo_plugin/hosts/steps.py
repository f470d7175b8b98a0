"""The steps that bring a host's timeline to a layout, and the next thing to try where a host did not obey.

Pure: from wishes and from what was read back to lines for the script. The traps that the order of the ways
answers are told in docs/host-protocol.md.
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
_WAV_RATE = Fraction(24)
"""What Resolve counts a WAV in when it does not say (seen in 21.0)."""
LOOK = step("look")


class PlacingWay(Enum):
    """How clips are placed; each is tried on what the one before left out."""

    TOGETHER = auto()
    """Whole files, a call for each hundred of a track."""
    ALONE = auto()
    """Whole files, one call each: some versions drop or shift clips that come together."""
    BOUNDED = auto()
    """With first and last frame in the file's own rate, the last not included (Resolve 19 and later)."""
    BOUNDED_INCLUSIVE = auto()
    """The same, the last included (Resolve 18)."""
    FRESH = auto()
    """Whole files, one call each, on a new track: something invisible may be in the way."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What the host's media pool holds of ours: the rate each file is counted in, by file name."""

    rates: Mapping[str, Fraction]

    def has(self, clip: WantedClip) -> bool:
        """Whether the clip's file could be imported."""
        return clip.file.name in self.rates


def read_pool(reports: Iterable[Step]) -> Pool:
    """From `item FILE RATE` lines."""
    return Pool({each.field(0): _rate(each.field(1)) for each in reports if each.verb == "item"})


def _rate(told: str) -> Fraction:
    try:
        return snap_rate(told.upper().removesuffix("DF").strip())
    except InputError:
        return _WAV_RATE


def import_steps(clips: Iterable[WantedClip]) -> list[Step]:
    """Each file once, into a bin of its own."""
    files = {clip.file.name: clip.file for clip in clips}
    return [step("bin", BIN), *(step("import", name, str(path)) for name, path in files.items())]


def find_own_tracks(layout: Layout, landed: HostContent, folder: str) -> dict[str, list[int]]:
    """The tracks that stand for ours already: of our name, with nothing on them but ours."""
    found: dict[str, list[int]] = {}
    for wanted in layout.tracks:
        found[wanted.key] = [
            track.index
            for track in landed.of("audio")
            if track.name == wanted.name and track.clips and all(is_ours(c, folder) for c in track.clips)
        ]
    return found


def track_steps(tracks: Iterable[WantedTrack], number: int = 1) -> list[Step]:
    """A track for each; later ones say which attempt they are."""
    names = ((each, each.name if number == 1 else f"{each.name} ({number})") for each in tracks)
    return [step("track", each.key, each.form, name) for each, name in names]


def read_made_tracks(reports: Iterable[Step]) -> dict[str, int]:
    """From `track KEY INDEX` lines."""
    return {each.field(0): each.number(1) for each in reports if each.verb == "made"}


def place_steps(
    way: PlacingWay,
    clips: Iterable[WantedClip],
    tracks: Mapping[str, Sequence[int]],
    held: Pool,
    rate: Fraction,
) -> list[Step]:
    """The `place` and `append` lines that put clips on the newest of their tracks."""
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
    """The key of the track that a clip belongs on."""
    return clip.key.partition(".")[0]


def _place(way: PlacingWay, clip: WantedClip, index: int, held: Pool, rate: Fraction) -> Step:
    bounds: tuple[int, ...] = ()
    if way in (PlacingWay.BOUNDED, PlacingWay.BOUNDED_INCLUSIVE):
        frames = math.ceil(clip.length * held.rates[clip.file.name] / rate)
        bounds = (0, frames - (way is PlacingWay.BOUNDED_INCLUSIVE))
    return step("place", clip.file.name, index, clip.start, *bounds)


def remove_steps(clips: Iterable[HostClip]) -> list[Step]:
    """Take clips away: those and no others, told by track, first frame and name."""
    return [step("remove", c.kind, c.index, c.start, c.name) for c in clips]


def find_sounding_tracks(landed: HostContent, ours: Iterable[int]) -> list[int]:
    """The audio tracks that sound and are not ours: what the dub was made from."""
    own = set(ours)
    return [t.index for t in landed.of("audio") if t.enabled and t.clips and t.index not in own]


def marker_steps(markers: Iterable[WantedMarker], landed: HostContent) -> list[Step]:
    """Our markers anew. A frame holds one: where the editor's own stands, ours moves to the next free one."""
    free = move_to_free_frames(markers, find_editor_frames(landed))
    return [
        *(step("unmark", marker.mark) for marker in landed.markers if _ours(marker)),
        *(step("mark", m.offset, m.colour, m.name, m.note, 1, m.mark) for m in free),
    ]


def move_to_free_frames(markers: Iterable[WantedMarker], taken: set[int]) -> list[WantedMarker]:
    """Markers on frames that are free, each at or after its own."""
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
    """Frames that hold somebody else's marker."""
    return {marker.offset for marker in landed.markers if not _ours(marker)}


def _ours(marker: HostMarker) -> bool:
    return marker.mark.startswith(MARK)
