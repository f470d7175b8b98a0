"""Where models lie on this machine, and whether one is there whole; nothing is fetched here.

Each model has a folder of its own below the models folder, which appears by one rename, and in it a manifest
that says what was installed. Looking compares names and sizes; only `verify` reads the weights.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
import platformdirs

from rythmo.errors import EngineMissingError
from rythmo.models.catalog import Model, catalog

MANIFEST = "rythmo-model.json"


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """One file as it was installed; `origin` says where it came from."""

    path: str
    size_bytes: int
    sha256: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model's folder holds.

    `archives` are those that were unpacked into it, `revision` is the commit of a hub's repository.
    """

    model: str
    files: tuple[InstalledFile, ...]
    archives: tuple[InstalledFile, ...] = ()
    revision: str = ""


def models_folder() -> Path:
    """The folder of all models: RYTHMO_MODELS, or `models` in RYTHMO_HOME or in the user's data folder."""
    chosen = os.environ.get("RYTHMO_MODELS")
    if chosen:
        return Path(chosen)
    home = os.environ.get("RYTHMO_HOME")
    return (Path(home) if home else platformdirs.user_data_path("rythmo", appauthor=False)) / "models"


def get_command(name: str) -> str:
    """The command that fetches a model or a set."""
    return f"rythmo models get {name}"


def find_model(name: str) -> Path | None:
    """The folder of an installed model, or None. Raises UnknownModelError for a name not in the table.

    A folder that somebody copied there without a manifest counts where every file has the right size.
    """
    return find_installed(catalog().find(name))


def require_model(name: str) -> Path:
    """The folder of an installed model. Raises EngineMissingError with the command that gets it."""
    folder = find_model(name)
    if folder is None:
        raise EngineMissingError(
            f"The model {name} is not installed.", hint=f"Get it with: {get_command(name)}"
        )
    return folder


def find_installed(model: Model) -> Path | None:
    """The model's folder where all of it is there, by names and sizes."""
    folder = models_folder() / model.folder_name
    expected = expected_files(model, folder)
    if not expected:
        return None
    return folder if all(has_size(folder / file.path, file.size_bytes) for file in expected) else None


def expected_files(model: Model, folder: Path) -> tuple[InstalledFile, ...]:
    """What the folder should hold: by its manifest where the table agrees with it, else by the table."""
    wanted = model.files_here()
    manifest = read_manifest(folder)
    if manifest is None:
        listed = tuple(InstalledFile(file.path, file.size_bytes, file.sha256) for file in wanted)
        known = not any(file.unpack or not file.size_bytes or not file.sha256 for file in wanted)
        return listed if known else ()
    hashes = {file.path: file.sha256 for file in (*manifest.files, *manifest.archives)}
    current = all(file.path in hashes and file.sha256 in {"", hashes[file.path]} for file in wanted)
    return manifest.files if current else ()


def read_manifest(folder: Path) -> Manifest | None:
    """The folder's manifest; None where there is none or where it is damaged."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def has_size(path: Path, size: int) -> bool:
    """Whether a file of that size is there."""
    try:
        return path.is_file() and path.stat().st_size == size
    except OSError:
        return False
