"""Write files atomically: each is written beside its target, flushed to disk, then renamed."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rythmo.errors import OutputError
from rythmo.project_paths import require_inside_project

_PREFIX, _SUFFIX = ".rythmo-", ".part"
_HEXADECIMAL = re.compile(r"[0-9a-f]{1,8}")
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def replace_atomically(target: Path) -> Iterator[Path]:
    """Yield a temporary path in the target's folder, and rename it to the target when the block succeeds.

    When the block raises, the temporary file is removed and an existing target stays unchanged.
    The name is short and random because the target's own name may already be 255 bytes long.
    An OSError, in the block or here, is raised as OutputError. Raises ScriptError when a link would lead the
    file out of a project's folder.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve() would follow the target's own link
    temporary: Path | None = None
    require_inside_project(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _create_temporary(target.parent)
        yield temporary
        _move_into_place(temporary, target)
    except OSError as error:
        raise make_output_error(target, error) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Write bytes so that `path` holds either the old content or all of the new content.

    Raises OutputError.
    """
    with replace_atomically(path) as temporary:
        temporary.write_bytes(data)


def make_atomically(path: Path, make: Callable[[Path], object]) -> None:
    """Let `make` write a temporary file, then rename it to `path`. Raises OutputError."""
    with replace_atomically(path) as temporary:
        make(temporary)


def require_writable(folder: Path) -> None:
    """Raise OutputError unless files can be created in `folder`. Creates the folder if needed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _create_temporary(folder).unlink()
    except OSError as error:
        raise make_output_error(folder, error) from error


@contextmanager
def temporary_file(target: Path) -> Iterator[Path]:
    """Yield a temporary file in the target's folder, deleted when the block ends. Raises OutputError."""
    try:
        temporary = _create_temporary(target.absolute().parent)
    except OSError as error:
        raise make_output_error(target, error) from error
    try:
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def is_orphan(path: Path) -> bool:
    """Tell whether the file is one of Rythmo's temporary files whose process has ended."""
    name = path.name
    if not (name.startswith(_PREFIX) and name.endswith(_SUFFIX)):
        return False
    pid = name.removeprefix(_PREFIX).partition("-")[0]
    return not (_HEXADECIMAL.fullmatch(pid) and _is_running(int(pid, 16)))


def _is_running(pid: int) -> bool:
    if pid == os.getpid():
        return True
    if os.name == "nt":
        return False  # os.kill would end the process there; and Windows does not delete a file that is open
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def remove_orphans(paths: Iterable[Path]) -> None:
    """Delete those of the given temporary files whose process has ended."""
    for path in paths:
        if is_orphan(path):
            with suppress(OSError):
                path.unlink()


def remove_temporary_files(folder: Path) -> None:
    """Delete all temporary files in `folder` and below.

    The caller must know that no other process is writing there, for instance by holding the project's lock.
    """
    for left in folder.rglob(f"{_PREFIX}*{_SUFFIX}"):
        with suppress(OSError):
            left.unlink()


def _create_temporary(folder: Path) -> Path:
    """Create an empty file. Files of the `tempfile` module can be read only by their owner."""
    path = folder / f"{_PREFIX}{os.getpid():x}-{secrets.token_hex(8)}{_SUFFIX}"
    path.touch(exist_ok=False)
    return path


def _move_into_place(temporary: Path, target: Path) -> None:
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(target)
    with suppress(OSError):  # Windows cannot open a folder; there the rename is journalled
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def make_output_error(target: Path, error: OSError) -> OutputError:
    """Return the user's error for an OSError met while writing `target`."""
    if error.errno in _DISK_FULL:
        return make_disk_full_error(target)
    reason = error.strerror or str(error)
    return OutputError(
        f"Cannot write {make_printable(target)}: {reason}.", hint="Choose another folder with --out."
    )


def make_disk_full_error(target: Path) -> OutputError:
    """Return the user's error for a full disk."""
    return OutputError(
        f"The disk is full: cannot write {make_printable(target)}.", hint="Free some space and run it again."
    )


def make_printable(path: Path | str) -> str:
    """Return a path as one printable line for messages. Newlines and other control characters are escaped."""
    text = os.fspath(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
