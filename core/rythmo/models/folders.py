"""The folders of installed models, and checks that a model is complete; nothing is downloaded here.

Each model has a folder of its own in the models folder. It is put there by one rename and contains a manifest
of what was installed. The checks compare names and sizes; only `verify` reads the weights.
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
    """A file as it was installed; `origin` says where it came from."""

    path: str
    size_bytes: int
    sha256: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a model's folder.

    `archives` are those that were unpacked into it. `revision` is the commit of a hub's repository.
    """

    model: str
    files: tuple[InstalledFile, ...]
    archives: tuple[InstalledFile, ...] = ()
    revision: str = ""


def models_folder() -> Path:
    """Return the folder of all models: RYTHMO_MODELS, or `models` in RYTHMO_HOME or the user's data
    folder."""
    chosen = os.environ.get("RYTHMO_MODELS")
    if chosen:
        return Path(chosen)
    home = os.environ.get("RYTHMO_HOME")
    return (Path(home) if home else platformdirs.user_data_path("rythmo", appauthor=False)) / "models"


def get_command(name: str) -> str:
    """Return the command that installs a model or a set."""
    return f"rythmo models get {name}"


def find_model(name: str) -> Path | None:
    """Return the folder of an installed model, or None. Raises UnknownModelError for an unknown name.

    A folder that was copied there without a manifest counts if every file has the right size.
    """
    return find_installed(catalog().find(name))


def require_model(name: str) -> Path:
    """Return the folder of an installed model. Raises EngineMissingError with the command that installs
    it."""
    folder = find_model(name)
    if folder is None:
        raise EngineMissingError(
            f"The model {name} is not installed.", hint=f"Get it with: {get_command(name)}"
        )
    return folder


def find_installed(model: Model) -> Path | None:
    """Return the model's folder if all files are there with the right sizes, else None."""
    folder = models_folder() / model.folder_name
    expected = expected_files(model, folder)
    if not expected:
        return None
    return folder if all(has_size(folder / file.path, file.size_bytes) for file in expected) else None


def expected_files(model: Model, folder: Path) -> tuple[InstalledFile, ...]:
    """Return the files that the folder should contain.

    They come from its manifest if that agrees with the catalogue, and from the catalogue if there is no
    manifest. Empty means that they aren't known, or that the manifest is out of date.
    """
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
    """Return the folder's manifest, or None if there is none or it is damaged."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def has_size(path: Path, size: int) -> bool:
    """Return whether the path is a file of that size."""
    try:
        return path.is_file() and path.stat().st_size == size
    except OSError:
        return False
