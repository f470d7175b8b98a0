"""Folders for temporary files, which are removed at the next start when their process was killed.

Each is locked by the process that uses it. A lock ends with its process, also under `kill -9`, and says so to
processes of another container that shares the temporary folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rythmo.files import make_output_error

_PREFIX = "rythmo-"
_LOCK = "in-use.lock"
_YOUNG_SECONDS = 3600


@contextmanager
def scratch_folder(purpose: str, parent: Path | None = None) -> Iterator[Path]:
    """Yield a new folder named after its purpose, and remove it when the block ends.

    Only its owner can read it. It lies in the system's temporary folder, or in `parent`. Raises OutputError.
    """
    where = parent or Path(tempfile.gettempdir())
    folder: Path | None = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-", dir=where))
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=0)
    except OSError as error:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise make_output_error(where, error) from error
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def sweep_scratch(parent: Path | None = None) -> None:
    """Remove the folders that processes left which have ended. Other users' folders stay."""
    try:
        with os.scandir(parent or tempfile.gettempdir()) as entries:
            found = [
                Path(entry.path)
                for entry in entries
                if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return
    for folder in found:
        with suppress(OSError):
            _sweep(folder)


def _sweep(folder: Path) -> None:
    facts = folder.lstat()
    if hasattr(os, "getuid") and facts.st_uid != os.getuid():
        return
    if not (folder / _LOCK).is_file():
        # Just being made, or left in that moment; or not one of these folders, and then not empty.
        if time.time() - facts.st_mtime > _YOUNG_SECONDS:
            folder.rmdir()
        return
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)
