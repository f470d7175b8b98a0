"""What an engine is: a declaration (data), and one Protocol for each kind.

Engines take and give values: `Audio`, tuples, frozen dataclasses. Positions are samples of the Audio
they were given, counted from its first. An engine resamples for itself. Everything passed in and out
pickles. `report` is called with 0.0 to 1.0; `cancel.check()` is called at least once a second.
An engine that fails raises EngineFailedError and leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, silent
from rythmo.script.model import Manner, Prosody, VoiceRef, Word

_USER_INFO = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)


class Kind(StrEnum):
    """The kinds of engine; the value is the first half of an entry point's name."""

    SEPARATOR = "separator"
    DIARIZER = "diarizer"
    EMBEDDER = "embedder"
    TRANSCRIBER = "transcriber"
    TRANSLATOR = "translator"
    VOICE = "voice"
    LIP_SYNC = "lipsync"


CAPABILITIES = {
    "budget": "keeps to the time a line has",
    "clones": "clones a speaker from their speech",
    "context": "reads the dialogue around a line",
    "direction": "takes stage directions",
    "duration_control": "speaks as long as it is told",
    "emotion": "takes the emotion from the original line",
    "feelings": "takes an emotion vector",
    "glossary": "keeps to a glossary",
    "languages": "hears which language is spoken",
    "length": "knows how long a line will be before it speaks",
    "likeness": "casts the voices that are most like the speakers",
    "manner": "follows how the original was said",
    "needs_reference": "has no voices of its own",
    "overlap": "hears people who speak at once",
    "punctuation": "writes punctuation",
    "speaker-count": "obeys a given number of speakers",
    "sums": "speech and bed sum to the mix",
    "words": "times each word",
}
"""What an engine may declare, and what it means."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing an engine needs and does not find, and the command that gets it.

    `setting` names the engine's own setting that can supply it as well (an address, a model's folder).
    """

    what: str
    command: str
    setting: str = ""


def without_password(address: str) -> str:
    """The address without a name and password in it: it stands in scripts, logs and cache keys."""
    return _USER_INFO.sub(r"\1", address)


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is, as data that a person can read.

    `languages`: ISO 639-1 codes it takes (target languages for voices and translators), empty for
    "any". `version` names code and model, and is part of cache keys. `rank` orders `auto`: the
    highest available one is taken. `draft` engines are announced as drafts wherever they show.

    `at_once` is how many requests the engine takes side by side: several where it waits for somebody
    else's machine, 1 where one model fills this one. `capabilities` are words of `CAPABILITIES`.
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
    """Languages of `languages` that it speaks only as a draft, though it is none itself."""
    address: str = ""
    """Of a server of the user's own: the same model's name may mean another model there."""

    def is_draft(self, language: str = "") -> bool:
        """Tell whether what it makes, in that language, is announced as a draft."""
        return self.draft or language in self.draft_in

    @property
    def stamp(self) -> str:
        """Name, version and address in one, as written into scripts and cache keys."""
        place = f" at {without_password(self.address)}" if self.address else ""
        return f"{self.name} {self.version}{place}"


def nothing_missing() -> tuple[Missing, ...]:
    """For engines that need nothing more than Rythmo itself."""
    return ()


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an entry point of `rythmo.engines` refers to.

    Importing the module that holds it must be cheap: heavy libraries load in `create`, which gets
    the engine's own settings. `missing` looks without importing anything heavy. `version` is called
    only when the engine is used, and says code and model.
    """

    info: EngineInfo
    create: Callable[[Mapping[str, Any]], Any]
    missing: Callable[[], tuple[Missing, ...]] = nothing_missing
    options: frozenset[str] | None = None
    """Names of the engine's own settings; others are refused. None: the engine checks them itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Speech and bed, each of the mix's shape and aligned with it to the sample."""

    speech: Audio
    bed: Audio


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of one speaker, in samples; `speaker` is a label that holds within one call."""

    start: int
    end: int
    speaker: str


