"""Crops of faces as films: without loss for a worker, as H.264 for a service, and back into arrays.

Lossless films are FFV1 in AVI: every ffmpeg reads and writes them, and the header states the exact frame rate
and the number of frames, so that a film that was cut off is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.lips import Frames, Masks
from rythmo.engines.remote.calls import BadAnswerError
from rythmo.progress import NEVER, CancelToken

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

LOSSLESS, H264 = "avi", "mp4"
"""The containers, by the names that `read_film` takes."""
# Visually lossless: the service encodes once more.
_CRF = "10"
_BT709 = 1
_LIMITED_RANGE = 1


@dataclass(frozen=True, slots=True, eq=False)
class CropFilm:
    """A decoded film: `frames` of shape (n, height, width, 3), RGB; `masks` (n, height, width) are its
    transparency, None where it has none."""

    frames: Frames
    masks: Masks | None
    rate: Fraction


def write_lossless(
    frames: Frames, rate: Fraction, masks: Masks | None = None, *, cancel: CancelToken = NEVER
) -> bytes:
    """Return the frames as FFV1 in AVI, with the masks as their transparency."""
    import av

    layout = "bgr0" if masks is None else "bgra"

    def pictures() -> Iterator[av.VideoFrame]:
        for number, frame in enumerate(frames):
            cancel.check()
            pixels, kind = frame, "rgb24"
            if masks is not None:
                pixels, kind = np.dstack([frame, masks[number]]), "rgba"
            yield av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=kind).reformat(
                format=layout
            )

    return _encode(pictures(), "ffv1", layout, rate, frames.shape[2], frames.shape[1], LOSSLESS)


def write_h264(frames: Frames, rate: Fraction, *, cancel: CancelToken = NEVER) -> bytes:
    """Return the frames as H.264 in MP4 (BT.709). An odd side gets one more row and column."""
    import av

    odd = frames.shape[1] % 2, frames.shape[2] % 2

    def pictures() -> Iterator[av.VideoFrame]:
        for frame in frames:
            cancel.check()
            even = np.pad(frame, ((0, odd[0]), (0, odd[1]), (0, 0)), mode="edge")
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
            yield picture.reformat(format="yuv420p", dst_colorspace="ITU709")

    width, height = frames.shape[2] + odd[1], frames.shape[1] + odd[0]
    return _encode(pictures(), "libx264", "yuv420p", rate, width, height, H264)


def _encode(
    pictures: Iterable[av.VideoFrame],
    codec: str,
    layout: str,
    rate: Fraction,
    width: int,
    height: int,
    container: str,
) -> bytes:
    import av

    file = BytesIO()
    with av.open(file, "w", format=container) as target:
        stream: Any = target.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, layout
        if container == H264:
            stream.options = {"crf": _CRF, "preset": "medium"}
            context = stream.codec_context
            context.colorspace = context.color_primaries = context.color_trc = _BT709
            context.color_range = _LIMITED_RANGE
        else:
            stream.options = {"level": "3"}
        for picture in pictures:
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))
    return file.getvalue()


def read_film(data: bytes, container: str, most: int, *, cancel: CancelToken = NEVER) -> CropFilm:
    """Decode a film, up to `most` frames.

    Raises BadAnswerError when it is no such film, or is cut off.
    """
    import av

    try:
        with av.open(BytesIO(data), "r", format=container) as source:
            return _decode(source, most, cancel)
    except av.FFmpegError as error:
        raise BadAnswerError(f"the answer is not a film that can be decoded ({error.strerror})") from error


def _decode(source: InputContainer, most: int, cancel: CancelToken) -> CropFilm:
    if not source.streams.video:
        raise BadAnswerError("the answer has no picture")
    stream = source.streams.video[0]
    seen: list[NDArray[np.uint8]] = []
    clear = _has_transparency(stream.codec_context.pix_fmt)
    for picture in source.decode(stream):
        cancel.check()
        pixels = picture.to_ndarray(format="rgba" if clear else "rgb24")
        seen.append(pixels.astype(np.uint8, copy=False))
        if len(seen) == most:
            break
    if not seen or (stream.frames and len(seen) < min(stream.frames, most)):
        raise BadAnswerError(f"the film is cut off: it has {len(seen)} of {stream.frames} frames")
    if len({one.shape for one in seen}) > 1:
        raise BadAnswerError("the film changes its size")
    film = np.stack(seen)
    rate = Fraction(stream.average_rate or 0)
    return CropFilm(np.ascontiguousarray(film[..., :3]), film[..., 3].copy() if clear else None, rate)


def _has_transparency(layout: str | None) -> bool:
    return (layout or "") in {"bgra", "rgba", "argb", "abgr", "yuva444p", "gbrap"}
