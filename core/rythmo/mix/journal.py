"""Rewrites spans of several files so that a crash at any moment leaves all of them old or all of them new.

The new bytes go to a journal first, which appears whole or not at all. Once it is there the change has
happened: whoever comes next finishes writing it. Writing it twice does no harm.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rythmo.files import output_error, replacing

NAME = ".patch"
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes to write at an offset of one file of the folder."""

    file: str
    offset: int
    data: bytes


def apply(folder: Path, changes: Sequence[Change], record: tuple[str, bytes]) -> None:
    """Make all changes, then put `record` (name, content) in the folder. Raises OutputError."""
    index = [{"file": c.file, "offset": c.offset, "length": len(c.data)} for c in changes]
    name, content = record
    head = json.dumps({"changes": index, "record": name, "record_length": len(content)}).encode()
    with replacing(folder / NAME) as temporary, temporary.open("wb") as file:
        file.write(_LENGTH.pack(len(head)) + head + content)
        for change in changes:
            file.write(change.data)
    recover(folder)


def recover(folder: Path) -> bool:
    """Finish the change that a crash left unfinished; says whether there was one. Raises OutputError."""
    journal = folder / NAME
    if not journal.is_file():
        return False
    (name, content), changes = _read(journal)
    by_file: dict[str, list[Change]] = {}
    for change in changes:
        by_file.setdefault(change.file, []).append(change)
    try:
        for file_name, of_one in by_file.items():
            _rewrite(folder / file_name, of_one)
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)
        journal.unlink()
    except OSError as error:
        raise output_error(folder, error) from error
    return True


def _read(journal: Path) -> tuple[tuple[str, bytes], list[Change]]:
    with journal.open("rb") as file:
        head = json.loads(file.read(_LENGTH.unpack(file.read(_LENGTH.size))[0]))
        content = file.read(head["record_length"])
        changes = [Change(c["file"], c["offset"], file.read(c["length"])) for c in head["changes"]]
    return (head["record"], content), changes


def _rewrite(path: Path, changes: Sequence[Change]) -> None:
    with path.open("rb+") as file:
        for change in changes:
            file.seek(change.offset)
            file.write(change.data)
        file.flush()
        os.fsync(file.fileno())


def differing(old: bytes, new: bytes, offset: int, file: str, grain: int = 1 << 16) -> Iterator[Change]:
    """The changes that turn `old` into `new` (of one length), in pieces of `grain` bytes."""
    for at in range(0, len(new), grain):
        part = new[at : at + grain]
        if old[at : at + grain] != part:
            yield Change(file, offset + at, part)
