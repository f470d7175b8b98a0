"""The actors of one group on a Ray cluster: which are ready, which are busy, which Ray is restarting.

Placement, restarts and liveness are Ray's. An actor serves calls once it has said where it is. One that was
lost says so again when Ray has restarted it, on whatever machine has room; meanwhile its calls go to others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rythmo.errors import CancelledError, EngineFailedError, RythmoError
from rythmo.progress import CancelToken

_TICK_S = 0.2
_AGAIN_S = 0.5
_START_S = 900.0


@dataclass(eq=False)
class Member:
    """One actor, with the number of calls that it takes at once and those that it has."""

    actor: Any
    slots: int
    place: str = ""
    busy: int = 0
    ready: bool = False
    affinities: set[str] = field(default_factory=set)


class Group:
    """The actors of one group. `create(number)` starts an actor; it may have to wait for room."""

    def __init__(self, name: str, count: int, slots: int, create: Callable[[int], Any], needs: str) -> None:
        self.name, self.count = name, count
        self._create, self._slots, self._needs = create, slots, needs
        self._changed = threading.Condition()
        self._members: list[Member] = []
        self._waiting: dict[Any, tuple[int, Member]] = {}
        self._failed: RythmoError | None = None
        self._closed = False
        self._since = time.monotonic()
        self._watcher = threading.Thread(target=self._watch, daemon=True, name=f"rythmo-ray-{name}")

    def start(self) -> None:
        """Ask Ray for the actors."""
        with self._changed:
            self._members = [Member(self._create(number), self._slots) for number in range(self.count)]
            for number, member in enumerate(self._members):
                self._ask_place(number, member)
        self._watcher.start()

    def take(self, affinity: str, cancel: CancelToken) -> Member:
        """Return an actor that is ready and has room, if possible one that served this affinity.

        Raises CancelledError, what the actors could not be opened with, and EngineFailedError when the
        cluster has had no room for any of them for a quarter of an hour.
        """
        with self._changed:
            while True:
                cancel.check()
                self._require_hope()
                free = [one for one in self._members if one.ready and one.busy < one.slots]
                if free:
                    same = [one for one in free if affinity and affinity in one.affinities]
                    member = min(same or free, key=lambda one: one.busy)
                    member.busy += 1
                    member.affinities = {affinity}
                    return member
                self._changed.wait(_TICK_S)

    def _require_hope(self) -> None:
        if self._failed is not None:
            raise self._failed
        if self._closed:
            raise CancelledError("The work has ended.")
        if any(one.ready for one in self._members):
            self._since = time.monotonic()
        elif time.monotonic() - self._since > _START_S:
            raise EngineFailedError(
                f"The cluster has no room for a worker that needs {self._needs}.",
                hint="`ray status` shows what it has. Ask for less (cpus, gpus, memory_gb) or add a machine.",
            )

    def give_back(self, member: Member) -> None:
        """Say that a call of the actor has ended."""
        with self._changed:
            member.busy -= 1
            self._changed.notify_all()

    def lose(self, member: Member) -> None:
        """Say that the actor was lost in a call: it gets no more until Ray has restarted it."""
        with self._changed:
            member.busy -= 1
            if member.ready:
                member.ready = False
                self._ask_place(self._members.index(member), member)

    def actors(self) -> list[Any]:
        """Return the handles of all actors."""
        with self._changed:
            return [member.actor for member in self._members]

    def close(self) -> None:
        """Let nobody wait for an actor any more. Ray ends the process of whoever calls it after its shutdown,
        so the watcher is waited for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._watcher.join()

    def _ask_place(self, number: int, member: Member) -> None:
        reference = member.actor.describe.options(concurrency_group="control").remote()
        self._waiting[reference] = number, member

    def _watch(self) -> None:
        """Wait for actors to say where they are, until the group is closed."""
        import ray

        while not self._closed:
            with self._changed:
                open_ = list(self._waiting)
            if not open_:
                time.sleep(_TICK_S)
                continue
            done, _ = ray.wait(open_, timeout=_TICK_S)
            for reference in done:
                self._hear(reference)

    def _hear(self, reference: Any) -> None:
        import ray

        with self._changed:
            number, member = self._waiting.pop(reference)
        try:
            member.place, failed = ray.get(reference)
        except ray.exceptions.RuntimeEnvSetupError as error:
            failed = EngineFailedError(
                f"The packages of {self.name} cannot be set up on the cluster: {_first_line(error)}.",
                hint="Correct runtime_env in [execution.engines] of your settings.",
            )
        except ray.exceptions.ActorDiedError:
            self._replace(number, member)
            return
        except ray.exceptions.RayError:
            time.sleep(_AGAIN_S)  # Ray is restarting it
            with self._changed:
                self._ask_place(number, member)
            return
        with self._changed:
            self._failed = self._failed or failed
            member.ready = failed is None
            self._changed.notify_all()

    def _replace(self, number: int, member: Member) -> None:
        """Start another actor for one that Ray has given up."""
        time.sleep(_AGAIN_S)
        with self._changed:
            if not self._closed:
                member.actor = self._create(number)
                self._ask_place(number, member)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
