"""The API's values as they travel. The OpenAPI document is made from these types.

Positions and lengths are samples at the programme's `sample_rate`, times of day are Unix seconds. Ids are
text. A field that may be null always stands in the JSON, so that a client finds every name it knows.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=5000)]
PathText = Annotated[str, Meta(min_length=1, max_length=4096)]
MaybePath = Annotated[str, Meta(max_length=4096)] | None
Language = Annotated[str, Meta(max_length=40)]
Count = Annotated[int, Meta(ge=1, le=100)]
Priority = Annotated[int, Meta(ge=-100, le=100)]
Samples = Annotated[int, Meta(ge=0, le=48_000 * 48 * 3600)]
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]

JobKind = Literal["dub", "remake", "deliver", "qc", "conform", "take", "picture"]
State = Literal["queued", "running", "done", "failed", "cancelled", "paused"]
StageState = Literal["waiting", "running", "done"]


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """What the service says."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client says: a name that does not exist is an error, not a guess."""


class Problem(Base, frozen=True, kw_only=True):
    """Why a request or a job failed, and what to do."""

    message: str
    hint: str = ""
    code: str = ""


class Failure(Base, frozen=True, kw_only=True):
    """The body of every error."""

    error: Problem


class ServiceFacts(Base, frozen=True, kw_only=True):
    """Who answers. `first_use`: no project was ever opened. `example`: the built-in scene, if it is there."""

    version: str
    ready: bool
    port: int
    example: str | None
    first_use: bool


class Stage(Base, frozen=True, kw_only=True):
    """One stage of a job; `done` of `total` units."""

    name: str
    done: float = 0.0
    total: float = 1.0
    detail: str = ""
    state: StageState = "waiting"


class Amount(Base, frozen=True, kw_only=True):
    """Parts done of parts known."""

    done: int = 0
    total: int = 0


class LineCounts(Base, frozen=True, kw_only=True):
    """How many lines are how far."""

    found: int = 0
    translated: int = 0
    voiced: int = 0


class Cost(Base, frozen=True, kw_only=True):
    """Money for engines that cost some; `estimated` while it is not a bill."""

    currency: str
    amount: float
    estimated: bool = True


class JobResult(Base, frozen=True, kw_only=True):
    """What a job left: the project's id, and files that are on disk."""

    project: str | None = None
    deliveries: list[str] = []
    line: str | None = None
    take: str | None = None


class Job(Base, frozen=True, kw_only=True):
    """One piece of work. `fraction` stays at or below 0.97 until the files are on disk."""

    id: str
    kind: JobKind
    state: State
    project: str | None = None
    created: float = 0.0
    started: float | None = None
    finished: float | None = None
    priority: int = 0
    fraction: float = 0.0
    stages: list[Stage] = []
    chunks: Amount = Amount()
    speakers: int = 0
    lines: LineCounts = LineCounts()
    cost: Cost | None = None
    seconds_left: float | None = None
    notes: list[str] = []
    error: Problem | None = None
    result: JobResult | None = None
    spec: dict[str, Any] = {}


class JobAsked(Asked, frozen=True, kw_only=True):
    """A job to begin. A `dub` needs `source` ("example:" is the built-in scene) and `target_language`; the
    others a `project`, a `take` its `line` too. The same `key` twice gives the same job."""

    kind: JobKind = "dub"
    source: MaybePath = None
    project: Name | None = None
    line: Name | None = None
    target_language: Language | None = None
    source_language: Language | None = None
    out: MaybePath = None
    speakers: Count | None = None
    script: MaybePath = None
    translation: MaybePath = None
    formats: Annotated[list[Name], Meta(max_length=40)] | None = None
    engines: dict[Name, Name] | None = None
    settings: dict[Name, dict[Name, Any]] | None = None
    priority: Priority = 0
    key: Name | None = None


class PriorityAsked(Asked, frozen=True, kw_only=True):
    """Jobs with a higher number begin first."""

    priority: Priority


class EstimateAsked(Asked, frozen=True, kw_only=True):
    """What a dub would take."""

    source: PathText
    target_language: Language
    source_language: Language | None = None
    engines: dict[Name, Name] | None = None
    settings: dict[Name, dict[Name, Any]] | None = None


class FolderAsked(Asked, frozen=True, kw_only=True):
    """A folder to open."""

    path: PathText


class Folder(Base, frozen=True, kw_only=True):
    """A folder that the user opened."""

    id: str
    path: str
    name: str


