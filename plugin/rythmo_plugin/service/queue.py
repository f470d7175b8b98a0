"""The queue: jobs that are kept whatever happens, and the lanes in which workers do them.

Four lanes, each with one worker process: `heavy` for whole dubs, faces and lips (one at a time on this
machine's device),
`take` for single takes, which a person waits for, `light` for mixing, delivering and measuring, and `fetch`
for downloads of models. A job that was running when the service ended is taken up again; what it had made
is found in the project's cache.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from rythmo.errors import RythmoError
from rythmo.script.model import Script
from rythmo_plugin.service import job_progress, schema
from rythmo_plugin.service.api_errors import ApiError, not_found
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.database import Database
from rythmo_plugin.service.events import EventLog
from rythmo_plugin.service.job_records import JobRecords
from rythmo_plugin.service.job_states import LANES, OPEN, fail_job
from rythmo_plugin.service.service_file import make_private_folder
from rythmo_plugin.service.worker_process import WorkerProcess
from rythmo_plugin.service.worker_protocol import Order

_MIXING = ("remake", "deliver", "conform", "send", "lips")
_ONE_AT_A_TIME = (*_MIXING, "qc", "faces")
"""Of one project: they write its deliveries, or read what another one is writing."""
_MOST_CRASHES = 3
_STOP_SECONDS = 20.0
_KEPT_JOBS = 500
_SEE_LOG = "The service's log says more."
_log = logging.getLogger("rythmo.service")


class Outcomes(Protocol):
    """What the queue calls when a job begins, and when its worker sends a message."""

    def order(self, job: schema.Job) -> Order:
        """Return the worker's order for a job. Raises RythmoError when it cannot be done."""

    def heard(self, job: schema.Job, message: dict[str, Any]) -> None:
        """Take any other message of the worker about a job."""

    def done(self, job: schema.Job, result: dict[str, Any]) -> tuple[schema.JobResult, list[str]]:
        """Take in the worker's result, and return the job's result with notes. Raises RythmoError."""

    def ended(self, job: schema.Job) -> None:
        """Clean up after a job, however it ended."""


@dataclass
class _Lane:
    name: str
    link: WorkerProcess | None = None
    job: str | None = None
    order: Order | None = None
    warmed: str = ""
    stopping: set[str] = field(default_factory=set)


