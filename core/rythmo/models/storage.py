"""Errors of the disk that holds the models, and its free space."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from rythmo.errors import OutputError
from rythmo.files import make_printable

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
ELSEWHERE = "Free some space, or name a folder on another disk (RYTHMO_MODELS), and run the command again"


def storage_error(path: Path, error: OSError) -> OutputError:
    """Return the error to show the user for an OSError in the models folder."""
    if error.errno in _DISK_FULL:
        return OutputError(
            f"The disk is full: cannot write {make_printable(path)}.",
            hint=f"{ELSEWHERE}. What was downloaded is kept.",
        )
    return OutputError(
        f"Cannot write {make_printable(path)}: {error.strerror or error}.",
        hint="Name another folder for models in RYTHMO_MODELS.",
    )


def count_free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk where a folder is or will be."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
