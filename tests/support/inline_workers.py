"""Workers of a cluster within the process of a test: each has a cache of its own; they share a store."""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager
from functools import partial

from rythmo.dubbing import execution
from rythmo.execution.packing import pack, unpack
from rythmo.progress import Placement, Progress
from rythmo.project.shared_store import open_store
from rythmo.stages.worker_session import CACHE, WorkerPlan, WorkerSession


class InlineExecutor:
    """Hands calls to sessions in turn, packed as they would travel."""

    name = "inline"

    def __init__(self, plan, cache, lanes=2):
        self._roots, self.calls = {CACHE: cache}, []
        self._sessions = [(WorkerSession(plan), threading.Lock()) for _ in range(lanes)]
        self._next = itertools.cycle(self._sessions)
        self._lock = threading.Lock()

    def takes(self, info):
        return True

    def lanes(self, info):
        return len(self._sessions)

    def run(self, call, *, report, cancel):
        with self._lock:
            session, own = next(self._next)
            self.calls.append(call)
        with own:
            report(Progress(call.stage, 0.0, 1.0, placement=Placement(call.part, session.place, True)))
            packed = session.run(pack(call, self._roots), cancel=cancel, report=report)
        return unpack(packed, self._roots)

    def release(self):
        pass

    def close(self):
        for session, _ in self._sessions:
            session.close()


def opened(address, made: list[InlineExecutor]):
    """What stands in for `pipeline.open_execution`; `made` gets the executors."""

    @contextmanager
    def open_execution(project, settings, pool, cancel):
        plan = WorkerPlan(settings, pool.of_job, store=address, given=dict(pool.given))
        executor = InlineExecutor(plan, project.artefacts.root)
        made.append(executor)
        pool.describe = partial(execution._describe, executor, cancel)
        try:
            yield executor, open_store(address)
        finally:
            executor.close()

    return open_execution
