"""Writes compound files (MS-CFB, "structured storage") in one pass, for the AAF writer.

pyaaf2 keeps its container on disk while it builds, and spends most of its time rebalancing directory trees
there: minutes for a film. Here the tree is held in memory as plain dictionaries and laid out once, at the
end: directory, mini stream, streams, allocation table. The format is version 4 with sectors of 4096 bytes, as
in Avid's own files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO

# MS-CFB 2.2, version 4: sectors of 4096 bytes, mini sectors of 64 for streams shorter than the cutoff.
_SECTOR = 4096
_MINI = 64
_CUTOFF = 4096
# MS-CFB 2.1: special sector numbers, and an id that refers to no entry.
_FREE, _END, _FAT, _DIFAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_NONE = 0xFFFFFFFF
# MS-CFB 2.6.1: types of directory entries.
_STORAGE, _STREAM, _ROOT = 1, 2, 5
# The header lists so many sectors of the FAT; further ones stand in DIFAT sectors.
_HEADER_FATS = 109
_SPILL = 1 << 20
_BLOCK = 1 << 20


@dataclass(eq=False, slots=True)
class Stream:
    """Named bytes. Beyond a megabyte they go to a temporary file."""

    name: str
    data: IO[bytes] = field(default_factory=BytesIO)
    size: int = 0

    def append(self, block: bytes) -> None:
        """Append bytes."""
        if self.size <= _SPILL < self.size + len(block):
            spilled = TemporaryFile()  # noqa: SIM115 - lives as long as the stream
            spilled.write(self.content())
            self.data = spilled
        self.data.write(block)
        self.size += len(block)

    def replace(self, content: bytes) -> None:
        """Replace the whole content."""
        self.data.close()
        self.data, self.size = BytesIO(), 0
        self.append(content)

    def content(self) -> bytes:
        """Return the whole content."""
        self.data.seek(0)
        return self.data.read()

    def blocks(self) -> Iterator[bytes]:
        """Yield the content in blocks."""
        self.data.seek(0)
        while block := self.data.read(_BLOCK):
            yield block


@dataclass(eq=False, slots=True)
class Borrowed(Stream):
    """Bytes that stay in another file, `size` of them from `offset`, until they are laid out."""

    path: Path = Path()
    offset: int = 0

    def content(self) -> bytes:
        """Return the whole content."""
        return b"".join(self.blocks())

    def blocks(self) -> Iterator[bytes]:
        """Yield the content in blocks, with zeros for what the file no longer has."""
        left = self.size
        with self.path.open("rb") as file:
            file.seek(self.offset)
            while left:
                block = file.read(min(_BLOCK, left)) or bytes(min(_BLOCK, left))
                left -= len(block)
                yield block


@dataclass(eq=False, slots=True)
class Storage:
    """A folder of storages and streams; `class_id` is 16 bytes."""

    name: str
    class_id: bytes = bytes(16)
    children: dict[str, Storage | Stream] = field(default_factory=dict)


@dataclass(slots=True)
class _Entry:
    """A directory entry that is being built."""

    node: Storage | Stream
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE
    red: bool = False
    start: int = _END
    size: int = 0

    def pack(self, *, root: bool) -> bytes:
        name = self.node.name.encode("utf-16-le")
        kind = _ROOT if root else _STORAGE if isinstance(self.node, Storage) else _STREAM
        class_id = self.node.class_id if isinstance(self.node, Storage) else bytes(16)
        # A storage has no start sector; only the root's is that of the mini stream.
        start = 0 if kind == _STORAGE else self.start
        return struct.pack(
            "<64sHBBIII16sIQQIQ",
            name,
            len(name) + 2,
            kind,
            0 if self.red else 1,
            self.left,
            self.right,
            self.child,
            class_id,
            0,
            0,
            0,
            start,
            self.size,
        )


def close_streams(root: Storage) -> None:
    """Close the temporary files of everything under `root`."""
    pending = list(root.children.values())
    while pending:
        node = pending.pop()
        if isinstance(node, Stream):
            node.data.close()
        else:
            pending += node.children.values()


def save_compound(root: Storage, class_id: bytes, path: Path) -> None:
    """Write the tree under `root` as a compound file whose header carries `class_id`."""
    entries = _directory(root)
    mini, mini_table = _mini_stream(entries)
    with path.open("wb") as file:
        _lay_out(file, entries, mini, mini_table, class_id)


def _directory(root: Storage) -> list[_Entry]:
    """Return all entries, with each storage's children as a balanced tree in the order of the format."""
    entries = [_Entry(root)]
    pending = [0]
    while pending:
        number = pending.pop()
        node = entries[number].node
        assert isinstance(node, Storage)
        # MS-CFB orders names by length first, then in upper case.
        children = sorted(
            node.children.values(), key=lambda n: (len(n.name.encode("utf-16-le")), n.name.upper())
        )
        first = len(entries)
        entries += [_Entry(child) for child in children]
        depth = (len(children) + 1).bit_length() - 1
        entries[number].child = _balance(entries, first, len(entries), depth)
        pending += [n for n in range(first, len(entries)) if isinstance(entries[n].node, Storage)]
    return entries


