"""Check that a path is one real media file, before any demuxer opens it.

A playlist under a media name makes a demuxer open other files or sockets. So the first bytes decide here what
a file is, and a path is never taken for an address.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

from rythmo.errors import MediaError
from rythmo.files import make_printable
from rythmo.media import riff

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+[:,]")
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<smil", b"<MPD", b"<ASX", b"<asx")
_STILLS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"8BPS": "Photoshop",
    b"SDPX": "DPX",
    b"XPDS": "DPX",
    b"\x76\x2f\x31\x01": "OpenEXR",
}
_STILL_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"avif"}
_HEAD = 4096
_USE_MEDIA = "Give one media file, such as .mp4, .mov, .mkv, .mxf or .wav."


def require_media(path: Path) -> bytes:
    """Return the file's first bytes. Raises MediaError when it cannot be media."""
    head = _read_head(path)
    name = make_printable(path)
    if not head:
        raise MediaError(f"{name} is empty.", hint="Copy or export the file again.")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if any(text.startswith(mark) for mark in _PLAYLISTS):
        raise MediaError(f"{name} is a playlist, not media.", hint="Give the media file that it points to.")
    kind = find_image_format(head)
    if kind:
        raise MediaError(f"{name} is a still image ({kind}): it has no sound.", hint=_USE_MEDIA)
    if riff.is_wave(head):
        riff.read_header(path)
    elif _is_text(head):
        raise MediaError(f"{name} is a text file, not media.", hint=_USE_MEDIA)
    return head


def find_image_format(head: bytes) -> str:
    """Return the name of the image format that these first bytes belong to, or an empty text."""
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        return "HEIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    # "BM" alone is short: a BMP also says its own size before four zero bytes.
    return next(
        (
            n
            for mark, n in _STILLS.items()
            if head.startswith(mark) and (n != "BMP" or head[6:10] == bytes(4))
        ),
        "",
    )


def _read_head(path: Path) -> bytes:
    name = make_printable(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise MediaError(f"{name} is a folder, not a media file.", hint=_USE_MEDIA)
        if not stat.S_ISREG(mode):
            raise MediaError(f"{name} is not an ordinary file.", hint=_USE_MEDIA)
        with path.open("rb") as file:
            return file.read(_HEAD)
    except PermissionError as error:
        raise MediaError(f"{name} may not be read.", hint="Change the file's permissions.") from error
    except (OSError, ValueError) as error:
        raise _missing_error(path) from error


def _missing_error(path: Path) -> MediaError:
    name = make_printable(path)
    if _ADDRESS.match(str(path)) and not re.match(r"[A-Za-z]:[\\/]", str(path)):
        return MediaError(
            f"{name} is an address or an ffmpeg protocol, not a file.",
            hint="Give the path of a file on this machine; download it first.",
        )
    return MediaError(f"{name} does not exist.", hint="Check the path; quote it if it holds spaces.")


def _is_text(head: bytes) -> bool:
    """Tell text from media: text has no zero bytes and decodes, media fails one of these within 4 KB."""
    if b"\0" in head:
        return head.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(head) == _HEAD and error.start > _HEAD - 4  # a character cut in two by the end
    return True
