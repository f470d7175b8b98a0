"""The interfaces of engines: a declaration (`EngineInfo`, `EngineSpec`) and one Protocol for each kind.

Engines take and return values: `Audio`, tuples, frozen dataclasses. Everything passed in and out can be
pickled. Positions are in samples of the Audio that was passed in, counted from its start. An engine does its
own resampling. It calls `report` with 0.0 to 1.0, and `cancel.check()` at least once a second. An engine that
fails raises EngineFailedError and leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.voice_offer import VoiceOffer
from rythmo.faces.model import Face, Picture
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.script.model import Manner, Prosody, Word
from rythmo.script.takes import VoiceRef

_USER_INFO = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)


class Kind(StrEnum):
    """The kinds of engine; the value is the first half of an entry point's name."""

    SEPARATOR = "separator"
    DIARIZER = "diarizer"
    EMBEDDER = "embedder"
    TRANSCRIBER = "transcriber"
    TRANSLATOR = "translator"
    VOICE = "voice"
    FACE_TRACKER = "facetracker"
    LIP_SYNC = "lipsync"
    WATERMARK = "watermark"


FILMED = "filmed"
"""The capability of a lip-sync engine that generates nothing."""
CAPABILITIES = {
    "budget": "keeps to the time that a line has",
    "clones": "clones a speaker from their speech",
    "coarse-edges": "leaves it to a speech detector when a turn begins and ends",
    "context": "reads the dialogue around a line",
    "direction": "takes stage directions",
    "duration_control": "speaks a line in a given time",
    "emotion": "takes the emotion from the original line",
    "feelings": "takes an emotion vector",
    FILMED: "shows frames of the person that were filmed, and generates nothing",
    "glossary": "keeps to a glossary",
    "languages": "detects which language is spoken",
    "length": "predicts the length of a line before speaking it",
    "likeness": "casts the voices that sound most like the speakers",
    "manner": "follows the manner of the original",
    "multilingual": "speaks all its languages with each voice",
    "needs_reference": "has no voices of its own",
    "overlap": "detects people who speak at the same time",
    "punctuation": "writes punctuation",
    "rules": "speaks by rules, learned from nobody's recordings",
    "speaker-count": "accepts a given number of speakers",
    "sums": "speech and bed sum to the mix",
    "words": "times each word",
}
"""The capabilities that an engine may declare, with their meanings."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that an engine needs and doesn't find, and the command that gets it.

    `setting` names the engine's setting that can supply it instead (an address, a model's folder).
    """

    what: str
    command: str
    setting: str = ""


def without_password(address: str) -> str:
    """Return the address without a user name and password, as it is written to scripts, logs and cache
    keys."""
    return _USER_INFO.sub(r"\1", address)


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The description of an engine, as data that a person can read.

    Args:
        kind: Which step of a dub it does.
        name: Its name within the kind.
        version: The versions of its code and model; part of cache keys.
        summary: One line about it.
        licence: The licences of its code and model.
        languages: ISO 639-1 codes that it supports (target languages for voices and translators); empty for
            any.
        local: Whether it runs on this machine only.
        sends: What leaves this machine, and where it goes.
        capabilities: Keys of `CAPABILITIES`.
        draft: Whether its results are marked as a draft everywhere.
        rank: The order for "auto", which takes the highest.
        deterministic: Whether the same request always gives the same result.
        at_once: How many requests it takes at once: several for a remote service, 1 when one model uses the
            whole machine.
        draft_in: Those of `languages` in which its results are drafts, though the engine is not.
        address: The address of a server of the user's own. The same model name may mean another model there.
    """

    kind: Kind
    name: str
    version: str
    summary: str
    licence: str
    languages: frozenset[str] = frozenset()
    local: bool = True
    sends: str = "nothing leaves this machine"
    capabilities: frozenset[str] = frozenset()
    draft: bool = False
    rank: int = 0
    deterministic: bool = True
    at_once: int = 1
    draft_in: frozenset[str] = frozenset()
    address: str = ""

    def is_draft(self, language: str = "") -> bool:
        """Return whether its results in that language are drafts."""
        return self.draft or language in self.draft_in

    def speaks(self, language: str | None) -> bool:
        """Return whether it supports that language; None stands for any."""
        return language is None or not self.languages or language in self.languages

    @property
    def stamp(self) -> str:
        """Name, version and address in one string, as written to scripts and cache keys."""
        place = f" at {without_password(self.address)}" if self.address else ""
        return f"{self.name} {self.version}{place}"


def nothing_missing() -> tuple[Missing, ...]:
    """Return an empty tuple, for engines that need nothing besides Rythmo."""
    return ()


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """The registration of an engine, to which an entry point of `rythmo.engines` refers.

    Importing its module must be cheap: heavy libraries are loaded in `create`, which gets the engine's
    settings. `missing` checks what is installed without importing anything heavy.
    """

    info: EngineInfo
    create: Callable[[Mapping[str, Any]], Any]
    missing: Callable[[], tuple[Missing, ...]] = nothing_missing
    options: frozenset[str] | None = None
    """The names of the engine's settings; others are refused. None means that the engine checks them
    itself."""
    voices: VoiceOffer | None = None
    """What a voice engine lets a person choose. None means that only the engine casts."""


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Speech and bed, each with the mix's shape and aligned with it to the sample."""

    speech: Audio
    bed: Audio


