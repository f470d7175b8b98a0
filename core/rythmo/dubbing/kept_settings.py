"""Keep the settings of a delivery with the project: the next edit is mixed and written the same way."""

from __future__ import annotations

from typing import Any

from rythmo import settings_file, trust
from rythmo.project.workspace import Project


def keep_settings(project: Project, flags: dict[str, dict[str, Any]]) -> None:
    """Save the flags that were given to the project's settings.toml; None stands for a flag that was not.

    What the user allowed the project before stays allowed. Raises UsageError for unknown settings and bad
    values, OutputError when the file cannot be written.
    """
    if all(value is None for changes in flags.values() for value in changes.values()):
        return
    file = project.root / "settings.toml"
    before = settings_file.find_restricted_in_file(file)
    whole = settings_file.resolve_settings(file=file, flags=flags, undecided="keep")
    settings_file.save_settings(whole, file)
    trust.carry_settings(project.root, before, settings_file.find_restricted(whole))
