"""The kinds of files that a C2PA manifest can lie in, by their suffix.

XLSX is not among them: c2pa signs ZIP files only where nothing in them is compressed.
"""

from __future__ import annotations

from pathlib import Path

from rythmo.media.riff import is_wave

_TYPES = {
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".m4a": "audio/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/avi",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".pdf": "application/pdf",
}
_OTHERS = {".mkv": "video/x-matroska", ".mxf": "application/mxf", ".webm": "video/webm"}


def find_media_type(path: Path) -> str:
    """Return the media type by which C2PA signs and reads the file; "" for one that it cannot sign.

    A WAVE file over 4 GB is RF64, which C2PA has no way to sign.
    """
    found = _TYPES.get(path.suffix.lower(), "")
    return "" if found == "audio/wav" and _is_large_wave(path) else found


def describe_type(path: Path) -> str:
    """Return a media type for an ingredient's description, also of kinds that C2PA cannot sign."""
    suffix = path.suffix.lower()
    return _TYPES.get(suffix) or _OTHERS.get(suffix, "application/octet-stream")


def _is_large_wave(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return is_wave(head) and head[:4] != b"RIFF"
