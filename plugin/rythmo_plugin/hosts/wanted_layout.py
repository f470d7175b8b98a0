"""The wanted layout: what Rythmo puts on the host's timeline, counted in the host's frames. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from rythmo.script.model import Severity
from rythmo_bridge.formats.markers import RESOLVE_COLOURS
from rythmo_bridge.timeline import Item, Kind, Marker, Role, Timeline, Track
from rythmo_plugin.hosts.reports import HostTimeline

OWN_ROLES = (Role.DIALOGUE, Role.ME)
_FORMS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
_SEVERITIES = (None, Severity.INFO, Severity.WARNING, Severity.ERROR)
MARK = "rythmo:"
"""How the hidden data of our markers begins."""


@dataclass(frozen=True, slots=True)
class WantedClip:
    """A whole file at an absolute record frame, `length` frames long. `line` is "" for the M&E."""

    key: str
    line: str
    file: Path
    start: int
    length: int

    @property
    def end(self) -> int:
        """The record frame after the clip's last."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class WantedTrack:
    """A track with its clips in order. `form` is the host's word for its channels, such as "mono"."""

    key: str
    name: str
    form: str
    clips: tuple[WantedClip, ...]


@dataclass(frozen=True, slots=True)
class WantedMarker:
    """A marker `offset` frames after the timeline's start. The hidden `mark` identifies it as Rythmo's."""

    offset: int
    colour: str
    name: str
    note: str
    mark: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that Rythmo puts on a timeline. `cues` are the absolute first frames of the subtitles."""

    tracks: tuple[WantedTrack, ...]
    markers: tuple[WantedMarker, ...] = ()
    subtitles: Path | None = None
    cues: tuple[int, ...] = ()
    lost: tuple[str, ...] = ()
    """Lines whose take has no file."""

    def clips(self) -> tuple[WantedClip, ...]:
        """Return all clips of all tracks."""
        return tuple(clip for track in self.tracks for clip in track.clips)


def count_in_host_frames(delivery: Timeline, host: HostTimeline) -> Timeline:
    """Return the timeline with the host's frame rate and start frame. Sample positions stay the same."""
    return replace(delivery, frame_rate=host.rate, start_frame=host.start_frame, drop=host.drop)


def own_tracks(delivery: Timeline) -> tuple[Track, ...]:
    """Return the tracks that Rythmo adds: one for each speaker, and the M&E."""
    return tuple(t for t in delivery.tracks if t.kind is Kind.AUDIO and t.role in OWN_ROLES and t.items)


def make_layout(
    delivery: Timeline, files: Mapping[tuple[int, int], Path], subtitles: Path | None = None
) -> Layout:
    """Make the layout of a timeline whose items lie on frame borders.

    `files` maps (number among Rythmo's tracks, place in the track) to the item's file.
    """
    tracks = tuple(
        _track(delivery, track, number, files) for number, track in enumerate(own_tracks(delivery))
    )
    lost = (
        item.line or item.name
        for number, track in enumerate(own_tracks(delivery))
        for place, item in enumerate(track.items)
        if (number, place) not in files
    )
    cues = delivery.subtitles[0].cues if delivery.subtitles and subtitles else ()
    return Layout(
        tracks=tracks,
        markers=tuple(_markers(delivery, delivery.markers)),
        subtitles=subtitles if cues else None,
        cues=tuple(delivery.start_frame + delivery.frame(cue.start) for cue in cues),
        lost=tuple(lost),
    )


def _track(
    delivery: Timeline, track: Track, number: int, files: Mapping[tuple[int, int], Path]
) -> WantedTrack:
    clips = (
        _clip(delivery, item, files[number, place], f"{number}.{place}")
        for place, item in enumerate(track.items)
        if (number, place) in files
    )
    form = _FORMS.get(track.channels, f"adaptive{track.channels}")
    return WantedTrack(str(number), track.name, form, tuple(clips))


def _clip(delivery: Timeline, item: Item, file: Path, key: str) -> WantedClip:
    start, end = delivery.frame(item.start), delivery.frame(item.end)
    return WantedClip(key, item.line or "", file, delivery.start_frame + start, end - start)


def _markers(delivery: Timeline, markers: Sequence[Marker]) -> Iterable[WantedMarker]:
    """Join the markers of each frame, because hosts hold one; the most severe gives the colour."""
    placed = sorted(((delivery.frame(m.start), m.name, m) for m in markers), key=lambda each: each[:2])
    for offset, group in groupby(placed, key=lambda each: each[0]):
        meeting = [marker for _, _, marker in group]
        worst = max(meeting, key=lambda marker: _SEVERITIES.index(marker.severity))
        names = ", ".join(marker.name for marker in meeting)
        notes = "\n".join(dict.fromkeys(marker.note for marker in meeting if marker.note))
        yield WantedMarker(offset, RESOLVE_COLOURS[worst.colour], names, notes, f"{MARK}{offset}:{names}")
