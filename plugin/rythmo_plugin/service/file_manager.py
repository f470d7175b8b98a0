"""Show a file in the system's file manager."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rythmo_plugin.service.api_errors import ApiError

_SECONDS = 10.0


def reveal_command(path: Path, platform: str = sys.platform) -> list[str]:
    """Return the command that shows a file.

    On Linux it opens the folder: there is no common way to select.
    """
    if platform == "darwin":
        return ["open", "-R", str(path)]
    if platform == "win32":
        return ["explorer", f"/select,{path}"]
    return ["xdg-open", str(path if path.is_dir() else path.parent)]


def reveal_file(path: Path) -> None:
    """Show the file in the file manager. Raises ApiError (422) if there is none."""
    wanted = reveal_command(path)
    try:
        subprocess.run(  # noqa: S603 - a fixed program; the path is one argument
            wanted, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL, capture_output=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ApiError(
            422, "reveal", "There is no file manager to show it in.", hint=f"It lies here: {path}"
        ) from error
