"""A project's folder, and the content-addressed artefacts in its cache.

An artefact's key is a hash of everything that went into it: the content, the engine with its version and
settings, the voice. So a second run reuses the results of the first, a crash loses only the artefact in
progress, and an edit redoes only what depends on it.
"""

from __future__ import annotations

import hashlib
import logging
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
from rythmo.files import make_atomically, make_output_error, make_printable, write_atomically
from rythmo.project.language_folders import (
    SCRIPT,
    LanguageFolder,
    list_language_folders,
    load_newest_original,
    stamp_original,
)
from rythmo.project.sealed import seal, unseal
from rythmo.project.shared_store import SHARED, SharedStore
from rythmo.project.sound_sums import SoundSums
from rythmo.project.wave_check import is_whole_wave
from rythmo.project_paths import SUFFIX, find_home, path_in, require_own_files
from rythmo.script import store
from rythmo.script.model import Script
from rythmo.script.shared_original import merge_original

__all__ = ["SUFFIX", "Artefacts", "Project", "hash_file", "hash_values", "is_whole", "place_file"]

T = TypeVar("T")
_log = logging.getLogger(__name__)
_BLOCK = 1 << 22
_SOUND = ".wav"


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
class Project:
    """The folders of one language of a project. Every name that its own files hold becomes a path by `file`.

    A project of one language is that language. Cache, lock, costs and the kept timeline lie in `home` and are
    shared by all languages; see `language_folders`.
    """

    root: Path

    @property
    def home(self) -> Path:
        """The project's folder, `NAME.rythmo`: `root` itself for its first language."""
        return find_home(self.root)

    @property
    def languages(self) -> tuple[LanguageFolder, ...]:
        """The languages that were saved in the project, the first one first."""
        return list_language_folders(self.root)

    def file(self, name: str) -> Path:
        """Return the path of a name out of the project's files, relative to its folder.

        Raises ScriptError for a name that leads out of the folder.
        """
        return path_in(self.root, name)

    @property
    def name(self) -> str:
        """The project's name: its folder's, without the suffix."""
        return self.home.name.removesuffix(SUFFIX)

    @property
    def script_file(self) -> Path:
        """`script.json`."""
        return self.root / SCRIPT

    @property
    def settings_file(self) -> Path:
        """`settings.toml`; each language has its own."""
        return self.root / "settings.toml"

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
        return Artefacts(self.home / "cache")

    @property
    def settled_file(self) -> Path:
        """The record of the lines that have not changed since the last run."""
        name = "settled" if self.root == self.home else f"settled.{self.root.name}"
        return self.artefacts.root / f"{name}.json"

    def exists(self) -> bool:
        """Tell whether a script was saved here."""
        return self.script_file.is_file()

    def load(self) -> Script:
        """Return the saved script, with what was corrected in other languages since.

        Warns of a script that somebody else has changed: what they wrote counts, and a damaged number looks
        the same.

        Raises ScriptError, also for a folder with links in it.
        """
        require_own_files(self.home)
        script = store.load_script(self.script_file)
        if not store.is_as_written(self.script_file):
            _log.warning(
                "%s was changed outside Rythmo. It counts as it is now.", make_printable(self.script_file)
            )
        newest = load_newest_original(self.root, script)
        return script if newest is None else merge_original(script, newest)

    def save(self, script: Script, written: store.WrittenLines | None = None) -> Script:
        """Write the script so that a crash leaves the old or the new one, and return it as written.

        `written` holds the lines that were last saved, which are not encoded again. Raises OutputError, also
        when the original was corrected in another language after it was loaded.
        """
        script = stamp_original(self.root, script)
        store.save_script(script, self.script_file, written)
        return script

    def remove_temporary_files(self) -> None:
        """Remove temporary files that a killed run left; only for whoever holds the lock."""
        files.remove_temporary_files(self.home)

    def acquire_lock(self) -> FileLock:
        """Held while somebody works on the project, in any of its languages.

        Raises OutputError when somebody else does, and ScriptError for a folder with links in it.
        """
        temporary = require_own_files(self.home)
        lock = FileLock(self.home / ".lock")
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise OutputError(
                f"Another Rythmo is working on {self.home}.",
                hint="Wait for it, or choose another folder with --out.",
            ) from error
        except OSError as error:
            raise make_output_error(self.home, error) from error
        files.remove_orphans(temporary)
        return lock

    @contextmanager
    def hold_lock(self) -> Iterator[None]:
        """Hold the project's lock during the block. Raises what `acquire_lock` raises."""
        lock = self.acquire_lock()
        try:
            yield
        finally:
            lock.release()


