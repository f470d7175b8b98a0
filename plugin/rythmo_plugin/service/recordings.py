"""Recordings that the page sends in pieces.

A piece is on disk before it is confirmed, and what has come survives a restart of the service: the page asks
how much there is, and goes on from there. The page keeps its own copy until the recording is a take.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from rythmo.errors import OutputError
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import ApiError, not_found
from rythmo_plugin.service.config import MAX_UPLOAD_BYTES

_ID = re.compile(r"[0-9a-f]{24}\Z")
_KEPT_SECONDS = 30 * 24 * 3600
_SUFFIX = ".wav"


class Recordings:
    """The recordings of one service that are not takes yet. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def look(self, recording: str) -> schema.Recording:
        """Return how much of a recording has come; nothing for one that is not known."""
        with self._lock:
            return schema.Recording(id=recording, received=_size(self._path(recording)))

    def add(self, recording: str, offset: int, blocks: Iterable[bytes]) -> schema.Recording:
        """Append a piece; one that is sent again is not appended twice. The answer says how much there is.

        Raises ApiError (413) for more than an upload may hold, OutputError.
        """
        path = self._path(recording)
        with self._lock:
            self._forget_old()
            received = _size(path)
            if offset != received:
                return schema.Recording(id=recording, received=received)
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                received = _append(path, received, blocks)
            except OSError as error:
                raise OutputError(f"The recording cannot be written: {error.strerror}.") from error
            return schema.Recording(id=recording, received=received)

    def file(self, recording: str, size: int) -> Path:
        """Return the file of a recording that came whole. Raises ApiError (404, 409 for missing parts)."""
        path = self._path(recording)
        received = _size(path)
        if not received:
            raise not_found("recording", recording)
        if received != size:
            raise ApiError(409, "incomplete", f"{received} of {size} bytes have come.", hint="Send the rest.")
        return path

    def forget(self, recording: str) -> None:
        """Delete a recording that is a take now."""
        with self._lock:
            self._path(recording).unlink(missing_ok=True)

    def _path(self, recording: str) -> Path:
        if not _ID.match(recording):
            raise not_found("recording", recording)
        return self._folder / f"{recording}{_SUFFIX}"

    def _forget_old(self) -> None:
        if self._folder.is_dir():
            for path in self._folder.glob(f"*{_SUFFIX}"):
                if path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                    path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _append(path: Path, received: int, blocks: Iterable[bytes]) -> int:
    """Append blocks after the first `received` bytes, and return the size.

    A piece that breaks off is dropped.
    """
    with path.open("r+b" if received else "wb") as file:
        file.seek(received)
        there = received
        try:
            for block in blocks:
                there += len(block)
                _require_room(there)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            file.truncate(received)
            raise
        return there


def _require_room(size: int) -> None:
    if size > MAX_UPLOAD_BYTES:
        raise ApiError(413, "too-large", "The recording is too long.", hint="Record line by line.")
