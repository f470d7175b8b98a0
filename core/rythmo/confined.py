"""Keep a project inside its folder: no name and no link in it leads anywhere else.

A project may come from somebody else. Names out of its files become paths here and nowhere else, and a folder
that holds a link, a pipe or a device is not worked on.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

from rythmo.errors import InputError, ScriptError

SUFFIX = ".rythmo"
"""What a project's folder ends in."""

TEMPORARY = ".part"
"""What temporary files end in; see files.py."""

_MOST_ENTRIES = 2_000_000
_HINT = (
    "A project holds files and folders of its own only. Delete it there, or put the file itself in its place."
)


def path_in(root: Path, name: str | os.PathLike[str]) -> Path:
    """Where the file of that name lies in the folder `root`, which it cannot leave.

    `name` is relative, with slashes. Raises ScriptError for one that leads out, by its parts or by a link.
    """
    text = os.fspath(name).replace(os.sep, "/")
    parts = PurePosixPath(text).parts
    strange = not parts or text.startswith("/") or "\\" in text or ":" in text or "\0" in text
    if strange or ".." in parts or PureWindowsPath(text).drive:
        raise ScriptError(f"{text!r} is not a file of {root.name}.", hint="Put back a copy of the project.")
    path = root
    for part in parts:
        path /= part
        if is_link(path):
            raise _leads_out(root, path)
    return path


def require_own_files(root: Path) -> list[Path]:
    """Raise ScriptError when the folder holds a link, a pipe, a socket or a device, at any depth.

    What is not there yet has nothing in it. Gives the temporary files that were seen on the way.
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
            continue  # taken away meanwhile
        except PermissionError as error:
            raise InputError(
                f"{error.filename} cannot be read.", hint="Check who may read the project's folder."
            ) from error
        if count > _MOST_ENTRIES:
            raise ScriptError(f"{root} holds too many files.", hint="This is no project of Rythmo's.")
    return temporary


def require_inside_project(target: Path) -> None:
    """Raise ScriptError when `target` lies below a project's folder by name, but by a link outside it."""
    parents = target.parents
    depth = next((n for n, parent in enumerate(parents) if parent.suffix == SUFFIX), None)
    if depth is not None:
        for parent in parents[:depth]:
            if is_link(parent):
                raise _leads_out(parents[depth], parent)


def is_link(path: Path) -> bool:
    """Whether the path is a symbolic link or, on Windows, a junction; False for what is not there."""
    try:
        facts = path.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISLNK(facts.st_mode) or _is_mount_point(facts)


def is_junction(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a junction, which Windows does not count among symbolic links."""
    return os.name == "nt" and _is_mount_point(entry.stat(follow_symlinks=False))


def _is_mount_point(facts: os.stat_result) -> bool:
    wanted: int | None = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
    return wanted is not None and getattr(facts, "st_reparse_tag", 0) == wanted


def _leads_out(root: Path, path: Path, what: str = "a link that may lead elsewhere") -> ScriptError:
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    return ScriptError(f"{name!r} in {root.name} is {what}.", hint=_HINT)
