"""Open small SQLite files safely: they may be damaged, or come with somebody else's project."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path

from rythmo.errors import OutputError
from rythmo.files import make_disk_full_error, make_printable

_LOOK_SECONDS = 2.0
_STEPS = 10_000
_BESIDE = ("-journal", "-wal", "-shm")


def is_damaged(path: Path, tables: Collection[str]) -> bool:
    """Return whether the file is anything but a sound database with these tables only.

    A view or a trigger would run with the first query, so the schema is checked before. A file that is
    missing or cannot be opened now does not count as damaged.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return False
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            limit_time(connection, _LOOK_SECONDS)
            connection.execute("PRAGMA trusted_schema=OFF")
            rows = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
            if any(kind not in ("table", "index") or of not in tables for kind, _, of in rows):
                return True
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
    except sqlite3.OperationalError as error:
        # A disk that is read-only or full, or a lock, is no damage; a query that does not end is.
        return "interrupted" in str(error) or "malformed" in str(error)
    except (sqlite3.DatabaseError, UnicodeDecodeError, TypeError, ValueError):
        return True


def limit_time(connection: sqlite3.Connection, seconds: float) -> None:
    """Make queries of the connection raise OperationalError after that time from now."""
    until = time.monotonic() + seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)


def set_aside(path: Path) -> Path:
    """Rename a damaged database, delete its journals, and return its new path. Raises OutputError."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        path.rename(aside)
        for suffix in _BESIDE:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).unlink()
    except OSError as error:
        raise OutputError(
            f"{make_printable(path)} is damaged and cannot be moved away: {error.strerror}.",
            hint="Check who may write to its folder.",
        ) from error
    return aside


def sqlite_error(path: Path, error: Exception, hint: str) -> OutputError:
    """Turn an error of SQLite into an OutputError."""
    if "full" in str(error):
        return make_disk_full_error(path)
    return OutputError(f"{make_printable(path)} cannot be used: {error}.", hint=hint)
