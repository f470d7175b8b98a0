"""A project's folder, and the content-addressed artefacts in its cache.

An artefact's key is a hash of everything that went into it: the content, the engine with its version and
settings, the voice. So a second run reuses the results of the first, a crash loses only the artefact in
progress, and an edit redoes only what depends on it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from filelock import FileLock, Timeout

from rythmo import files
from rythmo.errors import OutputError
from rythmo.files import make_atomically, make_output_error, write_atomically
from rythmo.project.wave_check import is_whole_wave
from rythmo.project_paths import SUFFIX, path_in, require_own_files
from rythmo.script import store
from rythmo.script.model import Script

__all__ = ["SUFFIX", "Artefacts", "Project", "hash_file", "hash_values", "is_whole", "place_file"]

T = TypeVar("T")
_BLOCK = 1 << 22


def hash_values(*parts: Any) -> str:
    """Return a stable hash of values: dataclasses, tuples, strings, numbers. 32 hexadecimal digits."""
    return hashlib.sha256(store.encode_json(list(parts))).hexdigest()[:32]


def hash_file(path: Path) -> str:
    """Return a hash of a file's content."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class SavedScript:
    """A project's script as it was read, and the stamp of the file that it was read from.

    Scripts are saved by renaming a new file, so that every save changes the stamp.
    """

    script: Script
    stamp: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of a project. Every name that its own files hold becomes a path by `file`."""

    root: Path

    def file(self, name: str) -> Path:
        """Return the path of a name out of the project's files, relative to its folder.

        Raises ScriptError for a name that leads out of the folder.
        """
        return path_in(self.root, name)

    @property
    def name(self) -> str:
        """The project's name: its folder's, without the suffix."""
        return self.root.name.removesuffix(SUFFIX)

    @property
    def script_file(self) -> Path:
        """`script.json`."""
        return self.root / "script.json"

    @property
    def takes(self) -> Path:
        """Takes, never overwritten."""
        return self.root / "takes"

    @property
    def stems(self) -> Path:
        """DX per speaker, DX, ME, MIX."""
        return self.root / "stems"

    @property
    def artefacts(self) -> Artefacts:
        """The cache."""
        return Artefacts(self.root / "cache")

    def exists(self) -> bool:
        """Tell whether a script was saved here."""
        return self.script_file.is_file()

    def load(self) -> Script:
        """Return the saved script; raises ScriptError, also for a folder with links in it."""
        require_own_files(self.root)
        return store.load_script(self.script_file)

    def read_saved(self, known: SavedScript | None = None) -> SavedScript | None:
        """Return the saved script, or None when there is none yet.

        `known` is what was read before; it is returned when the file has not changed since. Raises
        ScriptError.
        """
        try:
            facts = self.script_file.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        # Taken before reading: a save in between makes the next call read again, and nothing is missed.
        stamp = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
        return known if known is not None and known.stamp == stamp else SavedScript(self.load(), stamp)

    def save(self, script: Script) -> None:
        """Write the script so that a crash leaves the old or the new one."""
        store.save_script(script, self.script_file)

    def remove_temporary_files(self) -> None:
        """Remove temporary files that a killed run left; only for whoever holds the lock."""
        files.remove_temporary_files(self.root)

    def acquire_lock(self) -> FileLock:
        """Held while somebody works on the project. Raises OutputError when somebody else does, and
        ScriptError for a folder with links in it."""
        temporary = require_own_files(self.root)
        lock = FileLock(self.root / ".lock")
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise OutputError(
                f"Another Rythmo is working on {self.root}.",
                hint="Wait until it has finished, or choose another folder with --out.",
            ) from error
        except OSError as error:
            raise make_output_error(self.root, error) from error
        files.remove_orphans(temporary)
        return lock

    @contextmanager
    def hold_lock(self) -> Iterator[None]:
        """Hold the project for a moment. Raises OutputError when somebody else works on it."""
        lock = self.acquire_lock()
        try:
            yield
        finally:
            lock.release()


@dataclass(frozen=True, slots=True)
class Artefacts:
    """The cache: a folder for each kind, a file for each key. Files are whole or absent."""

    root: Path

    def path(self, kind: str, key: str, suffix: str) -> Path:
        """Return the artefact's path, which may not exist yet. Raises ScriptError for an invalid key."""
        return path_in(self.root, f"{kind}/{key}{suffix}")

    def value(self, kind: str, key: str, of: type[T], make: Callable[[], T]) -> T:
        """Return the stored value, or what `make` gives, stored before it is returned.

        An entry that cannot be read (cut short by a full disk, touched by hand) is made again.
        """
        path = self.path(kind, key, ".json")
        with suppress(FileNotFoundError, msgspec.MsgspecError):
            return store.decode_json(path.read_bytes(), of)
        return self.keep(kind, key, make())

    def keep(self, kind: str, key: str, value: T) -> T:
        """Store the value, in place of any stored before, and return it."""
        write_atomically(self.path(kind, key, ".json"), store.encode_json(value))
        return value

    def file(self, kind: str, key: str, suffix: str, make: Callable[[Path], None]) -> Path:
        """Return the stored file, or a new one written by `make(temporary path)`."""
        path = self.path(kind, key, suffix)
        if not is_whole(path):
            make_atomically(path, make)
        return path

    def has_sound(self, kind: str, key: str) -> bool:
        """Tell whether the artefact is there, as sound that is not cut short."""
        return is_whole(self.path(kind, key, ".wav"))

    def source_digest(self, path: Path) -> str:
        """`hash_file`, remembered by path, size and time of change, because films are large."""
        facts = path.stat()
        key = hash_values(str(path.resolve()), facts.st_size, facts.st_mtime_ns)
        return self.value("source", key, str, lambda: hash_file(path))


def is_whole(path: Path) -> bool:
    """Tell whether the file is there; a WAVE file, also whether its header is sound and its samples are all
    there.

    What was cut short by a full disk or a broken drive counts as absent: it is made again.
    """
    if not path.is_file():
        return False
    return path.suffix != ".wav" or is_whole_wave(path)


def place_file(source: Path, target: Path) -> None:
    """Copy a file of the cache to its place in the project. Not a link: whoever edits the copy in an audio
    program must not change the cache with it."""
    make_atomically(target, lambda temporary: _copy_content(source, temporary))


def _copy_content(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
