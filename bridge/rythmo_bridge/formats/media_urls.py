"""Converts file paths to the URLs that timelines hold; handles paths of any system on any system."""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import quote

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
# Characters that RFC 3986 allows in a path, except those that some hosts cannot read (& ; =).
_SAFE = "/:@!$'()*,~-._+"


def is_windows(path: PurePath | str) -> bool:
    """Whether a path has a drive or is a UNC path."""
    text = str(path)
    return bool(_DRIVE.match(text)) or text.startswith("\\\\")


def file_url(path: PurePath | str, host: str = "") -> str:
    """Return the URL of a path.

    It is `file:///a/b%20c.wav`, `file://localhost/C:/a.wav`, or `file://server/share/a.wav` for a UNC path.
    """
    text = str(path)
    if text.startswith("\\\\"):
        return "file:" + quote(text.replace("\\", "/"), safe=_SAFE)
    if is_windows(text):
        text = "/" + text.replace("\\", "/")
    # Bytes that are not UTF-8 arrive as surrogates; quote the bytes on disk.
    return f"file://{host}{quote(text.encode('utf-8', 'surrogateescape'), safe=_SAFE)}"
