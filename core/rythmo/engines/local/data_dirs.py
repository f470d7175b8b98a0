"""Where engines keep what outlives a job: models (see rythmo.models), and the list of remote voices."""

from __future__ import annotations

import os
from pathlib import Path

from rythmo.models.folders import models_folder

__all__ = ["STATE", "models_folder", "state_folder"]

STATE = "RYTHMO_STATE"


def state_folder() -> Path:
    """Small files that must survive a crash; RYTHMO_STATE names another folder."""
    return _folder(STATE, "user_state_path")


def _folder(variable: str, kind: str) -> Path:
    import platformdirs

    chosen = os.environ.get(variable)
    return Path(chosen) if chosen else Path(getattr(platformdirs, kind)("rythmo", appauthor=False))
