"""The session of the fake Pro Tools: what its commands do to it, as documented and as users report."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import soundfile
from ptsl_definition import number
from session_text import Row, SessionTextOf, SessionTrack

from rythmo.media.riff import read_header
from rythmo.timebase import parse_timecode
from rythmo_bridge.formats.session_text.times import make_clock

RATES = {1: "23.976", 2: "24", 3: "25", 4: "29.97", 5: "29.97 Drop", 6: "30", 10: "50", 11: "59.94"}
_LETTERS = {1: [""], 2: [".L", ".R"], 6: [".L", ".C", ".R", ".Ls", ".Rs", ".LFE"]}
_WIDTHS = {1: ("", 1), 2: (" (Stereo)", 2), 7: (" (5.1)", 6)}


class RefusedError(Exception):
    """What Pro Tools answers with an error's number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Clip:
    """A clip of the clip list; `length` in samples."""

    name: str
    file: str
    channels: int
    length: int
    ids: list[str]
    start: int = 0


@dataclass
class Placed:
    """A clip on a track."""

    clip: Clip
    at: int
    muted: bool = False

    @property
    def end(self) -> int:
        return self.at + self.clip.length


@dataclass
class FakeTrack:
    """A track; `width` is the number of its format."""

    name: str
    id: str
    width: int = 1
    muted: bool = False
    kind: int = 2
    clips: list[Placed] = field(default_factory=list)


@dataclass
class FakeSession:
    """An open session."""

    name: str = "Mix"
    sample_rate: int = 48_000
    rate: int = 1
    start: str = "01:00:00:00"
    folder: Path = Path()
    tracks: list[FakeTrack] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))
    edit_mode: int = 2
    selected_tracks: list[str] = field(default_factory=list)
    selection: tuple[int, int] = (0, 0)
    saved: int = 0

    def new_id(self) -> str:
        """An id like Pro Tools' own."""
        return f"{{0000-{next(self.numbers):06}}}"

    def track(self, *, key: str = "", name: str = "") -> FakeTrack:
        """A track by id or name."""
        for track in self.tracks:
            if track.id == key or track.name == name:
                return track
        raise RefusedError(107, "No track found")

    def add_track(self, name: str, width: int = 1, *, kind: int = 2) -> FakeTrack:
        """A new track; Pro Tools numbers a name that is taken."""
        taken = {track.name for track in self.tracks}
        names = [name, *(f"{name}.dup{n}" for n in range(1, 99))]
        track = FakeTrack(next(n for n in names if n not in taken), self.new_id(), width, kind=kind)
        self.tracks.append(track)
        return track

    def free_clip_name(self, name: str) -> str:
        """A clip's name; one that is taken gets a number."""
        taken = {clip.name for clip in self.clips}
        return next(n for n in [name, *(f"{name}-{i:02}" for i in range(1, 99))] if n not in taken)

    def add_file(self, path: Path) -> Clip:
        """Import a file into the clip list."""
        facts = read_header(path)
        assert soundfile.info(path).samplerate == self.sample_rate
        file = self.new_id()
        self.files[file] = path
        clip = Clip(self.free_clip_name(path.stem), file, facts.channels, facts.length, [])
        clip.ids = [self.new_id() for _ in range(facts.channels)]
        self.clips.append(clip)
        return clip

    def add_clip(self, name: str, file: str, start: int, end: int) -> Clip:
        """Make a clip of a part of a mono file."""
        whole = next((clip for clip in self.clips if clip.file == file), None)
        if whole is None or not 0 <= start < end <= whole.length or whole.channels != 1:
            raise RefusedError(126, "Invalid parameter")
        clip = Clip(self.free_clip_name(name), file, 1, end - start, [self.new_id()], start)
        self.clips.append(clip)
        return clip

    def spot(self, ids: list[str], track: FakeTrack, at: int, *, muted: bool) -> None:
        """Place a clip; what it covers is cut away."""
        clip = next((clip for clip in self.clips if set(ids) == set(clip.ids)), None)
        if clip is None:
            raise RefusedError(108, "No clips found")
        if _WIDTHS[track.width][1] != clip.channels:
            raise RefusedError(126, "The clip does not fit the track")
        placed = Placed(clip, at, muted)
        for other in list(track.clips):
            if other.at < placed.end and placed.at < other.end:
                track.clips.remove(other)
        track.clips = sorted([*track.clips, placed], key=lambda each: each.at)

    def clear(self) -> None:
        """Remove what is selected; in Shuffle, later clips move up."""
        start, end = self.selection
        for track in (t for t in self.tracks if t.name in self.selected_tracks):
            track.clips = [c for c in track.clips if c.end <= start or c.at >= end]
            if self.edit_mode == 1:
                for clip in track.clips:
                    clip.at -= (end - start) if clip.at >= end else 0

    def text(self, *, edls: bool) -> str:
        """The session as text, in samples."""
        tracks = [self._track_text(track) for track in self.tracks if track.kind == 2] if edls else []
        form = f"{RATES[self.rate]} Frame"
        rate = f"{self.sample_rate}.000000"
        return SessionTextOf(tracks, self.start, form, self.name, rate, stamped=False).write()

    def _track_text(self, track: FakeTrack) -> SessionTrack:
        width, channels = _WIDTHS[track.width]
        rows = [Row(c.clip.name, str(c.at), str(c.end), muted=c.muted) for c in track.clips]
        return SessionTrack(track.name, rows, width, channels, "Muted" if track.muted else "")

    def listed(self) -> list[dict[str, Any]]:
        """The clip list: a row for each channel."""
        return [
            {
                "file_id": clip.file,
                "clip_id": id_,
                "clip_full_name": clip.name + letter,
                "clip_root_name": clip.name,
                "clip_type": "ClipType_Audio",
            }
            for clip in self.clips
            for id_, letter in zip(clip.ids, _LETTERS[clip.channels], strict=True)
        ]

    def add_marker(self, body: dict[str, Any], *, counter: str) -> None:
        """Make a memory location; its time is in the form of the main counter, else refused."""
        if body["number"] in self.markers:
            raise RefusedError(126, "The memory location number is already used")
        told = body["start_time"]
        clock = make_clock(str(self.sample_rate), self.start, f"{RATES[self.rate]} Frame")
        if told.isdigit() != (counter == "samples"):
            raise RefusedError(126, "Invalid start time")
        if ":" in told:
            parse_timecode(told, clock.rate, drop=clock.drop)
        kept = {
            key: body[key]
            for key in ("number", "name", "comments", "time_properties", "reference", "location")
        }
        self.markers[body["number"]] = {**kept, "start_time": told, "end_time": told}


def format_width(told: str | int) -> int:
    """A track format's number."""
    return number("TrackFormat", told)
