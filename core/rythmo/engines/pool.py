"""The engines of one job. Each is chosen once, started when first used, and closed at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, cast

from rythmo.engines import registry
from rythmo.engines.abilities import Restable, Warmable
from rythmo.engines.base import (
    Diarizer,
    Engine,
    EngineInfo,
    EngineSpec,
    FaceTracker,
    Kind,
    Separator,
    SpeakerEmbedder,
    Transcriber,
    Translator,
    Voice,
    Watermark,
)
from rythmo.engines.lips import LipSync
from rythmo.engines.local.heap import trim_heap
from rythmo.engines.prices import EngineUsage, merge_usage
from rythmo.engines.remote.calls import Usage
from rythmo.engines.timing import Clock, Work
from rythmo.engines.under_way import CALLS
from rythmo.errors import EngineError, EngineMissingError, EngineRefusedError
from rythmo.progress import NEVER, CancelToken
from rythmo.scratch import sweep_scratch

_TICK_S = 0.2
# Settings that change where, how fast and for whom the work is done, but not the sound or the words.
_NOT_IN_KEYS = frozenset(
    {
        "attempts", "batch", "concurrency", "deadline_s", "first_wait_s", "job", "keep_voices", "ledger",
        "longest_wait_s", "poll_s", "references", "threads", "timeout_s", "workers",
    }
)  # fmt: skip


@dataclass
class EnginePool:
    """The engines of one job.

    `names` are those that the user chose, by kind ("auto" for the others). `settings` are by engine name.
    `given` engines are used whatever the names say: a host's own, or a test's.
    """

    names: Mapping[Kind, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    given: Mapping[Kind, EngineSpec] = field(default_factory=dict)
    of_job: Mapping[str, Any] = field(default_factory=dict)
    """Facts about the job that voice engines get besides their own settings: `job`, `references` ..."""
    clock: Clock = field(default_factory=Clock)
    """Measures how long each engine works."""
    absent: frozenset[str] = frozenset()
    """Names of engines that only the workers of a cluster have. Nothing of them has to be installed here."""
    describe: Callable[[Kind, str | None, EngineInfo], EngineInfo] | None = None
    """Asks a worker for the info of an absent engine, which includes its model."""
    _described: dict[tuple[Kind, str], EngineInfo] = field(default_factory=dict, init=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, init=False)
    _beside: dict[str, EnginePool] = field(default_factory=dict, init=False)
    _specs: dict[tuple[Kind, str | None], EngineSpec] = field(default_factory=dict, init=False)
    _started: dict[tuple[Kind, str], Engine] = field(default_factory=dict, init=False)
    _used: dict[Kind, EngineInfo] = field(default_factory=dict, init=False)
    _turns: dict[tuple[Kind, str], threading.Semaphore] = field(default_factory=dict, init=False)
    _owed: tuple[EngineUsage, ...] = field(default=(), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def spec(self, kind: Kind, language: str | None = None) -> EngineSpec:
        """Return the engine of a kind and language, chosen once. Raises EngineError when there is none."""
        if kind in self.given:
            return self.given[kind]
        if (kind, language) not in self._specs:
            name = self.names.get(kind, registry.AUTO)
            found = registry.choose(kind, name, language=language, settings=self.settings, absent=self.absent)
            self._specs[kind, language] = found
        return self._specs[kind, language]

    def info(self, kind: Kind, language: str | None = None) -> EngineInfo:
        """Return the running engine's info, which includes its model, and count the engine as used."""
        if self.is_absent(kind, language):
            info = self._describe_absent(kind, language)
        else:
            info = self.start(kind, language).info
        self._used[kind] = info
        return info

    def is_absent(self, kind: Kind, language: str | None = None) -> bool:
        """Tell whether only workers have the engine, so that it cannot be started in this process."""
        return self.spec(kind, language).info.name in self.absent

    def _describe_absent(self, kind: Kind, language: str | None) -> EngineInfo:
        declared = self.spec(kind, language).info
        with self._asking:
            if (kind, declared.name) not in self._described and self.describe is not None:
                self._described[kind, declared.name] = self.describe(kind, language, declared)
            return self._described.get((kind, declared.name), declared)

    def stamp(self, kind: Kind, language: str | None = None) -> str:
        """Return an engine's part of cache keys: name, version with model, settings that change the result.

        Settings about where and how fast the work is done are left out, so that changing a timeout doesn't
        make paid work be repeated.
        """
        info = self.info(kind, language)
        kept = self._settings_in_keys(kind, info.name)
        return f"{info.stamp} {kept!r}" if kept else info.stamp

    def choice(self, kind: Kind, language: str | None = None) -> str:
        """Return an engine's name and the settings that change its result, as one string.

        Unlike `stamp`, a new version of the engine or its model does not change it.
        """
        info = self.spec(kind, language).info
        return repr((info.name, self._settings_in_keys(kind, info.name)))

    def _settings_in_keys(self, kind: Kind, name: str) -> list[tuple[str, Any]]:
        given = registry.options_of(self.settings, kind, name)
        return sorted((key, value) for key, value in given.items() if key not in _NOT_IN_KEYS)

    def at_once(self, kind: Kind, language: str | None = None) -> int:
        """Return how many requests the engine takes at once: its setting, or what it declares."""
        info = self.spec(kind, language).info
        given = registry.options_of(self.settings, kind, info.name)
        wanted = given.get("concurrency", given.get("workers"))
        return max(1, wanted if isinstance(wanted, int) else info.at_once)

    @contextmanager
    def turn(self, kind: Kind, language: str | None = None, cancel: CancelToken = NEVER) -> Iterator[None]:
        """Wait until the engine can take one more request, and hold that slot."""
        info = self.spec(kind, language).info
        key = (kind, info.name)
        with self._lock:
            places = self._turns.setdefault(key, threading.Semaphore(self.at_once(kind, language)))
        while not places.acquire(timeout=_TICK_S):
            cancel.check()
        try:
            sending = nullcontext() if info.local else CALLS.call()
            with sending, self.clock.at_work(str(kind), key[1]):
                yield
        finally:
            places.release()

    def used(self) -> dict[str, str]:
        """Return kind -> name and version for each engine that this job has used."""
        return {str(kind): info.stamp for kind, info in sorted(self._used.items())}

    def start(self, kind: Kind, language: str | None = None) -> Engine:
        """Return the running engine, starting it if necessary; every caller gets the same one."""
        spec = self.spec(kind, language)
        with self._lock:
            key = (kind, spec.info.name)
            if not self._started:
                sweep_scratch()  # an engine that was killed leaves its folder
            if key not in self._started:
                self._require_leave(kind, spec)
                self._require_here(kind, spec)
                own = registry.options_of(self.settings, kind, spec.info.name)
                told = {**self.of_job, **own} if kind is Kind.VOICE else own
                self._started[key] = registry.create(spec, told)
            return self._started[key]

    def _require_leave(self, kind: Kind, spec: EngineSpec) -> None:
        """Refuse an engine that sends data away unless the user named it for this kind of work.

        A project's script or cache may name any engine, but that is not the user's choice.
        """
        if spec.info.local or kind in self.given or self.names.get(kind) == spec.info.name:
            return
        raise EngineRefusedError(
            f"{spec.info.name} sends data to another machine, and you have not chosen it as {kind}.",
            hint=f"Choose it with --{kind} {spec.info.name}, or give the speaker another voice.",
        )

    def _require_here(self, kind: Kind, spec: EngineSpec) -> None:
        if spec.info.name in self.absent and kind not in self.given:
            raise EngineMissingError(
                f"{spec.info.name} has workers of its own, and this step needs it on this machine.",
                hint=f"Install it here too, or choose another {kind}.",
            )

    def warm(self, kind: Kind, language: str | None = None) -> None:
        """Let the engine load its models in the background, before its first request.

        An engine that cannot start reports it when it is first used, not here.
        """
        with suppress(EngineError):
            engine: object = self.start(kind, language)
            if isinstance(engine, Warmable):
                threading.Thread(target=engine.warm, daemon=True, name="rythmo-warm").start()

    def rest(self, kind: Kind) -> None:
        """Let the started engines of a kind give up their memory until they are needed again."""
        with self._lock:
            engines: list[object] = [engine for (own, _), engine in self._started.items() if own is kind]
            pools = list(self._beside.values())
        for engine in engines:
            if isinstance(engine, Restable):
                engine.rest()
        for pool in pools:
            pool.rest(kind)
        trim_heap()

    def separator(self) -> Separator:
        """Return the separator of this job."""
        return cast(Separator, self.start(Kind.SEPARATOR))

    def diarizer(self) -> Diarizer:
        """Return the diarizer of this job."""
        return cast(Diarizer, self.start(Kind.DIARIZER))

    def embedder(self) -> SpeakerEmbedder:
        """Return the speaker embedder of this job."""
        return cast(SpeakerEmbedder, self.start(Kind.EMBEDDER))

    def transcriber(self, language: str) -> Transcriber:
        """Return the transcriber for a language."""
        return cast(Transcriber, self.start(Kind.TRANSCRIBER, language))

    def translator(self, language: str) -> Translator:
        """Return the translator into a language."""
        return cast(Translator, self.start(Kind.TRANSLATOR, language))

    def voice(self, language: str) -> Voice:
        """Return the voice engine for a language."""
        return cast(Voice, self.start(Kind.VOICE, language))

    def face_tracker(self) -> FaceTracker:
        """Return the face tracker of this job."""
        return cast(FaceTracker, self.start(Kind.FACE_TRACKER))

    def lip_sync(self) -> LipSync:
        """Return the lip-sync engine of this job."""
        return cast(LipSync, self.start(Kind.LIP_SYNC))

    def watermark(self) -> Watermark:
        """Return the watermark engine of this job."""
        return cast(Watermark, self.start(Kind.WATERMARK))

    def voiced_by(self, name: str, language: str) -> EnginePool:
        """Return the pool whose voice engine has that name: this one, or a child pool that closes with it."""
        if self.spec(Kind.VOICE, language).info.name == name:
            return self
        return self._pool_beside(Kind.VOICE, name)

    def embedded_by(self, name: str) -> EnginePool:
        """Return the pool whose embedder has that name: this one, or a child pool that closes with it.

        Raises EngineMissingError when that embedder is not installed.
        """
        if self.spec(Kind.EMBEDDER).info.name == name:
            return self
        registry.choose(Kind.EMBEDDER, name, settings=self.settings)
        return self._pool_beside(Kind.EMBEDDER, name)

    def _pool_beside(self, kind: Kind, name: str) -> EnginePool:
        with self._lock:
            key = f"{kind}.{name}"
            if key not in self._beside:
                self._beside[key] = EnginePool(
                    {kind: name}, self.settings, of_job=self.of_job, clock=self.clock
                )
            return self._beside[key]

    def spent(self) -> tuple[EngineUsage, ...]:
        """Return what remote engines used since the last call, and start counting again from zero."""
        with self._lock:
            own, self._owed = self._collected(), ()
            pools = tuple(self._beside.values())
        return merge_usage((*own, *(one for pool in pools for one in pool.spent())))

    def owed(self) -> tuple[EngineUsage, ...]:
        """Return what `spent` would return now, without resetting the count."""
        with self._lock:
            own = self._owed = self._collected()
            pools = tuple(self._beside.values())
        return merge_usage((*own, *(one for pool in pools for one in pool.owed())))

    def _collected(self) -> tuple[EngineUsage, ...]:
        fresh = [self._since(key, engine) for key, engine in self._started.items()]
        return merge_usage((*self._owed, *(one for one in fresh if one)))

    def _since(self, key: tuple[Kind, str], engine: Engine) -> EngineUsage | None:
        usage: Usage | None = getattr(engine, "usage", None)
        if usage is None:
            return None
        requests, retries, units = usage.taken()
        if not (requests or units):
            return None
        return EngineUsage(str(key[0]), key[1], engine.info.version, requests, retries, units)

    def add_elsewhere(self, usage: Iterable[EngineUsage], work: Iterable[Work]) -> None:
        """Count what engines of this job used, and how long they worked, in other processes."""
        with self._lock:
            self._owed = merge_usage((*self._owed, *usage))
        for one in work:
            self.clock.add(one)

    def close(self) -> None:
        """Close all engines that were started."""
        with self._lock:
            while self._beside:
                self._beside.popitem()[1].close()
            while self._started:
                self._started.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
