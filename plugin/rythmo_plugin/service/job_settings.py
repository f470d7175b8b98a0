"""The settings of jobs and of projects."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from rythmo import settings_file
from rythmo.errors import InputError
from rythmo.settings import Changes, Settings
from rythmo_plugin.service import schema
from rythmo_plugin.service.projects import OpenProject

_ENGINE_KINDS = (
    "separator", "diarizer", "embedder", "transcriber", "facetracker", "translator", "voice", "watermark",
    "lipsync",
)  # fmt: skip


def collect_flags(spec: schema.JobAsked) -> dict[str, dict[str, Any]]:
    """Return the settings that a job asks for, in the form of command-line flags."""
    found: dict[str, dict[str, Any]] = {
        stage: dict(values) for stage, values in (spec.settings or {}).items()
    }
    unknown = set(spec.engines or {}) - set(_ENGINE_KINDS)
    if unknown:
        raise InputError(
            f"There is no kind of engine called {min(unknown)!r}.",
            hint=f"There are: {', '.join(_ENGINE_KINDS)}.",
        )
    if spec.engines:
        found["engines"] = {**found.get("engines", {}), **spec.engines}
    if spec.speakers is not None:
        found["speakers"] = {**found.get("speakers", {}), "count": spec.speakers}
    if spec.formats:
        found["deliver"] = {**found.get("deliver", {}), "formats": ",".join(spec.formats)}
    return found


def resolve_flags(changes: Changes) -> Settings:
    """Return the settings with these flags. Raises UsageError for unknown settings and bad values."""
    return settings_file.resolve_settings(environment=os.environ, flags=changes)


def project_settings(project: OpenProject) -> Settings:
    """Return a project's settings. They are read again when its settings.toml changes."""
    file = project.root / "settings.toml"
    changed = file.stat().st_mtime_ns if file.is_file() else 0
    return _settings_of(file, changed)


def forget_settings() -> None:
    """Read all projects' settings again, after the user decided on what some of them ask for."""
    _settings_of.cache_clear()


@lru_cache(maxsize=16)
def _settings_of(file: Path, _changed: int) -> Settings:
    # Viewing a project ignores settings that need the user's consent. Work on it refuses to start instead.
    return settings_file.resolve_settings(file=file, environment=os.environ, undecided="leave out")
