"""Run calls in processes of this machine: one for each core or GPU.

A process that dies (out of memory, a crash in a library) is replaced, and its call is tried once more in the
new one. What it had finished lies in the cache.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from collections.abc import Sequence
from typing import Any, TypeVar

from rythmo.engines.base import EngineInfo
from rythmo.errors import CancelledError, EngineFailedError
from rythmo.execution.calls import Answer, EngineCall
from rythmo.execution.packing import Roots, pack, unpack
from rythmo.execution.worker_process import OpenSession, WorkerLostError, WorkerProcess
from rythmo.progress import CancelToken, Placement, Progress, Report
from rythmo.settings import ExecutionSettings

T = TypeVar("T")
_TICK_S = 0.2
_FAREWELL_S = 2.0
_TRIES = 2
_log = logging.getLogger(__name__)


def count_gpus() -> int:
    """Return the number of NVIDIA GPUs of this machine; 0 where there are none or nobody knows."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() not in {"", "-1"}])
    try:
        listed = subprocess.run(
            ["nvidia-smi", "-L"],  # noqa: S607 - found on the PATH, as its installer puts it there
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in listed.stdout.splitlines())


class ProcessExecutor:
    """Worker processes, started when there is work for them. Engines at a service stay in this process."""

    name = "processes"

    def __init__(self, open_session: OpenSession, count: int, roots: Roots) -> None:
        """Start nothing yet. Raises EngineFailedError for a session that cannot be sent to a process."""
        # What cannot be pickled is told before anything starts.
        pack(open_session, {})
        self._open, self._roots, self._count = open_session, roots, count
        self._changed = threading.Condition()
        self._idle: list[WorkerProcess] = []
        self._free = list(range(count))
        self._all: set[WorkerProcess] = set()
        self._closed = False

    def takes(self, info: EngineInfo) -> bool:
        """Local engines work in the processes; a service is asked from here, as waiting needs no core."""
        return info.local

    def lanes(self, info: EngineInfo) -> int:  # noqa: ARG002 - all engines share the processes
        """Return the number of processes."""
        return self._count

    def run(self, call: EngineCall[T], *, report: Report, cancel: CancelToken) -> Answer[T]:
        """Run the call in a free process. A process that dies is replaced once.

        Raises CancelledError, and EngineFailedError when the second process dies too.
        """
        packed = pack(call, self._roots)
        for number in range(1, _TRIES + 1):
            worker = self._take(call, cancel)
            try:
                tell_place(report, call, worker.place, running=True)
                answer = worker.ask(packed, report, cancel)
            except WorkerLostError as error:
                self._drop(worker)
                _log.warning("%s; %s on %s is tried again", error, call.info.name, call.part)
                if number == _TRIES:
                    raise _lost_again(call, str(error)) from error
            except BaseException:
                # Cancelled, it is in the middle of an answer that nobody will read.
                self._drop(worker)
                raise
            else:
                self._give_back(worker)
                tell_place(report, call, worker.place, running=False)
                found: Answer[T] = unpack(answer, self._roots)
                return found
        raise AssertionError("the last try returns or raises")

    def _take(self, call: EngineCall[Any], cancel: CancelToken) -> WorkerProcess:
        """Return an idle worker, if possible one that served this speaker last; start one if allowed."""
        with self._changed:
            while not (self._idle or self._free):
                cancel.check()
                self._changed.wait(_TICK_S)
            cancel.check()
            if self._closed:
                raise CancelledError("The work has ended.")
            if self._idle:
                same = [worker for worker in self._idle if call.affinity and worker.affinity == call.affinity]
                worker = same[0] if same else self._idle[-1]
                self._idle.remove(worker)
                worker.affinity = call.affinity
                return worker
            number = self._free.pop(0)
        try:
            worker = WorkerProcess(number, self._open, cancel)
        except BaseException:
            with self._changed:
                self._free.append(number)
                self._changed.notify()
            raise
        worker.affinity = call.affinity
        with self._changed:
            self._all.add(worker)
        return worker

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._changed:
            self._idle.append(worker)
            self._changed.notify()

    def _drop(self, worker: WorkerProcess) -> None:
        worker.kill()
        with self._changed:
            self._all.discard(worker)
            self._free.append(worker.number)
            self._changed.notify()

    def release(self) -> None:
        """Keep the processes: they hold what threads would hold, and quality control listens with them."""

    def close(self) -> None:
        """End all processes; a call that still runs fails."""
        with self._changed:
            self._closed = True
            workers, self._all = list(self._all), set()
            self._idle.clear()
        for worker in workers:
            worker.dismiss()
        for worker in workers:
            worker.kill(_FAREWELL_S)


def tell_place(report: Report, call: EngineCall[Any], place: str, *, running: bool) -> None:
    """Report that a call begins or ends at a place."""
    report(Progress(call.stage, 0.0, 1.0, placement=Placement(call.part, place, running)))


def _lost_again(call: EngineCall[Any], why: str) -> EngineFailedError:
    return EngineFailedError(
        f"{call.info.name} ended its process {_TRIES} times while it worked on {call.part} ({why}).",
        hint="It may need more memory: use fewer processes (--workers), or another engine.",
    )


def count_lanes(settings: ExecutionSettings) -> int:
    """Return how many workers the settings ask for; 0 for threads, and for a cluster that is not counted."""
    if settings.executor == "processes":
        return choose_count(settings.workers, count_gpus())
    return settings.workers if settings.executor == "ray" else 0


def choose_count(wanted: int, gpus: int) -> int:
    """Return the number of processes: as wanted, else one for each GPU, else one for each free core."""
    if wanted > 0:
        return wanted
    if gpus:
        return gpus
    affinity: Sequence[int] = list(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ()
    return max(1, len(affinity) or os.cpu_count() or 1)
