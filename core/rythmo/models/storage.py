"""What the user is told when the disk that models lie on is full or refuses."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from rythmo.errors import OutputError
from rythmo.files import shown

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
ELSEWHERE = "Free some space, or name a folder on another disk (RYTHMO_MODELS), and run it again"


def storage_error(path: Path, error: OSError) -> OutputError:
    """The user's sentence for an OSError met in the models folder."""
    if error.errno in _DISK_FULL:
        return OutputError(
            f"The disk is full: cannot write {shown(path)}.", hint=f"{ELSEWHERE}: what has arrived is kept."
        )
    return OutputError(
        f"Cannot write {shown(path)}: {error.strerror or error}.",
        hint="Name another folder for models: RYTHMO_MODELS.",
    )


def count_free_bytes(folder: Path) -> int:
    """Free space where a folder is or will be."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
