"""Download of one file, which resumes after an interruption.

The file grows as NAME.part. NAME.part.tag beside it holds the server's ETag; if the server has another file
now, the whole file is downloaded again. The file gets its final name when its size and hash are right.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

from rythmo.errors import DownloadError, ModelError
from rythmo.models.connections import NETWORK_ERRORS, PLAIN, Access, Response, explain, hide_login, open_url
from rythmo.models.storage import storage_error
from rythmo.progress import NEVER, CancelToken

_BLOCK_BYTES = 1 << 18
_TRIES = 5
_FIRST_WAIT_S = 1.0
_RESUME_HINT = "The part that was downloaded is kept. Run the same command again to continue from there."
_OFFLINE_HINT = (
    "Check the connection and the proxy (HTTPS_PROXY), then run the command again; without a network: "
    "docs/models.md."
)
_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a server: its address, what is known about it, and how to reach it.

    `digest` is `ALGORITHM:HEX` as the server states it, or empty; the algorithm `git-blob` is git's own. A
    `size_bytes` of 0 means not known. With a `first_byte` it is a stretch of a larger file: the `size_bytes`
    from there on.
    """

    url: str
    file_name: str
    digest: str = ""
    size_bytes: int = 0
    access: Access = field(default=PLAIN)
    first_byte: int = 0


Tell = Callable[[int], None]
"""A callback that gets the number of bytes on the disk."""


def download(
    remote: Remote,
    target: Path,
    *,
    tell: Tell = lambda _: None,
    cancel: CancelToken = NEVER,
) -> Path:
    """Download a file to `target`, continuing an earlier download if there is one.

    Raises DownloadError when the network keeps failing, ModelError when the file isn't what the server
    states, OutputError when the file can't be written, CancelledError.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        # A part from an earlier run may not match the rest; in that case download the whole file once more.
        tries = 2 if part.exists() else 1
        while tries:
            _fetch(remote, part, tell, cancel)
            if _is_right(part, remote):
                break
            _discard(part)
            tries -= 1
        else:
            raise ModelError(
                f"{remote.file_name} from {_host(remote)} is damaged: its hash is not the one stated there.",
                hint="Run the same command again, or choose another mirror: docs/models.md.",
            )
        part.replace(target)
        _tag_of(part).unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(target, error) from error
    return target


def _fetch(remote: Remote, part: Path, tell: Tell, cancel: CancelToken) -> None:
    """Fill `part`, reconnecting after failures as long as bytes arrive."""
    failures = 0
    while True:
        cancel.check()
        before = _size(part)
        try:
            _fetch_rest(remote, part, tell, cancel)
        except _NetworkError as failure:
            cause = failure.cause
            failures = 1 if _size(part) > before else failures + 1
            if not _is_temporary(cause) or failures >= _TRIES:
                raise _give_up(remote, part, cause) from cause
            _wait(_FIRST_WAIT_S * 2 ** (failures - 1), cancel)
        else:
            return


def _wait(seconds: float, cancel: CancelToken) -> None:
    for _ in range(round(seconds * 10)):
        cancel.check()
        time.sleep(0.1)


class _NetworkError(Exception):
    """A failure of the network, as opposed to one of the disk."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _fetch_rest(remote: Remote, part: Path, tell: Tell, cancel: CancelToken) -> None:
    start = _size(part)
    if remote.size_bytes and start == remote.size_bytes:
        return
    if remote.size_bytes and start > remote.size_bytes:
        _discard(part)
        start = 0
    try:
        response = _ask(remote, start, _read_tag(part))
    except _NothingLeftError as nothing:
        if nothing.is_whole:
            return
        _discard(part)
        start = 0
        response = _ask(remote, start, "")
    try:
        if (start or remote.first_byte) and not _continues(response, remote.first_byte + start):
            _require_whole(remote)
            start = 0
        _tag_of(part).write_text(_entity_tag(response.headers), encoding="utf-8")
        _write(response, part, start, tell, cancel)
    finally:
        response.close()