def _balance(entries: list[_Entry], first: int, end: int, black: int) -> int:
    """Link entries [first, end) as a tree; nodes below the `black` full levels are red."""
    if first >= end:
        return _NONE
    middle = (first + end) // 2
    entry = entries[middle]
    entry.red = black == 0
    entry.left = _balance(entries, first, middle, black - 1)
    entry.right = _balance(entries, middle + 1, end, black - 1)
    return middle


def _mini_stream(entries: list[_Entry]) -> tuple[BytesIO, list[int]]:
    """Concatenate small streams in units of 64 bytes; return them and the table of their chains."""
    mini, table = BytesIO(), list[int]()
    for entry in entries:
        node = entry.node
        if isinstance(node, Stream):
            entry.size = node.size
            if 0 < node.size < _CUTOFF:
                entry.start = len(table)
                content = node.content()
                mini.write(content + bytes(-len(content) % _MINI))
                table += _chain(len(table), -(-len(content) // _MINI))
    return mini, table


def _chain(start: int, count: int) -> list[int]:
    """Return the table entries of `count` consecutive units."""
    return [*range(start + 1, start + count), _END] if count else []


def _lay_out(
    file: BinaryIO, entries: list[_Entry], mini: BytesIO, mini_table: list[int], class_id: bytes
) -> None:
    """Write the header, then every chain: directory, mini table, mini stream, large streams, allocation."""
    fat: list[int] = []
    directory_sectors = -(-len(entries) * 128 // _SECTOR)
    mini_table_bytes = struct.pack(f"<{len(mini_table)}I", *mini_table)
    mini_bytes = mini.getvalue()
    directory_start = _claim(fat, directory_sectors * _SECTOR)
    mini_table_start = _claim(fat, len(mini_table_bytes))
    entries[0].start = _claim(fat, len(mini_bytes))
    entries[0].size = len(mini_bytes)
    large = [entry for entry in entries if isinstance(entry.node, Stream) and entry.size >= _CUTOFF]
    for entry in large:
        entry.start = _claim(fat, entry.size)
    fat_sectors, difat_sectors = _table_sectors(len(fat))
    fat_start = len(fat)
    fat += [_FAT] * fat_sectors + [_DIFAT] * difat_sectors
    file.write(bytes(_SECTOR))
    _write_padded(
        file, b"".join(e.pack(root=n == 0) for n, e in enumerate(entries)), _unused_entries(entries)
    )
    _write_padded(file, mini_table_bytes, b"\xff")
    _write_padded(file, mini_bytes, b"\0")
    for entry in large:
        assert isinstance(entry.node, Stream)
        file.writelines(entry.node.blocks())
        file.write(bytes(-entry.size % _SECTOR))
    _write_padded(file, struct.pack(f"<{len(fat)}I", *fat), b"\xff", fat_sectors * _SECTOR)
    numbers = list(range(fat_start, fat_start + fat_sectors))
    difat_start = fat_start + fat_sectors if difat_sectors else _END
    _write_difat(file, numbers[_HEADER_FATS:], difat_start, difat_sectors)
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        class_id,
        62,
        4,
        0xFFFE,
        12,
        6,
        directory_sectors,
        fat_sectors,
        directory_start,
        1,
        _CUTOFF,
        mini_table_start,
        -(-len(mini_table_bytes) // _SECTOR),
        difat_start,
        difat_sectors,
    )
    in_header = [*numbers[:_HEADER_FATS], *[_FREE] * (_HEADER_FATS - len(numbers[:_HEADER_FATS]))]
    file.seek(0)
    file.write(header + struct.pack(f"<{_HEADER_FATS}I", *in_header))


def _claim(fat: list[int], size: int) -> int:
    """Reserve the next sectors for a chain of `size` bytes; return the first."""
    start = len(fat)
    fat += _chain(start, -(-size // _SECTOR))
    return start if size else _END


def _table_sectors(used: int) -> tuple[int, int]:
    """Return the sectors of the allocation table, itself included, and of the list of its own sectors."""
    per = _SECTOR // 4
    tables, lists = 0, 0
    while True:
        needed = -(-(used + tables + lists) // per)
        beyond = max(0, needed - _HEADER_FATS)
        listed = -(-beyond // (per - 1))
        if (needed, listed) == (tables, lists):
            return tables, lists
        tables, lists = needed, listed


def _write_difat(file: BinaryIO, numbers: list[int], start: int, sectors: int) -> None:
    per = _SECTOR // 4 - 1
    for n in range(sectors):
        own = numbers[n * per : (n + 1) * per]
        following = start + n + 1 if n + 1 < sectors else _END
        file.write(struct.pack(f"<{per + 1}I", *own, *[_FREE] * (per - len(own)), following))


def _unused_entries(entries: list[_Entry]) -> bytes:
    """Return empty directory entries that fill the last sector."""
    empty = struct.pack("<64sHBBIII16sIQQIQ", b"", 0, 0, 0, _NONE, _NONE, _NONE, b"", 0, 0, 0, 0, 0)
    return empty * (-len(entries) % (_SECTOR // 128))


def _write_padded(file: BinaryIO, content: bytes, filler: bytes, size: int | None = None) -> None:
    """Write content, then filler up to a whole sector (or up to `size`)."""
    file.write(content)
    missing = (size - len(content)) if size is not None else -len(content) % _SECTOR
    file.write((filler * missing)[:missing])
