"""Rewrite spans of several files so that a crash at any moment leaves all of them old or all of them new.

The new bytes go to a journal first, which appears whole or not at all. From then on the change counts as
made: the next call finishes writing it. Writing it twice does no harm.

A journal may be damaged, or come with somebody else's project. One that is not ours to the byte, or that
names anything but stems inside their length, is deleted together with the record. The stems then count as
unknown, and are mixed anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rythmo.errors import ScriptError
from rythmo.files import make_output_error, replace_atomically
from rythmo.project_paths import path_in

NAME = ".patch"
RECORD = ".mix.json"
"""What the stems were mixed from; the only file besides stems that a journal replaces."""

_LENGTH = struct.Struct("<Q")
_STEM = re.compile(r"(DX|ME|MIX|DX_[A-Za-z0-9_-]{1,80})\.wav\Z")
# Bytes; a head that claims to be longer is not ours.
_MOST_HEAD = 16 << 20


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes to write at an offset of one file of the folder."""

    file: str
    offset: int
    data: bytes


class _ForeignJournalError(Exception):
    """This program did not write the journal."""


def is_stem(name: str) -> bool:
    """Tell whether that is the file name of a stem."""
    return _STEM.match(name) is not None


def apply_changes(folder: Path, changes: Sequence[Change], record: bytes) -> None:
    """Make all changes, then put the `record` in the folder. Raises OutputError."""
    index = [{"file": c.file, "offset": c.offset, "length": len(c.data)} for c in changes]
    content, digest = record, hashlib.sha256(record)
    for change in changes:
        digest.update(change.data)
    head = json.dumps(
        {"changes": index, "record_length": len(content), "sha256": digest.hexdigest()}
    ).encode()
    with replace_atomically(folder / NAME) as temporary, temporary.open("wb") as file:
        file.write(_LENGTH.pack(len(head)) + head + content)
        for change in changes:
            file.write(change.data)
    finish_changes(folder)


def finish_changes(folder: Path) -> bool:
    """Finish the change that a crash interrupted, and return whether there was one.

    Without a journal of ours nothing changes; a foreign one is deleted, and the record with it. Raises
    OutputError.
    """
    journal = folder / NAME
    if not journal.is_file():
        return False
    try:
        content, changes = _read_journal(journal, folder)
    except (_ForeignJournalError, ScriptError):
        (folder / RECORD).unlink(missing_ok=True)
        journal.unlink(missing_ok=True)
        return False
    by_file: dict[str, list[Change]] = {}
    for change in changes:
        by_file.setdefault(change.file, []).append(change)
    try:
        for file_name, edits in by_file.items():
            _write_changes(path_in(folder, file_name), edits)
        with replace_atomically(folder / RECORD) as temporary:
            temporary.write_bytes(content)
        journal.unlink()
    except OSError as error:
        raise make_output_error(folder, error) from error
    return True


def _read_journal(journal: Path, folder: Path) -> tuple[bytes, list[Change]]:
    """Return the record and the changes.

    Raises _ForeignJournalError for anything that `apply_changes` would not have written.
    """
    data = journal.read_bytes()
    try:
        size = _LENGTH.unpack_from(data)[0]
        if size > _MOST_HEAD:
            raise _ForeignJournalError("a head that is too long")
        head = json.loads(data[_LENGTH.size : _LENGTH.size + size])
        body = memoryview(data)[_LENGTH.size + size :]
        if hashlib.sha256(body).hexdigest() != head["sha256"]:
            raise _ForeignJournalError("bytes that do not match their hash")
        at = head["record_length"]
        content, changes = bytes(body[:at]), []
        for entry in head["changes"]:
            length = entry["length"]
            changes.append(Change(entry["file"], entry["offset"], bytes(body[at : at + length])))
            _require_in_stem(changes[-1], length, folder)
            at += length
    except (ValueError, KeyError, TypeError, RecursionError, struct.error) as error:
        raise _ForeignJournalError("not a journal") from error
    return content, changes


def _require_in_stem(change: Change, length: Any, folder: Path) -> None:
    """Raise _StrangeError unless the change lies within a stem that is there."""
    if not is_stem(change.file) or not isinstance(length, int) or len(change.data) != length:
        raise _ForeignJournalError("a file that is no stem")
    path = path_in(folder, change.file)
    held = path.stat().st_size if path.is_file() else 0
    if not 0 <= change.offset <= held - length:
        raise _ForeignJournalError("bytes outside a stem")


def _write_changes(path: Path, changes: Sequence[Change]) -> None:
    with path.open("rb+") as file:
        for change in changes:
            file.seek(change.offset)
            file.write(change.data)
        file.flush()
        os.fsync(file.fileno())


def find_changes(old: bytes, new: bytes, offset: int, file: str, grain: int = 1 << 16) -> Iterator[Change]:
    """Yield the changes that turn `old` into `new` (of equal length), in pieces of `grain` bytes."""
    for at in range(0, len(new), grain):
        part = new[at : at + grain]
        if old[at : at + grain] != part:
            yield Change(file, offset + at, part)
