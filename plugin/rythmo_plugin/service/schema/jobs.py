"""API types of jobs, their progress, estimates and events."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from rythmo_plugin.service.schema.base import Asked, Base, Language, MaybePath, Name, PathText, Problem
from rythmo_plugin.service.schema.projects import Voice
from rythmo_plugin.service.schema.sending import Sent

Count = Annotated[int, Meta(ge=1, le=100)]
Priority = Annotated[int, Meta(ge=-100, le=100)]
JobKind = Literal[
    "dub", "remake", "deliver", "qc", "conform", "take", "picture", "models",
    "language", "audition", "propose", "cast", "send", "faces", "lips",
]  # fmt: skip
State = Literal["queued", "running", "done", "failed", "cancelled", "paused"]
StageState = Literal["waiting", "running", "done"]


class Stage(Base, frozen=True, kw_only=True):
    """One stage of a job; `done` of `total` units."""

    name: str
    done: float = 0.0
    total: float = 1.0
    detail: str = ""
    state: StageState = "waiting"


class Place(Base, frozen=True, kw_only=True):
    """Where one part of a stage runs now: `chunk 3` or a line's id, on a process or machine."""

    stage: str
    part: str
    place: str


class Amount(Base, frozen=True, kw_only=True):
    """How many of the known parts are done."""

    done: int = 0
    total: int = 0


class LineCounts(Base, frozen=True, kw_only=True):
    """How many lines were found, translated and voiced."""

    found: int = 0
    translated: int = 0
    voiced: int = 0


class Cost(Base, frozen=True, kw_only=True):
    """What remote engines cost by their public prices. `unknown` names those without a known price."""

    currency: str
    amount: float
    unknown: list[str] = field(default_factory=list)


class Audition(Base, frozen=True, kw_only=True):
    """A line, or a sample where `line` is "", spoken in a voice. It is no take."""

    url: str
    seconds: float
    line: str
    voice: Voice


class JobResult(Base, frozen=True, kw_only=True):
    """The result of a job: the project's id, and files that are on disk. Of an audition what is heard; of
    proposals the `voices`, the present one first, and the `line` that is best to hear them by."""

    project: str | None = None
    deliveries: list[str] = field(default_factory=list)
    line: str | None = None
    take: str | None = None
    audition: Audition | None = None
    voices: list[Voice] = field(default_factory=list)
    sent: Sent | None = None


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
    stages: list[Stage] = field(default_factory=list)
    chunks: Amount = Amount()
    places: list[Place] = field(default_factory=list)
    speakers: int = 0
    lines: LineCounts = LineCounts()
    cost: Cost | None = None
    seconds_left: float | None = None
    notes: list[str] = field(default_factory=list)
    error: Problem | None = None
    result: JobResult | None = None
    spec: dict[str, Any] = field(default_factory=dict)


class JobAsked(Asked, frozen=True, kw_only=True):
    """A job to begin. A `dub` needs `source` ("example:" is the built-in scene) and `target_language`. Other
    kinds need a `project`, a `take` also its `line`. Jobs of the kind `models` begin at /models, those of
    `faces` and `lips`, which may name `lines`, at the project's. Using a `key` again returns the same job."""

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
    models: Annotated[list[Name], Meta(max_length=40)] | None = None
    lines: Annotated[list[Name], Meta(max_length=5000)] | None = None
    priority: Priority = 0
    key: Name | None = None


class PriorityAsked(Asked, frozen=True, kw_only=True):
    """Jobs with a higher priority begin first."""

    priority: Priority


class EstimateAsked(Asked, frozen=True, kw_only=True):
    """A dub to estimate."""

    source: PathText
    target_language: Language
    source_language: Language | None = None
    engines: dict[Name, Name] | None = None
    settings: dict[Name, dict[Name, Any]] | None = None


class Estimate(Base, frozen=True, kw_only=True):
    """A guess before anything is spent. Money from `least` (every line fits at once) to `most`, for engines
    with a known price; `unpriced`, `untimed`, `missing`: what is not in it. `seconds`: of processor time."""

    programme_seconds: float
    speech_seconds: float
    heard: str
    picture: bool
    lines: int
    currency: str
    least: float
    most: float
    seconds: float
    unpriced: list[str]
    untimed: list[str]
    missing: list[str]
    stages: list[dict[str, Any]]


class Event(Base, frozen=True, kw_only=True):
    """One event, in the polling form; `data` as on the stream."""

    id: int
    type: Literal["job", "lines", "project", "take", "mixed", "reset"]
    data: dict[str, Any]


class Events(Base, frozen=True, kw_only=True):
    """Events after the requested number. Continue with `last`."""

    events: list[Event]
    last: int
