# ruff: noqa: N803 - arguments are named as the host names them
"""The media pool of a fake Resolve: imports, and what AppendToTimeline makes of clips."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from fake_resolve_timeline import SAMPLES, SUBTYPES, Timeline, TimelineItem, Track, written

from rythmo.media.probe import probe
from rythmo_bridge.formats.registry import read_timeline
from rythmo_bridge.subtitles.srt import read_as_written
from rythmo_bridge.timeline import Kind


@dataclass
class PoolItem:
    """MediaPoolItem."""

    host: Any
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
        return written(self.counted())

    def _frames(self):
        # Audio answers "" here; video its count.
        return str(round(self.samples * self.rate / SAMPLES)) if self.rate else ""

    def counted(self) -> Fraction:
        """The rate that startFrame and endFrame of this file are counted in."""
        return self.rate or self.host.manners.wav_rate or self.host.project.rate


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
        if item.kind != "Subtitle":
            self.host.project.settle(item)
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
        for first, last, text in read_as_written(media.path, SAMPLES):
            start = offset + round(Fraction(first, SAMPLES) * line.rate)
            end = offset + round(Fraction(last, SAMPLES) * line.rate)
            track.items.append(TimelineItem(text, start, end - start, None))
        return track.items[-1]

    def ImportTimelineFromFile(self, filePath, importOptions):
        name = importOptions["timelineName"]
        if self.host.manners.no_load or name in self.host.timelines:
            return None
        read = read_timeline(Path(filePath))
        line = Timeline(self.host, name, read.frame_rate, read.start_frame, drop=read.drop)
        for track in read.tracks:
            form = SUBTYPES.get(track.channels, "") if track.kind is Kind.AUDIO else ""
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
