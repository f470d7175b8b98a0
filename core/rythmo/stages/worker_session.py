"""What a worker process keeps open between requests: its engines and its cache."""

from __future__ import annotations

import logging
import os
import platform
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rythmo.engines import registry
from rythmo.engines.base import EngineInfo, EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import EngineFailedError, RythmoError
from rythmo.execution.calls import Answer, EngineCall
from rythmo.execution.packing import Roots, pack, unpack
from rythmo.progress import CancelToken, Report
from rythmo.project.shared_store import open_store
from rythmo.project.workspace import SUFFIX, Artefacts, Project
from rythmo.scratch import scratch_folder, sweep_scratch
from rythmo.settings import Settings
from rythmo.stages.context import Context
from rythmo.stages.shared_references import KIND as REFERENCES

_log = logging.getLogger(__name__)
CACHE = "cache"
"""The name under which paths of the cache travel between processes."""


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker process needs to know of a job. It can be pickled.

    `cache` is the folder that all processes of one machine share; with "" the worker has a cache of its own,
    filled from the `store`. `given` engines replace those that the settings name.
    """

    settings: Settings
    of_job: Mapping[str, Any]
    cache: str = ""
    store: str = ""
    given: Mapping[Kind, EngineSpec] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that this worker gets besides its own: which GPU it may use, how many threads."""


def open_session(plan: WorkerPlan) -> WorkerSession:
    """Open a session. Raises InputError for a store that cannot be opened here, and OutputError."""
    os.environ.update(plan.environment)
    return WorkerSession(plan)


class WorkerSession:
    """The engines and the cache of one worker process. Several threads may run calls at once."""

    def __init__(self, plan: WorkerPlan) -> None:
        self.place = f"{platform.node()}, process {os.getpid()}"
        sweep_scratch()
        self._scratch = scratch_folder("worker")
        self._folder = self._scratch.__enter__()
        cache = Path(plan.cache) if plan.cache else self._folder / CACHE
        self._cache = Artefacts(cache, store=open_store(plan.store))
        self._roots: Roots = {CACHE: cache}
        of_job = dict(plan.of_job)
        if not plan.cache:
            of_job[REFERENCES] = str(cache / REFERENCES)
        self._settings = plan.settings
        self._pool = EnginePool(
            plan.settings.engine_names(), plan.settings.options, dict(plan.given), of_job=of_job
        )
        self._lock = threading.Lock()
        self._count = 0

    def run(self, call: bytes, *, cancel: CancelToken, report: Report) -> bytes:
        """Carry out a packed call and return its packed answer; errors of Rythmo are in the answer."""
        with self._lock:
            self._count += 1
            project = Project(self._folder / f"{self._count}{SUFFIX}")
        try:
            answer = self._answer(unpack(call, self._roots), project, cancel, report)
            return pack(answer, self._roots)
        finally:
            shutil.rmtree(project.root, ignore_errors=True)

    def _answer(
        self, call: EngineCall[Any], project: Project, cancel: CancelToken, report: Report
    ) -> Answer[Any]:
        value, failed = None, None
        try:
            for info in (call.info, *call.also):
                self._choose_same(info)
            pool = self._pool
            if call.kind is Kind.VOICE and call.language is not None:
                pool = pool.voiced_by(call.info.name, call.language)
            context = Context(project, pool, self._settings, report, cancel, cache=self._cache)
            if not call.asks:
                self._require_same(call.info, call.language, context)
            for info in call.also:
                self._require_same(info, None, context)
            value = call.function(*call.arguments, context)
        except RythmoError as error:
            failed = error
        except Exception as error:  # noqa: BLE001 - the border of this process: a defect, logged whole
            _log.exception("a defect while working on %s", call.part)
            failed = _describe_defect(call, error)
        return Answer(value, failed, self.place, self._pool.spent(), self._pool.clock.taken())

    def _choose_same(self, info: EngineInfo) -> None:
        """Take the engine that the call names where the settings leave the choice to the machine."""
        with self._lock:
            if self._pool.names.get(info.kind, registry.AUTO) == registry.AUTO:
                self._pool.names = {**self._pool.names, info.kind: info.name}

    def _require_same(self, info: EngineInfo, language: str | None, context: Context) -> None:
        """Refuse work for another version of an engine: its result would be stored under a wrong key."""
        here = context.engines.info(info.kind, language).stamp
        if here != info.stamp:
            raise EngineFailedError(
                f"{self.place} has {here}, and the machine that started the work has {info.stamp}.",
                hint="Install the same versions and models on all machines.",
            )

    def close(self) -> None:
        """Close the engines and remove the worker's own files."""
        self._pool.close()
        self._scratch.__exit__(None, None, None)


def _describe_defect(call: EngineCall[Any], error: Exception) -> RythmoError:
    reason = f"{type(error).__name__}: {str(error)[:300]}".strip()
    return RythmoError(
        f"A defect in Rythmo or in {call.info.name} stopped the work on {call.part}: {reason}.",
        hint="Please report it with the log of the process where it happened.",
    )


def describe_engine(kind: Kind, language: str | None, context: Context) -> EngineInfo:
    """Return the info of an engine of this process, which includes its model."""
    return context.engines.info(kind, language)


def limit_threads(settings: Settings, threads: int, options: Mapping[str, frozenset[str]]) -> Settings:
    """Return the settings with each engine limited to that many threads and helpers, unless the user set it.

    `options` are the names of the settings that each engine has.
    """
    changed = {name: dict(values) for name, values in settings.options.items()}
    for engine, known in options.items():
        own = changed.setdefault(engine, {})
        for name in known & {"threads", "workers"}:
            own.setdefault(name, threads)
    return replace(settings, options={name: values for name, values in changed.items() if values})
