"""Rythmo's own folder of this user: what they set for all projects, and what they have allowed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "RYTHMO_HOME"
SETTINGS = "settings.toml"


def own_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Give the folder that RYTHMO_HOME names, else the user's data folder. It may not be there yet."""
    chosen = environment.get(VARIABLE)
    if chosen:
        return Path(chosen)
    import platformdirs

    return platformdirs.user_data_path("rythmo", appauthor=False)


def own_settings(environment: Mapping[str, str] = os.environ) -> Path:
    """Give the file in which the user keeps settings for all projects."""
    return own_folder(environment) / SETTINGS
