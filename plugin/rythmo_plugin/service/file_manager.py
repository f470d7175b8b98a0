"""Shows a file in the system's own file manager."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rythmo_plugin.service.api_errors import ApiError

_SECONDS = 10.0


def reveal_command(path: Path, platform: str = sys.platform) -> list[str]:
    """What shows it. Linux has no common way to select a file: its folder is opened."""
    if platform == "darwin":
        return ["open", "-R", str(path)]
    if platform == "win32":
        return ["explorer", f"/select,{path}"]
    return ["xdg-open", str(path if path.is_dir() else path.parent)]


def reveal_file(path: Path) -> None:
    """Raises ApiError (422) where there is no file manager."""
    wanted = reveal_command(path)
    try:
        subprocess.run(  # noqa: S603 - a fixed program; the path is one argument
            wanted, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL, capture_output=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ApiError(
            422, "reveal", "There is no file manager to show it in.", hint=f"It lies here: {path}"
        ) from error
