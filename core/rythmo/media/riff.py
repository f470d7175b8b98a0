"""Write, read and check the header of a RIFF or RF64 WAVE file (EBU Tech 3285 and 3306)."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import BinaryIO

from rythmo.errors import MediaError
from rythmo.files import make_printable

_DAMAGED = "The file is damaged or still being written: copy or export it again."
_LIMIT = 0xFFFF_FFFF
# What follows the format tag in the GUIDs of WAVE_FORMAT_EXTENSIBLE.
_GUID = bytes.fromhex("000000001000800000aa00389b71")
# Speaker masks by channel count: FL FR, FL FR FC, quad, 5.0 and 5.1 with side surrounds (as film and ffmpeg
# order them), 7.1.
_MASKS = {1: 0x4, 2: 0x3, 3: 0x7, 4: 0x33, 5: 0x607, 6: 0x60F, 8: 0x63F}
# Bounds that no real file exceeds, against hostile headers.
_MAX_CHUNKS = 10_000
_MAX_CHANNELS = 64
_MAX_RATE = 768_000
_FIRST = 4096


@dataclass(frozen=True, slots=True)
class WaveHeader:
    """The header's claims; offsets and sizes in bytes. `time_reference` is in samples at `rate`."""

    tag: int
    channels: int
    rate: int
    bits: int
    block: int
    data_offset: int
    data_size: int
    file_size: int
    time_reference: int | None = None

    @property
    def length(self) -> int:
        """Samples in each channel."""
        return self.data_size // self.block


def is_wave(head: bytes) -> bool:
    """Tell whether these first 12 bytes begin a WAVE file."""
    return head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE"


def read_header(path: Path) -> WaveHeader:
    """Parse and check a WAVE file's header.

    Raises MediaError when its claims are impossible: no data, rate 0, 65535 channels, more bytes than the
    file has.
    """
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        # A timeline may name thousands of files, and one read of this size holds most headers whole.
        first = file.read(_FIRST)
        if not is_wave(first[:12]):
            raise MediaError(f"{make_printable(path)} is not a WAVE file.", hint="Export it as WAV again.")
        try:
            header = _walk_within(first, size) or _walk_chunks(file, size)
        except struct.error as error:
            raise MediaError(f"{make_printable(path)} has a broken WAVE header.", hint=_DAMAGED) from error
    if header is None:
        raise MediaError(f"{make_printable(path)} has no sound data in it.", hint=_DAMAGED)
    _require_sound(header, path)
    return header


def _walk_within(first: bytes, size: int) -> WaveHeader | None:
    with suppress(struct.error):  # a chunk that these bytes cut through
        return _walk_chunks(BytesIO(first), size)
    return None


def _walk_chunks(file: BinaryIO | RawIOBase, size: int) -> WaveHeader | None:
    """Read the chunks up to "data"; None when there is none within what `file` holds."""
    fmt: tuple[int, int, int, int, int, int] | None = None
    reference: int | None = None
    large: dict[bytes, int] = {}
    file.seek(12)
    for _ in range(_MAX_CHUNKS):
        head = file.read(8) or b""
        if len(head) < 8:
            break
        name, length = struct.unpack("<4sI", head)
        start = file.tell()
        if name == b"ds64":
            large[b"data"] = struct.unpack("<QQQ", file.read(24) or b"")[1]
        elif name == b"fmt ":
            fmt = struct.unpack("<HHIIHH", file.read(16) or b"")
        elif name == b"bext" and length >= 346:
            # TimeReference comes after five texts of 256 + 32 + 32 + 10 + 8 bytes.
            file.seek(start + 338)
            reference = struct.unpack("<Q", file.read(8) or b"")[0]
        elif name == b"data" and fmt is not None:
            tag, channels, rate, _, block, bits = fmt
            # RF64 writes the limit here and the true size in ds64.
            true = large.get(name, length) if length == 0xFFFF_FFFF else length
            return WaveHeader(tag, channels, rate, bits, block, start, true, size, reference)
        file.seek(start + length + length % 2)
    return None


def _require_sound(header: WaveHeader, path: Path) -> None:
    if fault := _find_fault(header):
        what, hint = fault
        raise MediaError(f"{make_printable(path)} {what}.", hint=hint)


def _find_fault(header: WaveHeader) -> tuple[str, str] | None:
    """Return what is wrong with the header, and what to do about it."""
    if not 0 < header.rate <= _MAX_RATE:
        return f"claims a sample rate of {header.rate}", "Export it as 48 kHz WAV again."
    if not 0 < header.channels <= _MAX_CHANNELS:
        return f"claims {header.channels} channels", "Export it as a mono or stereo WAV again."
    if header.block == 0:
        return "claims samples of no size", _DAMAGED
    held = header.file_size - header.data_offset
    if header.data_size > held:
        return f"is cut short: it claims {header.data_size} bytes of sound and holds {held}", _DAMAGED
    return None if header.data_size else ("has no sound data in it", _DAMAGED)


def build_header(
    rate: int, channels: int, length: int, *, bits: int = 24, before: bytes = b"", after: bytes = b""
) -> bytes:
    """Return everything before the samples of a WAVE file of `length` samples: RF64 when it exceeds 4 GB.

    24 bits are integers, 32 bits floats. `before` and `after` are chunks on either side of `fmt `.
    """
    data = length * channels * bits // 8
    fact = b"" if bits == 24 else build_chunk(b"fact", struct.pack("<I", min(length, _LIMIT)))
    chunks = before + build_chunk(b"fmt ", _build_format(rate, channels, bits)) + fact + after
    body = 4 + len(chunks) + 8 + data + data % 2
    if body <= _LIMIT:
        return struct.pack("<4sI4s", b"RIFF", body, b"WAVE") + chunks + struct.pack("<4sI", b"data", data)
    ds64 = build_chunk(b"ds64", struct.pack("<QQQI", body + 36, data, length, 0))
    return (
        struct.pack("<4sI4s", b"RF64", _LIMIT, b"WAVE") + ds64 + chunks + struct.pack("<4sI", b"data", _LIMIT)
    )


def build_chunk(name: bytes, body: bytes) -> bytes:
    """Return one chunk, padded to an even size."""
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)


def _build_format(rate: int, channels: int, bits: int) -> bytes:
    block = channels * bits // 8
    tag = 1 if bits == 24 else 3
    plain = (channels, rate, rate * block, block, bits)
    if channels <= 2:
        return struct.pack("<HHIIHH", tag, *plain)
    mask = _MASKS.get(channels, 0)
    return struct.pack("<HHIIHHHHIH", 0xFFFE, *plain, 22, bits, mask, tag) + _GUID
