"""Read and write sound files, by blocks or whole."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import MediaError, OutputError
from rythmo.files import make_printable, replace_atomically
from rythmo.media import riff
from rythmo.media.audio import Audio, Samples
from rythmo.media.pcm24 import Pcm24Reader, pack

if TYPE_CHECKING:
    import soundfile

_BLOCK = 1 << 20
_FAST = {(container, "PCM_24") for container in ("WAV", "WAVEX", "RF64")}

FULL_SCALE_24 = 1 << 23
"""Steps of 24-bit sound between 0 and full scale."""


def to_int24(samples: Samples) -> NDArray[np.int32]:
    """Round float samples to the nearest 24-bit step, clipped to what 24 bits hold."""
    # Exact in float32: the factor is a power of two, and beyond 24 bits it clips anyway.
    scaled = np.rint(samples * np.float32(FULL_SCALE_24))
    clipped: NDArray[np.int32] = np.clip(scaled, -FULL_SCALE_24, FULL_SCALE_24 - 1).astype(np.int32)
    return clipped


def from_int24(values: NDArray[np.int32]) -> Samples:
    """Turn 24-bit steps into floats; exact, because float32 has 24 bits of mantissa."""
    return values.astype(np.float32) / np.float32(FULL_SCALE_24)


class WavReader:
    """Reads a sound file by blocks. Positions and counts are in samples at the file's own `rate`.

    Also reads FLAC and MP3. Raises MediaError for anything that is not sound.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _open_sound(path)
        # Most of our files are 24-bit PCM, for which libsndfile takes 20 ns a sample.
        self._fast = Pcm24Reader(path) if (self._file.format, self._file.subtype) in _FAST else None
        self.rate = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.length = int(self._file.frames)
        self._floats = self._file.subtype in {"FLOAT", "DOUBLE"} or self._file.format in {"MP3", "OGG"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        if self._fast is not None:
            self._fast.close()

    def read(self, start: int, count: int) -> Samples:
        """Read samples [start, start + count) as float32 (channels, n), clipped to the file's length."""
        if self._fast is not None:
            return self._read_fast(self._fast, start, count)
        samples = self._raw(start, count, "float32")
        if not np.isfinite(samples).all():
            raise _nonnumbers_error(self.path)
        return samples.astype(np.float32, copy=False)

    def _clip(self, start: int, count: int) -> tuple[int, int]:
        """Return the first sample and the number of those of [start, start + count) that the file has."""
        first = min(max(0, start), self.length)
        return first, max(0, min(start + count, self.length) - first)

    def _read_fast(self, reader: Pcm24Reader, start: int, count: int) -> Samples:
        first, wanted = self._clip(start, count)
        # By blocks: of five minutes, the integers would take as much memory again as the result.
        out = np.empty((self.channels, wanted), np.float32)
        for at in range(0, wanted, _BLOCK):
            out[:, at : at + _BLOCK] = from_int24(reader.read_int(first + at, min(_BLOCK, wanted - at)))
        return out

    def read_int(self, start: int, count: int) -> NDArray[np.int32]:
        """Read int32 (channels, n) of 24-bit steps; 16- and 24-bit files come through unchanged."""
        if self._fast is not None:
            return self._fast.read_int(start, count)
        if self._floats:
            return to_int24(self.read(start, count))
        values: NDArray[np.int32] = self._raw(start, count, "int32").astype(np.int32, copy=False)
        return values >> 8

    def _raw(self, start: int, count: int, dtype: str) -> NDArray[np.float32] | NDArray[np.int32]:
        import soundfile

        first, wanted = self._clip(start, count)
        try:
            self._file.seek(first)
            block = self._file.read(wanted, dtype=dtype, always_2d=True)
        except soundfile.LibsndfileError as error:
            raise _unreadable_error(self.path, error) from error
        if len(block) != wanted:
            raise MediaError(
                f"{make_printable(self.path)} ends early, at sample {first + len(block)} of {self.length}.",
                hint="The file is damaged or still being written: copy it again.",
            )
        return np.ascontiguousarray(block.T)


def read_audio(path: Path, start: int = 0, end: int | None = None) -> Audio:
    """Read samples [start, end) of a WAV, FLAC or MP3 file, at the file's own rate."""
    with WavReader(path) as reader:
        stop = reader.length if end is None else end
        return Audio(reader.read(start, stop - start), reader.rate)


def write_wav(path: Path, audio: Audio, subtype: Literal["PCM_24", "FLOAT"] = "PCM_24") -> None:
    """Write a WAV file whole or not at all. PCM_24 clips at full scale.

    Raises OutputError for NaN or infinity (they become full-scale clicks in integers) and when the disk
    refuses.
    """
    if not np.isfinite(audio.samples).all():
        raise OutputError(
            f"Refusing to write {make_printable(path)}: the sound holds NaN or infinite samples.",
            hint="The step that made this sound failed; run it again or with another engine.",
        )
    bits = 24 if subtype == "PCM_24" else 32
    # Written here and not by libsndfile, which puts the time of day into float files (PEAK chunk).
    head = riff.build_header(audio.rate, audio.channels, audio.length, bits=bits)
    with replace_atomically(path) as temporary, temporary.open("wb") as file:
        file.write(head)
        for start in range(0, audio.length, _BLOCK):
            part = audio.samples[:, start : start + _BLOCK]
            file.write(pack(to_int24(part)) if bits == 24 else part.T.astype("<f4").tobytes())
        if (audio.length * audio.channels * bits // 8) % 2:
            file.write(b"\0")


def _open_sound(path: Path) -> soundfile.SoundFile:
    import soundfile

    if not path.is_file():
        raise MediaError(f"{make_printable(path)} does not exist.", hint="Check the path.")
    try:
        return soundfile.SoundFile(os.path.abspath(path))  # noqa: PTH100 - libsndfile takes "-" for its standard input
    except (soundfile.LibsndfileError, OSError) as error:
        raise _unreadable_error(path, error) from error


def _unreadable_error(path: Path, error: Exception) -> MediaError:
    reason = str(getattr(error, "error_string", error)).rstrip(".")
    return MediaError(
        f"Cannot read {make_printable(path)} as sound: {reason}.", hint="Use a WAV, FLAC or MP3 file."
    )


def _nonnumbers_error(path: Path) -> MediaError:
    return MediaError(
        f"{make_printable(path)} holds samples that are not numbers (NaN or infinite).",
        hint="Render the sound again, or export it as 24-bit PCM.",
    )
