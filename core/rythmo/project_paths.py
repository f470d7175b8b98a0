"""Check that paths stay inside a project's folder.

A project may come from somebody else, so its files are not trusted. Every name read from them becomes a path
here and nowhere else. A project that holds a link, a pipe or a device is refused.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

from rythmo.errors import InputError, ScriptError

SUFFIX = ".rythmo"
"""Suffix of a project's folder."""

LANGUAGES = "languages"
"""Folder of a project that holds its further languages, each in a folder like a project's."""

TEMPORARY = ".part"
"""Suffix of temporary files; see files.py."""

# A film has some 100 000 files; a folder with far more is not a project, and walking it would seem to hang.
_MOST_ENTRIES = 2_000_000
_HINT = "A project may hold only its own files and folders. Delete it, or replace it with the file itself."


def path_in(root: Path, name: str | os.PathLike[str]) -> Path:
    """Return the path of the file `name` in the folder `root`.

    `name` is relative, with slashes. Raises ScriptError when it leads out of `root`, by `..` or by a link.
    """
    text = os.fspath(name).replace(os.sep, "/")
    parts = PurePosixPath(text).parts
    strange = not parts or text.startswith("/") or "\\" in text or ":" in text or "\0" in text
    if strange or ".." in parts or PureWindowsPath(text).drive:
        raise ScriptError(
            f"{text!r} is not a file of {root.name}.", hint="Restore the project from a backup copy."
        )
    path = root
    for part in parts:
        path /= part
        if is_link(path):
            raise _leads_out(root, path)
    return path


def find_home(root: Path) -> Path:
    """Return the project's folder that `root` belongs to: `NAME.rythmo` for `NAME.rythmo/languages/es`.

    Any other folder is its own home.
    """
    parent = root.parent
    return parent.parent if parent.name == LANGUAGES and parent.parent.suffix == SUFFIX else root


def require_own_files(root: Path) -> list[Path]:
    """Raise ScriptError when the folder holds a link, a pipe, a socket or a device, at any depth.

    A folder that does not exist is fine. Returns the temporary files seen on the way.
    """
    waiting, count = [os.fspath(root)], 0
    temporary: list[Path] = []
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_symlink() or is_junction(entry):
                        raise _leads_out(root, Path(entry.path))
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif not entry.is_file(follow_symlinks=False):
                        raise _leads_out(root, Path(entry.path), "a pipe or a device")
                    elif entry.name.endswith(TEMPORARY):
                        temporary.append(Path(entry.path))
        except (FileNotFoundError, NotADirectoryError):
            continue  # deleted meanwhile
        except PermissionError as error:
            raise InputError(
                f"{error.filename} cannot be read.", hint="Check the permissions of the project's folder."
            ) from error
        if count > _MOST_ENTRIES:
            raise ScriptError(f"{root} holds too many files.", hint="This is not a Rythmo project.")
    return temporary


def require_inside_project(target: Path) -> None:
    """Raise ScriptError when `target` is named below a project's folder but a link leads it outside."""
    parents = target.parents
    depth = next((n for n, parent in enumerate(parents) if parent.suffix == SUFFIX), None)
    if depth is not None:
        for parent in parents[:depth]:
            if is_link(parent):
                raise _leads_out(parents[depth], parent)


def is_link(path: Path) -> bool:
    """Tell whether the path is a symbolic link or a Windows junction. False when it does not exist."""
    try:
        facts = path.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISLNK(facts.st_mode) or _is_mount_point(facts)


def is_junction(entry: os.DirEntry[str]) -> bool:
    """Tell whether an entry is a junction, which Windows does not count as a symbolic link."""
    return os.name == "nt" and _is_mount_point(entry.stat(follow_symlinks=False))


def _is_mount_point(facts: os.stat_result) -> bool:
    wanted: int | None = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
    return wanted is not None and getattr(facts, "st_reparse_tag", 0) == wanted


def _leads_out(root: Path, path: Path, what: str = "a link that may lead elsewhere") -> ScriptError:
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    return ScriptError(f"{name!r} in {root.name} is {what}.", hint=_HINT)
