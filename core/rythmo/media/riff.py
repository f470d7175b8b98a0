"""The chunks of a RIFF or RF64 WAVE file (EBU Tech 3285 and 3306), and what its header claims."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rythmo.errors import MediaError
from rythmo.media.atomic import shown

_DAMAGED = "The file is damaged or still being written: copy or export it again."
_MAX_CHUNKS = 10_000
_MAX_CHANNELS = 64
_MAX_RATE = 768_000


@dataclass(frozen=True, slots=True)
class WaveHeader:
    """What the header claims; offsets and sizes in bytes. `time_reference` is in samples at `rate`."""

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
    """Whether these first 12 bytes begin a WAVE file."""
    return head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE"


def read_header(path: Path) -> WaveHeader:
    """Parse and check a WAVE file's header.

    Raises MediaError when it claims nonsense: no data, rate 0, 65535 channels, more bytes than there are.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if not is_wave(file.read(12)):
            raise MediaError(f"{shown(path)} is not a WAVE file.", hint="Export it as WAV again.")
        try:
            header = _walk(file, size, path)
        except struct.error as error:
            raise MediaError(f"{shown(path)} has a broken WAVE header.", hint=_DAMAGED) from error
    _check(header, path)
    return header


def _walk(file: BinaryIO, size: int, path: Path) -> WaveHeader:
    fmt: tuple[int, int, int, int, int, int] | None = None
    reference: int | None = None
    large: dict[bytes, int] = {}
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        name, length = struct.unpack("<4sI", head)
        start = file.tell()
        if name == b"ds64":
            large[b"data"] = struct.unpack("<QQQ", file.read(24))[1]
        elif name == b"fmt ":
            fmt = struct.unpack("<HHIIHH", file.read(16))
        elif name == b"bext" and length >= 346:
            file.seek(start + 338)
            reference = struct.unpack("<Q", file.read(8))[0]
        elif name == b"data" and fmt is not None:
            tag, channels, rate, _, block, bits = fmt
            true = large.get(name, length) if length == 0xFFFF_FFFF else length
            return WaveHeader(tag, channels, rate, bits, block, start, true, size, reference)
        file.seek(start + length + length % 2)
    raise MediaError(f"{shown(path)} has no sound data in it.", hint=_DAMAGED)


def _check(header: WaveHeader, path: Path) -> None:
    name = shown(path)
    if not 0 < header.rate <= _MAX_RATE:
        raise MediaError(
            f"{name} claims a sample rate of {header.rate}.", hint="Export it as 48 kHz WAV again."
        )
    if not 0 < header.channels <= _MAX_CHANNELS:
        raise MediaError(
            f"{name} claims {header.channels} channels.", hint="Export it as a mono or stereo WAV again."
        )
    if header.block == 0:
        raise MediaError(f"{name} claims samples of no size.", hint=_DAMAGED)
    held = header.file_size - header.data_offset
    if header.data_size > held:
        raise MediaError(
            f"{name} is cut short: it claims {header.data_size} bytes of sound and holds {held}.",
            hint=_DAMAGED,
        )
    if header.data_size == 0:
        raise MediaError(f"{name} has no sound data in it.", hint=_DAMAGED)
