"""Define the settings, a frozen dataclass for each stage. settings_file.py reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rythmo.engines.base import Kind
from rythmo.lips.lip_settings import LipSettings
from rythmo.mix.bed import PAD_AFTER_MS, PAD_BEFORE_MS
from rythmo.mix.turnover import TurnoverSettings
from rythmo.provenance.provenance_settings import ProvenanceSettings
from rythmo.script.loops import LoopSettings
from rythmo.script.slots import FitSettings

OFF = "off"
"""The name of no watermark."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The engine of each kind; "auto" takes the best one that is ready on this machine."""

    separator: str = "auto"
    diarizer: str = "auto"
    embedder: str = "auto"
    transcriber: str = "auto"
    translator: str = "auto"
    voice: str = "auto"
    facetracker: str = "auto"
    lipsync: str = "auto"
    watermark: str = OFF
    """Marks what engines speak; OFF marks nothing."""


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """Existing dialogue (`dx`) or M&E (`me`) to use instead of separation.

    Each is a file, `#2` for the second sound track of the programme's own file, or `FILE#2`.
    `audio` chooses the sound track to dub when the file has several: its number, counted from 1, or its
    language. "" takes the default track in the original language.
    """

    dx: str = ""
    me: str = ""
    audio: str = ""


@dataclass(frozen=True, slots=True)
class ScriptSettings:
    """How the user's own subtitle files are read.

    `encoding` names their encoding ("cp1251", or two with a comma for script and translation); "" detects it.
    `offset` is added to the script's times: seconds, or "auto" for the constant by which it misses the
    speech. "" reports such an offset and leaves the times unchanged.
    """

    encoding: str = ""
    offset: str = ""


@dataclass(frozen=True, slots=True)
class SceneSettings:
    """How the programme is split into chunks of whole scenes: their longest duration and their overlap."""

    chunk_seconds: float = 300.0
    overlap_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class SpeakerSettings:
    """`count` is the number of speakers in the whole programme; 0 detects it."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Where words break into lines.

    They break at a pause, at the end of a sentence with a short pause, and at the longest pause of a line
    that would be too long.
    """

    pause_seconds: float = 0.55
    sentence_pause_seconds: float = 0.2
    longest_seconds: float = 8.0
    snap_seconds: float = 0.25
    """A line's start moves to the onset of speech when that is at most this far away."""


@dataclass(frozen=True, slots=True)
class TranslateSettings:
    """How lines are translated: `window` lines at a time with `context` lines of dialogue on either side.

    `glossary` maps a term to its translation; a term mapped to itself is not translated.
    """

    window: int = 5
    context: int = 3
    glossary: Mapping[str, str] = field(default_factory=dict)
    dub_target_language: bool = False
    """Whether to dub lines that are already in the target language; otherwise their original sound stays."""


@dataclass(frozen=True, slots=True)
class MixSettings:
    """How the stems are mixed.

    The pads are how far each dialogue region extends beyond its lines. `loudness` is the norm that the whole
    mix is brought to: "none", "r128" or "netflix".
    """

    pad_before_ms: float = PAD_BEFORE_MS
    pad_after_ms: float = PAD_AFTER_MS
    loudness: str = "none"
    fill: bool = False
    """Add room tone where separation left the bed quieter than the scene around it."""
    room: bool = False
    """Give takes the tone and reverberation of their speaker's original lines."""
    stretcher: str = "auto"
    """The engine that stretches takes. "auto" is signalsmith, which is quick. "final" is Rubber Band where it
    is installed, which is slower and better. Either can be given by name."""


@dataclass(frozen=True, slots=True)
class CastSettings:
    """The cast file, which identifies speakers, holds their voices, and says who may be cloned."""

    file: str = ""
    territories: str = ""
    """Where the dub is shown, as ISO 3166 codes with commas (FR,BE). A consent for some territories holds
    only where all of these are among them."""
    keep_clones: bool = False
    """Keep clones at the service after the work, for the next episode with the same cast file. `rythmo doctor
    --clean-voices` deletes them. Otherwise they are deleted at the end of every job."""


@dataclass(frozen=True, slots=True)
class DeliverSettings:
    """The formats to deliver, comma-separated."""

    formats: str = "otio,srt,mp4"

    @property
    def names(self) -> tuple[str, ...]:
        """The formats as a tuple."""
        return tuple(name.strip() for name in self.formats.split(",") if name.strip())


