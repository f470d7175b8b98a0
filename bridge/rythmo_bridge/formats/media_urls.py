"""Converts file paths to the URLs that timelines hold; handles paths of any system on any system."""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import quote

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SAFE = "/:@!$'()*,~-._+"
"""What RFC 3986 leaves alone in a path, less what hosts were seen to choke on (& ; =)."""


def is_windows(path: PurePath | str) -> bool:
    """Whether a path has a drive or is a UNC path."""
    text = str(path)
    return bool(_DRIVE.match(text)) or text.startswith("\\\\")


def file_url(path: PurePath | str, host: str = "") -> str:
    """Return `file:///a/b%20c.wav`, `file://localhost/C:/a.wav`, or `file://server/share/a.wav` for a UNC
    path.
    """
    text = str(path)
    if text.startswith("\\\\"):
        return "file:" + quote(text.replace("\\", "/"), safe=_SAFE)
    if is_windows(text):
        text = "/" + text.replace("\\", "/")
    # Bytes that are no UTF-8 come as surrogates: quote what the disk holds.
    return f"file://{host}{quote(text.encode('utf-8', 'surrogateescape'), safe=_SAFE)}"
