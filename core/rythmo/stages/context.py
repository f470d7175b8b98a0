"""Hold what every stage needs besides its input: project, engines, settings, progress and cancellation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from rythmo.engines.base import EngineInfo, Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import EngineFailedError
from rythmo.execution.calls import EngineCall, Executor
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.progress import CancelToken, Fraction01, Progress, Report
from rythmo.project.ledger import Ledger, Ledgers
from rythmo.project.shared_store import SharedStore
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
    executor: Executor | None = None
    """What runs requests to engines in other processes; None runs them in this one."""
    store: SharedStore | None = None
    """Where machines share what engines made; None: only the project's cache."""
    cache: Artefacts | None = None
    """The cache of a worker process, which is not its project's."""

    @property
    def sounds(self) -> SoundSums:
        """The checksums of the project's sounds."""
        return self.ledgers.sounds(self.project.home)

    @property
    def artefacts(self) -> Artefacts:
        """The cache, whose sounds are compared with their checksums."""
        if self.cache is not None:
            return self.cache
        return Artefacts(self.project.artefacts.root, self.sounds, self.store)

    def at_once(self, kind: Kind, language: str | None = None) -> int:
        """Return how many requests to an engine run at once, here or elsewhere."""
        info = self.engines.spec(kind, language).info
        if self.executor is not None and info.local and self.executor.takes(info):
            return self.executor.lanes(info)
        return self.engines.at_once(kind, language)

    def sends_away(self, info: EngineInfo) -> bool:
        """Tell whether requests to this engine run in another process."""
        return self.executor is not None and self.executor.takes(info)

    def keep_elsewhere(self, kind: str, key: str, value: T) -> T:
        """Store a value from within a worker process, and return it.

        Whoever asked for it may not live to receive it. In the job's own process the caller stores it.
        """
        return self.artefacts.keep(kind, key, value) if self.cache is not None else value

    def require_sound(self, kind: str, key: str, info: EngineInfo) -> Path:
        """Return a sound that an engine has made here or elsewhere; see `require_file`."""
        return self.require_file(kind, key, ".wav", info.name)

    def require_file(self, kind: str, key: str, suffix: str, maker: str) -> Path:
        """Return a file that its maker, an engine, has made here or elsewhere, fetched if need be.

        Raises EngineFailedError when it did not arrive.
        """

        def report_lost(_: Path) -> None:
            raise EngineFailedError(
                f"What {maker} made on another machine did not arrive.",
                hint="Check that all machines reach the same store (`rythmo dub --store`), and run it again.",
            )

        return self.artefacts.file(kind, key, suffix, report_lost)

    def carry_out(self, call: EngineCall[T]) -> T:
        """Run a request where the job's executor decides, and return its result.

        Raises what the engine raises, EngineFailedError when a worker is lost again and again, and
        CancelledError.
        """
        if self.executor is None or not self.executor.takes(call.info):
            return call.function(*call.arguments, self)
        answer = self.executor.run(call, report=self.report, cancel=self.cancel)
        self.engines.add_elsewhere(answer.usage, answer.work)
        return answer.result()

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
