"""The built-in example scene, so that a first dub needs no media of the user's."""

from __future__ import annotations

from pathlib import Path

from rythmo.errors import InputError

SOURCE = "example:"
LANGUAGE = "en"


def find_example() -> Path | None:
    """Return the scene's path in the installed package or the source tree, or None if it is missing."""
    package = Path(__file__).resolve().parents[1]
    for path in (package / "example" / "scene.mp4", package.parents[1] / "examples" / "scene.mp4"):
        if path.is_file():
            return path
    return None


def require_example() -> Path:
    """Return the scene's path. Raises InputError when the installation lacks it."""
    found = find_example()
    if found is None:
        raise InputError("The example is not installed.", hint="Dub a file of your own.")
    return found
