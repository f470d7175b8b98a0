"""Undo and redo, stored in the project's `project.db`: one history for the command line and the service.

An entry holds what an edit replaced: the changed lines and the speakers, or the whole script if lines were
added or removed. Undo restores that and stores what it replaced in turn, for redo.

The journal mode is not WAL: the file may be on a network drive, where WAL does not work.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from rythmo.errors import OutputError
from rythmo.project.sqlite_files import is_damaged, limit_time, set_aside, sqlite_error
from rythmo.script import store
from rythmo.script.checks import find_fault
from rythmo.script.model import Script
from rythmo.script.shared_original import keep_corrections
from rythmo.script.undo import UndoState, extend_state, find_difference, leave_to_others, restore_state

_SCHEMA = """
CREATE TABLE IF NOT EXISTS edits (
    number INTEGER PRIMARY KEY, undone INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
"""
_TABLES = frozenset({"edits", "facts"})
_KEPT = 500
_MOST_SECONDS = 10.0
_log = logging.getLogger(__name__)


_QUERY = """
SELECT number, state FROM edits WHERE number =
    (SELECT CASE ? WHEN 0 THEN max(number) ELSE min(number) END FROM edits WHERE undone = ?)
"""

_EARLIER = "SELECT state FROM edits WHERE undone = 0 AND number < ? ORDER BY number DESC LIMIT ?"
# Edits whose takes may still be under way when another is made.
_NEAR = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One step back or forward in the history.

    `script` is what it leads to, `what` says which edit it is about. `kept` is the number of the state that a
    conform was kept by: then undoing restores files.
    """

    number: int
    script: Script
    what: str
    kept: int | None
    redo: bool


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

    def push(
        self, before: Script, after: Script, revision: int, *, what: str = "", kept: int | None = None
    ) -> None:
        """Store what an edit replaced. Undone edits can no longer be redone.

        `what` says in words what the edit is; `kept` is the number of the state that a conform was kept by.
        """
        state = replace(find_difference(before, after), what=what, kept=kept)
        with self._open() as connection:
            connection.execute("DELETE FROM edits WHERE undone")
            connection.execute("INSERT INTO edits (undone, state) VALUES (0, ?)", (store.encode_json(state),))
            connection.execute(
                "DELETE FROM edits WHERE number <= (SELECT max(number) FROM edits) - ?", (_KEPT,)
            )
            _store_facts(connection, {"revision": revision, "edited": _now()})

    def extend(self, before: Script, after: Script) -> None:
        """Let the last edit's entry also undo what engines made of it: `before` became `after`."""
        with self._open() as connection:
            found = connection.execute(_QUERY, (0,) * 2).fetchone()
            state = _read_state(found[1]) if found else None
            if state is None:
                return
            rows = connection.execute(_EARLIER, (found[0], _NEAR)).fetchall()
            older = [earlier for row in rows if (earlier := _read_state(row[0]))]
            longer = extend_state(state, before, leave_to_others(state, older, before, after))
            if longer != state:
                connection.execute(
                    "UPDATE edits SET state = ? WHERE number = ?", (store.encode_json(longer), found[0])
                )

    def take_back(self) -> None:
        """Delete the last entry, because its edit could not be saved."""
        with self._open() as connection:
            connection.execute("DELETE FROM edits WHERE number = (SELECT max(number) FROM edits)")

    def find_step(self, script: Script, *, redo: bool = False) -> Step | None:
        """Return what undoing the last edit (with `redo`: doing the last undone one again) leads to.

        None if there is none; an entry that cannot be used is dropped.
        """
        with self._open() as connection:
            found = connection.execute(_QUERY, (int(redo),) * 2).fetchone()
            if found is None:
                return None
            state = _read_state(found[1])
            back = _restore_checked(script, state) if state else None
            if state is None or back is None:
                connection.execute("DELETE FROM edits WHERE number = ?", (found[0],))
                return None
            return Step(found[0], back, state.what, None if redo else state.kept, redo=redo)

    def take_step(self, step: Step, script: Script, revision: int) -> None:
        """Record that a step was taken from `script` to the step's own."""
        state = replace(find_difference(script, step.script), what=step.what)
        with self._open() as connection:
            connection.execute(
                "UPDATE edits SET undone = ?, state = ? WHERE number = ?",
                (int(not step.redo), store.encode_json(state), step.number),
            )
            _store_facts(connection, {"revision": revision, "edited": _now()})

    def step(self, script: Script, revision: int, *, redo: bool) -> Script | None:
        """Take one step back (with `redo`: forward): the script that it leads to, or None for no step."""
        found = self.find_step(script, redo=redo)
        if found is None:
            return None
        self.take_step(found, script, revision)
        return found.script


def _read_state(data: bytes) -> UndoState | None:
    try:
        return store.decode_json(data, UndoState)
    except (msgspec.MsgspecError, TypeError):
        return None


def _restore_checked(script: Script, state: UndoState) -> Script | None:
    """Return the script with a stored state restored, or None if the result would be invalid."""
    back = keep_corrections(script, restore_state(script, state))
    return None if find_fault(back) else back


def _now() -> int:
    return int(time.time() * 1000)


def _store_facts(connection: sqlite3.Connection, facts: dict[str, int]) -> None:
    connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())
