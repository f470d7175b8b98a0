"""Store jobs in the database, and retry writes that fail: a full disk must not stop a lane.

An unwritten job is lost only if the service ends before the disk has room again.
"""

from __future__ import annotations

import logging
import threading

from rythmo.errors import OutputError
from rythmo_plugin.service import schema
from rythmo_plugin.service.database import Database

_AGAIN_SECONDS = 1.0
_MANY_CRASHES = 1000
_log = logging.getLogger("rythmo.service")


class JobRecords:
    """The jobs in the database, written as soon as the disk allows. Thread-safe; raises no OutputError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._waiting: dict[str, tuple[schema.Job, str | None]] = {}
        self._timer: threading.Timer | None = None
        self._closed = False

    def add(self, job: schema.Job, key: str | None) -> schema.Job:
        """Store a new job and return it, or return the job that already has this key."""
        try:
            return self._database.add_job(job, key)
        except OutputError as error:
            self._put_off(job, key, error)
            return job

    def save(self, job: schema.Job) -> None:
        """Store a job's present state."""
        with self._lock:
            if job.id in self._waiting:
                self._waiting[job.id] = (job, self._waiting[job.id][1])
                return
        try:
            self._database.save_job(job)
        except OutputError as error:
            self._put_off(job, None, error)

    def count_crash(self, job_id: str) -> int:
        """Count one more crash of the job's worker, and return the number of crashes."""
        try:
            return self._database.count_crash(job_id)
        except OutputError:
            return _MANY_CRASHES  # a crash that cannot be counted would be retried for ever

    def forget(self, keep: int) -> None:
        """Delete finished jobs, except among the newest `keep` jobs, if the disk allows it."""
        try:
            self._database.forget_jobs(keep)
        except OutputError as error:
            _log.warning("old jobs stay in the records: %s", error.message)

    def close(self) -> None:
        """Try once more to write what is waiting."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
        self._try_again()

    def _put_off(self, job: schema.Job, key: str | None, error: OutputError) -> None:
        _log.warning("job %s cannot be written down yet: %s", job.id, error.message)
        with self._lock:
            self._waiting[job.id] = (job, key)
            if self._timer is None and not self._closed:
                self._timer = threading.Timer(_AGAIN_SECONDS, self._try_again)
                self._timer.daemon = True
                self._timer.start()

    def _try_again(self) -> None:
        with self._lock:
            waiting, self._waiting, self._timer = self._waiting, {}, None
        for job, key in waiting.values():
            try:
                self._database.add_job(job, key)
                self._database.save_job(job)
            except OutputError as error:
                self._put_off(job, key, error)
