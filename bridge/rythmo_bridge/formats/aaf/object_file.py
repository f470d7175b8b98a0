"""Connects pyaaf2's object model to our compound file, which is written once, at the end (`compound_writer`).

`new_file(path)` does what `aaf2.open(path, "w")` does, many times faster for a film. It relies on the few
calls that pyaaf2 1.7 makes to its container; pyproject.toml pins the version.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from aaf2.auid import AUID
from aaf2.cfb import DirEntry
from aaf2.file import AAFFactory, AAFFile, AAFObjectManager

from rythmo.version import __version__
from rythmo_bridge.formats.aaf.compound_writer import Storage, Stream, close_streams, save_compound

# Marks "AAF, large sectors" in the header (AAF Low-Level Container Specification).
_KIND = AUID("0d010201-0200-0000-060e-2b3403020101")
_ROOT = AUID("b3b398a5-1c90-11d4-8053-080036210804")
_PRODUCT = AUID("3e0b6c0c-6f4f-4f0a-9f57-0b6a5a5d7c21")


@contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """Open an empty AAF file to fill; it is written to `path` if the block ends without an error."""
    container = _Container()
    root = container.root.storage_node
    try:
        file = _File(container)
        yield file
        file.save()
        save_compound(root, bytes(_KIND.bytes_le), path)
    finally:
        close_streams(root)


def sign_file(file: Any, generation: str, date: datetime) -> None:
    """Record who made the file, with a given time and id instead of the current time and a random id."""
    by = file.header["IdentificationList"].value[0]
    by["ProductName"].value = "Rythmo"
    by["CompanyName"].value = "Rythmo"
    by["ProductVersionString"].value = __version__
    by["ProductID"].value = _PRODUCT
    by["Date"].value = date
    by["Platform"].value = "any"
    by["GenerationAUID"].value = AUID(generation)
    file.header["LastModified"].value = date


class _Handle:
    """An open stream; writing starts from empty."""

    def __init__(self, stream: Stream, mode: str) -> None:
        self._stream = stream
        self._content = None if "w" in mode else stream.content()
        if self._content is None:
            stream.replace(b"")

    def write(self, block: bytes) -> int:
        """Append a block; return its size."""
        self._stream.append(bytes(block))
        return len(block)

    def truncate(self, size: int | None = None) -> None:
        """Do nothing: a stream ends with what was written."""
        del size

    def read(self, count: int = -1) -> bytes:
        """Read from the beginning, once."""
        content = self._content or b""
        self._content = b"" if count < 0 else content[count:]
        return content if count < 0 else content[:count]


class _Leaf:
    """A stream as pyaaf2 sees it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def open(self, mode: str = "r") -> _Handle:
        """Open for reading or writing."""
        return _Handle(self._stream, mode)


class _Folder(DirEntry):  # type: ignore[misc]  # pyaaf2 has no types
    """A storage as pyaaf2 sees it. It subclasses DirEntry for its type only and uses none of its methods."""

    __slots__ = ("_entries", "_path", "storage_node")
    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def __init__(self, node: Storage, path: str) -> None:
        self.storage_node = node
        self._path = path
        self._entries: dict[str, _Folder | _Leaf] = {}

    @property
    def class_id(self) -> AUID | None:
        """Return the class of the object stored here."""
        value = self.storage_node.class_id
        return AUID(bytes_le=bytearray(value)) if any(value) else None

    @class_id.setter
    def class_id(self, value: AUID | None) -> None:
        self.storage_node.class_id = bytes(value.bytes_le) if value is not None else bytes(16)

    def path(self) -> str:
        """Return the path from the root; `/` for the root itself."""
        return self._path or "/"

    def get(self, name: str, default: Any = None) -> Any:
        """Return the entry of a name."""
        return self._entries.get(name, default)

    def makedir(self, name: str, class_id: AUID | None = None) -> _Folder:
        """Make a storage."""
        node = Storage(name)
        self.storage_node.children[name] = node
        folder = self._entries[name] = _Folder(node, f"{self._path}/{name}")
        folder.class_id = class_id
        return folder

    def touch(self, name: str) -> Any:
        """Return the stream of a name, made if needed."""
        if name not in self._entries:
            stream = Stream(name)
            self.storage_node.children[name] = stream
            self._entries[name] = _Leaf(stream)
        return self._entries[name]


class _Container:
    """Stands in for pyaaf2's own compound file."""

    sector_size = 4096

    def __init__(self) -> None:
        self.root = _Folder(Storage("Root Entry"), "")
        self.root.class_id = _ROOT

    def find(self, path: str) -> _Folder:
        """Return the root, the only thing that pyaaf2 looks up in a new file."""
        if path != "/":
            raise KeyError(path)
        return self.root

    def open(self, path: str, mode: str = "r") -> _Handle:
        """Open a stream of the root."""
        handle: _Handle = self.root.touch(path.lstrip("/")).open(mode)
        return handle


class _File(AAFFile):  # type: ignore[misc]  # pyaaf2 has no types
    """A new file. The constructor does what AAFFile's does in mode "w", in the same order."""

    def __init__(self, container: _Container) -> None:
        self.mode = "wb+"
        self.cfb = container
        self.weakref_table: list[Any] = []
        self.manager = AAFObjectManager(self)
        self.create = AAFFactory(self)
        self.is_open = True
        self.setup_empty()
        self.metadict.register_extensions()
