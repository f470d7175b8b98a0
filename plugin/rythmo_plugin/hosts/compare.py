"""What was asked beside what stands there. Pure; what a host's call returned is not believed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rythmo_plugin.hosts.reports import HostClip, HostContent
from rythmo_plugin.hosts.wanted_layout import Layout, WantedClip, WantedMarker

_LONGER = 1
"""Frames that a clip may be longer than asked: a host may count the frame that a file ends in."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`kept` stand where they should; `short` of them end early, by less than a frame of the file's own
    rate; `missing` are not there; `astray` are ours and stand where nothing of ours should."""

    kept: tuple[WantedClip, ...]
    missing: tuple[WantedClip, ...]
    astray: tuple[HostClip, ...]
    short: tuple[tuple[WantedClip, int], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything stands where it should, and nothing of ours elsewhere."""
        return not self.missing and not self.astray


def compare_layout(
    layout: Layout, landed: HostContent, tracks: Mapping[str, Collection[int]], folder: str, *, slack: int = 0
) -> Comparison:
    """Match wishes and clips by file, first frame and length, on the tracks that stand for each wish's own.

    `tracks` names, by the wanted track's key, the indices of the host's audio tracks. `slack` frames at a
    clip's end may be missing (reported as short); a clip's start is exact or wrong. What plays a file of
    `folder` is ours.
    """
    names = frozenset(clip.file.name for clip in layout.clips())
    there = list(landed.clips("audio"))
    kept, missing, short = [], [], []
    for track in layout.tracks:
        indices = tracks.get(track.key, ())
        for clip in track.clips:
            found = next((c for c in there if c.index in indices and _matches(c, clip, slack)), None)
            if found is None:
                missing.append(clip)
                continue
            there.remove(found)
            kept.append(clip)
            if found.length < clip.length:
                short.append((clip, clip.length - found.length))
    astray = tuple(clip for clip in there if is_ours(clip, folder, names))
    return Comparison(tuple(kept), tuple(missing), astray, tuple(short))


def is_ours(clip: HostClip, folder: str, names: Collection[str] = ()) -> bool:
    """Whether a clip plays one of our files; a host that gives no path is asked for the name."""
    if not clip.path:
        return clip.name in names
    return clip.path.replace("\\", "/").casefold().startswith(folder.replace("\\", "/").casefold())


def _matches(found: HostClip, wanted: WantedClip, slack: int) -> bool:
    more = found.length - wanted.length
    return found.file == wanted.file.name and found.start == wanted.start and -slack <= more <= _LONGER


def find_missing_markers(layout: Layout, landed: HostContent) -> tuple[WantedMarker, ...]:
    """Markers that are not there, or not as asked."""
    there = {(marker.offset, marker.name) for marker in landed.markers}
    return tuple(marker for marker in layout.markers if (marker.offset, marker.name) not in there)


def count_misplaced_cues(layout: Layout, landed: HostContent) -> int:
    """How many subtitles are not on their frame (one frame of rounding allowed), or are there too often."""
    starts = sorted(clip.start for track in landed.of("subtitle") for clip in track.clips)
    wanted = sorted(layout.cues)
    if len(starts) != len(wanted):
        return max(len(starts), len(wanted), 1)
    return sum(abs(a - b) > 1 for a, b in zip(starts, wanted, strict=True))
