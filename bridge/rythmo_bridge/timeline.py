"""`Timeline`: the one value that every writer takes and every reader gives.

Positions are integer samples at `Timeline.sample_rate`. Record positions count from the timeline's
first frame (`start_frame` carries its timecode); source positions count from the media's first sample.
`Media.start` places that first sample in the media's own timecode, as samples since midnight, so a
format that counts source ranges in the media's timecode adds it and one that counts from zero does not.
Frames are found again without loss by `timebase.nearest_frame`: a frame is far longer than a sample.

How a foreign timeline is read into it:

- media that is offline or was never named: `Item.media` is None, or a `Media` whose `path` is None;
  the name in the file stays in `Item.name` and every path that was given in `Media.candidates`;
- a transition: the two items keep their cut point, the `Transition` lies over it on the track;
- a nested sequence or compound clip: the item's `nested` is a Delivery of its own, `source` counts in it;
- a speed change: `Item.speed` is source over record time (2 plays twice as fast, negative backwards, 0
  holds the frame); `length` stays record time, so the source range spans `length * speed`;
- generators, titles and other things without media: an Item without media whose `kind` says what it is;
- what no field holds: `metadata`, under the format's own key, as plain JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

from rythmo.script.model import Severity
from rythmo_bridge.colours import Colour
from rythmo_bridge.subtitles.cues import Subtitles

AUDIO_ROLE = "audio_role"
"""Key of `Item.metadata`: the role, with its sub-role, that Final Cut gives each clip (dialogue.boom)."""


class Kind(StrEnum):
    """What a track carries."""

    VIDEO = "video"
    AUDIO = "audio"


class Role(StrEnum):
    """What a track is for. ORIGINAL is the programme's own sound; OTHER is anything foreign."""

    PICTURE = "picture"
    ORIGINAL = "original"
    DIALOGUE = "DX"
    ME = "M&E"
    MIX = "MIX"
    OTHER = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A note at a position: record samples on a timeline, samples from the item's start on an item."""

    start: int
    name: str
    note: str = ""
    length: int = 0
    colour: Colour = Colour.YELLOW
    severity: Severity | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One file: `length` and `start` in samples at the Delivery's rate, whatever the file's own rate.

    `channels` and `sample_rate` are those of its sound (0 and None without), `frame_rate` and `size`
    those of its picture (None without). `candidates` are further paths a foreign timeline gave.
    `start_told` is False where the timeline does not say where the file's timecode begins: `start` is then 0,
    and what counts from it may be timecode or may be the file's own samples.
    """

    id: str
    name: str
    path: Path | None = None
    length: int = 0
    start: int = 0
    channels: int = 0
    sample_rate: int | None = None
    frame_rate: Fraction | None = None
    size: tuple[int, int] | None = None
    drop: bool = False
    reel: str = ""
    candidates: tuple[str, ...] = ()
    start_told: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_picture(self) -> bool:
        """Whether the file holds moving picture."""
        return self.frame_rate is not None


@dataclass(frozen=True, slots=True)
class Level:
    """A keyframe of a clip's gain: `at` in record samples from the clip's start. Between two of them the
    gain moves in a straight line as a factor; before the first and after the last it stays."""

    at: int
    gain_db: float


@dataclass(frozen=True, slots=True)
class Item:
    """One clip: `length` record samples from `start`, playing the media from `source` on.

    `channels` names the source channels that sound (empty: all), items that share a `link` move together.
    `levels` are keyframes that come on top of `gain_db`.
    """

    name: str
    start: int
    length: int
    media: str | None = None
    source: int = 0
    line: str | None = None
    enabled: bool = True
    gain_db: float = 0.0
    channels: tuple[int, ...] = ()
    link: str | None = None
    speed: Fraction = Fraction(1)
    fade_in: int = 0
    fade_out: int = 0
    levels: tuple[Level, ...] = ()
    markers: tuple[Marker, ...] = ()
    colour: Colour | None = None
    kind: str = "clip"
    nested: Timeline | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The record sample after the last one."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Transition:
    """A dissolve, wipe or crossfade over [start, start + length) in record time."""

    start: int
    length: int
    name: str = "dissolve"


@dataclass(frozen=True, slots=True)
class Track:
    """Items in order of start, none over another. `channels` is the width of an audio track.

    `outputs` are the channels of the mix that a track's own go to, where the timeline says so (empty: one
    channel to the centre, two to left and right). When any track is `solo`, only those that are sound.
    `kept` tracks stood in a timeline before it was dubbed: writers never make files for them.
    """

    name: str
    kind: Kind
    role: Role = Role.OTHER
    enabled: bool = True
    channels: int = 1
    colour: Colour | None = None
    speaker: str | None = None
    locked: bool = False
    solo: bool = False
    kept: bool = False
    outputs: tuple[int, ...] = ()
    items: tuple[Item, ...] = ()
    transitions: tuple[Transition, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DialogueEntry:
    """One line of the dialogue list, in both languages; [start, end) in record samples."""

    line: str
    speaker: str
    start: int
    end: int
    text: str
    translation: str = ""
    take: str = ""
    speed: float = 1.0
    status: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline with everything that belongs to it. Tracks stand bottom up: V1, V2 ..., A1, A2 ...

    `language` is the target language; `print_master` is the id of the full mix among `media` (it lies
    on no track; a video delivery is made of it and the picture). `film` is the id of one file with the
    whole edited picture, where the picture tracks are of several. `notes` say what a reader left out or took
    for granted, in words for the user.
    """

    name: str
    frame_rate: Fraction
    length: int
    sample_rate: int = 48_000
    start_frame: int = 0
    drop: bool = False
    language: str = ""
    size: tuple[int, int] | None = None
    tracks: tuple[Track, ...] = ()
    media: Mapping[str, Media] = field(default_factory=dict)
    subtitles: tuple[Subtitles, ...] = ()
    dialogue: tuple[DialogueEntry, ...] = ()
    markers: tuple[Marker, ...] = ()
    print_master: str | None = None
    film: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def tracks_of(self, kind: Kind) -> tuple[Track, ...]:
        """Tracks of one kind, bottom up."""
        return tuple(track for track in self.tracks if track.kind is kind)

    def media_of(self, item: Item) -> Media | None:
        """The item's media; None when it is offline or has none."""
        return self.media.get(item.media) if item.media is not None else None

    def items(self) -> Iterator[tuple[Track, Item]]:
        """Every item with its track."""
        for track in self.tracks:
            for item in track.items:
                yield track, item

    def used_media(self) -> dict[str, Media]:
        """The media of items, by id, in order of first use."""
        used = (item.media for _, item in self.items() if item.media in self.media)
        return {name: self.media[name] for name in used if name is not None}

    def frame(self, samples: int) -> int:
        """The frame whose start is closest to a position or length.

        It is `timebase.nearest_frame` in plain integers, because writers ask for several frames a clip.
        """
        unit = self.frame_rate.denominator * self.sample_rate
        return (2 * samples * self.frame_rate.numerator + unit) // (2 * unit)

    def handles(self, item: Item) -> tuple[int, int]:
        """Samples of media that lie before and after what the item plays."""
        media = self.media_of(item)
        if media is None:
            return 0, 0
        used = round(item.length * abs(item.speed))
        return max(0, item.source), max(0, media.length - item.source - used)
