"""Keep small measurements of many takes or lines in one file.

An artefact of its own for each would be thousands of files to open for every edit, and three flushes of the
disk for each line of a first run. What a crash loses here was measured, not made, and is measured again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import GenericAlias
from typing import Any, Generic, TypeVar, cast

import msgspec

from rythmo.files import write_atomically
from rythmo.project.sealed import seal, unseal
from rythmo.project.sound_sums import SoundSums
from rythmo.script import store

T = TypeVar("T")


class Ledger(Generic[T]):
    """Values of one type by key, read once; safe to use from several threads. `save` writes what is new."""

    def __init__(self, path: Path, of: type[T]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._changed = False
        self._values: dict[str, T] = {}
        # A file that cannot be read (touched by hand, of another version) is measured again.
        with suppress(FileNotFoundError, msgspec.MsgspecError):
            self._values = store.decode_json(
                unseal(path.read_bytes()), cast(Any, GenericAlias(dict, (str, of)))
            )

    def find(self, key: str) -> T | None:
        """Return the value of that key, None if there is none."""
        with self._lock:
            return self._values.get(key)

    def value(self, key: str, make: Callable[[], T]) -> T:
        """Return the value of that key, or what `make` gives; two threads may make the same one."""
        with self._lock:
            if key in self._values:
                return self._values[key]
        made = make()
        with self._lock:
            self._changed = True
            return self._values.setdefault(key, made)

    def put(self, key: str, value: T) -> None:
        """Keep a value in place of what was there."""
        with self._lock:
            self._changed = self._changed or self._values.get(key) != value
            self._values[key] = value

    def save(self) -> None:
        """Write the file if anything is new. Raises OutputError."""
        with self._lock:
            if not self._changed:
                return
            data, self._changed = seal(store.encode_json(self._values)), False
        write_atomically(self._path, data)


class Ledgers:
    """The ledgers of one job, each read when it is first asked for.

    With `thorough`, every sound that the job uses is read once and compared with its checksum.
    """

    def __init__(self, *, thorough: bool = False) -> None:
        self.thorough = thorough
        self._sounds: SoundSums | None = None
        self._open: dict[str, Ledger[Any]] = {}
        self._lock = threading.Lock()

    def open_ledger(self, kind: str, of: type[T], folder: Callable[[], Path]) -> Ledger[T]:
        """Return the ledger of that kind, `kind`.json in the folder; always asked for with the same type."""
        if kind not in self._open:
            with self._lock:
                self._open.setdefault(kind, Ledger(folder() / f"{kind}.json", of))
        return cast(Ledger[T], self._open[kind])

    def sounds(self, root: Path) -> SoundSums:
        """Return the checksums of the sounds in a project's folder; always asked for the same one."""
        with self._lock:
            if self._sounds is None:
                self._sounds = SoundSums(root, thorough=self.thorough)
            return self._sounds

    def save(self) -> None:
        """Write what is new. Raises OutputError."""
        for ledger in list(self._open.values()):
            ledger.save()
        if self._sounds is not None:
            self._sounds.save()
