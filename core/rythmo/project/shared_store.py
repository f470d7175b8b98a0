"""A store of artefacts that several machines share: a folder, or any address that fsspec knows.

Names are those of the cache, `kind/key.suffix`, and a key is the hash of everything that went in: what is
there never changes, and two machines that write the same name write the same content. A project's cache is
the local copy. Only what is made by engines is shared; what a machine finds out about its own files is not.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rythmo.errors import InputError, OutputError, RythmoError
from rythmo.files import make_printable, replace_atomically

T = TypeVar("T")
SHARED = frozenset(
    {
        "answers",
        "bed",
        "lip-frames",
        "lips",
        "pieces",
        "references",
        "speakers",
        "speech",
        "translate",
        "voice",
        "words",
    }
)
"""Kinds of artefacts that the store holds."""
_WITHOUT_FOLDERS = ("s3://", "s3a://", "gs://", "gcs://", "abfs://", "abfss://", "az://", "oss://")
"""Object stores. Asked for a folder there, fsspec would make the bucket of an address with a slip in it."""
_EXTRA = "pip install 'rythmo[store]'"


@dataclass(frozen=True, slots=True)
class SharedStore:
    """The store at an address. `files` is fsspec's file system, or None for a folder."""

    address: str
    root: str
    files: Any = None

    def holds(self, name: str) -> bool:
        """Tell whether the store has that name. Raises OutputError when the store does not answer."""
        if self.files is None:
            return Path(self.root, name).is_file()
        return bool(self._ask("read", lambda: self.files.exists(self._path(name))))

    def fetch(self, name: str, target: Path) -> bool:
        """Copy the artefact to `target`, which appears whole or not at all. Return False if there is none."""
        if not self.holds(name):
            return False
        with replace_atomically(target) as temporary:
            self._ask("read", lambda: self._download(name, temporary))
        return True

    def put(self, name: str, source: Path) -> None:
        """Copy a file into the store, in place of what is there. Raises OutputError."""
        if self.files is None:
            with replace_atomically(Path(self.root, name)) as temporary:
                temporary.write_bytes(source.read_bytes())
        else:
            self._ask("written", lambda: self._upload(name, source))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there. Raises OutputError."""
        if self.files is None:
            Path(self.root, name).unlink(missing_ok=True)
            return
        with suppress(FileNotFoundError):
            self._ask("written", lambda: self.files.rm_file(self._path(name)))

    def _download(self, name: str, target: Path) -> None:
        if self.files is None:
            target.write_bytes(Path(self.root, name).read_bytes())
        else:
            self.files.get_file(self._path(name), os.fspath(target))

    def _upload(self, name: str, source: Path) -> None:
        if not self.address.startswith(_WITHOUT_FOLDERS):
            with suppress(NotImplementedError, FileExistsError):
                self.files.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
        # An object store shows an upload when it is whole. Elsewhere a file that was cut short does not pass
        # the checks of the cache, and is made again.
        self.files.put_file(os.fspath(source), self._path(name))

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def _ask(self, what: str, act: Callable[[], T]) -> T:
        """Do it. Whatever the library of a service raises becomes one error with the store's address."""
        try:
            return act()
        except RythmoError:
            raise
        except Exception as error:  # every service has exceptions of its own
            raise OutputError(
                f"The store {make_printable(self.address)} cannot be {what}: {_first_line(error)}.",
                hint="Check the address and its credentials. Finished work is kept: run it again.",
            ) from error


def open_store(address: str) -> SharedStore | None:
    """Return the store at an address: a folder, or `PROTOCOL://...` for fsspec. None for "".

    Raises InputError for an address that nothing here can open.
    """
    if not address:
        return None
    protocol, separator, rest = address.partition("://")
    if not separator or protocol == "file":
        folder = rest if separator else address
        return SharedStore(address, os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow links
    try:
        import fsspec
    except ImportError as error:
        raise InputError(f"The store {address} needs fsspec.", hint=f"Get it with: {_EXTRA}") from error
    try:
        files, root = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise InputError(
            f"The store {make_printable(address)} cannot be opened: {_first_line(error)}.",
            hint="Install what fsspec needs for this protocol (s3fs, gcsfs, adlfs ...) on every machine.",
        ) from error
    return SharedStore(address, root.rstrip("/"), files)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
