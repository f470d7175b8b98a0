"""Decode the sound of a media file into a 48 kHz, 24-bit WAV in programme time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np

from rythmo.errors import MediaError
from rythmo.files import make_printable
from rythmo.media import ffmpeg, ffmpeg_graph
from rythmo.media.audio import Samples
from rythmo.media.bwf import Bext, BwfWriter
from rythmo.media.media_info import AudioStream, MediaInfo
from rythmo.media.wav import to_int24
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress
from rythmo.timebase import SAMPLE_RATE

STAGE = "extract"

# Matroska rounds times to 1 ms and MPEG-TS clocks jitter by less: only a step of more than
# this is a gap to fill (the shortest real one, a lost AAC frame at 48 kHz, is 21 ms). At the
# start any difference of a sample or more counts.
_GAP = 0.012
_START = 0.00002
_LOSSLESS = ("pcm_", "flac", "alac", "wavpack", "truehd", "tta", "ape")
# Seconds decoded before the span that is wanted; see extract_span.
_RUN_UP = Fraction(2)
_LONG_RUN_UP = Fraction(1200)


def extract_sound(
    info: MediaInfo,
    target: Path,
    *,
    stream: int | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> None:
    """Decode the sound of `info` into a 24-bit WAV at `target`: exactly `info.duration` samples.

    Sample 0 is the picture's first frame: sound that starts later is preceded by silence, sound that starts
    earlier is cut. Channels are kept. `stream` is an AudioStream's index; None takes the default stream, else
    the first. The file appears whole or not at all. Raises MediaError (no such stream, NaN samples, sound
    that does not decode), OutputError, CancelledError.
    """
    sound = choose_stream(info, stream)
    bext = Bext(description=f"Sound of {info.path.name}", time_reference=info.time_reference or 0)
    with (
        stream_sound(info, sound, cancel=cancel) as blocks,
        BwfWriter(target, SAMPLE_RATE, sound.channels, bext, length=info.duration) as writer,
    ):
        for block in blocks:
            writer.write(to_int24(block))
            report(Progress(STAGE, writer.written, info.duration))


@contextmanager
def stream_sound(
    info: MediaInfo, sound: AudioStream, *, cancel: CancelToken = NEVER
) -> Iterator[Iterator[Samples]]:
    """Decode a sound stream and yield its blocks (channels, n) at 48 kHz, as `extract_sound` writes them.

    Raises MediaError and CancelledError.
    """
    with ffmpeg.stream(_arguments(info, sound), cancel=cancel) as raw:
        yield _fit_length(_read_floats(raw, sound.channels, info.path), sound.channels, info)


def extract_span(
    info: MediaInfo,
    target: Path,
    start: int,
    length: int,
    *,
    stream: int | None = None,
    cancel: CancelToken = NEVER,
) -> None:
    """Decode `length` samples from programme sample `start` on into a 24-bit WAV at `target`.

    The samples equal those that `extract_sound` gives there; outside the sound they are silent. `start` must
    be on a whole second, which is a whole sample at every rate, so that the resampler's phase is the same.
    Raises as `extract_sound` does.
    """
    if start % SAMPLE_RATE:
        raise ValueError(f"sample {start} is on no whole second")
    sound = choose_stream(info, stream)
    # The output of a lossy decoder depends a little on all that it decoded before (AAC makes up noise).
    # It starts 20 minutes early, so beginning in the middle pays only far into a file.
    lossless = sound.codec.startswith(_LOSSLESS)
    begin = info.origin + Fraction(start, SAMPLE_RATE) - (_RUN_UP if lossless else _LONG_RUN_UP)
    seek = {"seek_timestamp": "1", "ss": f"{float(begin):.6f}"} if begin > info.origin else {}
    there = max(0, min(length, info.duration - start))
    moved = replace(info, origin=info.origin + Fraction(start, SAMPLE_RATE), duration=there)
    with (
        ffmpeg.stream(_arguments(moved, sound, **seek), cancel=cancel) as raw,
        BwfWriter(target, SAMPLE_RATE, sound.channels, length=length) as writer,
    ):
        blocks = _read_floats(raw, sound.channels, info.path) if there else iter(())
        sounding = _fit_length(blocks, sound.channels, moved, may_be_silent=True)
        for block in chain(sounding, _silent_blocks(sound.channels, length - there)):
            writer.write(to_int24(block))


def choose_stream(info: MediaInfo, stream: int | None = None) -> AudioStream:
    """Return the sound stream with that index.

    None means the stream chosen for dubbing, else the default one, else the first. Raises MediaError.
    """
    stream = info.chosen if stream is None else stream
    if stream is None:
        return next((s for s in info.audio if s.default), info.audio[0])
    for sound in info.audio:
        if sound.index == stream:
            return sound
    known = ", ".join(str(s.index) for s in info.audio)
    raise MediaError(
        f"{make_printable(info.path)} has no sound stream {stream}.", hint=f"Its sound streams are {known}."
    )


def _arguments(info: MediaInfo, sound: AudioStream, **seek: str) -> list[str]:
    origin = f"{info.origin.numerator}/{info.origin.denominator}"
    # -copyts: without it ffmpeg shifts by the container's earliest stream, which need not be the picture.
    source = ffmpeg_graph.open_input(info.path, copyts=None, **seek)[str(sound.index)]
    # Programme time first, then first_pts=0: any other first_pts is misplaced by aresample when it
    # also changes the rate (131 ms at 44.1 to 48 kHz and 1.48 s, measured with ffmpeg 5.1 and 9.0).
    aligned = source.filter("asetpts", f"round(PTS-{origin}/TB)").filter(
        "aresample",
        SAMPLE_RATE,
        **{"async": 1, "first_pts": 0, "min_comp": _START, "min_hard_comp": _GAP},
    )
    return ffmpeg_graph.compile_output(aligned, ffmpeg_graph.STDOUT, format="f32le")


def _read_floats(raw: Iterable[bytes], channels: int, path: Path) -> Iterator[Samples]:
    """Turn interleaved bytes into (channels, n) blocks of finite numbers."""
    frame = 4 * channels
    left = b""
    for data in raw:
        whole = left + data
        end = len(whole) // frame * frame
        left = whole[end:]
        block = np.frombuffer(whole[:end], "<f4").reshape(-1, channels).T
        if not np.isfinite(block).all():
            raise MediaError(
                f"{make_printable(path)} holds samples that are not numbers (NaN or infinite).",
                hint="Render the sound again, or export it as 24-bit PCM.",
            )
        yield block


def _fit_length(
    blocks: Iterable[Samples], channels: int, info: MediaInfo, *, may_be_silent: bool = False
) -> Iterator[Samples]:
    """Cut or pad the sound to the programme's length. Raises MediaError when nothing decodes, unless it may
    be silent."""
    left = info.duration
    for block in blocks:
        if left == info.duration and block.shape[1] == 0:
            continue
        yield block[:, :left]
        left -= min(left, block.shape[1])
        if left == 0:
            return
    if left == info.duration and not may_be_silent:
        raise MediaError(
            f"The sound of {make_printable(info.path)} cannot be decoded.", hint="Convert it to WAV first."
        )
    yield from _silent_blocks(channels, left)


def _silent_blocks(channels: int, length: int) -> Iterator[Samples]:
    for start in range(0, length, 1 << 18):
        yield np.zeros((channels, min(length - start, 1 << 18)), np.float32)
