"""`Timeline`: the value that every reader returns and every writer takes.

Positions are integer samples at `Timeline.sample_rate`. Record positions count from the timeline's first
frame, whose timecode is `start_frame`. Source positions count from the media's first sample. `Media.start`
places that sample in the media's own timecode, as samples since midnight: formats that count source ranges in
the media's timecode add it, those that count from zero do not. `timebase.nearest_frame` recovers frames from
samples without loss, because a frame is far longer than a sample.

How foreign timelines are represented:

- media that is offline or unnamed: `Item.media` is None, or a `Media` whose `path` is None;
  the name in the file stays in `Item.name` and every path that was given in `Media.candidates`;
- a transition: the two items keep their cut point, and the `Transition` lies over it on the track;
- a nested sequence or compound clip: the item's `nested` is a Timeline of its own, in which `source` counts;
- a speed change: `Item.speed` is source over record time (2 plays twice as fast, negative backwards, 0
  holds the frame); `length` stays record time, so the source range is `length * speed` long;
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

from rythmo.script.loops import Loop
from rythmo.script.model import Severity, Word
from rythmo_bridge.colours import Colour
from rythmo_bridge.subtitles.cues import Subtitles

AUDIO_ROLE = "audio_role"
"""Key in `Item.metadata` for the role and sub-role that Final Cut gives each clip (dialogue.boom)."""

SOURCE_UNKNOWN = "source_unknown"
"""Key in `Item.metadata`: true if the file does not say which part of the media plays. `source` is then 0."""


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
    """One file. `length` and `start` are in samples at the Timeline's rate, whatever the file's own rate.

    `channels` and `sample_rate` describe its sound (0 and None without), `frame_rate` and `size` its picture
    (None without). `candidates` are further paths that a foreign timeline gave. `start_told` is False if the
    timeline does not say where the file's timecode begins: `start` is then 0, and source positions may count
    from the timecode or from the file's first sample.
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
    """A keyframe of a clip's gain, `at` record samples from the clip's start.

    Between two keyframes the gain factor is interpolated linearly; before the first and after the last it is
    constant.
    """

    at: int
    gain_db: float


@dataclass(frozen=True, slots=True)
class Item:
    """One clip: `length` record samples from `start`, playing the media from `source`.

    `channels` names the source channels that sound (empty: all). Items that share a `link` move together.
    `levels` are keyframes in addition to `gain_db`.
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
        """Return the record sample after the last one."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Transition:
    """A dissolve, wipe or crossfade over [start, start + length) in record time."""

    start: int
    length: int
    name: str = "dissolve"


@dataclass(frozen=True, slots=True)
class Track:
    """Items in order of start that never overlap. `channels` is the width of an audio track.

    `outputs` are the mix channels that the track's channels go to, if the timeline says so (empty: one
    channel to the centre, two to left and right). If any track is `solo`, only solo tracks are heard. `kept`
    tracks belong to the timeline that was dubbed: writers never make files for them.
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
    """One line of the dialogue list, in both languages; [start, end) in record samples.

    `spoken` is where the original is said, `words` its recognised words with their times, and `phrases`
    where the phrases of the take lie. `recorded` is what the take says, `engine` what said it unless a
    person did, `loop` the number of its recording loop. `on_screen` says whether its speaker is seen (ON,
    OFF, ON_OFF, OFF_ON; "": not known). `language` is the original's where it is not the programme's.
    """

    line: str
    speaker: str
    start: int
    end: int
    text: str
    translation: str = ""
    take: str = ""
    voice: str = ""
    """What is heard in its take: "human", "synthetic", or "original"; "" without a take."""
    speed: float = 1.0
    status: str = ""
    notes: tuple[str, ...] = ()
    speaker_id: str = ""
    loop: str = ""
    direction: str = ""
    spoken: tuple[int, int] | None = None
    words: tuple[Word, ...] = ()
    phrases: tuple[tuple[int, int], ...] = ()
    recorded: str = ""
    engine: str = ""
    on_screen: str = ""
    language: str = ""

    @property
    def spoken_range(self) -> tuple[int, int]:
        """Where the original is said, [start, end); where the dub is, if that is all that is known."""
        return self.spoken or (self.start, self.end)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline with everything that belongs to it. Tracks are ordered bottom up: V1, V2 ..., A1, A2 ...

    `language` is the target language, `source_language` the original's. `loops` are the recording loops of
    `dialogue`, and `shots` the cuts of the picture where they are known. `print_master` is the id of the full
    mix among `media`; it lies on no track, and the dubbed film is made of it and the picture. `film` is the
    id of one file with the whole edited picture, if the picture tracks use several. `notes` tell the user
    what a reader left out or assumed.
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
    loops: tuple[Loop, ...] = ()
    shots: tuple[int, ...] = ()
    source_language: str = ""
    markers: tuple[Marker, ...] = ()
    print_master: str | None = None
    film: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def tracks_of(self, kind: Kind) -> tuple[Track, ...]:
        """Return the tracks of one kind, bottom up."""
        return tuple(track for track in self.tracks if track.kind is kind)

    def media_of(self, item: Item) -> Media | None:
        """Return the item's media; None if it is offline or has none."""
        return self.media.get(item.media) if item.media is not None else None

    def items(self) -> Iterator[tuple[Track, Item]]:
        """Yield every item with its track."""
        for track in self.tracks:
            for item in track.items:
                yield track, item

    def used_media(self) -> dict[str, Media]:
        """Return the media of items, by id, in order of first use."""
        used = (item.media for _, item in self.items() if item.media in self.media)
        return {name: self.media[name] for name in used if name is not None}

    def frame(self, samples: int) -> int:
        """Return the frame whose start is closest to a position or length in samples.

        This is `timebase.nearest_frame` in plain integers, because writers need several frames for each clip.
        """
        unit = self.frame_rate.denominator * self.sample_rate
        return (2 * samples * self.frame_rate.numerator + unit) // (2 * unit)

    def handles(self, item: Item) -> tuple[int, int]:
        """Return the samples of media before and after what the item plays."""
        media = self.media_of(item)
        if media is None:
            return 0, 0
        used = round(item.length * abs(item.speed))
        return max(0, item.source), max(0, media.length - item.source - used)
