"""What every stage is handed besides its input."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar

from rythmo.engines.pool import EnginePool
from rythmo.media.chunked import ChunkedAudio
from rythmo.progress import CancelToken, Fraction01, Progress, Report
from rythmo.project.ledger import Ledger, Ledgers
from rythmo.project.workspace import Project
from rythmo.script.model import VoiceRef
from rythmo.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """One job: where its artefacts lie, its engines and settings, whom to tell, and when to stop."""

    project: Project
    engines: EnginePool
    settings: Settings
    report: Report
    cancel: CancelToken
    speech: ChunkedAudio | None = None
    """The separated speech of the programme, for voices that take a line's emotion from it."""
    ledgers: Ledgers = field(default_factory=Ledgers)
    """Measurements of takes and lines; a stage that added some saves them."""

    def ledger(self, kind: str, of: type[T]) -> Ledger[T]:
        """The measurements of that kind."""
        return self.ledgers.of(kind, of, lambda: self.project.artefacts.root)

    def voiced_by(self, voice: VoiceRef | None, language: str) -> Context:
        """The context in which the voice's own engine speaks; another than the job's for whom none may be
        cloned."""
        engines = self.engines.voiced_by(voice.engine, language) if voice else self.engines
        return self if engines is self.engines else replace(self, engines=engines)

    def step(self, stage: str, done: float, total: float, detail: str = "", line: str | None = None) -> None:
        """Tell how far a stage is; stops here when the user asked for it."""
        self.tell(Progress(stage, done, total, detail, line))

    def tell(self, event: Progress) -> None:
        """Tell an event; stops here when the user asked for it."""
        self.cancel.check()
        self.report(event)

    def part(self, stage: str, index: int, total: int, detail: str = "") -> Fraction01:
        """A reporter for an engine that works on part `index` of `total` of a stage."""
        return lambda fraction: self.report(Progress(stage, index + fraction, total, detail))