@dataclass(frozen=True, slots=True)
class SubtitleSettings:
    """The norms that subtitles follow.

    `line_width` and `characters_per_second` of 0 take the language's own: 42 and 17, and less for Chinese,
    Japanese and Korean. Two cues are at least `gap_frames` apart, and a gap shorter than `chain_seconds` is
    closed to that.
    """

    line_width: int = 0
    max_lines: int = 2
    characters_per_second: float = 0.0
    min_seconds: float = 5 / 6
    max_seconds: float = 7.0
    gap_frames: int = 2
    chain_seconds: float = 0.5
    dual_speakers: bool = True
    """Put two people who speak at once in one cue, each line with a dash."""
    speaker_labels: bool = False
    direction_marks: bool = True
    """Wrap right-to-left text in Unicode direction marks. Some players show the marks."""


@dataclass(frozen=True, slots=True)
class TimelineSettings:
    """How an input timeline is read.

    `media_dirs` are folders to search for media that has moved. `dialogue_tracks` and `me_tracks` say which
    sound tracks are dialogue and M&E (A1 ... or by name, comma-separated); by default, names and roles
    decide. `rate` is the frame rate of an EDL, which does not hold one: 23.976, 25 ... `sequence` names the
    timeline to use when the file holds several.
    """

    media_dirs: tuple[str, ...] = ()
    dialogue_tracks: str = ""
    me_tracks: str = ""
    rate: str = ""
    sequence: str = ""


@dataclass(frozen=True, slots=True)
class FaceSettings:
    """Whether to look for faces in the picture, and from when on a face is no good for lips.

    `small` is the least height of a face as a share of the picture's, `profile` the yaw in degrees from which
    a face counts as a profile.
    """

    find: bool = False
    small: float = 0.08
    profile: float = 50.0


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """`file` is a price table of your own; rythmo/engines/prices.toml shows the format."""

    file: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionSettings:
    """Where the requests to engines run. It belongs to the machine and the user, so no project keeps it.

    `executor` is "local" (threads of this process), "processes" (of this machine) or "ray" (a cluster).
    `workers` is the number of processes or actors; 0 means as many as there are cores or GPUs, or as the
    cluster holds. `store` is where machines share what engines made: a folder or an address such as
    s3://bucket/rythmo. `address` is the Ray cluster's; "" starts Ray on this machine.
    """

    executor: str = "local"
    workers: int = 0
    store: str = ""
    address: str = ""
    cpus: float = 1.0
    """Cores that one actor takes."""
    gpus: float = 0.0
    """GPUs that one actor takes, or a share of one (0.5: two actors share a GPU)."""
    memory_gb: float = 0.0
    """Memory in gigabytes that Ray keeps free for one actor; 0 asks for none."""
    engines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By engine name: actors of its own, with other `cpus`, `gpus`, `memory_gb` and `workers`, and its
    `runtime_env` for Ray, so that engines whose packages clash live side by side."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, by stage."""

    engines: EngineSettings = field(default_factory=EngineSettings)
    tracks: TrackSettings = field(default_factory=TrackSettings)
    script: ScriptSettings = field(default_factory=ScriptSettings)
    scenes: SceneSettings = field(default_factory=SceneSettings)
    speakers: SpeakerSettings = field(default_factory=SpeakerSettings)
    lines: LineSettings = field(default_factory=LineSettings)
    translate: TranslateSettings = field(default_factory=TranslateSettings)
    fit: FitSettings = field(default_factory=FitSettings)
    mix: MixSettings = field(default_factory=MixSettings)
    timeline: TimelineSettings = field(default_factory=TimelineSettings)
    cast: CastSettings = field(default_factory=CastSettings)
    deliver: DeliverSettings = field(default_factory=DeliverSettings)
    subtitles: SubtitleSettings = field(default_factory=SubtitleSettings)
    faces: FaceSettings = field(default_factory=FaceSettings)
    lips: LipSettings = field(default_factory=LipSettings)
    turnover: TurnoverSettings = field(default_factory=TurnoverSettings)
    provenance: ProvenanceSettings = field(default_factory=ProvenanceSettings)
    loops: LoopSettings = field(default_factory=LoopSettings)
    prices: PriceSettings = field(default_factory=PriceSettings)
    execution: ExecutionSettings = field(default_factory=ExecutionSettings)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Each engine's own options by its name: model, base_url, device ... Keys and tokens never belong here;
    they come from the environment or the keyring."""

    def engine_names(self) -> dict[Kind, str]:
        """Return the chosen engine's name of each kind."""
        chosen = self.engines
        return {
            Kind.SEPARATOR: chosen.separator,
            Kind.DIARIZER: chosen.diarizer,
            Kind.EMBEDDER: chosen.embedder,
            Kind.TRANSCRIBER: chosen.transcriber,
            Kind.TRANSLATOR: chosen.translator,
            Kind.VOICE: chosen.voice,
            Kind.FACE_TRACKER: chosen.facetracker,
            Kind.LIP_SYNC: chosen.lipsync,
            Kind.WATERMARK: chosen.watermark,
        }


Changes = Mapping[str, Mapping[str, Any]]
"""Values by stage and field. A value of None changes nothing."""
