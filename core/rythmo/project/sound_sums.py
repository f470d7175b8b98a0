"""Checksums of a project's sounds: takes, placed takes and what lies in the cache.

A flipped sample is a sample still, so only a checksum shows it. Reading all the sound of a film takes
seconds. So an edit trusts a file whose size and time of change are those that were recorded; a dub and a
delivery read every file that they use once.
"""

from __future__ import annotations

import os
import threading
import zlib
from contextlib import suppress
from pathlib import Path

import msgspec

from rythmo.files import write_atomically
from rythmo.project.sealed import seal, unseal
from rythmo.project.wave_check import is_whole_wave

NAME = "sounds.json"
_BLOCK = 1 << 20


class _Entry(msgspec.Struct, array_like=True):
    size: int
    mtime_ns: int
    crc: int


class SoundSums:
    """The checksums of one project, read when first asked for; safe to use from several threads.

    With `thorough`, each file is read once, whatever its time of change says.
    """

    def __init__(self, root: Path, *, thorough: bool = False) -> None:
        self._root = root
        self._prefix = os.path.join(root, "")  # noqa: PTH118 - the separator at its end
        self._file = root / "cache" / NAME
        self._thorough = thorough
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[int, int]] = {}
        self._changed = False
        self._entries: dict[str, _Entry] = {}
        # A file that cannot be read is begun anew: each sound is then taken as it is.
        with suppress(FileNotFoundError, msgspec.MsgspecError):
            self._entries = msgspec.json.decode(unseal(self._file.read_bytes()), type=dict[str, _Entry])

    def holds(self, path: Path) -> bool:
        """Tell whether the sound is there, whole, and the one that was recorded.

        A sound without a record (of an older version) is taken as it is, and recorded.
        """
        try:
            facts = path.stat()
        except OSError:
            return False
        name, stamp = self._name(path), (facts.st_size, facts.st_mtime_ns)
        with self._lock:
            known, seen = self._entries.get(name), self._seen.get(name)
        if known is not None and (
            seen == stamp or (not self._thorough and (known.size, known.mtime_ns) == stamp)
        ):
            return True  # asked of every take at every edit: nothing is opened
        if not is_whole_wave(path):
            return False
        if known is None:
            self.record(path)
            return True
        if known.size != facts.st_size or _checksum(path) != known.crc:
            return False
        self._keep(name, stamp, known.crc)
        return True

    def record(self, path: Path) -> None:
        """Record the sound as it is now. Raises OSError for one that is not there."""
        facts = path.stat()
        self._keep(self._name(path), (facts.st_size, facts.st_mtime_ns), _checksum(path))

    def save(self) -> None:
        """Write what is new. Raises OutputError."""
        with self._lock:
            if not self._changed:
                return
            data, self._changed = msgspec.json.encode(self._entries, order="sorted"), False
        write_atomically(self._file, seal(data))

    def _keep(self, name: str, stamp: tuple[int, int], crc: int) -> None:
        with self._lock:
            entry = _Entry(*stamp, crc)
            self._changed |= self._entries.get(name) != entry
            self._entries[name] = entry
            self._seen[name] = stamp

    def _name(self, path: Path) -> str:
        # Asked of every take at every edit: `relative_to` takes ten times as long.
        text = os.fspath(path)
        inside = text.removeprefix(self._prefix) if text.startswith(self._prefix) else ""
        return (inside or os.path.relpath(path, self._root)).replace(os.sep, "/")


def _checksum(path: Path) -> int:
    found = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            found = zlib.crc32(block, found)
    return found