class Entry(Base, frozen=True, kw_only=True):
    """A thing in a folder."""

    name: str
    path: str
    kind: Literal["folder", "media", "timeline", "project", "subtitles"]
    size: int = 0
    candidate: bool = False


class Listing(Base, frozen=True, kw_only=True):
    """A folder's content that Rythmo can use. `parent` is null at the edge of what was opened."""

    path: str | None
    parent: str | None
    entries: list[Entry]


class Upload(Base, frozen=True, kw_only=True):
    """A file that was sent; name it by `id`."""

    id: str
    name: str
    size: int


class FormatFacts(Base, frozen=True, kw_only=True):
    """A delivery format; `loses` says in words what it cannot hold."""

    name: str
    suffix: str
    title: str
    loses: list[str]


class LanguageFacts(Base, frozen=True, kw_only=True):
    """A target language: what it can be translated from here, and whether a voice speaks it."""

    code: str
    name: str
    translate_from: list[str]
    voice: bool


class Check(Base, frozen=True, kw_only=True):
    """One thing the doctor looked at."""

    name: str
    ok: bool
    text: str
    hint: str = ""
    command: str = ""


class Checks(Base, frozen=True, kw_only=True):
    """What the doctor found."""

    checks: list[Check]


class Engines(Base, frozen=True, kw_only=True):
    """All engines, as `rythmo engines --json` gives them."""

    engines: list[dict[str, Any]]


class FlagCounts(Base, frozen=True, kw_only=True):
    """How many flags of each severity."""

    error: int = 0
    warning: int = 0
    info: int = 0


class ProjectFacts(Base, frozen=True, kw_only=True):
    """A project in a list."""

    id: str
    name: str
    root: str
    source: str
    source_language: str
    target_language: str
    duration: int
    lines: int
    flags: FlagCounts
    updated: float
    picture: bool


class Size(Base, frozen=True, kw_only=True):
    """Of a picture, in pixels."""

    width: int
    height: int


class Programme(Base, frozen=True, kw_only=True):
    """The programme; `frame_rate` as "24000/1001" (null without picture)."""

    name: str
    length: int
    sample_rate: int
    channels: int
    frame_rate: str | None
    rate: str
    start_frame: int
    drop: bool
    picture: Size | None


class Voice(Base, frozen=True, kw_only=True):
    """A speaker's voice."""

    engine: str
    id: str


class Speaker(Base, frozen=True, kw_only=True):
    """A person of the programme; `lines` counts theirs."""

    id: str
    name: str
    colour: str
    voice: Voice | None
    lines: int


class Flag(Base, frozen=True, kw_only=True):
    """Something to look at."""

    code: str
    message: str
    severity: str


class Take(Base, frozen=True, kw_only=True):
    """A recording; `url` is signed and plays as it is."""

    id: str
    length: int
    text: str
    engine: str
    url: str
    speed: float | None = None


class Placement(Base, frozen=True, kw_only=True):
    """Where the chosen take lies."""

    start: int
    end: int
    speed: float
    gain_db: float
    reason: str


class Word(Base, frozen=True, kw_only=True):
    """A recognised word."""

    text: str
    start: int
    end: int
    confidence: float | None


class Line(Base, frozen=True, kw_only=True):
    """One utterance. `cps`: characters of the translation for each second of its slot."""

    id: str
    speaker: str
    start: int
    end: int
    slot_end: int
    text: str
    translation: str
    direction: str
    status: str
    flags: list[Flag]
    takes: list[Take]
    chosen: str | None
    placement: Placement | None
    edited: list[str]
    cps: float
    prosody: dict[str, float | None] | None = None


class LineWithWords(Line, frozen=True, kw_only=True):
    """A line with the words that were recognised."""

    words: list[Word]


class Stem(Base, frozen=True, kw_only=True):
    """A stem; `peaks` is the address of its peaks without the level."""

    name: str
    title: str
    speaker: str | None
    url: str
    peaks: str


class Sound(Base, frozen=True, kw_only=True):
    """The original sound; `url` is null when the cache was cleared."""

    url: str | None
    peaks: str | None


class Picture(Base, frozen=True, kw_only=True):
    """The picture for a browser. Until `playable`, `job` makes a copy that is."""

    url: str | None
    codec: str
    playable: bool
    job: str | None = None


class Limits(Base, frozen=True, kw_only=True):
    """Where reading speed and stretching begin to hurt."""

    cps_amber: float
    cps_red: float
    speed_preferred: float
    speed_hard: float


