"""Groups of workers: engines that share processes, and what each process of a group needs of a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rythmo.engines import registry
from rythmo.engines.base import EngineInfo
from rythmo.errors import UsageError
from rythmo.settings import ExecutionSettings

EXECUTORS = ("local", "processes", "ray")
SHARED = "workers"
"""The group of all local engines without needs of their own."""
CALLS = "calls"
"""The group of engines at a service. Its one process waits for answers and needs nothing else."""
_GIGABYTE = 10**9
_NEEDS = {"cpus", "gpus", "memory_gb", "workers"}
_OWN = frozenset({*_NEEDS, "runtime_env"})


@dataclass(frozen=True, slots=True)
class Needs:
    """What one worker takes of a machine; memory in bytes. `workers` of 0 means as many as fit."""

    cpus: float = 1.0
    gpus: float = 0.0
    memory: int = 0
    workers: int = 0
    runtime_env: Mapping[str, Any] = field(default_factory=dict)

    def fit(self, machine: Mapping[str, float]) -> int:
        """Return how many workers fit a machine with these resources, by Ray's names."""
        asked = {"CPU": self.cpus, "GPU": self.gpus, "memory": float(self.memory)}
        counts = [int(machine.get(name, 0.0) / need + 1e-9) for name, need in asked.items() if need > 0]
        return min(counts) if counts else 1


def check_execution(settings: ExecutionSettings) -> None:
    """Raise UsageError for an executor, an engine or a need that does not exist."""
    if settings.executor not in EXECUTORS:
        raise UsageError(
            f"--executor {settings.executor} does not exist.", hint=f"Choose one of: {', '.join(EXECUTORS)}."
        )
    if min(settings.workers, settings.cpus, settings.gpus, settings.memory_gb) < 0:
        raise UsageError(
            "The needs of a worker cannot be below zero.", hint="See [execution] in docs/cluster.md."
        )
    names = {spec.info.name for specs in registry.installed().values() for spec in specs}
    for engine, own in settings.engines.items():
        if engine not in names:
            raise UsageError(
                f"[execution.engines.{engine}]: there is no engine called {engine!r}.",
                hint="`rythmo engines` lists them.",
            )
        _check_own(engine, own)


def _check_own(engine: str, own: Mapping[str, Any]) -> None:
    if wrong := sorted(set(own) - _OWN):
        raise UsageError(
            f"[execution.engines.{engine}] has no setting {wrong[0]!r}.",
            hint=f"It has: {', '.join(sorted(_OWN))}.",
        )
    for name in _NEEDS & set(own):
        if not isinstance(own[name], int | float) or own[name] < 0:
            raise UsageError(
                f"[execution.engines.{engine}] sets {name} to {own[name]!r}.", hint="Give a number."
            )


def group_of(info: EngineInfo, settings: ExecutionSettings) -> str:
    """Return the group that an engine's calls go to."""
    if not info.local:
        return CALLS
    return info.name if info.name in settings.engines else SHARED


def needs_of(group: str, settings: ExecutionSettings) -> Needs:
    """Return what one worker of a group needs."""
    if group == CALLS:
        return Needs(cpus=0.0, workers=1)
    own = settings.engines.get(group, {})
    return Needs(
        float(own.get("cpus", settings.cpus)),
        float(own.get("gpus", settings.gpus)),
        round(float(own.get("memory_gb", settings.memory_gb)) * _GIGABYTE),
        int(own.get("workers", settings.workers)),
        own.get("runtime_env", {}),
    )


def count_workers(needs: Needs, machines: Sequence[Mapping[str, float]], groups: int) -> int:
    """Return how many workers a group gets: as the user said, else its part of what the machines hold.

    At least one, also where none fits: a cluster may still grow.
    """
    return needs.workers or max(1, sum(needs.fit(machine) for machine in machines) // max(1, groups))
