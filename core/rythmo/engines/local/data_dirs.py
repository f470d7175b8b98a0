"""The folders in which engines keep data between jobs: models (see rythmo.models) and the voice ledger."""

from __future__ import annotations

import os
from pathlib import Path

from rythmo.models.folders import models_folder
from rythmo.user_folder import VARIABLE

__all__ = ["STATE", "models_folder", "state_folder"]

STATE = "RYTHMO_STATE"


def state_folder() -> Path:
    """Return the folder for small state files: RYTHMO_STATE, `state` in RYTHMO_HOME, or the user's own."""
    chosen, home = os.environ.get(STATE), os.environ.get(VARIABLE)
    if chosen or home:
        return Path(chosen) if chosen else Path(str(home)) / "state"
    import platformdirs

    return platformdirs.user_state_path("rythmo", appauthor=False)
