"""Write jobs down, and try again where the disk refuses: a full disk must stop no lane.

What is not written down is lost only when the service ends before there is room again.
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
    """The jobs in the database, as far as the disk allows. Safe over threads; raises no OutputError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._waiting: dict[str, tuple[schema.Job, str | None]] = {}
        self._timer: threading.Timer | None = None
        self._closed = False

    def add(self, job: schema.Job, key: str | None) -> schema.Job:
        """Keep a new job; when one has that key already, that one is given instead."""
        try:
            return self._database.add_job(job, key)
        except OutputError as error:
            self._put_off(job, key, error)
            return job

    def save(self, job: schema.Job) -> None:
        """Keep a job's present state."""
        with self._lock:
            if job.id in self._waiting:
                self._waiting[job.id] = (job, self._waiting[job.id][1])
                return
        try:
            self._database.save_job(job)
        except OutputError as error:
            self._put_off(job, None, error)

    def count_crash(self, job_id: str) -> int:
        """One more crash of the process that worked on it; how many there were."""
        try:
            return self._database.count_crash(job_id)
        except OutputError:
            return _MANY_CRASHES  # uncounted, it would be tried for ever

    def forget(self, keep: int) -> None:
        """Drop the oldest finished jobs beyond `keep`, if the disk allows it now."""
        try:
            self._database.forget_jobs(keep)
        except OutputError as error:
            _log.warning("old jobs stay in the records: %s", error.message)

    def close(self) -> None:
        """Try a last time."""
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
