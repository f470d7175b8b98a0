"""Signatures kept by content, so that the same content signed again gives the same bytes.

They lie in the user's folder, for all projects: the same dub in another folder, or after a kill, is signed
with the same bytes. Of a signed file only that is kept which signing added: some kB instead of a second film.
A manifest lies in a box at the head of a film, and in a chunk at the end of a WAVE file. Both files share one
long stretch besides.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from rythmo.files import make_output_error, replace_atomically
from rythmo.project.sqlite_files import sqlite_error
from rythmo.user_folder import find_user_folder

_NAME = "signatures.db"
_TABLES = """
create table if not exists kept (key text primary key, used integer not null, data blob not null);
create table if not exists digests (key text primary key, used integer not null, digest text not null);
"""
_BLOCK = 1 << 20
# A film whose index lies at its end shares no long stretch; keeping all of it is not worth the disk.
_MOST_BYTES = 16 << 20
_MOST_KEPT_BYTES = 256 << 20
_MOST_DIGESTS = 100_000
_HINT = "Delete it: signatures are then made anew."


class Difference(msgspec.Struct, frozen=True):
    """A signed file: `head`, then bytes [start, start + length) of the unsigned file, then `tail`."""

    head: bytes
    start: int
    length: int
    tail: bytes
    sha256: str
    """Of the whole signed file."""


class KeptSignatures:
    """The kept signatures of one user, open for one delivery. Made by `open_kept`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, key: str, plain: Path, signed: Path) -> None:
        """Keep how `signed` differs from `plain`, unless that is a whole film."""
        found = find_difference(plain, signed)
        if found is not None:
            self.keep_manifest(key, msgspec.msgpack.encode(found))

    def restore(self, key: str, path: Path) -> bool:
        """Turn the unsigned file `path` into the signed one that was kept under the key.

        Tells whether there was one. A damaged entry counts as none. Raises OutputError.
        """
        try:
            kept = msgspec.msgpack.decode(self.read_manifest(key) or b"", type=Difference)
        except msgspec.MsgspecError:
            return False
        with suppress(_DamagedError), replace_atomically(path) as temporary:
            if _apply(kept, path, temporary) != kept.sha256:
                raise _DamagedError
            return True
        return False

    def keep_manifest(self, key: str, data: bytes) -> None:
        """Keep a manifest that lies beside its file."""
        self._connection.execute("insert or replace into kept values (?, ?, ?)", (key, _now(), data))

    def read_manifest(self, key: str) -> bytes | None:
        """Return a manifest that was kept, or None."""
        row = self._connection.execute("select data from kept where key = ?", (key,)).fetchone()
        if row is None:
            return None
        self._connection.execute("update kept set used = ? where key = ?", (_now(), key))
        return bytes(row[0])

    def digest(self, path: Path, make: Callable[[Path], str]) -> str:
        """Return the hash of a file's content, remembered by its path, size and time of change."""
        facts = path.stat()
        key = f"{facts.st_size} {facts.st_mtime_ns} {path.resolve()}"
        row = self._connection.execute("select digest from digests where key = ?", (key,)).fetchone()
        found = str(row[0]) if row else make(path)
        self._connection.execute("insert or replace into digests values (?, ?, ?)", (key, _now(), found))
        return found

    def forget_oldest(self) -> None:
        """Forget what was used longest ago, when there is too much."""
        total = 0
        rows = self._connection.execute("select key, length(data) from kept order by used desc").fetchall()
        for key, size in rows:
            total += size
            if total > _MOST_KEPT_BYTES:
                self._connection.execute("delete from kept where key = ?", (key,))
        self._connection.execute(
            "delete from digests where key in (select key from digests order by used desc limit -1 offset ?)",
            (_MOST_DIGESTS,),
        )


@contextmanager
def open_kept(folder: Path | None = None) -> Iterator[KeptSignatures]:
    """Open the kept signatures; what was kept lasts also when the block raises.

    A damaged file is begun anew. Raises OutputError when it cannot be written.
    """
    path = (folder or find_user_folder()) / _NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise make_output_error(path, error) from error
    try:
        with closing(_connect(path)) as connection:
            kept = KeptSignatures(connection)
            yield kept
            kept.forget_oldest()
    except sqlite3.Error as error:
        raise sqlite_error(path, error, _HINT) from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open the database, begun anew where the file is none."""
    for _ in range(2):
        # In autocommit, so that several deliveries at once wait for each other only a moment. What a power
        # cut loses is signed again.
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            connection.execute("pragma synchronous = off")
            connection.executescript(_TABLES)
        except sqlite3.OperationalError:
            connection.close()
            raise
        except sqlite3.DatabaseError:
            connection.close()
            path.write_bytes(b"")
        else:
            return connection
    raise sqlite3.OperationalError("the file cannot be made anew")


class _DamagedError(Exception):
    """A kept entry does not give the file that it should."""


def _now() -> int:
    return time.time_ns()


def find_difference(plain: Path, signed: Path) -> Difference | None:
    """Find the longest stretch that the two share, either up to the end of both or at the same place.

    None when too little is shared.
    """
    sizes = plain.stat().st_size, signed.stat().st_size
    with plain.open("rb") as before, signed.open("rb") as after:
        at_end = _count_shared(before, sizes[0], after, sizes[1])
        same = min(sizes)
        in_place = _count_shared(before, same, after, same)
        length, stop, signed_stop = max((at_end, sizes[0], sizes[1]), (in_place, same, same))
        if sizes[1] - length > _MOST_BYTES:
            return None
        after.seek(0)
        head = after.read(signed_stop - length)
        after.seek(signed_stop)
        tail = after.read()
        after.seek(0)
        digest = hashlib.file_digest(after, "sha256").hexdigest()
    return Difference(head, stop - length, length, tail, digest)


def _count_shared(one: BinaryIO, one_end: int, other: BinaryIO, other_end: int) -> int:
    """Count the bytes before these two ends that are the same in both files."""
    count, most = 0, min(one_end, other_end)
    while count < most:
        size = min(_BLOCK, most - count)
        one.seek(one_end - count - size)
        other.seek(other_end - count - size)
        pair = [np.frombuffer(file.read(size), np.uint8) for file in (one, other)]
        different = np.flatnonzero(pair[0] != pair[1])
        if different.size:
            return count + size - 1 - int(different[-1])
        count += size
    return count


def _apply(kept: Difference, plain: Path, target: Path) -> str:
    """Write the signed file and return its SHA-256."""
    with plain.open("rb") as source, target.open("w+b") as out:
        out.write(kept.head)
        source.seek(kept.start)
        left = kept.length
        while left > 0 and (block := source.read(min(_BLOCK, left))):
            out.write(block)
            left -= len(block)
        out.write(kept.tail)
        out.seek(0)
        return hashlib.file_digest(out, "sha256").hexdigest()
