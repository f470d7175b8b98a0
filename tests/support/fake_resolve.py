# ruff: noqa: N803 - arguments are named as the host names them
"""A DaVinci Resolve that behaves as people report it to, for the scripts inside it.

Its classes have the names and signatures of the public type stubs (`fusionscript-stubs`; a test compares
them) and the reported traps: absolute record frames, exclusive ends, silent drops, return values that say
nothing, WAVs counted at 24 frames a second, one marker a frame, subtitles with rules of their own.
`Manners` makes it misbehave. A timeline is exported as a real file, so that the whole loop is real.
"""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import opentimelineio

from rythmo.media.probe import probe
from rythmo.timebase import format_timecode, frames_to_samples, nominal, parse_timecode
from rythmo_bridge.formats.registry import find
from rythmo_bridge.readers.files import read_timeline
from rythmo_bridge.subtitles.srt import read_subtitles
from rythmo_bridge.timeline import Delivery, Item, Kind, Media
from rythmo_bridge.timeline import Track as DeliveredTrack

SAMPLES = 48_000
STUDIO_ONLY = ("CreateSubtitlesFromAudio", "DetectSceneCuts", "AnalyzeDolbyVision")
_SUBTYPES = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


@dataclass
class Manners:
    """How this Resolve misbehaves; as it is here, it behaves as well as it ever does."""

    studio: bool = True
    returns: str = "items"
    """What AppendToTimeline returns: "items", "nothing", or "nonsense" (a list whatever happened)."""
    wav_rate: Fraction | None = Fraction(24)
    """What a WAV says its rate is; None: the timeline's."""
    whole_in_wav_rate: bool = False
    """A whole WAV lasts whole frames of its own rate."""
    inclusive_ends: bool = False
    """endFrame is part of the clip (Resolve 18)."""
    one_at_a_time: bool = False
    """Of clips that come together only the first is placed."""
    drops: frozenset[str] = frozenset()
    """Files that direct placing silently drops, by the first letters of their names."""
    blocked_tracks: frozenset[int] = frozenset()
    """Audio tracks on which nothing can be placed."""
    late: int = 0
    """Frames by which clips that come together are placed late."""
    no_duplicate: bool = False
    no_import: frozenset[str] = frozenset()
    """Suffixes of files that ImportMedia refuses."""
    silent_import: bool = False
    """ImportMedia imports and returns nothing."""
    no_otio: bool = False
    no_export: bool = False
    deaf_enable: bool = False
    """SetTrackEnable says True and does nothing."""
    no_tracks: bool = False
    """AddTrack says True and does nothing."""
    no_load: bool = False
    modal_on: str = ""
    """A call that opens a message box: from then on nothing is done and everything returns None."""
    subtitles_at_end: bool = False


@dataclass
class PoolItem:
    """MediaPoolItem."""

    host: Resolve
    path: Path
    samples: int
    channels: int
    rate: Fraction | None
    kind: str

    def GetName(self):
        return self.path.name

    def GetClipProperty(self, propertyName=None):
        found = {"File Path": str(self.path), "Type": self.kind, "FPS": self._fps(), "Frames": self._frames()}
        return found if propertyName is None else found.get(propertyName, "")

    def _fps(self):
        if self.kind == "Subtitle":
            return ""
        return _written(self.rate or self.host.manners.wav_rate or self.host.current.rate)

    def _frames(self):
        # Audio answers "" here; video its count.
        return str(round(self.samples * self.rate / SAMPLES)) if self.rate else ""

    def counted(self) -> Fraction:
        return self.rate or self.host.manners.wav_rate or self.host.current.rate


@dataclass
class TimelineItem:
    """TimelineItem: [start, start + length) in absolute frames."""

    name: str
    start: int
    length: int
    media: PoolItem | None
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


