"""Interprets media paths in timelines: URLs, bare paths, Windows paths. Opens nothing."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"/?([A-Za-z])[:|]([\\/].*)\Z", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.,\-]+:")


def path_of(text: str, folder: Path) -> Path | None:
    """Return the local path of a `file:` URL or a path; relative paths count from `folder`.

    Returns None for other addresses (`http:`, `concat:`), for paths that climb out of `folder`, and for names
    that no system can hold.
    """
    text = text.strip()
    if not text or "\0" in text or "%00" in text:
        return None
    if text.lower().startswith("file:"):
        return _from_url(text)
    if _DRIVE.match(text) or text.startswith("\\\\"):
        return _plain(text)
    if _SCHEME.match(text):
        return None
    if text.startswith("/"):
        return Path(text)
    parts = PurePosixPath(text.replace("\\", "/")).parts
    return None if ".." in parts else folder.absolute().joinpath(*parts)


def _from_url(text: str) -> Path | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    # A file's name may hold # and ?, and hosts do not always quote them.
    tail = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    path = unquote(parts.path + tail, errors="surrogateescape")
    if parts.netloc and parts.netloc.lower() != "localhost":
        if _DRIVE.match(parts.netloc + path):
            return _plain(parts.netloc + path)
        return Path("\\\\" + parts.netloc + path.replace("/", "\\"))
    if path.startswith("//"):
        # `file:////server/share` and `file://localhost//Volumes/...` both occur.
        path = "/" + path.lstrip("/")
    return _plain(path) if path.startswith("/") else None


def _plain(path: str) -> Path:
    drive = _DRIVE.match(path)
    return Path(f"{drive[1]}:{drive[2]}") if drive else Path(path)


def name_of(text: str) -> str:
    """Return the file's name in a URL or path of any system."""
    return unquote(re.split(r"[\\/]", text.rstrip("\\/"))[-1])
