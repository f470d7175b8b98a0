"""Undo and redo, stored in the project's `project.db` so that they survive a restart.

An entry holds what an edit replaced: the changed lines and the speakers, or the whole script if lines were
added or removed. Undo restores that and stores what it replaced in turn, for redo. Takes are never undone: a
restored line keeps the takes made since.

The journal mode is not WAL: the file may be on a network drive, where WAL does not work.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from rythmo.errors import OutputError
from rythmo.script import store
from rythmo.script.checks import find_fault
from rythmo.script.model import Line, Script, Speaker
from rythmo_plugin.service.script_merge import merge_takes
from rythmo_plugin.service.sqlite_files import is_damaged, limit_time, set_aside, sqlite_error

_SCHEMA = """
CREATE TABLE IF NOT EXISTS edits (
    number INTEGER PRIMARY KEY, undone INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
"""
_TABLES = frozenset({"edits", "facts"})
_KEPT = 500
_MOST_SECONDS = 10.0
_log = logging.getLogger("rythmo.service")


class UndoState(msgspec.Struct, frozen=True):
    """What undo or redo restores: some lines and the speakers, or a whole script."""

    lines: tuple[Line, ...] = ()
    speakers: tuple[Speaker, ...] | None = None
    script: Script | None = None


class History:
    """The history of one project. Raises OutputError when its file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked = False

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction. A damaged or foreign file is set aside: only undo is lost with it."""
        if not self._looked and is_damaged(self._path, _TABLES):
            aside = set_aside(self._path)
            _log.warning("%s was damaged and is now %s: nothing can be undone", self._path, aside.name)
        self._looked = True
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None, timeout=10)) as connection:
                limit_time(connection, _MOST_SECONDS)
                connection.execute("PRAGMA trusted_schema=OFF")
                connection.execute("PRAGMA synchronous=FULL")
                connection.executescript(_SCHEMA)
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._looked = False
            raise sqlite_error(self._path, error, "Move it away: it only holds undo.") from error

    def facts(self) -> dict[str, int]:
        """Return the stored numbers.

        `revision` is the script's revision, `made` the one that the stems were mixed from, and `edited` the
        time of the last edit in Unix milliseconds.
        """
        with suppress(OutputError), self._open() as connection:
            return dict(connection.execute("SELECT name, value FROM facts").fetchall())
        return {}  # a project on a read-only disk can still be viewed

    def keep(self, **facts: int) -> None:
        """Store some of these numbers."""
        with self._open() as connection:
            _store_facts(connection, facts)

    def able(self) -> tuple[bool, bool]:
        """Return whether there is something to undo, and something to redo."""
        counts: dict[int, int] = {}
        with suppress(OutputError), self._open() as connection:
            counts = dict(connection.execute("SELECT undone, count(*) FROM edits GROUP BY undone").fetchall())
        return counts.get(0, 0) > 0, counts.get(1, 0) > 0

    def push(self, before: Script, after: Script, revision: int) -> None:
        """Store what an edit replaced. Undone edits can no longer be redone."""
        with self._open() as connection:
            connection.execute("DELETE FROM edits WHERE undone")
            connection.execute(
                "INSERT INTO edits (undone, state) VALUES (0, ?)",
                (store.encode_json(find_difference(before, after)),),
            )
            connection.execute(
                "DELETE FROM edits WHERE number <= (SELECT max(number) FROM edits) - ?", (_KEPT,)
            )
            _store_facts(connection, {"revision": revision, "edited": _now()})

    def take_back(self) -> None:
        """Delete the last entry, because its edit could not be saved."""
        with self._open() as connection:
            connection.execute("DELETE FROM edits WHERE number = (SELECT max(number) FROM edits)")

    def step(self, script: Script, revision: int, *, redo: bool) -> Script | None:
        """Return the script one edit back (with `redo`: forward), or None if there is no such edit."""
        which = "min(number)" if redo else "max(number)"
        query = f"SELECT number, state FROM edits WHERE number = (SELECT {which} FROM edits WHERE undone = ?)"  # noqa: S608 - of two constants
        with self._open() as connection:
            found = connection.execute(query, (int(redo),)).fetchone()
            if found is None:
                return None
            back = _restore_checked(script, found[1])
            if back is None:
                connection.execute("DELETE FROM edits WHERE number = ?", (found[0],))
                return None
            connection.execute(
                "UPDATE edits SET undone = ?, state = ? WHERE number = ?",
                (int(not redo), store.encode_json(find_difference(script, back)), found[0]),
            )
            _store_facts(connection, {"revision": revision, "edited": _now()})
        return back


def _restore_checked(script: Script, data: bytes) -> Script | None:
    """Return the script with a stored state restored, or None if the result would be invalid."""
    try:
        back = restore_state(script, store.decode_json(data, UndoState))
    except (msgspec.MsgspecError, TypeError):
        return None
    return None if find_fault(back) else back


def _now() -> int:
    return int(time.time() * 1000)


def _store_facts(connection: sqlite3.Connection, facts: dict[str, int]) -> None:
    connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())


def find_difference(before: Script, after: Script) -> UndoState:
    """Return what must be restored to get from `after` to `before`. Pure."""
    old, new = ({line.id: line for line in script.lines} for script in (before, after))
    whole = ("programme", "dialogue", "left_speech")
    if old.keys() != new.keys() or any(getattr(before, name) != getattr(after, name) for name in whole):
        return UndoState(script=before)
    lines = tuple(line for line in before.lines if line != new[line.id])
    return UndoState(lines, before.speakers if before.speakers != after.speakers else None)


def restore_state(script: Script, state: UndoState) -> Script:
    """Return the script with the state restored and all takes kept. Pure."""
    now = {line.id: line for line in script.lines}

    def with_takes(line: Line) -> Line:
        known = now.get(line.id)
        return replace(line, takes=merge_takes(line.takes, known.takes)) if known else line

    if state.script is not None:
        return state.script.map_lines(with_takes)
    back = {line.id: with_takes(line) for line in state.lines}
    changed = script.map_lines(lambda line: back.get(line.id, line))
    return changed if state.speakers is None else replace(changed, speakers=state.speakers)
