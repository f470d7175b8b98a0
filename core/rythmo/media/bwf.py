"""Write Broadcast WAV, 24 bit: EBU Tech 3285 (bext), EBU Tech 3306 (RF64 over 4 GB) and iXML.

Mono and stereo are plain PCM, which every workstation reads. More channels are WAVE_FORMAT_EXTENSIBLE with
the speaker mask, as its specification asks.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from rythmo.counts import format_count
from rythmo.errors import MediaError, OutputError
from rythmo.files import make_printable, replace_atomically
from rythmo.media import riff
from rythmo.media.pcm24 import pack
from rythmo.media.wav import FULL_SCALE_24

# The bext chunk usually comes first; a description that begins further on is not looked for.
_DESCRIPTION_WITHIN = 4096
# Fixed by EBU Tech 3285.
_DESCRIPTION_SIZE = 256


@dataclass(frozen=True, slots=True)
class Bext:
    """The bext chunk. `date` is YYYY-MM-DD, `time` HH:MM:SS, `time_reference` samples since midnight."""

    description: str = ""
    originator: str = "Rythmo"
    reference: str = ""
    date: str = "1970-01-01"
    time: str = "00:00:00"
    time_reference: int = 0
    coding_history: str = ""


def build_ixml(
    *,
    scene: str = "",
    take: str = "",
    track_names: Sequence[str] = (),
    line: str = "",
    speaker: str = "",
    project: str = "",
    note: str = "",
) -> str:
    """Return the text of an iXML chunk (version 2.10). Names that iXML lacks go into a USER element."""
    tracks = "".join(_track(number, name) for number, name in enumerate(track_names, 1))
    track_list = (
        f"<TRACK_LIST><TRACK_COUNT>{len(track_names)}</TRACK_COUNT>{tracks}</TRACK_LIST>" if tracks else ""
    )
    user = "".join((_tag("RYTHMO_LINE", line), _tag("RYTHMO_SPEAKER", speaker)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML><IXML_VERSION>2.10</IXML_VERSION>'
        + "".join((_tag("PROJECT", project), _tag("SCENE", scene), _tag("TAKE", take), _tag("NOTE", note)))
        + track_list
        + (f"<USER>{user}</USER>" if user else "")
        + "</BWFXML>\n"
    )


def _track(number: int, name: str) -> str:
    place = _tag("CHANNEL_INDEX", str(number)) + _tag("INTERLEAVE_INDEX", str(number))
    return f"<TRACK>{place}{_tag('NAME', name)}</TRACK>"


def _tag(name: str, text: str) -> str:
    # XML 1.0 has no way to write most control characters, not even escaped.
    legal = "".join(c for c in text if c >= " " or c in "\t\n\r")
    return f"<{name}>{escape(legal)}</{name}>" if text else ""


class BwfWriter:
    """Writes `length` samples of 24-bit sound, block by block. The file appears when all of them are written.

    Use it as a context manager. After an exception inside, or with too few samples at the end, there is no
    new file, and an older one is unchanged. Raises OutputError.
    """

    def __init__(
        self,
        path: Path,
        rate: int,
        channels: int,
        bext: Bext | None = None,
        ixml: str | None = None,
        length: int = 0,
    ) -> None:
        self.path = path
        self.channels = channels
        self.length = length
        self.written = 0
        self._stack = ExitStack()
        temporary = self._stack.enter_context(replace_atomically(path))
        self._file: BinaryIO = self._stack.enter_context(temporary.open("wb"))
        self._file.write(build_header(rate, channels, length, bext, ixml))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._stack.__exit__(kind, error, trace)

    def write(self, block: NDArray[np.int32]) -> None:
        """Append int32 (channels, n) of 24-bit steps, which must be in range."""
        if block.ndim != 2 or block.shape[0] != self.channels:
            raise ValueError(f"expected ({self.channels}, n), got {block.shape}")
        self.written += block.shape[1]
        if self.written > self.length:
            raise ValueError(f"{self.written} samples written, {self.length} announced")
        self._file.write(pack(block))

    def close(self) -> None:
        """Finish the file. Raises OutputError, and leaves no file, when samples are missing."""
        if self.written != self.length:
            self.abort()
            raise OutputError(
                f"{make_printable(self.path)} was not finished: {self.written} of "
                f"{format_count(self.length, 'sample')}.",
                hint="Run it again.",
            )
        try:
            if self.length * self.channels % 2:
                self._file.write(b"\0")  # chunks are padded to an even size
            self._file.flush()
        except OSError as error:
            if not self._stack.__exit__(type(error), error, error.__traceback__):
                raise
        self._stack.close()

    def abort(self) -> None:
        """Discard the unfinished file."""
        error = OutputError(f"{make_printable(self.path)} was not written.")
        try:
            self._stack.__exit__(type(error), error, None)
        except OutputError as raised:
            if raised is not error:
                raise


def build_header(rate: int, channels: int, length: int, bext: Bext | None, ixml_text: str | None) -> bytes:
    """Return everything before the samples; RF64 when the file will not fit in 4 GB."""
    before = riff.build_chunk(b"bext", _pack_bext(bext)) if bext else b""
    after = riff.build_chunk(b"iXML", ixml_text.encode("utf-8")) if ixml_text else b""
    return riff.build_header(rate, channels, length, bits=24, before=before, after=after)


def _pack_bext(bext: Bext) -> bytes:
    """Return version 1 of the chunk: 602 bytes and the coding history."""
    history = bext.coding_history.encode("ascii", "replace")
    return (
        struct.pack(
            "<256s32s32s10s8sQH",
            _encode_ascii(bext.description, 256),
            _encode_ascii(bext.originator, 32),
            _encode_ascii(bext.reference, 32),
            _encode_ascii(bext.date, 10),
            _encode_ascii(bext.time, 8),
            bext.time_reference,
            1,
        )
        + bytes(254)
        + history
    )


def _encode_ascii(text: str, size: int) -> bytes:
    return text.encode("ascii", "replace")[:size]


def patch_span(path: Path, start: int, block: NDArray[np.int32]) -> None:
    """Rewrite samples [start, start + n) of a 24-bit WAVE file in place, then fsync.

    The rest of the file does not change. A crash in the middle may leave the span half written, so the caller
    must know which span to write again. Raises MediaError when the file is not 24-bit sound of the block's
    channels, OutputError when it cannot be written.
    """
    header_ = riff.read_header(path)
    if header_.bits != 24 or header_.block != header_.channels * 3 or header_.channels != block.shape[0]:
        raise MediaError(
            f"{make_printable(path)} is not 24-bit sound with {block.shape[0]} channels, as it should be.",
            hint="Render it again.",
        )
    if start < 0 or start + block.shape[1] > header_.length:
        raise ValueError(
            f"[{start}, {start + block.shape[1]}) lies outside the file's {header_.length} samples"
        )
    if block.size and (block.min() < -FULL_SCALE_24 or block.max() >= FULL_SCALE_24):
        raise ValueError("samples exceed 24 bits")
    try:
        with path.open("rb+") as file:
            file.seek(header_.data_offset + start * header_.block)
            file.write(pack(block))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(
            f"Cannot write {make_printable(path)}: {error.strerror}.", hint="Check the disk."
        ) from error


def read_description(path: Path) -> str:
    """Read the description in a Broadcast WAV file; empty where there is none. Raises OSError.

    The names come from other people's timelines, so only plain files on this machine are opened.
    """
    if str(path).startswith(("//", "\\\\")) or not path.is_file():
        return ""
    with path.open("rb", buffering=0) as file:
        head = file.read(_DESCRIPTION_WITHIN)
    at = head.find(b"bext")
    if not riff.is_wave(head) or at < 0:
        return ""
    return head[at + 8 : at + 8 + _DESCRIPTION_SIZE].split(b"\0", 1)[0].decode("ascii", "replace").strip()
