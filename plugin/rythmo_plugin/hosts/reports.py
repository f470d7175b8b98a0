"""Turn a host script's reports into values: the hello, and the timeline as read back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath, PureWindowsPath

from rythmo.errors import InputError
from rythmo.timebase import can_drop, snap_rate
from rythmo_plugin.hosts.line_protocol import Step

PROTOCOL = 1
"""Increased when scripts of an older version no longer work with this service."""


@dataclass(frozen=True, slots=True)
class HostTimeline:
    """The open timeline. `start_frame` is the number of its first frame, as its start timecode counts."""

    name: str
    rate: Fraction
    start_frame: int
    drop: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Hello:
    """A script's first message: the host, the action, the timeline, and choices already made (`wants`)."""

    host: str
    version: str
    action: str
    timeline: HostTimeline
    wants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostClip:
    """A clip on the host's timeline, in absolute record frames. The track's `index` counts from 1."""

    kind: str
    index: int
    start: int
    length: int
    name: str
    path: str = ""

    @property
    def end(self) -> int:
        """The record frame after the clip's last."""
        return self.start + self.length

    @property
    def file(self) -> str:
        """The file's name, or the clip's name if the host gives no path."""
        return base_name(self.path) or self.name


@dataclass(frozen=True, slots=True)
class HostTrack:
    """A track on the host's timeline. `form` is the host's word for its channels, such as "mono"."""

    kind: str
    index: int
    name: str
    form: str
    enabled: bool
    clips: tuple[HostClip, ...] = ()


@dataclass(frozen=True, slots=True)
class HostMarker:
    """A marker on the host's timeline. `offset` counts frames from the timeline's start."""

    offset: int
    colour: str
    name: str
    mark: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class HostContent:
    """The content of the host's timeline, as read back."""

    tracks: tuple[HostTrack, ...] = ()
    markers: tuple[HostMarker, ...] = ()

    def of(self, kind: str) -> tuple[HostTrack, ...]:
        """Return the tracks of one kind, lowest index first."""
        return tuple(track for track in self.tracks if track.kind == kind)

    def clips(self, kind: str) -> tuple[HostClip, ...]:
        """Return all clips on tracks of one kind."""
        return tuple(clip for track in self.of(kind) for clip in track.clips)


def base_name(path: str) -> str:
    """Return the last part of a path, whichever system it is from."""
    return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name


def read_hello(steps: Iterable[Step]) -> Hello:
    """Read the first message. Raises InputError when a line is missing or invalid."""
    steps = tuple(steps)
    spoken = _require_step(steps, "protocol").number(0)
    if spoken != PROTOCOL:
        raise InputError(
            f"The host script uses protocol {spoken}; this version of Rythmo uses {PROTOCOL}.",
            hint="Install the script of this version: rythmo install.",
        )
    host = _require_step(steps, "host")
    action = _require_step(steps, "action").field(0)
    if action not in {"dub", "conform"}:
        raise InputError(f"The host script asks for {action!r}.", hint="It can ask for dub or conform.")
    wants = {each.field(0): each.field(1) for each in steps if each.verb == "want"}
    return Hello(
        host.field(0), host.field(1), action, read_host_timeline(_require_step(steps, "timeline")), wants
    )


def read_host_timeline(step: Step) -> HostTimeline:
    """Read `timeline NAME ID RATE START_FRAME START_TIMECODE DROP`.

    Resolve writes a rate as 23.976, as "29.97 DF" or as 30.0. A semicolon in the timecode also means
    drop-frame. Raises InputError when the rate is not a frame rate.
    """
    told = step.field(2).strip()
    rate = snap_rate(told.upper().removesuffix("DF").strip())
    drop = told.upper().endswith("DF") or ";" in step.field(4) or step.flag(5)
    return HostTimeline(step.field(0), rate, step.number(3), drop=drop and can_drop(rate), id=step.field(1))


def read_content(steps: Iterable[Step]) -> HostContent:
    """Read the `track`, `clip` and `marker` lines that a `look` step reported."""
    steps = tuple(steps)
    clips = [_clip(each) for each in steps if each.verb == "clip"]
    tracks = tuple(_track(each, clips) for each in steps if each.verb == "track")
    markers = tuple(_marker(each) for each in steps if each.verb == "marker")
    return HostContent(tracks, markers)


def _clip(step: Step) -> HostClip:
    start, length = step.number(2), step.number(3)
    return HostClip(step.field(0), step.number(1), start, length, step.field(4), step.field(5))


def _track(step: Step, clips: list[HostClip]) -> HostTrack:
    kind, index = step.field(0), step.number(1)
    own = sorted((c for c in clips if (c.kind, c.index) == (kind, index)), key=lambda c: (c.start, c.name))
    return HostTrack(kind, index, step.field(2), step.field(3), step.flag(4), tuple(own))


def _marker(step: Step) -> HostMarker:
    return HostMarker(step.number(0), step.field(1), step.field(2), step.field(3), step.field(4))


def _require_step(steps: Iterable[Step], verb: str) -> Step:
    for each in steps:
        if each.verb == verb:
            return each
    raise InputError(
        f"The host script did not send its {verb!r} line.",
        hint="Install the script of this version: rythmo install.",
    )
