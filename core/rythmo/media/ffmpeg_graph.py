"""Compose ffmpeg's inputs, filters and outputs with ffmpeg-python; `ffmpeg.run` runs the result.

ffmpeg-python quotes the arguments of filters and names their pads. It never starts a process here: its own
`run` has neither our protection against hostile input nor a way to cancel.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from rythmo.media.ffmpeg import FORMATS, file_url

Stream = Any
"""A node of ffmpeg-python's graph; the package has no types."""

STDOUT = "pipe:"


def open_input(path: Path, **options: Any) -> Stream:
    """Return one input file that opens nothing else; an option without a value is given as None."""
    import ffmpeg

    return ffmpeg.input(file_url(path), protocol_whitelist="file,pipe", format_whitelist=FORMATS, **options)


def open_h264(path: Path, rate: Fraction) -> Stream:
    """Return a bare H.264 stream, which holds no times of its own, at a frame rate."""
    import ffmpeg

    return ffmpeg.input(file_url(path), format="h264", framerate=str(rate), protocol_whitelist="file,pipe")


def open_source(description: str) -> Stream:
    """Return one of ffmpeg's own sources, such as `color=black:size=640x360:rate=25`."""
    import ffmpeg

    return ffmpeg.input(description, format="lavfi")


def compile_output(stream: Stream, target: Path | str, **options: Any) -> list[str]:
    """Return the argument list that writes one stream to a file, or to STDOUT."""
    import ffmpeg

    where = target if isinstance(target, str) else file_url(target)
    return [str(argument) for argument in ffmpeg.output(stream, where, **options).get_args()]
