"""Where engines keep what outlives a job: models that people downloaded, and the list of remote voices."""

from __future__ import annotations

import os
from pathlib import Path

MODELS = "RYTHMO_MODELS"
STATE = "RYTHMO_STATE"


def models_folder() -> Path:
    """Models that people put there by hand; RYTHMO_MODELS names another folder."""
    return (
        _folder(MODELS, "user_data_path") / "models"
        if not os.environ.get(MODELS)
        else Path(os.environ[MODELS])
    )


def state_folder() -> Path:
    """Small files that must survive a crash; RYTHMO_STATE names another folder."""
    return _folder(STATE, "user_state_path")


def _folder(variable: str, kind: str) -> Path:
    import platformdirs

    chosen = os.environ.get(variable)
    return Path(chosen) if chosen else Path(getattr(platformdirs, kind)("rythmo", appauthor=False))