class _NothingLeftError(Exception):
    """The server has no bytes after the end of the part; `is_whole` if the file ends there too."""

    def __init__(self, *, is_whole: bool) -> None:
        super().__init__()
        self.is_whole = is_whole


def _ask(remote: Remote, start: int, tag: str) -> Response:
    """Request the file, or the stretch of it, from byte `start` on."""
    headers = {"Range": _range(remote, start)} if start or remote.first_byte else {}
    if start and tag:
        headers["If-Range"] = tag
    try:
        return open_url(remote.url, remote.access, headers)
    except HTTPError as error:
        if start and error.code == 416:
            whole = error.headers.get("Content-Range", "") == f"bytes */{start}"
            raise _NothingLeftError(is_whole=whole) from error
        raise _NetworkError(error) from error
    except NETWORK_ERRORS as error:
        raise _NetworkError(error) from error


def _range(remote: Remote, start: int) -> str:
    last = remote.first_byte + remote.size_bytes - 1 if remote.first_byte else ""
    return f"bytes={remote.first_byte + start}-{last}"


def _require_whole(remote: Remote) -> None:
    """Raise ModelError for a stretch of a file, which a server that answers with all of it cannot give."""
    if remote.first_byte:
        raise ModelError(
            f"{_host(remote)} sent all of {remote.file_name} instead of a part of it.",
            hint="Run the same command again, or choose another mirror: docs/models.md.",
        )


def _continues(response: Response, start: int) -> bool:
    return response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _write(response: Response, part: Path, start: int, tell: Tell, cancel: CancelToken) -> None:
    expected = response.headers.get("Content-Length", "")
    arrived = start
    with part.open("ab" if start else "wb") as file:
        while True:
            cancel.check()
            try:
                block = response.read(_BLOCK_BYTES)
            except NETWORK_ERRORS as error:
                raise _NetworkError(error) from error
            if not block:
                break
            file.write(block)
            arrived += len(block)
            tell(arrived)
    if expected.isdigit() and arrived - start < int(expected):
        raise _NetworkError(ConnectionResetError(f"{arrived - start} of {expected} bytes"))


def _is_right(part: Path, remote: Remote) -> bool:
    if remote.size_bytes and _size(part) != remote.size_bytes:
        return False
    return not remote.digest or hash_file(part, remote.digest.partition(":")[0]) == remote.digest


def hash_file(path: Path, algorithm: str = "sha256") -> str:
    """Return `ALGORITHM:HEX` of a file; `git-blob` is git's SHA-1 over a header and the content."""
    digest = hashlib.new("sha1" if algorithm == "git-blob" else algorithm)
    if algorithm == "git-blob":
        digest.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return f"{algorithm}:{digest.hexdigest()}"


def _is_temporary(cause: Exception) -> bool:
    return not isinstance(cause, HTTPError) or cause.code in _TEMPORARY


def _give_up(remote: Remote, part: Path, cause: Exception) -> DownloadError:
    size = _size(part)
    if not size:
        return DownloadError(
            f"{remote.file_name} cannot be downloaded from {_host(remote)}: {explain(cause)}.",
            hint=_OFFLINE_HINT,
        )
    of = f" of {remote.size_bytes / 1e6:.1f}" if remote.size_bytes else ""
    return DownloadError(
        f"The download of {remote.file_name} stopped at {size / 1e6:.1f}{of} MB: {explain(cause)}.",
        hint=_RESUME_HINT,
    )


def _host(remote: Remote) -> str:
    return urlsplit(hide_login(remote.url)).netloc or hide_login(remote.url)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _tag_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.tag")


def _read_tag(part: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return _tag_of(part).read_text(encoding="utf-8")
    return ""


def _entity_tag(headers: Mapping[str, str]) -> str:
    """Return the ETag if it is a strong one; weak ones may not be used with a range."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else ""


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_of(part).unlink(missing_ok=True)