@dataclass(frozen=True, slots=True)
class SpeakerProfile:
    """What a voice engine learns of a speaker before it casts: measured prosody, and clean speech
    of theirs to clone from (empty where there is none or no consent).

    `vector` is what the embedder that the engine names makes of their speech, of length 1; empty where the
    engine does not cast by likeness, or where there was no clean speech.
    """

    id: str
    name: str
    prosody: Prosody
    references: tuple[Audio, ...] = ()
    vector: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TranslationLine:
    """One line to translate: `budget` is the number of words the line has time for (None: free)."""

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
    """One line to speak. `seconds` asks for a duration where the engine has `duration_control`
    (None: as it comes); `emotion` is the original line's speech where the engine has `emotion`, `manner`
    how it was said where the engine has `manner`; a `direction` in words wins over both, and so do `feelings`
    (strengths from 0 to 1 by the names of script.feelings) where the engine has `feelings`.
    `variation` above 0 asks for another reading of the same words: an engine that draws draws with
    another seed, one that does not may change its delivery a little, or say the same again."""

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
    """What all engines share."""

    info: EngineInfo

    def close(self) -> None:
        """Free models, processes and remote voices; the engine is not used afterwards."""


class Separator(Engine, Protocol):
    """Lifts speech out of a mix."""

    def separate(self, mix: Audio, *, report: Fraction01 = silent, cancel: CancelToken = NEVER) -> Separation:
        """Speech and bed of the mix's own rate, shape and timing."""


class Diarizer(Engine, Protocol):
    """Finds who speaks when."""

    def diarize(
        self,
        speech: Audio,
        *,
        speakers: int | None = None,
        report: Fraction01 = silent,
        cancel: CancelToken = NEVER,
    ) -> tuple[Turn, ...]:
        """Turns in order of start; turns of different speakers may overlap. `speakers` is obeyed."""


class SpeakerEmbedder(Engine, Protocol):
    """Turns speech of one person into a unit vector.

    `same_in_chunk` is the cosine from which two labels of one recording are one voice that a diarizer split
    (means of their longest segments), `same_speaker` that from which people of two recordings are one.
    Cosines of different embedders do not compare, so each declares its own.
    """

    same_in_chunk: float
    same_speaker: float

    def embed(self, speech: Sequence[Audio], *, cancel: CancelToken = NEVER) -> NDArray[np.float32]:
        """Shape (len(speech), dimensions), rows of length 1; a row of zeros where there was no speech."""


class Transcriber(Engine, Protocol):
    """Writes down what is said."""

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = silent,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Words in order of start, with sample positions; `turns` says where speech is.

        An engine that has `languages` sets `Word.language` on words that are in another one than `language`.
        """


class LanguageFinder(Engine, Protocol):
    """Tells which language is spoken; a Transcriber that declares `languages` is one."""

    def find_language(self, speech: Audio, *, turns: Sequence[Turn] = (), cancel: CancelToken = NEVER) -> str:
        """The language that most of the speech is in, as an ISO 639-1 code; "" where there is no speech."""


class Translator(Engine, Protocol):
    """Translates lines."""

    def pairs(self) -> frozenset[tuple[str, str]]:
        """(source, target) pairs it can do here; empty for "any"."""

    def translate(self, request: TranslationRequest, *, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """One translation for each of `request.lines`, in order; "" for a line of which it can make nothing.

        Raises UselessAnswerError when it can make nothing of any."""


@runtime_checkable
class PairInstaller(Protocol):
    """A translator whose pairs are installed one by one."""

    def pair_command(self, source: str, target: str) -> str:
        """The command that gets the pair; "" where there is none to get."""


class Voice(Engine, Protocol):
    """Speaks lines."""

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """A voice for each speaker, different from each other and from those `taken`."""

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """The line as mono sound at the engine's own rate."""


@runtime_checkable
class LikenessCaster(Protocol):
    """A Voice that has voices of its own and knows how they sound (capability `likeness`)."""

    likeness_embedder: str
    """The embedder whose vectors it compares: profiles of another embedder say nothing to it."""


@runtime_checkable
class LengthPredictor(Protocol):
    """A Voice that knows how long a line will be before it speaks (capability `length`).

    An engine that needs seconds for each line is then asked once, with the right length.
    """

    def predict_seconds(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> float:
        """Return the length of the request's speech, without silence at its ends; never speaks."""


@runtime_checkable
class Warmable(Protocol):
    """An engine whose first request waits for processes and models, which it can load before."""

    def warm(self) -> None:
        """Load them. May be called from any thread and more than once; raises nothing."""


@runtime_checkable
class VoiceLister(Protocol):
    """A Voice whose voices a person can choose from."""

    def voices(self, language: str) -> tuple[str, ...]:
        """Return the names of its voices, those made for the language first."""

    def sample(self, voice: str, language: str, *, cancel: CancelToken = NEVER) -> Audio:
        """Speak a short sentence with that voice."""