class Folder:
    """Folder of the media pool."""

    def __init__(self, name):
        self.name = name
        self.folders, self.clips = [], []

    def GetName(self):
        return self.name

    def GetSubFolderList(self):
        return list(self.folders)

    def GetClipList(self):
        return list(self.clips)


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
            return _written(self.rate) + (" DF" if self.drop else "")
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
        if manners.no_export or (manners.no_otio and exportType == Resolve.EXPORT_OTIO):
            return False
        form = {Resolve.EXPORT_OTIO: "otio-resolve", Resolve.EXPORT_FCP_7_XML: "fcp7"}[exportType]
        write = find(form).write
        assert write is not None
        write(self.delivery(), Path(fileName))
        if form == "otio-resolve":
            _foreign(Path(fileName))
        return True

    def delivery(self) -> Delivery:
        """What stands here, as a value; nothing in it is Rythmo's own."""
        media, tracks = {}, []
        for kind in ("video", "audio"):
            for track in self.tracks[kind]:
                items = [self._item(item, media) for item in track.items]
                items.sort(key=lambda item: item.start)
                width = next((n for n, form in _SUBTYPES.items() if form == track.form), 1)
                tracks.append(
                    DeliveredTrack(
                        track.name, Kind(kind), enabled=track.enabled, channels=width, items=tuple(items)
                    )
                )
        length = max((i.end for t in tracks for i in t.items), default=0)
        return Delivery(
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


class MediaPool:
    """MediaPool."""

    def __init__(self, host):
        self.host = host
        self.root = Folder("Master")
        self.folder = self.root

    def GetRootFolder(self):
        return self.root

    def AddSubFolder(self, folder, name):
        folder.folders.append(Folder(name))
        return folder.folders[-1]

    def GetCurrentFolder(self):
        return self.folder

    def SetCurrentFolder(self, folder):
        self.folder = folder
        return True

    def ImportMedia(self, items):
        made = [item for path in items if (item := self._import(Path(path))) is not None]
        return [] if self.host.manners.silent_import else made

    def _import(self, path):
        if path.suffix in self.host.manners.no_import or any(c.path == path for c in self.folder.clips):
            return None
        item = self.item(path)
        self.folder.clips.append(item)
        return item

    def item(self, path):
        if path.suffix == ".srt":
            return PoolItem(self.host, path, 0, 0, None, "Subtitle")
        info = probe(path)
        channels = info.audio[0].channels if info.audio else 0
        rate = info.video.frame_rate if info.video else None
        return PoolItem(self.host, path, info.duration, channels, rate, "Video" if rate else "Audio")

    def AppendToTimeline(self, clips):
        manners = self.host.manners
        if any(isinstance(v, float) and v % 1 for clip in clips for v in clip.values()):
            return None
        together = len(clips) > 1
        wanted = clips[:1] if together and manners.one_at_a_time else clips
        placed = [item for clip in wanted if (item := self._place(clip, manners.late if together else 0))]
        if manners.returns == "nothing":
            return None
        return [object()] * len(clips) if manners.returns == "nonsense" else placed

    def _place(self, clip, late):
        media, line = clip["mediaPoolItem"], self.host.current
        if media.kind == "Subtitle":
            return self._subtitles(media, line, told="recordFrame" in clip)
        index = clip["trackIndex"]
        if not 1 <= index <= line.GetTrackCount("audio") or index in self.host.manners.blocked_tracks:
            return None
        track = line.tracks["audio"][index - 1]
        start, length = clip["recordFrame"] + late, self._length(clip, media, line.rate)
        dropped = any(media.path.name.startswith(head) for head in self.host.manners.drops)
        if dropped or length <= 0 or not track.free(start, start + length):
            return None
        first = Fraction(clip.get("startFrame", 0)) / media.counted()
        item = TimelineItem(media.path.name, start, length, media, round(first * SAMPLES))
        track.items.append(item)
        return item

    def _length(self, clip, media, rate):
        """Frames of the timeline. A host floors: what lacks a part of a frame lacks the frame."""
        counted, manners = media.counted(), self.host.manners
        whole = math.floor(Fraction(media.samples, SAMPLES) * counted)
        if "endFrame" in clip:
            frames = clip["endFrame"] - clip["startFrame"] + manners.inclusive_ends
            seconds = min(Fraction(frames) / counted, Fraction(media.samples, SAMPLES))
        elif manners.whole_in_wav_rate:
            seconds = Fraction(whole) / counted
        else:
            seconds = Fraction(media.samples, SAMPLES)
        return math.floor(seconds * rate + Fraction(1, 1000))

    def _subtitles(self, media, line, *, told):
        if not line.tracks["subtitle"]:
            return None
        track = line.tracks["subtitle"][0]
        late = told or self.host.manners.subtitles_at_end
        offset = (
            max((t.items[-1].end for t in line.tracks["audio"] if t.items), default=0) if late else line.start
        )
        for cue in read_subtitles(media.path, SAMPLES):
            start = offset + round(Fraction(cue.start, SAMPLES) * line.rate)
            end = offset + round(Fraction(cue.end, SAMPLES) * line.rate)
            track.items.append(TimelineItem(cue.text, start, end - start, None))
        return track.items[-1]

    def ImportTimelineFromFile(self, filePath, importOptions):
        name = importOptions["timelineName"]
        if self.host.manners.no_load or name in self.host.timelines:
            return None
        read = read_timeline(Path(filePath))
        line = Timeline(self.host, name, read.frame_rate, read.start_frame, drop=read.drop)
        for track in read.tracks:
            form = _SUBTYPES.get(track.channels, "") if track.kind is Kind.AUDIO else ""
            made = Track(track.name, form, track.enabled)
            for item in track.items:
                path = read.media[item.media or ""].path
                assert path is not None
                start = read.frame(item.start)
                media = next((c for c in self.root.clips if c.path == path), None) or self.item(path)
                made.items.append(
                    TimelineItem(
                        item.name, line.start + start, read.frame(item.end) - start, media, item.source
                    )
                )
            line.tracks[track.kind.value].append(made)
        self.host.timelines[name] = line
        return line


class Project:
    """Project."""

    def __init__(self, host):
        self.host = host

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
        return self.host.current.GetSetting(settingName)


class ProjectManager:
    """ProjectManager."""

    def __init__(self, host):
        self.host = host

    def GetCurrentProject(self):
        return self.host.project


class Resolve:
    """Resolve, with one project and one timeline."""

    # Numbers of another version than the last one's: whoever writes them into a script is wrong.
    EXPORT_OTIO, EXPORT_FCP_7_XML, EXPORT_NONE = 7716.0, 7703.0, 7799.0

    def __init__(self, manners: Manners | None = None):
        self.manners = manners or Manners()
        self.ids = itertools.count(1)
        self.pool, self.project, self.manager = MediaPool(self), Project(self), ProjectManager(self)
        self.timelines: dict[str, Timeline] = {}
        self.current: Timeline = None  # type: ignore[assignment]  # set when the first timeline is made
        self.calls: list[str] = []
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
        self.pool.root.clips.append(item)
        frames = math.floor(Fraction(item.samples, SAMPLES) * rate + Fraction(1, 1000))
        for kind in ("video", "audio"):
            form = _SUBTYPES.get(item.channels, "mono") if kind == "audio" else ""
            clip = TimelineItem(media.name, line.start, frames, item)
            if kind == "audio" or item.rate:
                line.tracks[kind].append(Track(f"{kind.capitalize()} 1", form, items=[clip]))
        return line


def guarded(thing, host):
    """The object as a script sees it: every call is kept, and a message box that is open answers None."""
    return _Guard(thing, host) if type(thing).__module__ == __name__ else thing


class _Guard:
    def __init__(self, thing, host):
        self.__dict__.update(thing=thing, host=host)

    def __getattr__(self, name):
        host, found = self.host, getattr(self.thing, name)
        if not callable(found):
            return found

        def call(*given):
            kind = type(self.thing).__name__
            host.calls.append(f"{kind}.{name}")
            if host.modal:
                return None
            if name == host.manners.modal_on or (name in STUDIO_ONLY and not host.manners.studio):
                host.modal = True
                return None
            return _wrapped(found(*(_bare(each) for each in given)), host)

        return call


def _bare(value):
    if isinstance(value, _Guard):
        return value.thing
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return {key: _bare(each) for key, each in value.items()} if isinstance(value, dict) else value


def _wrapped(value, host):
    return [guarded(each, host) for each in value] if isinstance(value, list) else guarded(value, host)


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


def _written(rate: Fraction) -> str:
    """As Resolve writes it: 23.976, 24.0, 29.97."""
    return f"{float(rate):.3f}".rstrip("0") if rate.denominator > 1 else f"{nominal(rate)}.0"
