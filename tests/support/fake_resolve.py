# ruff: noqa: N803 - arguments are named as the host names them
"""A DaVinci Resolve that behaves as people report it to, for the scripts inside it.

Its classes have the names and signatures of the public type stubs (`fusionscript-stubs`; a test compares
them) and the reported traps: absolute record frames, exclusive ends, silent drops, return values that say
nothing, WAVs counted at 24 frames a second, one marker a frame, subtitles with rules of their own.
`Manners` makes it misbehave. A timeline is exported as a real file, so that the whole loop is real.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from fake_resolve_manners import Manners
from fake_resolve_pool import Folder, MediaPool, PoolItem
from fake_resolve_timeline import (
    EXPORT_FCP_7_XML,
    EXPORT_NONE,
    EXPORT_OTIO,
    SAMPLES,
    SUBTYPES,
    Timeline,
    TimelineItem,
    Track,
    written,
)

from rythmo.timebase import parse_timecode

STUDIO_ONLY = ("CreateSubtitlesFromAudio", "DetectSceneCuts", "AnalyzeDolbyVision")


class Project:
    """Project."""

    def __init__(self, host):
        self.host = host
        self.rate: Fraction | None = None

    def settle(self, item):
        """The first media of a project fixes its rate; sound counts as 24."""
        self.rate = self.rate or item.rate or Fraction(24)

    def GetName(self):
        return "A film"

    def GetMediaPool(self):
        return self.host.pool

    def GetCurrentTimeline(self):
        return self.host.current

    def SetCurrentTimeline(self, timeline):
        self.host.current = timeline
        return True

    def GetSetting(self, settingName=""):
        found = {"timelineFrameRate": written(self.rate or Fraction(24)), "timelineDropFrameTimecode": "0"}
        return found.get(settingName, "")


class ProjectManager:
    """ProjectManager."""

    def __init__(self, host):
        self.host = host

    def GetCurrentProject(self):
        return self.host.project

    def SaveProject(self):
        manners = self.host.manners
        gone = tuple(manners.vanishing)
        if gone and manners.vanishings:
            tracks = self.host.current.tracks["audio"]
            before = [len(track.items) for track in tracks]
            for track in tracks:
                track.items = [item for item in track.items if not item.name.startswith(gone)]
            manners.vanishings -= [len(track.items) for track in tracks] != before
        return True


class Resolve:
    """Resolve, with one project and one timeline."""

    EXPORT_OTIO, EXPORT_FCP_7_XML, EXPORT_NONE = EXPORT_OTIO, EXPORT_FCP_7_XML, EXPORT_NONE

    def __init__(self, manners: Manners | None = None):
        self.manners = manners or Manners()
        self.ids = itertools.count(1)
        self.pool, self.project, self.manager = MediaPool(self), Project(self), ProjectManager(self)
        self.timelines: dict[str, Timeline] = {}
        self.current: Timeline = None  # type: ignore[assignment]  # set when the first timeline is made
        self.calls: list[Call] = []
        self.modal = False

    def GetProductName(self):
        return "DaVinci Resolve Studio" if self.manners.studio else "DaVinci Resolve"

    def GetVersionString(self):
        return "21.0.3.7"

    def GetProjectManager(self):
        return self.manager

    def film(self, name: str, media: Path, *, rate: Fraction, start: str = "01:00:00:00") -> Timeline:
        """A timeline with one film on it, picture and sound, as an editor would have it."""
        code = parse_timecode(start, rate)
        line = Timeline(self, name, rate, code.frame, drop=code.drop)
        self.timelines[name] = self.current = line
        item = self.pool.item(media)
        self.project.settle(item)
        self.pool.root.clips.append(item)
        frames = math.floor(Fraction(item.samples, SAMPLES) * rate + Fraction(1, 1000))
        for kind in ("video", "audio"):
            form = SUBTYPES.get(item.channels, "mono") if kind == "audio" else ""
            clip = TimelineItem(media.name, line.start, frames, item)
            if kind == "audio" or item.rate:
                line.tracks[kind].append(Track(f"{kind.capitalize()} 1", form, items=[clip]))
        return line


OBJECTS = (Resolve, ProjectManager, Project, MediaPool, Folder, PoolItem, Timeline, TimelineItem)


@dataclass(frozen=True)
class Call:
    """One call of a script, and what it got."""

    kind: str
    name: str
    given: tuple[Any, ...]
    value: Any


def guarded(thing, host):
    """The object as a script sees it: every call is kept, and a message box that is open answers None."""
    return _Guard(thing, host) if isinstance(thing, OBJECTS) else thing


class _Guard:
    def __init__(self, thing, host):
        self.__dict__.update(thing=thing, host=host)

    def __getattr__(self, name):
        host, found = self.host, getattr(self.thing, name)
        if not callable(found):
            return found

        def call(*given):
            plain = tuple(_bare(each) for each in given)
            if name == host.manners.modal_on or (name in STUDIO_ONLY and not host.manners.studio):
                host.modal = True
            value = None if host.modal else found(*plain)
            host.calls.append(Call(type(self.thing).__name__, name, plain, value))
            return _wrapped(value, host)

        return call


def _bare(value):
    if isinstance(value, _Guard):
        return value.thing
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return {key: _bare(each) for key, each in value.items()} if isinstance(value, dict) else value


def _wrapped(value, host):
    return [guarded(each, host) for each in value] if isinstance(value, list) else guarded(value, host)
