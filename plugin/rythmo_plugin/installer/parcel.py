"""A parcel: files that go to their places, and the record that lets them be taken away again.

Nothing is removed that was not written by us, and nothing that somebody changed since.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rythmo.errors import OutputError
from rythmo.files import output_error, write_atomically
from rythmo.version import __version__

_PROGRAMS = {".command"}
"""Files that the system starts when they are opened."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes where for one host, and what the person does next."""

    host: str
    files: tuple[tuple[Path, bytes], ...]
    next_steps: tuple[str, ...]
    warnings: tuple[str, ...] = ()


class WrittenFile(msgspec.Struct, frozen=True):
    """A file that was written, with the hash of its content."""

    path: str
    sha256: str


class Record(msgspec.Struct, frozen=True):
    """What an installation left, with the folders that did not exist before."""

    host: str
    version: str
    files: tuple[WrittenFile, ...]
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """What an uninstallation did: files that went, and files that stayed because somebody changed them."""

    gone: tuple[Path, ...]
    kept: tuple[Path, ...]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _record_file(host: str, home: Path) -> Path:
    return home / f"installed-{host}.json"


def read_record(host: str, home: Path) -> Record | None:
    """What was installed for a host, or None; a record that cannot be read counts as none."""
    with suppress(FileNotFoundError, msgspec.MsgspecError):
        return msgspec.json.decode(_record_file(host, home).read_bytes(), type=Record)
    return None


def install_parcel(parcel: Parcel, home: Path) -> Record:
    """Write the files and the record in `home`. Files of an older installation that are no longer part of
    the parcel go. Raises OutputError."""
    old = read_record(parcel.host, home)
    missing = _missing_folders([path.parent for path, _ in parcel.files])
    for path, content in parcel.files:
        write_atomically(path, content)
        if path.suffix in _PROGRAMS:
            path.chmod(0o755)
    record = Record(
        parcel.host,
        __version__,
        tuple(WrittenFile(str(path), _hash(content)) for path, content in parcel.files),
        tuple(dict.fromkeys([*(old.folders if old else ()), *map(str, missing)])),
    )
    # The record last: a crash before it leaves files that the next installation writes again.
    write_atomically(_record_file(parcel.host, home), msgspec.json.encode(record))
    if old:
        still = {file.path for file in record.files}
        _remove_files([file for file in old.files if file.path not in still])
    return record


def remove_parcel(host: str, home: Path) -> Removal:
    """Take away what `install_parcel` wrote, and the folders that it had to make when they are empty.

    Raises OutputError when nothing is installed for that host, or a file cannot be removed.
    """
    record = read_record(host, home)
    if record is None:
        raise OutputError(
            f"Rythmo is not installed in {host.capitalize()}.", hint=f"To install: rythmo install {host}"
        )
    removed = _remove_files(record.files)
    for folder in sorted(map(Path, record.folders), key=lambda path: len(path.parts), reverse=True):
        with suppress(OSError):  # not empty, or gone already
            folder.rmdir()
    _record_file(host, home).unlink()
    return removed


def find_changed_files(record: Record) -> tuple[Path, ...]:
    """Files of an installation that are missing or not as they were written."""
    return tuple(Path(file.path) for file in record.files if not _is_unchanged(file))


def was_written_from(record: Record, parcel: Parcel) -> bool:
    """Whether that installation wrote just what this parcel would write."""
    return {(file.path, file.sha256) for file in record.files} == {
        (str(path), _hash(content)) for path, content in parcel.files
    }


def _is_unchanged(file: WrittenFile) -> bool:
    try:
        return _hash(Path(file.path).read_bytes()) == file.sha256
    except OSError:
        return False


def _remove_files(files: tuple[WrittenFile, ...] | list[WrittenFile]) -> Removal:
    gone, kept = [], []
    for file in files:
        path = Path(file.path)
        if path.exists() and not _is_unchanged(file):
            kept.append(path)
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise output_error(path, error) from error
        gone.append(path)
    return Removal(tuple(gone), tuple(kept))


def _missing_folders(wanted: list[Path]) -> list[Path]:
    """The folders on the way to `wanted` that do not exist yet."""
    found: dict[Path, None] = {}
    for folder in wanted:
        while not folder.exists():
            found[folder] = None
            folder = folder.parent  # noqa: PLW2901 - walks up
    return list(found)
