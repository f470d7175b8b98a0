"""The open projects. Each script is held here, and only here, while the service works on it.

Every change follows the same order: check whether the file changed on disk, compute, write `project.db`,
write `script.json`, increase the revision, send an event. A worker never writes the script; its result is
merged in.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from rythmo import trust
from rythmo.dubbing.project_edits import restore_kept_files
from rythmo.errors import OutputError, RythmoError, ScriptError
from rythmo.garbage_collection import exclude_live_objects
from rythmo.project import rollback
from rythmo.project.history import History
from rythmo.project.language_folders import list_other_languages
from rythmo.project.workspace import SUFFIX, Project
from rythmo.project_paths import find_home
from rythmo.script.model import Script
from rythmo.script.store import WrittenLines
from rythmo_plugin.service.api_errors import ApiError, busy, not_found
from rythmo_plugin.service.database import Database
from rythmo_plugin.service.events import EventLog
from rythmo_plugin.service.script_merge import merge_scripts

Change = Callable[[Script], Script]
_log = logging.getLogger("rythmo.service")


def project_id(root: Path) -> str:
    """Return a project's id, which is made from its path and so survives restarts."""
    return hashlib.sha256(str(root).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Undone:
    """What undo or redo led to. `files`: stems and deliveries were restored with the script."""

    before: Script
    after: Script
    what: str
    files: bool


class SharedLock:
    """The lock of a project's folder, which all of its languages share.

    `inside` keeps this service's threads apart; `hold` keeps other processes out, as long as anybody here
    works on any of the languages.
    """

    def __init__(self, project: Project) -> None:
        self.inside = threading.RLock()
        self._project = project
        self._users = 0
        self._held: FileLock | None = None

    def hold(self) -> None:
        """Lock the project against other processes, or count one more user of the lock.

        Raises ApiError (409) when another process has locked it.
        """
        with self.inside:
            if self._users == 0:
                try:
                    self._held = self._project.acquire_lock()
                except OutputError as error:
                    raise busy(error.message, error.hint) from error
            self._users += 1

    def release(self) -> None:
        """Count one user less, and release the lock after the last one."""
        with self.inside:
            self._users -= 1
            if self._users == 0 and self._held is not None:
                self._held.release()
                self._held = None


class OpenProject:
    """One language of a project, with its present script, revision and history."""

    def __init__(
        self,
        root: Path,
        events: EventLog,
        shared: SharedLock | None = None,
        tell: Callable[[OpenProject], None] | None = None,
    ) -> None:
        """Open a language's folder. `tell` is called when the original, which is shared, was corrected."""
        self.id = project_id(root)
        self._tell = tell
        self.project = Project(root)
        self._shared = shared or SharedLock(self.project)
        self.lock = self._shared.inside
        self._events = events
        self._history = History(root / "project.db")
        self._script: Script | None = None
        self._stamp: tuple[int, ...] | None = None
        self._written = WrittenLines()
        self._revision = 0
        self._made = 0
        self._kept: rollback.KeptState | None = None

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    def look(self) -> tuple[Script, int]:
        """Return the script and its revision, reading the file again if it changed. Raises ScriptError."""
        with self.lock:
            self._refresh()
            assert self._script is not None
            return self._script, self._revision

    @property
    def stale(self) -> bool:
        """Whether the stems are older than the script."""
        with self.lock:
            return self._made < self._revision

    @property
    def edited(self) -> float:
        """The time of the user's last edit in Unix seconds, 0.0 for never."""
        with self.lock:
            return self._history.facts().get("edited", 0) / 1000

    def is_there(self) -> bool:
        """Return whether the script file exists; False for a drive that is missing or cannot be read."""
        try:
            return self.project.exists()
        except OSError:
            return False

    def media(self, script: Script) -> Path | None:
        """Return the programme's media, or None if it is outside the project and not allowed by the user."""
        return None if trust.find_unapproved_media(self.root, script) else Path(script.programme.source)

    def able(self) -> tuple[bool, bool]:
        """Return whether there is something to undo, and something to redo."""
        with self.lock:
            return self._history.able()

    def edit(
        self, change: Change, revision: int | None = None, *, what: str = "", kept: int | None = None
    ) -> tuple[Script, Script]:
        """Apply the user's change, and return the script before and after.

        `what` says in words what it is; `kept` is the number of the state that a conform was kept by.
        Nothing is saved if the script stays the same. Raises ScriptError, OutputError, and ApiError when
        `revision` is not the present one.
        """
        with self.lock, self.held():
            before, now = self.look()
            self._require(revision, now)
            after = change(before)
            if after != before:
                self._history.push(before, after, now + 1, what=what, kept=kept)
                try:
                    self._write(after, now + 1)
                except RythmoError:
                    with suppress(OutputError):
                        self._history.take_back()
                    raise
            return before, after

    def conform(self, change: Change) -> tuple[Script, Script]:
        """Apply a conform, after saving the project's whole state, so that it can be undone file by file.

        Returns and raises what `edit` does, and raises OutputError when there is no room for the state.
        """
        with self.lock, self.held():
            before, _ = self.look()
            if change(before) == before:
                return before, before
            self._kept = rollback.keep_state(self.project)
            return self.edit(change, what="conform to an edited timeline", kept=self._kept.number)

    @property
    def can_undo_conform(self) -> bool:
        """Whether `undo_conform` is possible: a state was saved, and no edit came after the conform."""
        return rollback.can_restore(self.project)

    @property
    def undoes_files(self) -> bool:
        """Whether the next undo is that of a conform, which restores files."""
        with self.lock:
            step = self._history.find_step(self.look()[0])
            return step is not None and step.kept is not None and rollback.can_restore(self.project)

    def conformed(self) -> None:
        """Trim the saved state to what the conform changed, once its job is done."""
        with self.lock:
            if self._kept is not None:
                rollback.finish_state(self.project, self._kept)
                self._kept = None

    def undo_conform(self) -> tuple[Script, Script]:
        """Restore the state from before the last conform, and return the script before and after.

        Raises ScriptError when no state was saved, or when the script changed after the conform.
        """
        with self.lock, self.held():
            before, now = self.look()
            rollback.restore_state(self.project)
            step = self._history.find_step(before)
            restored = self.project.load()
            if step is not None and (step.kept is not None or step.script == restored):
                self._history.take_step(replace(step, script=restored), before, now + 1)
            self._refresh()
            self.mixed(self._revision)
            return before, restored

    def step(self, *, redo: bool) -> Undone:
        """Undo or redo one edit. Raises ApiError (409)."""
        with self.lock, self.held():
            before, now = self.look()
            step = self._history.find_step(before, redo=redo)
            if step is None:
                what = "redo" if redo else "undo"
                raise ApiError(409, "nothing", f"There is nothing to {what}.")
            files = restore_kept_files(self.project, step)
            if files:
                step = replace(step, script=self.project.load())
            self._history.take_step(step, before, now + 1)
            if files:
                self._refresh()
                self.mixed(self._revision)
            else:
                self._write(step.script, now + 1)
            return Undone(before, step.script, step.what, files=files)

    def merge(self, base: Script, made: Script) -> Script:
        """Merge what a worker made of the script `base` into the present script. This cannot be undone."""
        with self.lock:
            mine, now = self.look()
            after = merge_scripts(base, mine, made)
            if after != mine:
                with suppress(OutputError):
                    self._history.extend(mine, after)
                self._save(after)
                self._events.tell("project", {"revision": now}, project=self.id)
            return after

    def mixed(self, revision: int) -> None:
        """Record that the stems were mixed from that revision."""
        with self.lock:
            self._made = max(self._made, revision)
            with suppress(OutputError):  # if it cannot be stored, a restart mixes once more
                self._history.keep(made=self._made, revision=self._revision)

    def replaced(self) -> None:
        """Record that a dub rewrote the project: script and stems are new."""
        with self.lock:
            self._refresh()
            self._revision += 1
            self.mixed(self._revision)
            self._events.tell("project", {"revision": self._revision}, project=self.id)
            if self._tell is not None:
                self._tell(self)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the project's lock for a block; see `hold`."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    def hold(self) -> None:
        """Lock the project, in all of its languages, against other processes; see `SharedLock.hold`."""
        self._shared.hold()

    def release(self) -> None:
        """Count one user of the lock less."""
        self._shared.release()

    def _require(self, revision: int | None, now: int) -> None:
        if revision is not None and revision != now:
            raise ApiError(
                409, "revision", "The script has changed meanwhile.", hint="Fetch it again, then edit."
            )

    def _write(self, script: Script, revision: int) -> None:
        self._save(script)
        self._revision = revision
        self._events.tell("project", {"revision": revision}, project=self.id)

    def _save(self, script: Script) -> None:
        before, saved = self._script, self.project.save(script, self._written)
        self._script, self._stamp = saved, self._stat()
        if self._tell is not None and before is not None and before.original != saved.original:
            self._tell(self)

    def _refresh(self) -> None:
        stamp = self._stat()
        if stamp == self._stamp and self._script is not None:
            return
        script = self.project.load()
        exclude_live_objects()
        if self._script is None:
            facts = self._history.facts()
            self._revision = facts.get("revision", 1)
            self._made = facts.get("made", self._revision)
        elif script != self._script:
            # Another program edited it; what it stored says how far the stems are.
            facts = self._history.facts()
            self._revision = max(self._revision + 1, facts.get("revision", 0))
            self._made = max(self._made, facts.get("made", 0))
            self._events.tell("project", {"revision": self._revision}, project=self.id)
        self._script, self._stamp = script, stamp

    def _stat(self) -> tuple[int, ...] | None:
        """Return what changes with the script's file, and with the newest original of the other languages."""
        try:
            facts = self.project.script_file.stat()
        except OSError:
            return None
        newest = max((folder.original for folder in list_other_languages(self.root)), default=0)
        return facts.st_mtime_ns, facts.st_size, facts.st_ino, newest


class Projects:
    """All known projects by id. Thread-safe."""

    def __init__(self, database: Database, events: EventLog) -> None:
        self._database = database
        self._events = events
        self._lock = threading.Lock()
        self._open: dict[str, OpenProject] = {}
        self._locks: dict[Path, SharedLock] = {}

    def add(self, root: Path) -> OpenProject:
        """Remember a project and return it. `root` must be an absolute, resolved path."""
        with self._lock:
            known = self._open.get(project_id(root))
            if known is not None:
                return known
            home = find_home(root)
            shared = self._locks.setdefault(home, SharedLock(Project(home)))
            found = self._open[project_id(root)] = OpenProject(root, self._events, shared, self.tell)
        self._database.add_project(found.id, str(root))
        return found

    def open(self, root: Path) -> OpenProject:
        """Open an existing project. Raises ScriptError when the folder is not a project."""
        if find_home(root).suffix != SUFFIX or not Project(root).exists():
            raise ScriptError(
                f"{root.name} is not a Rythmo project.", hint="Open a folder that ends in .rythmo."
            )
        Project(root).load()
        return self.add(root)

    def get(self, project: str) -> OpenProject:
        """Return the project of that id. Raises ApiError (404)."""
        with self._lock:
            found = self._open.get(project)
        if found is None:
            root = self._database.projects().get(project)
            if root is None:
                raise not_found("project", project)
            found = self.add(Path(root))
        return found

    def tell(self, changed: OpenProject) -> None:
        """Let the other languages of a project take over what was corrected in one; open pages hear of it."""
        with self._lock:
            others = [one for one in self._open.values() if one.project.home == changed.project.home]
        for one in others:
            if one is changed or not one.is_there():
                continue
            try:
                one.look()
            except RythmoError as error:
                _log.warning("%s cannot be read: %s", one.root, error)

    def all(self) -> list[OpenProject]:
        """Return the projects whose script still exists."""
        known = [self.get(project) for project in self._database.projects()]
        return [one for one in known if one.is_there()]
