"""Run calls on the machines of a Ray cluster.

Each local engine runs in actors that keep it loaded, with the share of a GPU, the memory and the packages
that its group asks for. Engines at a service need no machine: one actor beside the driver calls them and
outlives it, so that an answer that is on its way when the driver dies is stored, and found by the next run.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from rythmo.engines.base import EngineInfo
from rythmo.errors import EngineFailedError, EngineMissingError
from rythmo.execution.calls import Answer, EngineCall, Session
from rythmo.execution.groups import CALLS, SHARED, Needs, count_workers, group_of, needs_of
from rythmo.execution.key_handover import KeyHandover
from rythmo.execution.packing import Roots, pack, unpack
from rythmo.execution.processes import tell_place
from rythmo.execution.ray_group import Group, Member
from rythmo.execution.ray_worker import RayWorker
from rythmo.progress import CancelToken, Report
from rythmo.settings import ExecutionSettings

T = TypeVar("T")
NAMESPACE = "rythmo"
_TRIES = 5
_POLL_S = 2.0
_CANCEL_S = 5.0
_CLOSE_S = 30.0
_CALL_THREADS = 64
_log = logging.getLogger(__name__)


class RayExecutor:
    """Actors on a Ray cluster, started when there is work for their group.

    Args:
        settings: The cluster's address, and what the groups need.
        open_session: Opens the session of a worker on any machine.
        open_calls: Opens the session of the process beside the driver that calls services.
        roots: The folders whose paths travel.
        identity: What identifies the job and its settings: the process that calls services is found again
            by it.
    """

    name = "ray"

    def __init__(
        self,
        settings: ExecutionSettings,
        open_session: Callable[[], Session],
        open_calls: Callable[[], Session],
        roots: Roots,
        identity: str,
    ) -> None:
        self._settings, self._roots = settings, roots
        self._sessions: Mapping[str, Callable[[], Session]] = {CALLS: open_calls}
        self._open = open_session
        self._identity = hashlib.sha256(identity.encode()).hexdigest()[:16]
        self._lock = threading.Lock()
        self._groups: dict[str, Group] = {}
        self._keys: KeyHandover | None = None
        self._ours = _connect(settings.address)
        self._ray = _load_ray()
        self._actor = self._ray.remote(concurrency_groups={"control": 4})(RayWorker)

    def takes(self, info: EngineInfo) -> bool:  # noqa: ARG002 - a cluster takes all engines
        """Every engine's calls go to the cluster."""
        return True

    def lanes(self, info: EngineInfo) -> int:
        """Return the number of actors of the engine's group; Ray may still be starting some."""
        return self._group(info).count

    def run(self, call: EngineCall[T], *, report: Report, cancel: CancelToken) -> Answer[T]:
        """Run the call on an actor that is ready; when it is lost, on another one.

        Raises CancelledError, and EngineFailedError when actors were lost again and again.
        """
        group, packed = self._group(call.info), pack(call, self._roots)
        lost: list[str] = []
        while len(lost) < _TRIES:
            member = group.take(call.affinity, cancel)
            tell_place(report, call, member.place, running=True)
            try:
                answer = self._ask(member, call, packed, report, cancel)
            except self._ray.exceptions.RayTaskError as error:
                group.give_back(member)
                raise _could_not_begin(call, member.place, error) from error
            except self._ray.exceptions.RayError as error:
                group.lose(member)
                lost.append(member.place)
                _log.warning(
                    "%s was lost while it worked on %s: %s", member.place, call.part, _first_line(error)
                )
                continue
            except BaseException:
                group.give_back(member)
                raise
            group.give_back(member)
            tell_place(report, call, member.place, running=False)
            found: Answer[T] = unpack(answer, self._roots)
            return found
        raise EngineFailedError(
            f"{call.info.name} lost its worker {_TRIES} times while it worked on {call.part} "
            f"({'; '.join(lost)}).",
            hint="It may need more memory (memory_gb), or machines fail: see `ray status` and Ray's logs.",
        )

    def _ask(
        self, member: Member, call: EngineCall[Any], packed: bytes, report: Report, cancel: CancelToken
    ) -> bytes:
        """Send the call to an actor and wait, passing on its progress. Ray's errors are passed on too."""
        ray, actor, key = self._ray, member.actor, call.key
        reference = actor.run.remote(key, packed)
        while True:
            end = time.monotonic() + _POLL_S
            while time.monotonic() < end and not cancel.is_cancelled:
                if ray.wait([reference], timeout=_POLL_S / 10)[0]:
                    answer: bytes = ray.get(reference)
                    return answer
            control = actor.stop if cancel.is_cancelled else actor.take_progress
            beside = control.options(concurrency_group="control").remote(key)
            if cancel.is_cancelled:
                ray.wait([reference], timeout=_CANCEL_S)
                cancel.check()
            for event in ray.get(beside, timeout=_CLOSE_S):
                report(event)

    def _group(self, info: EngineInfo) -> Group:
        name = group_of(info, self._settings)
        with self._lock:
            if name not in self._groups:
                self._groups[name] = self._start_group(name)
            return self._groups[name]

    def _start_group(self, name: str) -> Group:
        needs = needs_of(name, self._settings)
        machines = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        own = len({*self._settings.engines, SHARED})
        count = count_workers(needs, machines, own)
        slots = _CALL_THREADS if name == CALLS else 1
        create = self._create_caller if name == CALLS else partial(self._create, name, needs)
        group = Group(name, count, slots, create, _describe(needs))
        group.start()
        return group

    def _create(self, name: str, needs: Needs, number: int) -> Any:  # noqa: ARG002 - actors are alike
        """Start an actor. Ray chooses the machine, and restarts the actor when it or its machine is lost."""
        options: dict[str, Any] = {
            "num_cpus": needs.cpus,
            "max_restarts": -1,
            "max_concurrency": 1,
            "scheduling_strategy": "SPREAD",
        }
        if needs.gpus:
            options["num_gpus"] = needs.gpus
        if needs.memory:
            options["memory"] = needs.memory
        if needs.runtime_env:
            options["runtime_env"] = dict(needs.runtime_env)
        return self._actor.options(**options).remote(partial(_open_on_node, self._open))

    def _create_caller(self, number: int) -> Any:  # noqa: ARG002 - there is one
        """Return the process beside the driver that calls services: an earlier run's, or a new one."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = self._ray.get_runtime_context().get_node_id()
        options = {
            "name": f"rythmo-calls-{self._identity}",
            "namespace": NAMESPACE,
            "lifetime": "detached",
            "get_if_exists": True,
            "num_cpus": 0,
            "max_concurrency": _CALL_THREADS,
            "scheduling_strategy": NodeAffinitySchedulingStrategy(here, soft=False),
        }
        if self._keys is None:
            self._keys = KeyHandover()
        opened = partial(_open_on_node, self._sessions[CALLS])
        return self._actor.options(**options).remote(opened, self._keys.ticket, detached=True)

    def release(self) -> None:
        """End the actors that hold a machine, so that another film can use it."""
        with self._lock:
            groups = {name: group for name, group in self._groups.items() if name != CALLS}
            for name in groups:
                del self._groups[name]
        self._end(groups)

    def close(self) -> None:
        """End the actors of this job. Requests to services that are under way are waited for and stored."""
        with self._lock:
            groups, self._groups = self._groups, {}
        self._end(groups)
        if self._keys is not None:
            self._keys.close()
        if self._ours:
            self._ray.shutdown()

    def _end(self, groups: Mapping[str, Group]) -> None:
        for name, group in groups.items():
            group.close()
            for actor in group.actors():
                with suppress(self._ray.exceptions.RayError):
                    if name == CALLS:
                        self._ray.get(actor.close.remote(), timeout=_CLOSE_S)
                    self._ray.kill(actor)


def _open_on_node(open_session: Callable[[], Session]) -> Session:
    """Open a session in an actor; its place names the node too."""
    import ray

    session = open_session()
    session.place = f"{session.place}, node {ray.get_runtime_context().get_node_id()[:8]}"
    return session


def _load_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine unasked
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise EngineMissingError(
            "--executor ray needs the package ray.",
            hint="Get it with: pip install 'rythmo[ray]'. Ray has wheels for Linux, for macOS on Apple "
            "silicon and for Windows on AMD64. Elsewhere use --executor processes.",
        ) from error
    return ray


def _connect(address: str) -> bool:
    """Connect to the cluster, or start Ray on this machine. Return whether to shut it down at the end."""
    ray = _load_ray()
    if ray.is_initialized():
        return False
    options: dict[str, Any] = {"namespace": NAMESPACE, "log_to_driver": False, "logging_level": logging.ERROR}
    if not address:
        options |= {"include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    try:
        ray.init(address=address or "local", **options)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise EngineFailedError(
            f"No Ray cluster can be used at {address or 'this machine'}: {_first_line(error)}.",
            hint="`ray status` on its head says whether it runs. Ray and Python must have the same versions "
            "there.",
        ) from error
    return True


def _could_not_begin(call: EngineCall[Any], place: str, error: Any) -> EngineFailedError:
    """Return the error for a call that an actor cannot read: its modules are not those of the driver."""
    cause = error.cause if isinstance(error.cause, BaseException) else error
    failed = EngineFailedError(
        f"The worker could not begin {call.part} ({type(cause).__name__}: {_first_line(cause)}).",
        hint="Install the same versions of Rythmo and its packages on all machines.",
    )
    failed.place = place
    return failed


def _describe(needs: Needs) -> str:
    parts = [f"{needs.cpus:g} CPU", f"{needs.gpus:g} GPU" if needs.gpus else ""]
    parts.append(f"{needs.memory / 10**9:g} GB" if needs.memory else "")
    return ", ".join(part for part in parts if part)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
