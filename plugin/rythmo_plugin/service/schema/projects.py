"""API types of a project: its programme, speakers, lines, sounds and picture."""

from __future__ import annotations

from typing import Any, Literal

from rythmo.script.model import Severity, Status
from rythmo.script.on_screen import LipLimit, Presence
from rythmo.script.review_state import ReviewState
from rythmo.script.takes import TakeLayout
from rythmo_plugin.service.schema.base import Asked, Base, Language, PathText


class FlagCounts(Base, frozen=True, kw_only=True):
    """The number of flags of each severity."""

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
    poster: str | None
    """The signed address of a still of its picture."""
    languages: list[str]
    """Every language that it is dubbed into, the first one first."""


class Size(Base, frozen=True, kw_only=True):
    """The size of a picture in pixels."""

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
    """A speaker's voice. `pace` is a factor on its own pace, `pitch` a shift in semitones."""

    engine: str
    id: str
    pace: float = 1.0
    pitch: float = 0.0
    clone: bool = False


class Speaker(Base, frozen=True, kw_only=True):
    """A speaker of the programme. `lines` is how many lines they have. `voice_chosen`: a person chose the
    voice; `voice_locked`: nothing but unlocking changes it."""

    id: str
    name: str
    colour: str
    voice: Voice | None
    lines: int
    voice_chosen: bool = False
    voice_locked: bool = False


class Flag(Base, frozen=True, kw_only=True):
    """A remark on a line that a person should look at."""

    code: str
    message: str
    severity: Severity


class Take(Base, frozen=True, kw_only=True):
    """A recording of a line. `url` is signed and can be played directly."""

    id: str
    length: int
    text: str
    engine: str
    url: str
    speed: float | None = None
    human: bool = False
    """Whether a person spoke it."""
    source: str = ""
    """The file that a human take was imported from; "" where it was recorded on the page."""
    positioned: bool = False
    """Whether it is known where a human take was recorded against the picture."""


class Piece(Base, frozen=True, kw_only=True):
    """One phrase of a take: its samples [source_start, source_end) play over [start, end) of the record."""

    source_start: int
    source_end: int
    start: int
    end: int


class Placement(Base, frozen=True, kw_only=True):
    """Where the chosen take lies; `pieces` are its phrases, none where it plays as a whole."""

    start: int
    end: int
    speed: float
    gain_db: float
    reason: str
    pieces: list[Piece]


class Word(Base, frozen=True, kw_only=True):
    """A recognised word."""

    text: str
    start: int
    end: int
    confidence: float | None


class Comment(Base, frozen=True, kw_only=True):
    """What a person says about a line; `time` is UTC, as in "2026-11-30T10:15:00Z"."""

    id: str
    author: str
    time: str
    text: str
    resolved: bool


class OnScreen(Base, frozen=True, kw_only=True):
    """What the picture shows of a line's speaker: whether they are seen, for which share of the line, what is
    wrong with the face for lips, and how far the mouth moves with the original's sound."""

    presence: Presence
    share: float
    face: str
    limits: list[LipLimit]
    sync: float | None
    lag_ms: int | None


class FacePerson(Base, frozen=True, kw_only=True):
    """Somebody who is seen: `seconds` on screen, best `at` a position. `speaker` is null for one who says
    nothing; `decided`: a person said so. `still` is the signed address of a picture of the face."""

    id: str
    speaker: str | None
    decided: bool
    seconds: float
    at: int
    still: str | None


class FaceBox(Base, frozen=True, kw_only=True):
    """A face in the frame that begins at sample `at`: its box in shares of the picture, and whose it is.

    `speaker` is null for somebody who speaks no line.
    """

    at: int
    left: float
    top: float
    right: float
    bottom: float
    face: str
    speaker: str | None


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
    status: Status
    flags: list[Flag]
    takes: list[Take]
    chosen: str | None
    placement: Placement | None
    edited: list[str]
    locked: bool
    review: ReviewState
    comments: list[Comment]
    cps: float
    layout: TakeLayout = TakeLayout.START
    prosody: dict[str, float | None] | None = None
    on_screen: OnScreen | None = None


class LineWithWords(Line, frozen=True, kw_only=True):
    """A line with the words that were recognised."""

    words: list[Word]


class Stem(Base, frozen=True, kw_only=True):
    """A stem. `peaks` is the address of its peaks, without the level."""

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
    """The picture for a browser. While it is not `playable`, `job` makes a copy that is."""

    url: str | None
    codec: str
    playable: bool
    job: str | None = None


class Limits(Base, frozen=True, kw_only=True):
    """The limits of reading speed (characters a second) and of stretching (speed factors)."""

    cps_amber: float
    cps_red: float
    speed_preferred: float
    speed_hard: float


class Wish(Base, frozen=True, kw_only=True):
    """A setting or media file of a project that only the user can allow."""

    name: str
    value: str
    why: str


class RemovedLine(Base, frozen=True, kw_only=True):
    """A deleted line, which can be restored."""

    id: str
    speaker: str
    start: int
    end: int
    text: str


class Uncovered(Base, frozen=True, kw_only=True):
    """Speech that no line covers: [start, end). Without `words`, the recogniser heard none in it."""

    start: int
    end: int
    message: str
    words: bool


class TrustAsked(Asked, frozen=True, kw_only=True):
    """The user's decision: allow everything that the project asks for, its media only, or nothing."""

    allow: Literal["all", "media", "nothing"]


class ProjectLanguage(Base, frozen=True, kw_only=True):
    """A language of a project: the id under which it is opened, and how many lines are out of date.

    `stale`: the programme, or a line, was changed in another language since it was made.
    """

    project: str
    language: str
    out_of_date: int
    stale: bool


class AddLanguageAsked(Asked, frozen=True, kw_only=True):
    """A further language of a project. `engines` and `settings` are about translation, voices and mix; what
    was heard in the original is shared by all languages."""

    language: Language
    engines: dict[str, str] | None = None
    settings: dict[str, dict[str, Any]] | None = None


class Loop(Base, frozen=True, kw_only=True):
    """Lines that are recorded together, and who speaks them. `number` is what people call it: "12", "12A"."""

    number: str
    start: int
    end: int
    lines: list[str]
    speakers: list[str]


class Project(Base, frozen=True, kw_only=True):
    """Everything that the page shows of a project. `stale`: stems and deliveries are older than the script.
    `asks`: what the user must decide on before work on the project can start. `out_of_date`: lines whose
    original was corrected in another language, and which have not been made again. `lips`: by line, how many
    seconds of new lips it has, and why the rest has none; empty where no lips were made."""

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
    loops: list[Loop]
    engines: dict[str, str]
    dialogue: list[tuple[int, int]]
    can_undo: bool
    can_undo_conform: bool
    can_redo: bool
    stems: list[Stem]
    original: Sound
    picture: Picture | None
    limits: Limits
    stale: bool
    asks: list[Wish]
    uncovered: list[Uncovered]
    removed: list[RemovedLine]
    languages: list[ProjectLanguage]
    out_of_date: list[str]
    lips: dict[str, str]


class Pending(Base, frozen=True, kw_only=True):
    """What a running job has found so far, before its project can be opened."""

    lines: list[Line]
    speakers: list[Speaker]
    words: list[Word]
    """Words that no line holds yet; none any more when there are lines."""


class JobProgramme(Base, frozen=True, kw_only=True):
    """The programme that a job works on. `programme` is null, and `original` without a waveform, until the
    sound was read."""

    programme: Programme | None
    original: Sound
    picture: Picture | None


class OpenAsked(Asked, frozen=True, kw_only=True):
    """A .rythmo folder to open."""

    path: PathText
