"""Install a parcel (the files for one host) and remove it again by its record.

Only files that Rythmo wrote and nobody changed since are removed.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rythmo.errors import OutputError
from rythmo.files import make_output_error, write_atomically
from rythmo.version import __version__

# Suffixes of files that need the executable bit.
_PROGRAMS = {".command"}


@dataclass(frozen=True, slots=True)
class Parcel:
    """The files for one host with their paths and contents, and the user's next steps."""

    host: str
    files: tuple[tuple[Path, bytes], ...]
    next_steps: tuple[str, ...]
    warnings: tuple[str, ...] = ()


class WrittenFile(msgspec.Struct, frozen=True):
    """An installed file with the hash of its content."""

    path: str
    sha256: str


class Record(msgspec.Struct, frozen=True):
    """The files that an installation wrote, and the folders that it created."""

    host: str
    version: str
    files: tuple[WrittenFile, ...]
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """The result of a removal: files that are gone, and files kept because somebody changed them."""

    gone: tuple[Path, ...]
    kept: tuple[Path, ...]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _record_file(host: str, home: Path) -> Path:
    return home / f"installed-{host}.json"


def read_record(host: str, home: Path) -> Record | None:
    """Return the record of a host's installation, or None if there is none that can be read."""
    with suppress(FileNotFoundError, msgspec.MsgspecError):
        return msgspec.json.decode(_record_file(host, home).read_bytes(), type=Record)
    return None


def install_parcel(parcel: Parcel, home: Path) -> Record:
    """Write the files, and the record in `home`. Files of an older installation that the parcel lacks are
    removed. Raises OutputError."""
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
    # Write the record last: after a crash, the next installation writes the same files again.
    write_atomically(_record_file(parcel.host, home), msgspec.json.encode(record))
    if old:
        still = {file.path for file in record.files}
        _remove_files([file for file in old.files if file.path not in still])
    return record


def remove_parcel(host: str, home: Path) -> Removal:
    """Remove the files that `install_parcel` wrote, and the folders it created if they are empty.

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
    """Return the files of an installation that are missing or changed."""
    return tuple(Path(file.path) for file in record.files if not _is_unchanged(file))


def was_written_from(record: Record, parcel: Parcel) -> bool:
    """Return whether the installation wrote exactly the files of this parcel."""
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
            raise make_output_error(path, error) from error
        gone.append(path)
    return Removal(tuple(gone), tuple(kept))


def _missing_folders(wanted: list[Path]) -> list[Path]:
    """Return the folders, and their parents, that do not exist yet."""
    found: dict[Path, None] = {}
    for folder in wanted:
        while not folder.exists():
            found[folder] = None
            folder = folder.parent  # noqa: PLW2901 - walks up
    return list(found)
