"""Verification of installed models by their hashes, and removal of models."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from rythmo.models.catalog import Model
from rythmo.models.download import hash_file
from rythmo.models.folders import expected_files, has_size, models_folder
from rythmo.models.storage import storage_error
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress

STAGE = "verify"


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The result of verifying a model; `bad` names the files that are missing or changed."""

    model: Model
    installed: bool
    bad: tuple[str, ...] = ()


def verify_models(
    models: Sequence[Model], *, report: Report = ignore_progress, cancel: CancelToken = NEVER
) -> tuple[VerificationResult, ...]:
    """Compare every file of the models with its hash. Nothing is changed. Raises CancelledError."""
    root = models_folder()
    expected = {model.name: expected_files(model, root / model.folder_name) for model in models}
    total = sum(file.size_bytes for files in expected.values() for file in files)
    done = 0
    results: list[VerificationResult] = []
    for model in models:
        folder = root / model.folder_name
        bad: list[str] = []
        for file in expected[model.name]:
            cancel.check()
            path = folder / file.path
            whole = has_size(path, file.size_bytes) and hash_file(path) == f"sha256:{file.sha256}"
            bad += [] if whole else [file.path]
            done += file.size_bytes
            report(Progress(STAGE, float(done), float(total), model.name))
        installed = folder.is_dir() and bool(expected[model.name])
        results.append(VerificationResult(model, installed, tuple(bad) if installed else ()))
    return tuple(results)


def remove_model(model: Model) -> bool:
    """Delete a model's folder; return False if there was none. Raises OutputError."""
    folder = models_folder() / model.folder_name
    if not folder.is_dir():
        return False
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise storage_error(folder, error) from error
    return True
