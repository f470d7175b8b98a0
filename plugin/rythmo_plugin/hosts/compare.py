"""Compare the wanted layout with what the host's timeline holds. Pure.

Hosts report success without placing anything, and the reverse, so only the timeline as read back counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rythmo_plugin.hosts.reports import HostClip, HostContent
from rythmo_plugin.hosts.wanted_layout import Layout, WantedClip, WantedMarker

# Frames that a clip may be longer than wanted: some hosts count the frame in which a file ends.
_LONGER = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison.

    `kept` clips are in the right place; the `short` ones among them end some frames early (less than one
    frame at the file's own rate). `missing` clips are not on the timeline. `astray` clips play Rythmo's files
    in a place where none should be.
    """

    kept: tuple[WantedClip, ...]
    missing: tuple[WantedClip, ...]
    astray: tuple[HostClip, ...]
    short: tuple[tuple[WantedClip, int], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every wanted clip is in place and no other clip plays Rythmo's files."""
        return not self.missing and not self.astray


def compare_layout(
    layout: Layout, landed: HostContent, tracks: Mapping[str, Collection[int]], folder: str, *, slack: int = 0
) -> Comparison:
    """Match wanted clips with the host's clips by file, first frame and length.

    `tracks` maps a wanted track's key to the indices of the host's audio tracks that stand for it. `slack` is
    how many frames may be missing at a clip's end (the clip is reported as short); the start must be exact.
    A clip that plays a file of `folder` is Rythmo's.
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
    """Return whether a clip plays one of Rythmo's files, by its path or, if the host gives none, its name."""
    if not clip.path:
        return clip.name in names
    return clip.path.replace("\\", "/").casefold().startswith(folder.replace("\\", "/").casefold())


def _matches(found: HostClip, wanted: WantedClip, slack: int) -> bool:
    more = found.length - wanted.length
    return found.file == wanted.file.name and found.start == wanted.start and -slack <= more <= _LONGER


def find_missing_markers(layout: Layout, landed: HostContent) -> tuple[WantedMarker, ...]:
    """Return the wanted markers that are missing or have another name."""
    there = {(marker.offset, marker.name) for marker in landed.markers}
    return tuple(marker for marker in layout.markers if (marker.offset, marker.name) not in there)


def count_misplaced_cues(layout: Layout, landed: HostContent) -> int:
    """Count subtitles that are missing, duplicated, or more than one frame (rounding) off their position."""
    starts = sorted(clip.start for track in landed.of("subtitle") for clip in track.clips)
    wanted = sorted(layout.cues)
    if len(starts) != len(wanted):
        return max(len(starts), len(wanted), 1)
    return sum(abs(a - b) > 1 for a, b in zip(starts, wanted, strict=True))
