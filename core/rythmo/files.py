"""Files that are whole or absent: written beside their place, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rythmo.errors import OutputError

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


def write_atomically(path: Path, data: bytes) -> None:
    """Write bytes so that `path` holds either the old content or all of the new."""
    make_atomically(path, lambda temporary: _write(temporary, data))


def make_atomically(path: Path, make: Callable[[Path], None]) -> None:
    """Let `make` write a temporary file beside `path`, then put it in its place.

    The temporary file keeps the suffix, because writers choose their format by it. Raises OutputError
    when the disk is full or the folder cannot be written; then nothing is left behind.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make(temporary)
        _flush(temporary)
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise output_error(error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def output_error(error: OSError, path: Path) -> OutputError:
    """What the operating system said, for a person."""
    if error.errno in _FULL:
        return OutputError(
            f"The disk is full: {path} could not be written.", hint="Free some space and run again."
        )
    reason = error.strerror or str(error)
    return OutputError(f"{path} cannot be written: {reason}.", hint="Choose another folder with --out.")


def require_writable(folder: Path) -> None:
    """Raise OutputError unless files can be made in `folder` (made itself if need be)."""
    probe = folder / f".{secrets.token_hex(6)}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise output_error(error, folder) from error


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    # Windows cannot open a folder to flush it, and makes renames durable by itself.
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
