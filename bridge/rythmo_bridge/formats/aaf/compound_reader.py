"""Reads compound files (MS-CFB, "structured storage"), the container of AAF.

The file is memory-mapped, because an AAF may hold the sound of a whole film. Every chain and tree is followed
within bounds that come from the file's own size, so a damaged file ends in an error and not in an endless
loop.
"""

from __future__ import annotations

import mmap
import struct
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Higher numbers have special meanings: free, end of chain, or a table's own sector (MS-CFB 2.1).
_LAST_SECTOR = 0xFFFFFFF9
_NONE = 0xFFFFFFFF
# A directory entry (MS-CFB 2.6.1).
_ENTRY = struct.Struct("<64sHBBIII16s20xIQ")
# The first part of an entry: its name, and its siblings in the tree of names.
_NODE = struct.Struct("<64sHxxII")
_HEADER_TABLES = 109
_STREAM = 2


class DamagedError(Exception):
    """The container violates its format; the message says how."""


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A storage or stream, as the directory lists it."""

    is_stream: bool
    child: int
    class_id: bytes
    start: int
    size: int


@contextmanager
def open_compound(path: Path) -> Iterator[CompoundFile]:
    """Open the file at `path`.

    Raises:
        DamagedError: It is not a valid compound file.
        OSError: It cannot be opened.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield CompoundFile(data)


class CompoundFile:
    """The directory and tables of an open file; entry 0 is the root."""

    def __init__(self, data: mmap.mmap) -> None:
        if len(data) < 512 or data[:8] != SIGNATURE:
            raise DamagedError("it lacks the header of a compound file")
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise DamagedError(f"its sector size is 2^{shift} bytes")
        self._sector = 1 << shift
        directory, self._cutoff, mini_table = struct.unpack_from("<I4xII", data, 48)
        self._table = self._allocation()
        content = self._follow(directory)
        # Offsets of entries; most are never looked at.
        self._directory = content
        self._count = len(content) // _ENTRY.size
        if not self._count:
            raise DamagedError("it has no directory")
        self._entries: dict[int, DirectoryEntry] = {}
        self._mini_table = _numbers(self._follow(mini_table))
        self._mini = self._follow(self.entry(0).start)

    def _allocation(self) -> array[int]:
        """Return the table that says which sector follows which."""
        (first_list, lists) = struct.unpack_from("<II", self._data, 68)
        sectors = list(struct.unpack_from(f"<{_HEADER_TABLES}I", self._data, 76))
        most = len(self._data) // self._sector + 1
        number = first_list
        for _ in range(min(lists, most)):
            if number > _LAST_SECTOR:
                break
            *numbers, number = _numbers(self._at(number))
            sectors += numbers
        used = [each for each in sectors[:most] if each <= _LAST_SECTOR]
        return _numbers(b"".join(self._at(each) for each in used))

    def _at(self, sector: int) -> bytes:
        """Return one sector; the last of a file may be cut off."""
        begin = (sector + 1) * self._sector
        found = self._data[begin : begin + self._sector]
        if not found:
            raise DamagedError("it ends before its last sector")
        return found.ljust(self._sector, b"\0")

    def _follow(self, start: int) -> bytes:
        """Return the bytes of a chain of sectors; runs of adjacent sectors are read at once."""
        return b"".join(
            self._data[(first + 1) * self._sector : (last + 2) * self._sector]
            for first, last in _runs(start, self._table)
        )

    def entry(self, number: int) -> DirectoryEntry:
        """Return a directory entry by its number."""
        found = self._entries.get(number)
        if found is None:
            if number >= self._count:
                raise DamagedError("its directory names an entry that does not exist")
            _, _, kind, _, _, _, child, class_id, start, size = _ENTRY.unpack_from(
                self._directory, number * _ENTRY.size
            )
            found = DirectoryEntry(kind == _STREAM, child, class_id, start, size)
            self._entries[number] = found
        return found

    def children(self, number: int) -> dict[bytes, int]:
        """Return the entry numbers of everything in a storage, by name in UTF-16 as stored."""
        found: dict[bytes, int] = {}
        pending, seen = [self.entry(number).child], set[int]()
        while pending:
            at = pending.pop()
            if at == _NONE:
                continue
            if at in seen or at >= self._count:
                raise DamagedError("its directory is circular or leaves the file")
            seen.add(at)
            name, length, left, right = _NODE.unpack_from(self._directory, at * _ENTRY.size)
            found[name[: max(0, min(length, 64) - 2)]] = at
            pending += (left, right)
        return found

    def content(self, number: int) -> bytes:
        """Return the bytes of a stream."""
        entry = self.entry(number)
        if not entry.is_stream or not entry.size:
            return b""
        if entry.size >= self._cutoff:
            return self._follow(entry.start)[: entry.size]
        parts = (self._mini[a * 64 : (b + 1) * 64] for a, b in _runs(entry.start, self._mini_table))
        return b"".join(parts)[: entry.size]


def _numbers(data: bytes) -> array[int]:
    found = array("I")
    found.frombytes(data[: len(data) // 4 * 4])
    return found


def _runs(start: int, table: array[int]) -> Iterator[tuple[int, int]]:
    """Yield a chain as runs of adjacent sectors, [first, last]."""
    at, left = start, len(table)
    while at <= _LAST_SECTOR:
        first = at
        while True:
            if at >= len(table) or left <= 0:
                raise DamagedError("a chain of sectors is circular or leaves the file")
            left -= 1
            following = table[at]
            if following != at + 1:
                break
            at = following
        yield first, at
        at = following