class Project(Base, frozen=True, kw_only=True):
    """Everything that the page shows of a project. `stale`: stems and deliveries are behind the script."""

    id: str
    name: str
    root: str
    source: str
    source_language: str
    target_language: str
    duration: int
    flags: FlagCounts
    updated: float
    revision: int
    saved: bool
    programme: Programme
    speakers: list[Speaker]
    lines: list[Line]
    engines: dict[str, str]
    dialogue: list[tuple[int, int]]
    can_undo: bool
    can_redo: bool
    stems: list[Stem]
    original: Sound
    picture: Picture | None
    limits: Limits
    stale: bool


class Pending(Base, frozen=True, kw_only=True):
    """What a running job has found so far, before its project can be opened."""

    lines: list[Line]
    speakers: list[Speaker]


class OpenAsked(Asked, frozen=True, kw_only=True):
    """A .rythmo folder to open."""

    path: PathText


class LineAsked(Asked, frozen=True, kw_only=True):
    """Changes of a line; what is left out stays. `voice` false: do not speak it yet."""

    text: Text | UnsetType = UNSET
    translation: Text | UnsetType = UNSET
    direction: Text | UnsetType = UNSET
    speaker: Name | UnsetType = UNSET
    start: Samples | UnsetType = UNSET
    end: Samples | UnsetType = UNSET
    voice: bool = True
    revision: int | None = None


class Edited(Base, frozen=True, kw_only=True):
    """A line after an edit, with the job that speaks it."""

    line: Line
    revision: int
    job: Job | None = None


class ChoiceAsked(Asked, frozen=True, kw_only=True):
    """The take to use."""

    take: Name
    revision: int | None = None


class VoiceAsked(Asked, frozen=True, kw_only=True):
    """A voice for a speaker."""

    engine: Name
    id: Name


class SpeakerAsked(Asked, frozen=True, kw_only=True):
    """Changes of a speaker; what is left out stays."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    voice: VoiceAsked | UnsetType = UNSET
    revision: int | None = None


class MergeAsked(Asked, frozen=True, kw_only=True):
    """The speaker who takes over all the lines."""

    into: Name
    revision: int | None = None


class SplitAsked(Asked, frozen=True, kw_only=True):
    """The lines that belong to somebody else."""

    lines: Annotated[list[Name], Meta(min_length=1, max_length=5000)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    revision: int | None = None


class Changed(Base, frozen=True, kw_only=True):
    """What an edit touched."""

    revision: int
    lines: list[Line]
    speakers: list[Speaker]
    can_undo: bool
    can_redo: bool
    speaker: str | None = None


class DeliverAsked(Asked, frozen=True, kw_only=True):
    """Formats by name."""

    formats: Annotated[list[Name], Meta(min_length=1, max_length=40)]


class DeliveryFacts(Base, frozen=True, kw_only=True):
    """A delivered file. `stale`: the script changed since."""

    format: str
    name: str
    path: str
    size: int
    url: str
    language: str
    stale: bool


class RevealAsked(Asked, frozen=True, kw_only=True):
    """A file of the project to show in the file manager."""

    path: PathText


class ConformAsked(Asked, frozen=True, kw_only=True):
    """An edited timeline: the ids of uploads (several where each is one track, as in EDLs), or a path."""

    uploads: Annotated[list[Name], Meta(max_length=100)] = []
    path: MaybePath = None


class ConformRow(Base, frozen=True, kw_only=True):
    """What happened to one line: where it was and where it is, [start, end) in samples; null: gone or new."""

    line: str | None
    name: str
    speaker: str | None
    what: str
    fates: list[str]
    from_: list[int] | None = field(name="from", default=None)
    to: list[int] | None = None
    timecode: str = ""
    text: str = ""
    note: str = ""
    conflict: bool = False
    reason: str = ""
    head: int = 0
    tail: int = 0
    with_picture: bool = False


class ConformPlan(Base, frozen=True, kw_only=True):
    """What an edited timeline would change."""

    id: str
    rows: list[ConformRow]
    counts: dict[str, int]
    conflicts: int
    applies: bool
    notes: list[str] = []


class Planned(Base, frozen=True, kw_only=True):
    """A conform plan."""

    plan: ConformPlan


class Done(Base, frozen=True, kw_only=True):
    """It was done."""

    ok: bool = True


class Event(Base, frozen=True, kw_only=True):
    """One event, in the polling form; `data` as on the stream."""

    id: int
    type: Literal["job", "lines", "project", "take", "mixed", "reset"]
    data: dict[str, Any]


class Events(Base, frozen=True, kw_only=True):
    """Events after the one asked for; ask again with `last`."""

    events: list[Event]
    last: int
