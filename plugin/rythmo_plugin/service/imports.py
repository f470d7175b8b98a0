"""Media that was dropped on the page.

A browser hands over a file's content and name, never its path. A file of that name and size in an opened
folder is taken to be it; otherwise it is copied, in parts, to the folder for dubs.
"""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rythmo.errors import InputError, OutputError
from rythmo_plugin.service import schema
from rythmo_plugin.service.allowed_paths import (
    MEDIA_SUFFIXES,
    TIMELINE_SUFFIXES,
    AllowedPaths,
    clean_upload_name,
)
from rythmo_plugin.service.api_errors import ApiError, not_found

FOLDER = "media"
"""In the folder for dubs: where copies go."""
_DEEPEST = 4
_MOST_FOLDERS = 2000
_MOST_OPEN = 16


@dataclass(slots=True)
class _Copy:
    part: Path
    name: str
    size: int
    received: int = 0


class Imports:
    """The imports of one service. Unfinished copies lie in its home and are removed at the next start."""

    def __init__(self, folder: Path, places: AllowedPaths) -> None:
        self._folder = folder
        self._places = places
        self._copies: dict[str, _Copy] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, size: int) -> schema.Import:
        """Return where the file lies already, or an import that waits for its parts.

        Raises InputError for what is neither media nor a timeline, OutputError when the disk has no room.
        """
        name = clean_upload_name(name)
        if Path(name).suffix.lower() not in MEDIA_SUFFIXES | TIMELINE_SUFFIXES:
            raise InputError(f"{name} is no film, sound or timeline.", hint="Drop one of those.")
        if (found := _find(self._places.roots(), name, size)) is not None:
            return schema.Import(id="", path=str(found), received=size)
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < size or shutil.disk_usage(self._places.out()).free < size:
            raise OutputError(
                f"The disk has no room for {name}.", hint="Free some, or choose the file where it lies."
            )
        number = secrets.token_hex(12)
        with self._lock:
            if len(self._copies) >= _MOST_OPEN:
                self._drop(next(iter(self._copies)))
            self._copies[number] = _Copy(self._folder / f"{number}.part", name, size)
        return schema.Import(id=number, path=None, received=0)

    def add(self, number: str, offset: int, blocks: Iterable[bytes]) -> schema.Import:
        """Append a part; after the last one the file has its path.

        A part that is sent again is not appended twice: the answer says how much there is. Raises ApiError
        for an unknown import and for more than was announced, OutputError.
        """
        with self._lock:
            copy = self._copies.get(number)
            if copy is None:
                raise not_found("import", number)
            if offset != copy.received:
                return schema.Import(id=number, path=None, received=copy.received)
            _append(copy, blocks)
            if copy.received < copy.size:
                return schema.Import(id=number, path=None, received=copy.received)
            del self._copies[number]
            return schema.Import(id=number, path=str(self._finish(copy)), received=copy.size)

    def _finish(self, copy: _Copy) -> Path:
        folder = self._places.out() / FOLDER
        try:
            folder.mkdir(exist_ok=True)
            return Path(shutil.move(copy.part, _free_name(folder / copy.name)))
        except OSError as error:
            raise OutputError(f"{copy.name} cannot be written: {error.strerror}.") from error

    def _drop(self, number: str) -> None:
        self._copies.pop(number).part.unlink(missing_ok=True)


def _append(copy: _Copy, blocks: Iterable[bytes]) -> None:
    try:
        with copy.part.open("r+b" if copy.received else "wb") as file:
            # What an interrupted part left behind the announced offset is written over.
            file.seek(copy.received)
            file.truncate()
            there = copy.received
            for block in blocks:
                there += len(block)
                if there > copy.size:
                    raise ApiError(413, "too-large", "The file is longer than announced.")
                file.write(block)
    except OSError as error:
        raise OutputError(f"{copy.name} cannot be written: {error.strerror}.") from error
    copy.received = there


def _free_name(path: Path) -> Path:
    for number in range(2, 1000):
        if not path.exists():
            return path
        path = path.with_stem(f"{path.stem.removesuffix(f'-{number - 1}')}-{number}")
    raise OutputError(f"{path.parent} holds too many files of that name.", hint="Tidy it up.")


def _find(roots: Iterable[Path], name: str, size: int) -> Path | None:
    """Return a file of that name and size below the roots, looking no deeper than people sort their media."""
    for folder in _walk(roots):
        path = folder / name
        try:
            if path.is_file() and path.stat().st_size == size:
                return path
        except OSError:
            continue
    return None


def _walk(roots: Iterable[Path]) -> Iterator[Path]:
    waiting = [(root, 0) for root in roots]
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            return
        folder, depth = waiting.pop(0)
        yield folder
        if depth < _DEEPEST:
            waiting += [(inside, depth + 1) for inside in _folders(folder)]


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            ]
    except OSError:
        return []
