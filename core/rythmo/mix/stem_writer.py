"""Write one stem block by block. Silence costs nothing, because it is left as a hole in the file.

Every file system reads a hole as zeros. A speaker is silent for most of a programme, so the stems of ten
speakers take little more time than one.
"""

from __future__ import annotations

import zlib
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from rythmo.counts import format_count
from rythmo.errors import OutputError
from rythmo.files import make_printable, replace_atomically
from rythmo.media.bwf import Bext, build_header, build_ixml
from rythmo.media.pcm24 import Steps, pack
from rythmo.mix.mix_plan import MixPlan
from rythmo.timebase import SAMPLE_RATE

SUM_SECONDS = 10
"""The length of the blocks of a stem that have a checksum each."""


def stem_header(plan: MixPlan, name: str, channels: int) -> bytes:
    """Return the bytes before the samples of that stem: RIFF or RF64, bext, fmt and iXML."""
    names = (name,) if channels == 1 else tuple(f"{name}-{i}" for i in range(1, channels + 1))
    speaker = name.removeprefix("DX_") if name.startswith("DX_") else ""
    text = build_ixml(scene=plan.title, track_names=names, speaker=speaker, project=plan.title)
    bext = Bext(description=f"{plan.title} {name}", time_reference=plan.time_reference)
    return build_header(plan.rate, channels, plan.length, bext, text)


class StemWriter:
    """Writes a stem of `length` samples. The file appears, whole, when the `with` block ends without an
    error.

    `head` comes from `stem_header`. Raises OutputError when the disk refuses, and when samples are missing at
    the end.
    """

    def __init__(self, path: Path, head: bytes, channels: int, length: int, rate: int = SAMPLE_RATE) -> None:
        self.path = path
        self.temporary = path
        self.channels = channels
        self._head = head
        self._length = length
        self._sum_samples = rate * SUM_SECONDS
        self._at = 0
        self._sums: list[int] = []
        self._stack = ExitStack()
        self._file: BinaryIO

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.temporary = stack.enter_context(replace_atomically(self.path))
            self._file = stack.enter_context(self.temporary.open("wb"))
            self._file.write(self._head)
            # At its full length from the beginning, so that it can be read while it is written.
            size = self._length * self.channels * 3
            self._file.truncate(len(self._head) + size + size % 2)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stack.__exit__(kind, error, trace)  # An older file stays.
            return
        with self._stack:
            self._finish()

    def _finish(self) -> None:
        if self._at != self._length:
            raise OutputError(
                f"{make_printable(self.path)} was not finished: {self._at} of "
                f"{format_count(self._length, 'sample')}.",
                hint="Run it again.",
            )

    def flush(self) -> None:
        """Hand what was written to the system, so that readers of the file see it."""
        self._file.flush()

    def write(self, steps: Steps) -> None:
        """Write the next samples, of the stem's channels."""
        self.write_packed(pack(steps), steps.shape[1])

    def write_packed(self, data: memoryview, count: int) -> None:
        """Write the next `count` samples, packed already."""
        if len(data) != count * self.channels * 3:
            raise ValueError(f"{len(data)} bytes are not {count} samples of {self.channels} channels")
        self._file.write(data)
        self._add_sum(data, count)

    def silence(self, count: int) -> None:
        """Write `count` samples of silence."""
        self._file.seek(count * self.channels * 3, 1)
        self._add_sum(_get_zeros(count * self.channels * 3), count)

    def _add_sum(self, data: memoryview, count: int) -> None:
        """Add the next samples to the checksums of their blocks."""
        size, done = self._sum_samples * self.channels * 3, 0
        while done < len(data):
            filled = (self._at * self.channels * 3 + done) % size
            if not filled:
                self._sums.append(0)
            part = data[done : done + size - filled]
            self._sums[-1] = zlib.crc32(part, self._sums[-1])
            done += len(part)
        self._at += count

    @property
    def sums(self) -> tuple[int, list[int]]:
        """The checksums of the header and of each block of `SUM_SECONDS` that was written."""
        return zlib.crc32(self._head), list(self._sums)


@cache
def _get_zeros(size: int) -> memoryview:
    return memoryview(bytes(size))
