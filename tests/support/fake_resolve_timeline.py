# ruff: noqa: N803 - arguments are named as the host names them
"""The timelines of a fake Resolve: tracks, clips, markers, and their export as real files."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio

from rythmo.timebase import format_timecode, frames_to_samples, nominal_rate
from rythmo_bridge.formats.registry import find_format
from rythmo_bridge.timeline import Item, Kind, Media
from rythmo_bridge.timeline import Timeline as DeliveredTimeline
from rythmo_bridge.timeline import Track as DeliveredTrack

SAMPLES = 48_000
SUBTYPES = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
# Numbers of another version than the last one's: whoever writes them into a script is wrong.
EXPORT_OTIO, EXPORT_FCP_7_XML, EXPORT_NONE = 7716.0, 7703.0, 7799.0


@dataclass
class TimelineItem:
    """TimelineItem: [start, start + length) in absolute frames."""

    name: str
    start: int
    length: int
    media: Any
    source: int = 0
    """Samples into the media."""
    enabled: bool = True

    def GetName(self):
        return self.name

    def GetStart(self, subframe_precision=False):
        return self.start

    def GetEnd(self, subframe_precision=False):
        return self.start + self.length

    def GetDuration(self, subframe_precision=False):
        return self.length

    def GetMediaPoolItem(self):
        return self.media

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass
class Track:
    """A track; a thing of the fake's, the real one has no object for it."""

    name: str
    form: str = ""
    enabled: bool = True
    items: list[TimelineItem] = field(default_factory=list)

    def free(self, start: int, end: int) -> bool:
        return all(item.end <= start or end <= item.start for item in self.items)


class Timeline:
    """Timeline."""

    def __init__(self, host, name, rate, start, *, drop=False):
        self.host, self.name, self.rate, self.start, self.drop = host, name, rate, start, drop
        self.tracks = {"video": [], "audio": [], "subtitle": []}
        self.markers = {}
        self.id = f"timeline-{next(host.ids)}"

    def GetName(self):
        return self.name

    def GetUniqueId(self):
        return self.id

    def GetStartFrame(self):
        return self.start

    def GetStartTimecode(self):
        return format_timecode(self.start, self.rate, drop=self.drop)

    def GetSetting(self, settingName=""):
        if settingName == "timelineFrameRate":
            return written(self.rate) + (" DF" if self.drop else "")
        return {"timelineDropFrameTimecode": "1" if self.drop else "0"}.get(settingName, "")

    def GetTrackCount(self, trackType):
        return len(self.tracks[trackType])

    def AddTrack(self, trackType, subTrackType=""):
        if not self.host.manners.no_tracks:
            number = len(self.tracks[trackType]) + 1
            form = (subTrackType or "mono") if trackType == "audio" else ""
            self.tracks[trackType].append(Track(f"{trackType.capitalize()} {number}", form))
        return True

    def DeleteTrack(self, trackType, trackIndex):
        del self.tracks[trackType][trackIndex - 1]
        return True

    def GetTrackSubType(self, trackType, trackIndex):
        return self.tracks[trackType][trackIndex - 1].form

    def GetTrackName(self, trackType, trackIndex):
        return self.tracks[trackType][trackIndex - 1].name

    def SetTrackName(self, trackType, trackIndex, name):
        self.tracks[trackType][trackIndex - 1].name = name
        return True

    def GetIsTrackEnabled(self, trackType, trackIndex):
        return self.tracks[trackType][trackIndex - 1].enabled

    def SetTrackEnable(self, trackType, trackIndex, Bool):
        if not self.host.manners.deaf_enable:
            self.tracks[trackType][trackIndex - 1].enabled = Bool
        return True

    def GetItemListInTrack(self, trackType, index):
        return sorted(self.tracks[trackType][index - 1].items, key=lambda item: item.start)

    def DeleteClips(self, timelineItems, Bool=False):
        for track in itertools.chain(*self.tracks.values()):
            track.items = [item for item in track.items if not any(item is gone for gone in timelineItems)]
        return True

    def AddMarker(self, frameId, color, name, note, duration, customData=""):
        if frameId in self.markers:
            return False
        about = {"color": color, "name": name, "note": note, "duration": duration, "customData": customData}
        self.markers[float(frameId)] = about
        return True

    def GetMarkers(self):
        return {frame: dict(about) for frame, about in self.markers.items()}

    def DeleteMarkerByCustomData(self, customData):
        for frame, about in self.markers.items():
            if about["customData"] == customData:
                del self.markers[frame]
                return True
        return False

    def DuplicateTimeline(self, timelineName=None):
        if self.host.manners.no_duplicate or timelineName in self.host.timelines:
            return None
        copy = Timeline(self.host, timelineName, self.rate, self.start, drop=self.drop)
        copy.tracks = {
            kind: [
                Track(t.name, t.form, t.enabled, [TimelineItem(**vars(item)) for item in t.items])
                for t in tracks
            ]
            for kind, tracks in self.tracks.items()
        }
        copy.markers = self.GetMarkers()
        self.host.timelines[timelineName] = copy
        self.host.current = copy
        return copy

    def Export(self, fileName, exportType, exportSubtype):
        manners = self.host.manners
        if manners.no_export or (manners.no_otio and exportType == EXPORT_OTIO):
            return False
        form = {EXPORT_OTIO: "otio-resolve", EXPORT_FCP_7_XML: "fcp7"}[exportType]
        write = find_format(form).write
        assert write is not None
        write(self.delivery(), Path(fileName))
        if form == "otio-resolve":
            _foreign(Path(fileName))
        return True

    def delivery(self) -> DeliveredTimeline:
        """What stands here, as a value; nothing in it is Rythmo's own."""
        media, tracks = {}, []
        for kind in ("video", "audio"):
            for track in self.tracks[kind]:
                items = [self._item(item, media) for item in track.items]
                items.sort(key=lambda item: item.start)
                width = next((n for n, form in SUBTYPES.items() if form == track.form), 1)
                tracks.append(
                    DeliveredTrack(
                        track.name, Kind(kind), enabled=track.enabled, channels=width, items=tuple(items)
                    )
                )
        length = max((i.end for t in tracks for i in t.items), default=0)
        return DeliveredTimeline(
            self.name,
            self.rate,
            length,
            start_frame=self.start,
            drop=self.drop,
            tracks=tuple(tracks),
            media=media,
        )

    def _item(self, item: TimelineItem, media) -> Item:
        held = item.media
        assert held is not None
        key = str(held.path)
        media[key] = Media(
            key, held.path.name, held.path, held.samples, 0, held.channels, SAMPLES, held.rate, drop=False
        )
        start = self.samples(item.start - self.start)
        return Item(item.name, start, self.samples(item.end - self.start) - start, key, item.source)

    def samples(self, frames: int) -> int:
        return frames_to_samples(frames, self.rate, SAMPLES)


def _foreign(path: Path) -> None:
    """Take out what Resolve does not write: Rythmo's metadata."""

    def plain(thing):
        if isinstance(thing, list):
            return [plain(each) for each in thing]
        if isinstance(thing, dict):
            return {key: plain(each) for key, each in thing.items() if key != "rythmo"}
        return thing

    path.write_text(json.dumps(plain(json.loads(path.read_text()))))
    opentimelineio.adapters.read_from_file(str(path))  # as strict a reader as there is


def written(rate: Fraction) -> str:
    """As Resolve writes it: 23.976, 24.0, 29.97."""
    return f"{float(rate):.3f}".rstrip("0") if rate.denominator > 1 else f"{nominal_rate(rate)}.0"