@dataclass(frozen=True, slots=True)
class MarkScore:
    """How sure a watermark engine is that a sound is marked: `score` about 0 to 1, and the verdict.

    `message` is what the mark says, for engines whose marks say something.
    """

    score: float
    found: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch in which one speaker talks, in samples; `speaker` is a label valid within one call."""

    start: int
    end: int
    speaker: str


@dataclass(frozen=True, slots=True)
class SpeakerProfile:
    """What a voice engine knows about a speaker when it casts.

    `prosody` is measured. `references` are clean speech to clone from; empty without speech or consent.
    `vector` (length 1) is made from their speech by the embedder that the engine names; empty when the engine
    does not cast by likeness, or when there was no clean speech.
    """

    id: str
    name: str
    prosody: Prosody
    references: tuple[Audio, ...] = ()
    vector: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TranslationLine:
    """One line to translate; `budget` is the number of words that it has time for, None for no limit."""

    id: str
    speaker: str
    text: str
    budget: int | None = None


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    """A window of lines, with the dialogue around them for context, and the glossary."""

    lines: tuple[TranslationLine, ...]
    source: str
    target: str
    before: tuple[TranslationLine, ...] = ()
    after: tuple[TranslationLine, ...] = ()
    glossary: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One line to speak. An engine ignores what it has no capability for.

    Args:
        text: The line. language: Its language. voice: The voice to speak with, from `Voice.cast`. seconds:
        The wanted length (capability `duration_control`); None for the voice's own. direction: A direction in
        words; it overrides `emotion` and `manner`. emotion: The speech of the original line (capability
        `emotion`). manner: How the original was said (capability `manner`). variation: Above 0 for another
        take of the same words. A generative engine uses another seed; others may
            change the delivery a little, or return the same again.
        feelings: Strengths from 0 to 1 by the names of script.feelings (capability `feelings`); they override
            `emotion` and `manner` as well.
    """

    text: str
    language: str
    voice: VoiceRef
    seconds: float | None = None
    direction: str = ""
    emotion: Audio | None = None
    manner: Manner | None = None
    variation: int = 0
    feelings: Mapping[str, float] = field(default_factory=dict)


@runtime_checkable
class Engine(Protocol):
    """The interface that all engines share."""

    info: EngineInfo

    def close(self) -> None:
        """Free models, processes and remote voices. The engine is not used afterwards."""


class Separator(Engine, Protocol):
    """An engine that separates speech from a mix."""

    def separate(
        self, mix: Audio, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> Separation:
        """Return speech and bed, with the mix's rate, shape and timing."""


class Diarizer(Engine, Protocol):
    """An engine that finds who speaks when."""

    def diarize(
        self,
        speech: Audio,
        *,
        speakers: int | None = None,
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Turn, ...]:
        """Return turns in order of start; those of different speakers may overlap.

        `speakers` is the number of speakers, if it is known.
        """


class SpeakerEmbedder(Engine, Protocol):
    """An engine that turns the speech of one person into a unit vector.

    From a cosine of `same_in_chunk`, two labels of one recording are the same voice, which the diarizer split
    (the vectors are means of their longest segments). From `same_speaker`, speakers of two recordings are the
    same person. Cosines of different embedders cannot be compared, so each declares its own.
    """

    same_in_chunk: float
    same_speaker: float

    def embed(self, speech: Sequence[Audio], *, cancel: CancelToken = NEVER) -> NDArray[np.float32]:
        """Return shape (len(speech), dimensions): rows of length 1, or zeros where there was no speech."""


class FaceTracker(Engine, Protocol):
    """An engine that finds faces in the frames of one shot.

    From a distance of `same_person` down, the vectors of two faces are the same person's. Vectors of
    different engines cannot be compared.
    """

    same_person: float

    def find_faces(
        self, frames: Sequence[Picture], *, before: Sequence[Face] = (), cancel: CancelToken = NEVER
    ) -> tuple[tuple[Face, ...], ...]:
        """Return the faces of each frame. All frames have one size and follow each other in one shot.

        `before` are the faces of the frame before the first one, where that belongs to the same shot.
        """

    def describe_faces(
        self, frame: Picture, faces: Sequence[Face], *, cancel: CancelToken = NEVER
    ) -> NDArray[np.float32]:
        """Return shape (len(faces), dimensions): vectors that tell people apart; zeros where none is made."""


class Transcriber(Engine, Protocol):
    """An engine that recognises words."""

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Return words in order of start, with positions in samples. `turns` says where the speech is.

        An engine with the capability `languages` sets `Word.language` on words in another language than
        `language`.
        """


class Translator(Engine, Protocol):
    """An engine that translates lines."""

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the (source, target) pairs that it can translate on this machine; empty for any."""

    def translate(self, request: TranslationRequest, *, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Return one translation for each of `request.lines`, in order; "" for a line that it can't
        translate.

        Raises UselessAnswerError when it can't translate any of them.
        """


class Voice(Engine, Protocol):
    """An engine that speaks lines."""

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return a voice for each speaker, different from each other and from those in `taken`."""

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the spoken line as mono audio at the engine's own rate."""


class Watermark(Engine, Protocol):
    """An engine that puts an inaudible mark into sound, and finds it again.

    `window_seconds` is the length of sound that one call of `find` judges best.
    """

    window_seconds: float

    def mark(self, sound: Audio, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the sound with the mark: same rate, shape and timing. What is too short stays as it is."""

    def find(self, sound: Audio, *, cancel: CancelToken = NEVER) -> MarkScore:
        """Return whether the sound, or part of it, is marked. Silence is not."""
