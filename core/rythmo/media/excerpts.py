"""Read parts of a file's sound at 16 kHz mono, for rough guesses such as its language."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rythmo.media import ffmpeg, ffmpeg_graph
from rythmo.media.audio import Audio
from rythmo.media.decode import choose_stream
from rythmo.media.media_info import MediaInfo
from rythmo.progress import NEVER, CancelToken
from rythmo.timebase import SAMPLE_RATE

RATE = 16_000
# Up to this length the whole file is read; from a longer one, excerpts spread evenly over it.
_WHOLE_SECONDS = 600
_STRETCHES, _STRETCH_SECONDS = 20, 30


def read_excerpts(info: MediaInfo, *, cancel: CancelToken = NEVER) -> Iterator[Audio]:
    """Yield the whole sound, or 20 excerpts of 30 s, mono at 16 kHz. Raises MediaError, CancelledError."""
    length = info.duration / SAMPLE_RATE
    if length <= _WHOLE_SECONDS:
        yield _read_excerpt(info, 0.0, length, cancel)
        return
    step = length / _STRETCHES
    for number in range(_STRETCHES):
        yield _read_excerpt(info, number * step + (step - _STRETCH_SECONDS) / 2, _STRETCH_SECONDS, cancel)


def _read_excerpt(info: MediaInfo, start: float, seconds: float, cancel: CancelToken) -> Audio:
    seek = {"ss": f"{start:.3f}"} if start > 0 else {}
    source = ffmpeg_graph.open_input(info.path, **seek)[str(choose_stream(info).index)]
    form = {"format": "f32le", "ac": 1, "ar": RATE, "t": f"{seconds:.3f}"}
    arguments = ffmpeg_graph.compile_output(source, ffmpeg_graph.STDOUT, **form)
    data = ffmpeg.run(arguments, cancel=cancel)
    samples = np.frombuffer(data[: len(data) // 4 * 4], "<f4")
    return Audio(np.nan_to_num(samples).astype(np.float32)[np.newaxis], RATE)
