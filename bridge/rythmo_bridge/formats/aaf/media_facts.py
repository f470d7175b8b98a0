"""Describes a media file for the AAF writer."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from rythmo.errors import MediaError
from rythmo.media.riff import WaveHeader, read_header
from rythmo_bridge.formats.media_urls import file_url
from rythmo_bridge.timeline import Item, Media

# Format tags of WAVE files.
_PCM, _EXTENSIBLE = 1, 0xFFFE


def wav_header(media: Media) -> WaveHeader | None:
    """Return the header of an integer PCM WAV; None if the file is another kind or missing."""
    if media.path is None or media.path.suffix.lower() != ".wav" or not media.path.is_file():
        return None
    try:
        header = read_header(media.path)
    except MediaError:
        return None
    return header if header.tag in (_PCM, _EXTENSIBLE) else None


def riff_summary(header: WaveHeader) -> bytes:
    """Return the RIFF header for a WAVEDescriptor: everything that a reader needs except the samples."""
    body = struct.pack(
        "<HHIIHH", 1, header.channels, header.rate, header.rate * header.block, header.block, header.bits
    )
    size = min(header.data_size, 0xFFFF_FFFF - 64)
    chunks = b"WAVE" + b"fmt " + struct.pack("<I", len(body)) + body + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", len(chunks) + size) + chunks


def locator_url(media: Media) -> str:
    """Return the file's URL for a NetworkLocator."""
    return file_url(media.path) if media.path else f"file:///{media.name}"


def clip_comments(item: Item) -> Iterable[tuple[str, str]]:
    """Yield what a bin can show with the clip; nothing for clips that are not lines."""
    if item.line is None:
        return
    yield "Line", item.line
    for name in ("speaker", "text", "translation", "voice"):
        if item.metadata.get(name):
            yield name.capitalize(), str(item.metadata[name])
