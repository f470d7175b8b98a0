"""The service's records in SQLite: jobs, opened folders, known projects.

The journal mode is WAL and synchronous is FULL, so that a state reported to a client is on the disk. (NORMAL
may lose the last commits in a power cut.) One connection behind a lock is enough: a commit takes less than a
millisecond.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from rythmo.project.sqlite_files import is_damaged, set_aside, sqlite_error
from rythmo_plugin.service import schema

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, key TEXT UNIQUE, state TEXT NOT NULL, priority INTEGER NOT NULL,
    number INTEGER NOT NULL, crashes INTEGER NOT NULL DEFAULT 0, data BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS folders (id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS projects (id TEXT PRIMARY KEY, root TEXT NOT NULL UNIQUE) STRICT;
"""
_VERSION = 1
_TABLES = frozenset({"jobs", "folders", "projects"})
_log = logging.getLogger("rythmo.service")


class Database:
    """The open database. Thread-safe. Raises OutputError when the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._path = path
        if is_damaged(path, _TABLES):
            aside = set_aside(path)
            _log.warning("%s was damaged and is now %s: folders must be opened again", path, aside.name)
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.execute("PRAGMA trusted_schema=OFF")
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)
            if self._connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                self._connection.execute(f"PRAGMA user_version={_VERSION}")
        except sqlite3.Error as error:
            raise sqlite_error(path, error, "Move it away; projects are not in it.") from error

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction. Raises OutputError, having changed nothing, when it cannot be written."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                raise sqlite_error(self._path, error, "The service goes on; free some space.") from error
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        # A commit that found the disk full has rolled back by itself in some cases.
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise sqlite_error(self._path, error, "Start the service again.") from error

    # Jobs

    def add_job(self, job: schema.Job, key: str | None) -> schema.Job:
        """Store a new job and return it, or return the job that already has this key."""
        with self._all_or_nothing() as connection:
            if key is not None:
                found = connection.execute("SELECT data FROM jobs WHERE key=?", (key,)).fetchone()
                if found is not None:
                    return _job(found[0])
            connection.execute(
                "INSERT OR IGNORE INTO jobs (id, key, state, priority, number, data)"
                " VALUES (?, ?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM jobs), ?)",
                (job.id, key, job.state, job.priority, msgspec.json.encode(job)),
            )
        return job

    def save_job(self, job: schema.Job) -> None:
        """Store a job's present state."""
        with self._all_or_nothing() as connection:
            connection.execute(
                "UPDATE jobs SET state=?, priority=?, data=? WHERE id=?",
                (job.state, job.priority, msgspec.json.encode(job), job.id),
            )

    def count_crash(self, job: str) -> int:
        """Count one more crash of the job's worker, and return the number of crashes."""
        with self._all_or_nothing() as connection:
            connection.execute("UPDATE jobs SET crashes = crashes + 1 WHERE id=?", (job,))
            return int(connection.execute("SELECT crashes FROM jobs WHERE id=?", (job,)).fetchone()[0])

    def jobs(self) -> list[schema.Job]:
        """Return all jobs, oldest first, without records that cannot be read."""
        found = []
        for (data,) in self._rows("SELECT data FROM jobs ORDER BY number"):
            try:
                found.append(_job(data))
            except (msgspec.MsgspecError, TypeError, UnicodeDecodeError, RecursionError):
                _log.warning("a job's record in %s cannot be read and is left out", self._path.name)
        return found

    def forget_jobs(self, keep: int) -> None:
        """Delete finished jobs, except among the newest `keep` jobs."""
        with self._all_or_nothing() as connection:
            connection.execute(
                "DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND number <="
                " (SELECT coalesce(max(number), 0) - ? FROM jobs)",
                (keep,),
            )

    # Folders and projects

    def folders(self) -> dict[str, str]:
        """Return the opened folders: id -> path."""
        return _paths(self._rows("SELECT id, path FROM folders ORDER BY path"))

    def add_folder(self, folder: str, path: str) -> None:
        """Store an opened folder."""
        with self._all_or_nothing() as connection:
            connection.execute("INSERT OR IGNORE INTO folders VALUES (?, ?)", (folder, path))

    def remove_folder(self, folder: str) -> bool:
        """Delete an opened folder, and return whether it existed."""
        with self._all_or_nothing() as connection:
            return connection.execute("DELETE FROM folders WHERE id=?", (folder,)).rowcount > 0

    def projects(self) -> dict[str, str]:
        """Return the known projects: id -> folder."""
        return _paths(self._rows("SELECT id, root FROM projects ORDER BY root"))

    def add_project(self, project: str, root: str) -> None:
        """Store a project."""
        with self._all_or_nothing() as connection:
            connection.execute("INSERT OR IGNORE INTO projects VALUES (?, ?)", (project, root))


def _paths(rows: list[Any]) -> dict[str, str]:
    """Return the rows that hold valid absolute paths; a damaged file may hold anything."""
    return {one: path for one, path in rows if Path(path).is_absolute() and "\0" not in path}


def _job(data: bytes) -> schema.Job:
    return msgspec.json.decode(data, type=schema.Job)
