"""The projects that are open: each script is kept here, and only here, while the service works on it.

Every change goes one way: look whether the file changed under us, compute, write `project.db`, write
`script.json`, count the revision up, tell. A worker never writes the script; what it made is merged in.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from rythmo import trust
from rythmo.errors import OutputError, RythmoError, ScriptError
from rythmo.project import rollback
from rythmo.project.workspace import SUFFIX, Project
from rythmo.script.model import Script
from rythmo_plugin.service.api_errors import ApiError, busy, not_found
from rythmo_plugin.service.database import Database
from rythmo_plugin.service.events import EventLog
from rythmo_plugin.service.history import History
from rythmo_plugin.service.script_merge import merged

Change = Callable[[Script], Script]


def project_id(root: Path) -> str:
    """A project's id: made from where it lies, so that it stays over restarts."""
    return hashlib.sha256(str(root).encode()).hexdigest()[:16]


class OpenProject:
    """One project: its script as it is now, its revision, its history."""

    def __init__(self, root: Path, events: EventLog) -> None:
        self.id = project_id(root)
        self.project = Project(root)
        self.lock = threading.RLock()
        self._events = events
        self._history = History(root / "project.db")
        self._script: Script | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._revision = 0
        self._made = 0
        self._users = 0
        self._held: FileLock | None = None
        self._kept: rollback.State | None = None

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    def look(self) -> tuple[Script, int]:
        """The script and its revision; read again when somebody else wrote the file. Raises ScriptError."""
        with self.lock:
            self._refresh()
            assert self._script is not None
            return self._script, self._revision

    @property
    def stale(self) -> bool:
        """Whether the stems are behind the script."""
        with self.lock:
            return self._made < self._revision

    @property
    def edited(self) -> float:
        """When a person last changed something, in Unix seconds; 0.0 for never."""
        with self.lock:
            return self._history.facts().get("edited", 0) / 1000

    def is_there(self) -> bool:
        """Whether its script can be seen; a drive that is gone or refuses is not."""
        try:
            return self.project.exists()
        except OSError:
            return False

    def media(self, script: Script) -> Path | None:
        """The programme's media; None where it lies outside the project and the user has not allowed it."""
        return None if trust.find_unapproved_media(self.root, script) else Path(script.programme.source)

    def able(self) -> tuple[bool, bool]:
        """Whether one can undo, and redo."""
        with self.lock:
            return self._history.able()

    def edit(self, change: Change, revision: int | None = None) -> tuple[Script, Script]:
        """Apply a person's change; the script before and after. A change that changes nothing is no edit.

        Raises ScriptError, OutputError, and ApiError when `revision` is not the present one.
        """
        with self.lock, self.held():
            before, now = self.look()
            self._require(revision, now)
            after = change(before)
            if after != before:
                self._history.push(before, after, now + 1)
                try:
                    self._write(after, now + 1)
                except RythmoError:
                    with suppress(OutputError):
                        self._history.take_back()
                    raise
            return before, after

    def conform(self, change: Change) -> tuple[Script, Script]:
        """`edit` that keeps the whole state of the project before it, so that `undo_conform` brings it back.

        Raises what `edit` raises, and OutputError when there is no room for the state.
        """
        with self.lock, self.held():
            before, _ = self.look()
            if change(before) == before:
                return before, before
            self._kept = rollback.keep_state(self.project)
            return self.edit(change)

    @property
    def can_undo_conform(self) -> bool:
        """Whether a state from before a conform can be brought back: there is one, and no later edit."""
        return rollback.can_restore(self.project)

    def conformed(self) -> None:
        """The job of a conform is done: what it left alone need not be kept twice."""
        with self.lock:
            if self._kept is not None:
                rollback.finish_state(self.project, self._kept)
                self._kept = None

    def undo_conform(self) -> tuple[Script, Script]:
        """Bring back the project as it was before the last conform; the script before and after.

        Raises ScriptError when there is none, or when the script was changed after it.
        """
        with self.lock, self.held():
            before, now = self.look()
            rollback.restore_state(self.project)
            self._history.step(before, now + 1, redo=False)
            self._refresh()
            self.mixed(self._revision)
            return before, self.look()[0]

    def step(self, *, redo: bool) -> tuple[Script, Script]:
        """Undo or redo one edit; the script before and after."""
        with self.lock, self.held():
            before, now = self.look()
            after = self._history.step(before, now + 1, redo=redo)
            if after is None:
                what = "redo" if redo else "undo"
                raise ApiError(409, "nothing", f"There is nothing to {what}.")
            self._write(after, now + 1)
            return before, after

    def merge(self, base: Script, made: Script) -> Script:
        """Take in what a worker made of `base`; no edit, so nothing to undo."""
        with self.lock:
            mine, now = self.look()
            after = merged(base, mine, made)
            if after != mine:
                self._save(after)
                self._events.tell("project", {"revision": now}, project=self.id)
            return after

    def mixed(self, revision: int) -> None:
        """The stems are those of that revision."""
        with self.lock:
            self._made = max(self._made, revision)
            with suppress(OutputError):  # known here; after a restart it is mixed once more
                self._history.keep(made=self._made, revision=self._revision)

    def replaced(self) -> None:
        """A dub wrote the project anew: its stems are up to date."""
        with self.lock:
            self._refresh()
            self._revision += 1
            self.mixed(self._revision)
            self._events.tell("project", {"revision": self._revision}, project=self.id)

    @contextmanager
    def held(self) -> Iterator[None]:
        """The project's lock, so that no other Rythmo works on it; ours may hold it several times over."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    def hold(self) -> None:
        """Take the lock, or count one more user of it. Raises ApiError (409) when another Rythmo has it."""
        with self.lock:
            if self._users == 0:
                try:
                    self._held = self.project.lock()
                except OutputError as error:
                    raise busy(error.message, error.hint) from error
            self._users += 1

    def release(self) -> None:
        """One user less."""
        with self.lock:
            self._users -= 1
            if self._users == 0 and self._held is not None:
                self._held.release()
                self._held = None

    def _require(self, revision: int | None, now: int) -> None:
        if revision is not None and revision != now:
            raise ApiError(
                409, "revision", "The script was changed meanwhile.", hint="Fetch it again, then edit."
            )

    def _write(self, script: Script, revision: int) -> None:
        self._save(script)
        self._revision = revision
        self._events.tell("project", {"revision": revision}, project=self.id)

    def _save(self, script: Script) -> None:
        self.project.save(script)
        self._script, self._stamp = script, self._stat()

    def _refresh(self) -> None:
        stamp = self._stat()
        if stamp == self._stamp and self._script is not None:
            return
        script = self.project.load()
        if self._script is None:
            facts = self._history.facts()
            self._revision = facts.get("revision", 1)
            self._made = facts.get("made", self._revision)
        elif script != self._script:
            self._revision += 1
            self._events.tell("project", {"revision": self._revision}, project=self.id)
        self._script, self._stamp = script, stamp

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            facts = self.project.script_file.stat()
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_size, facts.st_ino


class Projects:
    """All of them, by id. Safe over threads."""

    def __init__(self, database: Database, events: EventLog) -> None:
        self._database = database
        self._events = events
        self._lock = threading.Lock()
        self._open: dict[str, OpenProject] = {}

    def add(self, root: Path) -> OpenProject:
        """Know a project from now on; `root` must be a whole, resolved path."""
        with self._lock:
            found = self._open.setdefault(project_id(root), OpenProject(root, self._events))
        self._database.add_project(found.id, str(root))
        return found

    def open(self, root: Path) -> OpenProject:
        """Open an existing project. Raises ScriptError when there is none."""
        if root.suffix != SUFFIX or not Project(root).exists():
            raise ScriptError(
                f"{root.name} is not a Rythmo project.", hint="Open a folder that ends in .rythmo."
            )
        Project(root).load()
        return self.add(root)

    def get(self, project: str) -> OpenProject:
        """The project of that id. Raises ApiError (404)."""
        with self._lock:
            found = self._open.get(project)
        if found is None:
            root = self._database.projects().get(project)
            if root is None:
                raise not_found("project", project)
            found = self.add(Path(root))
        return found

    def all(self) -> list[OpenProject]:
        """Those whose folder still holds a script."""
        known = [self.get(project) for project in self._database.projects()]
        return [one for one in known if one.is_there()]
