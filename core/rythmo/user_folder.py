"""Find Rythmo's folder of this user, with settings for all projects and permissions."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "RYTHMO_HOME"
SETTINGS = "settings.toml"


def find_user_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that RYTHMO_HOME names, else the user's data folder. It may not exist yet."""
    chosen = environment.get(VARIABLE)
    if chosen:
        return Path(chosen)
    import platformdirs

    return platformdirs.user_data_path("rythmo", appauthor=False)


def find_user_settings(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the user's settings for all projects."""
    return find_user_folder(environment) / SETTINGS


def login_name() -> str:
    """Return the name that the user is logged in by, or "unknown" where the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
