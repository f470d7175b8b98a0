"""What some engines can do besides the work of their kind: one Protocol for each ability.

A stage asks whether an engine has it, and does without where it has not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from rythmo.engines.base import Engine, SpeakerProfile, SpeechRequest, Turn
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken
from rythmo.script.takes import VoiceRef


class LanguageFinder(Engine, Protocol):
    """An engine that detects the language; a Transcriber with the capability `languages` is one."""

    def find_language(self, speech: Audio, *, turns: Sequence[Turn] = (), cancel: CancelToken = NEVER) -> str:
        """Return the main language of the speech as an ISO 639-1 code; "" when there is no speech."""


@runtime_checkable
class PairInstaller(Protocol):
    """A translator whose language pairs are installed individually."""

    def pair_command(self, source: str, target: str) -> str:
        """Return the command that installs the pair; "" when there is no such pair."""


@runtime_checkable
class LikenessCaster(Protocol):
    """A Voice that casts its own voices by how they sound (capability `likeness`)."""

    likeness_embedder: str
    """The embedder whose vectors it compares; those of another embedder mean nothing to it."""


@runtime_checkable
class VoiceProposer(Protocol):
    """A Voice that can propose several of its voices for one speaker, for a person to choose from."""

    def propose(
        self,
        speaker: SpeakerProfile,
        *,
        language: str,
        taken: Sequence[VoiceRef],
        shown: Sequence[VoiceRef],
        count: int,
    ) -> tuple[VoiceRef, ...]:
        """Return up to `count` voices, the best first.

        `taken` are other speakers' voices, which none may be confused with; `shown` are proposed already.
        """


@runtime_checkable
class LengthPredictor(Protocol):
    """A Voice that predicts how long a line will be before it speaks (capability `length`).

    Each line is then spoken once, with the right length, instead of several times.
    """

    def predict_seconds(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> float:
        """Return the length of the line in seconds, without silence at its ends. Nothing is spoken."""


@runtime_checkable
class Warmable(Protocol):
    """An engine that can load its processes and models before the first request needs them."""

    def warm(self) -> None:
        """Load them. This may be called from any thread and more than once, and raises nothing."""


@runtime_checkable
class Restable(Protocol):
    """An engine that can give up its processes and models until the next request needs them."""

    def rest(self) -> None:
        """Give up what is idle. This may be called from any thread and more than once, and raises nothing."""