@dataclass(frozen=True, slots=True)
class Artefacts:
    """The cache: a folder for each kind, a file for each key. Files are whole or absent.

    With `sounds`, a sound whose checksum is not the recorded one counts as absent too. With a `store`, what
    engines made is looked for there as well, and put there.
    """

    root: Path
    sounds: SoundSums | None = None
    store: SharedStore | None = None

    def path(self, kind: str, key: str, suffix: str) -> Path:
        """Return the artefact's path, which may not exist yet. Raises ScriptError for an invalid key."""
        return path_in(self.root, f"{kind}/{key}{suffix}")

    def value(self, kind: str, key: str, of: type[T], make: Callable[[], T]) -> T:
        """Return the stored value, or what `make` gives, stored before it is returned.

        An entry that cannot be read or has another checksum (cut short by a full disk, touched by hand) is
        made again.
        """
        found = self.find_value(kind, key, of)
        return self.keep(kind, key, make()) if found is None else found

    def find_value(self, kind: str, key: str, of: type[T]) -> T | None:
        """Return the stored value; None when there is none that can be read."""
        path = self.path(kind, key, ".json")
        with suppress(FileNotFoundError, msgspec.MsgspecError):
            return store.decode_json(unseal(path.read_bytes()), of)
        if self._fetch(kind, path):
            with suppress(FileNotFoundError, msgspec.MsgspecError):
                return store.decode_json(unseal(path.read_bytes()), of)
        return None

    def keep(self, kind: str, key: str, value: T) -> T:
        """Store the value, in place of any stored before, and return it."""
        path = self.path(kind, key, ".json")
        write_atomically(path, seal(store.encode_json(value)))
        self._share(kind, path)
        return value

    def file(self, kind: str, key: str, suffix: str, make: Callable[[Path], None]) -> Path:
        """Return the stored file, or a new one written by `make(temporary path)`."""
        path = self.path(kind, key, suffix)
        if self._is_whole(path):
            return path
        if not self._fetch(kind, path):
            make_atomically(path, make)
            self._share(kind, path)
        if self.sounds is not None and path.suffix == _SOUND:
            self.sounds.record(path)
        return path

    def has_sound(self, kind: str, key: str) -> bool:
        """Tell whether the artefact is there, as sound that is neither cut short nor changed."""
        path = self.path(kind, key, _SOUND)
        return self._is_whole(path) or self._fetch(kind, path)

    def has_shared(self, kind: str, key: str, suffix: str) -> bool:
        """Tell whether the store has the artefact, without fetching it. False without a store."""
        return self.store is not None and self.store.holds(f"{kind}/{key}{suffix}")

    def share(self, kind: str, key: str, suffix: str) -> None:
        """Put an artefact that is here into the store, if there is one."""
        self._share(kind, self.path(kind, key, suffix))

    def remove(self, kind: str, key: str, suffix: str) -> None:
        """Remove an artefact that nobody will ask for again, here and from the store. Raises OutputError."""
        path = self.path(kind, key, suffix)
        path.unlink(missing_ok=True)
        if self.store is not None and kind in SHARED:
            self.store.remove(f"{kind}/{path.name}")

    def at_hand(self, path: Path) -> Path:
        """Return a path in the cache, whose file is fetched from the store when it is not on this machine."""
        if not path.exists() and path.is_relative_to(self.root):
            self._fetch(path.parent.name, path)
        return path

    def _fetch(self, kind: str, path: Path) -> bool:
        """Get the file from the store; False when it is not there, or not whole."""
        if self.store is None or kind not in SHARED:
            return False
        return self.store.fetch(f"{kind}/{path.name}", path) and is_whole(path)

    def _share(self, kind: str, path: Path) -> None:
        if self.store is not None and kind in SHARED:
            self.store.put(f"{kind}/{path.name}", path)

    def _is_whole(self, path: Path) -> bool:
        if self.sounds is not None and path.suffix == _SOUND:
            return self.sounds.holds(path)
        return is_whole(path)

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
