"""Open what the settings choose to run the requests to engines: threads, processes, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from rythmo.engines import registry
from rythmo.engines.base import EngineInfo, EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import UsageError
from rythmo.execution.calls import EngineCall, Executor
from rythmo.execution.processes import ProcessExecutor, choose_count, count_gpus
from rythmo.progress import NEVER, CancelToken, ignore_progress
from rythmo.project.shared_store import SharedStore, open_store
from rythmo.project.workspace import Project
from rythmo.settings import Settings
from rythmo.stages.worker_session import (
    CACHE,
    WorkerPlan,
    WorkerSession,
    describe_engine,
    limit_threads,
    open_session,
)


@contextmanager
def open_execution(
    project: Project, settings: Settings, pool: EnginePool, cancel: CancelToken = NEVER
) -> Iterator[tuple[Executor | None, SharedStore | None]]:
    """Yield the job's executor (None: threads of this process) and its store, and close the executor.

    Raises UsageError for a cluster without a store, InputError for a store that cannot be opened, and
    EngineError when there is no Ray or no cluster.
    """
    store = open_store(settings.execution.store)
    executor = _open(project, settings, pool)
    if executor is not None:
        pool.describe = partial(_describe, executor, cancel)
    try:
        yield executor, store
    finally:
        if executor is not None:
            executor.close()


def find_absent(settings: Settings) -> frozenset[str]:
    """Return the engines that only workers have: those with packages of their own on a cluster."""
    if settings.execution.executor != "ray":
        return frozenset()
    return frozenset(name for name, own in settings.execution.engines.items() if own.get("runtime_env"))


def _describe(
    executor: Executor, cancel: CancelToken, kind: Kind, language: str | None, declared: EngineInfo
) -> EngineInfo:
    """Ask a worker which version and model of an engine it has."""
    call = EngineCall(
        "engines",
        declared.name,
        kind,
        language,
        declared,
        f"describe {kind} {declared.name}",
        describe_engine,
        (kind, language),
        asks=True,
    )
    return executor.run(call, report=ignore_progress, cancel=cancel).result()


def _open(project: Project, settings: Settings, pool: EnginePool) -> Executor | None:
    chosen = settings.execution.executor
    if chosen == "processes":
        return _open_processes(project, settings, pool)
    if chosen == "ray":
        return _open_ray(project, settings, pool)
    return None


def _open_processes(project: Project, settings: Settings, pool: EnginePool) -> Executor:
    gpus = count_gpus()
    count = choose_count(settings.execution.workers, gpus)
    cores = choose_count(0, 0)
    limited = limit_threads(settings, max(1, cores // count), _thread_options(settings))
    cache = project.artefacts.root
    plan = WorkerPlan(limited, pool.of_job, str(cache), settings.execution.store, dict(pool.given))
    return ProcessExecutor(partial(open_numbered, plan, gpus), count, {CACHE: cache})


def open_numbered(plan: WorkerPlan, gpus: int, number: int) -> WorkerSession:
    """Open the session of one of several processes of a machine, each with a GPU of its own if it has any."""
    environment = dict(plan.environment)
    if gpus:
        environment["CUDA_VISIBLE_DEVICES"] = str(number % gpus)
    return open_session(
        WorkerPlan(plan.settings, plan.of_job, plan.cache, plan.store, plan.given, environment)
    )


def _open_ray(project: Project, settings: Settings, pool: EnginePool) -> Executor:
    if not settings.execution.store:
        raise UsageError(
            "--executor ray needs a store that all machines reach.",
            hint="Give a shared folder or an address: --store /mnt/rythmo, or --store s3://bucket/rythmo.",
        )
    from rythmo.execution.ray_cluster import RayExecutor

    cache = project.artefacts.root
    given: Mapping[Kind, EngineSpec] = dict(pool.given)
    away = WorkerPlan(settings, pool.of_job, "", settings.execution.store, given)
    beside = WorkerPlan(settings, pool.of_job, str(cache), settings.execution.store, given)
    identity = repr((str(project.home.resolve()), settings.engines, sorted(settings.options.items())))
    return RayExecutor(
        settings.execution,
        partial(open_session, away),
        partial(open_session, beside),
        {CACHE: cache},
        identity,
    )


def _thread_options(settings: Settings) -> dict[str, frozenset[str]]:
    """Return the settings about threads and helper processes that the local engines have."""
    chosen = settings.engine_names()
    return {
        spec.info.name: spec.options or frozenset()
        for kind, specs in registry.installed().items()
        for spec in specs
        if spec.info.local and chosen.get(kind, registry.AUTO) in {registry.AUTO, spec.info.name}
    }
