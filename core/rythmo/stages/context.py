"""Hold what every stage needs besides its input: project, engines, settings, progress and cancellation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar

from rythmo.engines.pool import EnginePool
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.progress import CancelToken, Fraction01, Progress, Report
from rythmo.project.ledger import Ledger, Ledgers
from rythmo.project.sound_sums import SoundSums
from rythmo.project.workspace import Artefacts, Project
from rythmo.script.takes import VoiceRef
from rythmo.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """The environment of one job: its project, engines, settings, progress reports and cancel token."""

    project: Project
    engines: EnginePool
    settings: Settings
    report: Report
    cancel: CancelToken
    speech: ChunkedAudio | None = None
    """The separated speech of the programme, for voices that take a line's emotion from it."""
    ledgers: Ledgers = field(default_factory=Ledgers)
    """Stored measurements of takes and lines. A stage that adds some must save them."""

    @property
    def sounds(self) -> SoundSums:
        """The checksums of the project's sounds."""
        return self.ledgers.sounds(self.project.home)

    @property
    def artefacts(self) -> Artefacts:
        """The cache, whose sounds are compared with their checksums."""
        return Artefacts(self.project.artefacts.root, self.sounds)

    def ledger(self, kind: str, of: type[T]) -> Ledger[T]:
        """Return the stored measurements of one kind."""
        return self.ledgers.open_ledger(kind, of, lambda: self.project.artefacts.root)

    def voiced_by(self, voice: VoiceRef | None, language: str) -> Context:
        """Return the context with the engine of this voice.

        It differs from the job's engine for speakers who may not be cloned.
        """
        engines = self.engines.voiced_by(voice.engine, language) if voice else self.engines
        return self if engines is self.engines else replace(self, engines=engines)

    def step(self, stage: str, done: float, total: float, detail: str = "", line: str | None = None) -> None:
        """Report a stage's progress. Raises CancelledError when the user stopped the work."""
        self.tell(Progress(stage, done, total, detail, line))

    def tell(self, event: Progress) -> None:
        """Report an event. Raises CancelledError when the user stopped the work."""
        self.cancel.check()
        self.report(event)

    def part(self, stage: str, index: int, total: int, detail: str = "") -> Fraction01:
        """Return a progress callback for an engine that works on part `index` of `total` of a stage."""
        return lambda fraction: self.report(Progress(stage, index + fraction, total, detail))
