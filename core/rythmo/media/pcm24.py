"""Move 24-bit samples between files and arrays at the speed of the disk.

libsndfile takes 20 ns for each sample; copying four bytes at a stride of three takes one to three (measured
on two cores of a server). With hours of stems that is most of the time of a mix.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from rythmo.errors import MediaError
from rythmo.files import make_printable
from rythmo.media import riff

Steps = NDArray[np.int32]
"""int32, shape (channels, samples), in 24-bit steps."""

_BLOCK = 1 << 18
"""Samples of each channel."""
# Format tags of WAVE files.
_PCM = 1
_EXTENSIBLE = 0xFFFE


def pack(steps: Steps) -> memoryview:
    """Return int32 (channels, n) as interleaved little-endian 24 bit. Values must be in range.

    Each store of four bytes spills its top byte into the next sample. The next sample's own store overwrites
    it, because a one-dimensional copy goes from first to last.
    """
    channels, count = steps.shape
    flat = np.empty((count, channels), "<i4")
    for index, row in enumerate(steps):
        flat[:, index] = row
    out = np.empty(steps.size * 3 + 1, np.uint8)
    if steps.size:
        as_strided(out[:4].view("<i4"), (steps.size,), (3,))[:] = flat.reshape(-1)
    return out[:-1].data


def unpack(data: bytes | memoryview, channels: int) -> Steps:
    """Return interleaved little-endian 24 bit as int32 (channels, n)."""
    count = len(data) // 3 // channels
    buffer = np.zeros(count * channels * 3 + 1, np.uint8)
    buffer[1:] = np.frombuffer(data, np.uint8, count * channels * 3)
    out = np.empty((channels, count), np.int32)
    if count:
        # Each word is read with the byte before its sample, which the shift throws away.
        words = as_strided(buffer[:4].view("<i4"), (count * channels,), (3,))
        for index in range(channels):
            np.right_shift(words[index::channels], 8, out=out[index])
    return out


class Pcm24Reader:
    """Reads a 24-bit WAVE file by blocks; `rate`, `channels` and `length` come from its header.

    Raises MediaError for any other kind of file.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise MediaError(f"{make_printable(path)} does not exist.", hint="Run the job again.")
        header = riff.read_header(path)
        if header.tag not in (_PCM, _EXTENSIBLE) or header.bits != 24 or header.block != header.channels * 3:
            raise MediaError(f"{make_printable(path)} is not 24-bit sound.", hint="Run the job again.")
        self.path = path
        self.rate, self.channels, self.length = header.rate, header.channels, header.length
        self.data_offset = header.data_offset
        self.time_reference = header.time_reference
        self._file = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read_int(self, start: int, count: int) -> Steps:
        """Read samples [start, start + count) as int32 (channels, n), clipped to the file's length."""
        first = min(max(0, start), self.length)
        wanted = max(0, min(start + count, self.length) - first)
        self._file.seek(self.data_offset + first * self.channels * 3)
        if wanted <= _BLOCK:
            return self._next(wanted)
        # By blocks: the bytes of five minutes and their copies would take twice the memory of the result.
        out = np.empty((self.channels, wanted), np.int32)
        for at in range(0, wanted, _BLOCK):
            out[:, at : at + _BLOCK] = self._next(min(_BLOCK, wanted - at))
        return out

    def _next(self, count: int) -> Steps:
        data = self._file.read(count * self.channels * 3)
        if len(data) != count * self.channels * 3:
            raise MediaError(f"{make_printable(self.path)} is cut short.", hint="Run the job again.")
        return unpack(data, self.channels)
