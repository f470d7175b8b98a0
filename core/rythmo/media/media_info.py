"""What a media file holds, as frozen values.

Programme time begins at the picture's first frame (at the first sound where there is no picture) and is
counted in samples at 48 kHz. It ends with the longer of picture and sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rythmo.timebase import Timecode


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The picture. `start` is its first frame in the container's own time, in seconds."""

    index: int
    codec: str
    frame_rate: Fraction
    width: int
    height: int
    frames: int
    start: Fraction
    duration: int
    variable_rate: bool = False


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound stream. `start` is its first sample in programme time; negative: before the picture."""

    index: int
    codec: str
    rate: int
    channels: int
    layout: str
    start: int
    duration: int
    language: str = ""
    title: str = ""
    default: bool = False
    commentary: bool = False
    description: bool = False
    """For people who cannot see the picture."""
    original: bool = False
    hearing_impaired: bool = False
    """Mixed for people who hear badly, with the dialogue raised."""


@dataclass(frozen=True, slots=True)
class SubtitleStream:
    """One subtitle stream. `text` is False where it holds pictures."""

    index: int
    codec: str
    language: str = ""
    title: str = ""
    default: bool = False
    forced: bool = False
    text: bool = True


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a media file holds; lengths and positions in samples at 48 kHz of programme time.

    `origin` is programme time zero in the container's own time, in seconds. `start_timecode` is the label of
    the first frame, where the file has a picture and gives one. `time_reference` is the same moment in
    samples since midnight (also from a Broadcast WAV), else None.
    """

    path: Path
    format: str
    duration: int
    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    start_timecode: Timecode | None = None
    time_reference: int | None = None
    origin: Fraction = Fraction(0)
    subtitles: tuple[SubtitleStream, ...] = ()
    chosen: int | None = None
    """The index of the sound stream that is dubbed; None: the default one, else the first."""
    chapters: int = 0
    notes: tuple[str, ...] = ()
    """What a person should know about the file."""

    @property
    def variable_rate(self) -> bool:
        """Whether the picture's frames come at a variable rate."""
        return self.video is not None and self.video.variable_rate

    @property
    def frame_rate(self) -> Fraction | None:
        """The picture's exact frame rate."""
        return self.video.frame_rate if self.video else None