class JobQueue:
    """The jobs and the workers that run them, one worker for each lane. Thread-safe.

    `start` resumes unfinished jobs, `close` lets the workers end.
    """

    def __init__(self, settings: ServiceSettings, database: Database, events: EventLog) -> None:
        self._settings = settings
        self._database = database
        self._events = events
        self._lock = threading.RLock()
        self._jobs: dict[str, schema.Job] = {}
        self._not_before: dict[str, float] = {}
        self._told: dict[str, tuple[Any, float]] = {}
        self._lanes = {name: _Lane(name) for name in LANES}
        self._outcomes: Outcomes | None = None
        self._closed = False
        self._records = JobRecords(database)

    def start(self, outcomes: Outcomes) -> None:
        """Start work. Jobs that were running are queued again, ahead of others of the same priority."""
        self._outcomes = outcomes
        self._records.forget(_KEPT_JOBS)
        with self._lock:
            for job in self._database.jobs():
                self._jobs[job.id] = replace(job, state="queued") if job.state == "running" else job
            self._dispatch()

    def close(self) -> None:
        """Start no more jobs. Workers finish the remote calls under way and end."""
        with self._lock:
            self._closed = True
            for lane in self._lanes.values():
                if lane.link is not None:
                    lane.link.close()
        self._records.close()

    def warm(self, project: str, script: Script) -> None:
        """Start the worker for takes before its first order, and let it load a project that was opened."""
        lane = self._lanes["take"]
        with self._lock:
            if self._closed or lane.job is not None or (lane.link is not None and lane.warmed == project):
                return
            link = self._linked(lane)
            lane.warmed = project
        link.send(Order(job="", craft="warm", project=project, script=script))

    def submit(self, job: schema.Job, *, key: str | None = None, wait_seconds: float = 0.0) -> schema.Job:
        """Store a job, and run it in its turn, at the earliest `wait_seconds` from now.

        Returns the job, or the earlier one that already has this `key`.
        """
        job = replace(job, stages=job_progress.initial_stages(job.kind, job.spec))
        with self._lock:
            kept = self._records.add(job, key)
            if kept.id != job.id:
                return self._jobs.get(kept.id, kept)
            self._jobs[job.id] = job
            if wait_seconds:
                self._put_off(job.id, wait_seconds)
            self._tell(job)
            self._dispatch()
            return self._jobs[job.id]

    def put_off(self, job: str, seconds: float) -> None:
        """Delay a queued job by this long from now."""
        with self._lock:
            self._put_off(job, seconds)

    def all(self) -> list[schema.Job]:
        """Return all jobs, newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def get(self, job: str) -> schema.Job:
        """Return a job. Raises ApiError (404)."""
        with self._lock:
            if job not in self._jobs:
                raise not_found("job", job)
            return self._jobs[job]

    def open_jobs(self, project: str) -> list[schema.Job]:
        """Return a project's queued and running jobs."""
        with self._lock:
            return [job for job in self._jobs.values() if job.project == project and job.state in OPEN]

    def cancel(self, job_id: str) -> schema.Job:
        """Cancel a job. A finished job stays as it is."""
        with self._lock:
            job = self.get(job_id)
            if job.state == "queued":
                self._put(replace(job, state="cancelled", finished=time.time(), seconds_left=None))
                self._dispatch()
            for lane in self._lanes.values():
                if lane.job == job_id and lane.link is not None and job_id not in lane.stopping:
                    lane.stopping.add(job_id)
                    lane.link.cancel(job_id)
                    self._later(_STOP_SECONDS, partial(self._force, lane, job_id))
            return self._jobs[job_id]

    def retry(self, job_id: str) -> schema.Job:
        """Queue a failed or cancelled job again. Its finished work is reused. Raises ApiError (409)."""
        with self._lock:
            job = self.get(job_id)
            if job.state not in ("failed", "cancelled"):
                raise ApiError(
                    409,
                    "state",
                    f"The job is {job.state}.",
                    hint="Only a failed or cancelled job can be retried.",
                )
            fresh = schema.Job(
                id=job.id,
                kind=job.kind,
                state="queued",
                project=job.project,
                created=job.created,
                priority=job.priority,
                spec=job.spec,
                stages=job_progress.initial_stages(job.kind, job.spec),
            )
            self._put(fresh)
            self._dispatch()
            return self._jobs[job_id]

    def prioritise(self, job_id: str, priority: int) -> schema.Job:
        """Change a job's priority: the higher, the earlier it starts."""
        with self._lock:
            self._put(replace(self.get(job_id), priority=priority))
            self._dispatch()
            return self._jobs[job_id]

    # Beginning

    def _dispatch(self) -> None:
        if self._closed or self._outcomes is None:
            return
        for lane in self._lanes.values():
            while lane.job is None and (job := self._next(lane)) is not None:
                self._begin(lane, job)

    def _next(self, lane: _Lane) -> schema.Job | None:
        now = time.monotonic()
        ready = [
            job
            for job in self._jobs.values()
            if job.state == "queued"
            and job.kind in LANES[lane.name]
            and self._not_before.get(job.id, 0.0) <= now
            and not self._in_the_way(job)
        ]
        # Jobs that were running before a restart go first, then the oldest (`_jobs` is in order of age).
        ready.sort(key=lambda job: (-job.priority, job.started is None))
        return ready[0] if ready else None

    def _in_the_way(self, job: schema.Job) -> bool:
        """Return whether another job must end first: a dub needs its project alone, a mix waits for takes."""
        if job.project is None:
            return False
        others = [one for one in self.open_jobs(job.project) if one.id != job.id]
        running = [one for one in others if one.state == "running"]
        if job.kind in ("dub", "language"):
            return bool(running)
        if any(one.kind in ("dub", "language") for one in running):
            return True
        if job.kind in _ONE_AT_A_TIME and any(one.kind in _ONE_AT_A_TIME for one in running):
            return True
        return job.kind in _MIXING and any(one.kind == "take" for one in others)

    def _begin(self, lane: _Lane, job: schema.Job) -> None:
        assert self._outcomes is not None
        try:
            order = self._outcomes.order(job)
        except RythmoError as error:
            self._put(fail_job(job, error.message, error.hint))
            return
        except (msgspec.MsgspecError, OSError) as error:
            # The job's record is damaged, or a drive is missing.
            self._put(fail_job(job, f"This job cannot start: {error}.", "Start a new one."))
            return
        self._not_before.pop(job.id, None)
        lane.job, lane.order = job.id, order
        self._put(replace(job, state="running", started=job.started or time.time(), error=None))
        try:
            self._linked(lane).send(order)
        except OSError as error:
            # The process could not start, or its log could not be written.
            self._free(lane)
            self._end(job)
            self._put(fail_job(job, f"The worker cannot start: {error.strerror or error}.", _SEE_LOG))

    def _linked(self, lane: _Lane) -> WorkerProcess:
        if lane.link is None:
            home = make_private_folder(self._settings.home)
            link = WorkerProcess(
                self._settings.worker,
                lock=home / f"worker-{lane.name}.lock",
                log=home / "logs" / f"worker-{lane.name}.log",
                heard=lambda message: self._heard(lane, message),
                gone=lambda: self._gone(lane, link),
            )
            lane.link = link
        return lane.link

    # What workers say

    def _heard(self, lane: _Lane, message: dict[str, Any]) -> None:
        kind, job_id = message["event"], message.get("job")
        with self._lock:
            job = self._jobs.get(job_id or "")
            # While the service ends, stored jobs stay "running": the next service resumes them.
            if job is None or lane.job != job_id or self._closed:
                return
        if kind == "progress":
            self._moved(job.id, message["progress"])
        if kind in ("done", "failed", "cancelled"):
            self._over(lane, job, message)
        elif self._outcomes is not None:
            self._outcomes.heard(job, message)

    def _moved(self, job_id: str, step: dict[str, Any]) -> None:
        with self._lock:
            job = self._jobs[job_id]
            if step.get("placement"):
                moved = job_progress.move_place(job, step["stage"], step["placement"])
            else:
                moved = job_progress.advance_job(
                    job, step["stage"], step["done"], step["total"], step.get("detail", "")
                )
            moved = job_progress.count_found(moved, step["stage"], len(step["lines"]), len(step["speakers"]))
            moved = job_progress.add_cost(moved, step.get("cost"))
            self._jobs[job_id] = moved
            what, now = job_progress.progress_key(moved), time.monotonic()
            before, saved = self._told.get(job_id, (None, 0.0))
            if what == before:
                return
            if now - saved > 1.0:
                self._records.save(moved)
                saved = now
            self._told[job_id] = (what, saved)
            self._tell(moved)

    def _over(self, lane: _Lane, job: schema.Job, message: dict[str, Any]) -> None:
        """End a job on its worker's word. The result is taken in before clients see "done"."""
        assert self._outcomes is not None
        result: tuple[schema.JobResult, list[str]] | None = None
        error = (message.get("message", ""), message.get("hint", ""))
        if message["event"] == "done":
            try:
                result = self._outcomes.done(job, message["result"])
            except RythmoError as failure:
                error = (failure.message, failure.hint)
            except Exception:  # noqa: BLE001 - process border: whatever it was, the lane goes on
                _log.exception("the result of job %s cannot be taken in", job.id)
                error = ("The result could not be stored because of a defect in Rythmo.", _SEE_LOG)
        self._end(job)
        with self._lock:
            job = job_progress.add_cost(self._jobs[job.id], (message.get("result") or {}).get("cost"))
            self._free(lane)
            if result is not None:
                self._put(job_progress.finish_job(job, *result))
            elif message["event"] == "cancelled":
                self._put(replace(job, state="cancelled", finished=time.time(), seconds_left=None))
            else:
                self._put(fail_job(job, *error))
            self._dispatch()

    def _gone(self, lane: _Lane, link: WorkerProcess) -> None:
        """Handle the end of a worker. If it had a job, it crashed, and the job is retried a few times."""
        with self._lock:
            if lane.link is not link:
                return
            lane.link = None
            job = self._jobs.get(lane.job or "")
            if job is None or self._closed:
                return
            stopped = job.id in lane.stopping
            self._free(lane)
        self._end(job)
        with self._lock:
            job = self._jobs[job.id]
            if stopped:
                self._put(replace(job, state="cancelled", finished=time.time(), seconds_left=None))
            elif self._records.count_crash(job.id) >= _MOST_CRASHES:
                hint = f"The worker's log is in {self._settings.home / 'logs'}."
                self._put(fail_job(job, "The worker process crashed three times on this job.", hint))
            else:
                _log.warning("the worker of job %s ended; it is tried again", job.id)
                self._put(replace(job, state="queued"))
            self._dispatch()

    def _end(self, job: schema.Job) -> None:
        """Release what the job holds; an error there must not stop the lane."""
        try:
            if self._outcomes is not None:
                self._outcomes.ended(job)
        except Exception:  # noqa: BLE001 - process border: as above
            _log.exception("the end of job %s", job.id)

    def _free(self, lane: _Lane) -> None:
        if lane.job is not None:
            lane.stopping.discard(lane.job)
            self._told.pop(lane.job, None)
        lane.job, lane.order = None, None

    def _force(self, lane: _Lane, job_id: str) -> None:
        with self._lock:
            if lane.job == job_id and lane.link is not None:
                lane.link.kill()

    # Keeping and telling

    def _put(self, job: schema.Job) -> None:
        self._jobs[job.id] = job
        self._records.save(job)
        self._tell(job)

    def _tell(self, job: schema.Job) -> None:
        self._events.tell("job", msgspec.to_builtins(job), job=job.id, project=job.project)

    def _put_off(self, job: str, seconds: float) -> None:
        self._not_before[job] = time.monotonic() + seconds
        self._later(seconds + 0.01, self._wake)

    def _wake(self) -> None:
        with self._lock:
            self._dispatch()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, call)
        timer.daemon = True
        timer.start()
