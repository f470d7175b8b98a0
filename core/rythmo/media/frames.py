"""Read frames of a film as arrays, in order, at a size that is good enough to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import MediaError
from rythmo.files import make_printable
from rythmo.media import ffmpeg, ffmpeg_graph
from rythmo.media.media_info import MediaInfo
from rythmo.media.picture_edit import FilmShot, open_shot, time_frames
from rythmo.progress import NEVER, CancelToken
from rythmo.timebase import frames_to_samples

Frame = NDArray[np.uint8]
"""Shape (height, width, 3), RGB, square pixels."""
_MOST_SIDE = 1 << 15


def read_frames(
    info: MediaInfo, first: int, last: int, *, height: int = 720, cancel: CancelToken = NEVER
) -> Iterator[Frame]:
    """Yield the frames [first, last) of the picture, no higher than `height` pixels.

    Frame n is the one shown n / rate seconds after the picture's beginning; where the film ends early, its
    last frame holds. Raises MediaError for a file without a picture and for one that cannot be decoded.
    """
    video = info.video
    if video is None:
        raise MediaError(f"{make_printable(info.path)} has no picture.", hint="Give a film.")
    rate = video.frame_rate
    shot = FilmShot(last - first, info, frames_to_samples(first, rate))
    timed = time_frames(open_shot(shot, rate, (video.width, video.height)), shot, rate)
    square = timed.filter("scale", w="trunc(iw*if(gt(sar,0),sar,1)/2)*2", h="ih").filter("setsar", 1)
    # Squaring the pixels comes first: the width follows from the height.
    small = square.filter("scale", w=-2, h=f"min({height},ih)", flags="area")
    # Each PPM says its own size, which need not be what the container's header states.
    args = ffmpeg_graph.compile_output(
        small,
        ffmpeg_graph.STDOUT,
        format="image2pipe",
        pix_fmt="rgb24",
        fps_mode="passthrough",
        **{"c:v": "ppm"},
    )
    with ffmpeg.stream(args, cancel=cancel) as blocks:
        yield from _split_ppm(blocks, str(make_printable(info.path)))


def _split_ppm(blocks: Iterable[bytes], name: str) -> Iterator[Frame]:
    left = bytearray()
    wanted: tuple[int, int, int] | None = None
    for block in blocks:
        left += block
        while True:
            if wanted is None:
                wanted = _read_header(left, name)
            if wanted is None or len(left) < (size := wanted[0] + wanted[1] * wanted[2] * 3):
                break
            pixels = np.frombuffer(bytes(left[wanted[0] : size]), np.uint8)
            yield pixels.reshape(wanted[2], wanted[1], 3)
            del left[:size]
            wanted = None


def _read_header(data: bytearray, name: str) -> tuple[int, int, int] | None:
    """Return the header's length, width and height; None while it is not all there."""
    parts = bytes(data[:64]).split(b"\n", 3)
    if len(parts) < 4:
        return None
    width, _, height = parts[1].partition(b" ")
    if parts[0] != b"P6" or not (width.isdigit() and height.isdigit()):
        raise MediaError(f"The picture of {name} cannot be decoded.", hint="Convert it to .mp4 first.")
    sides = int(width), int(height)
    if not all(0 < side < _MOST_SIDE for side in sides):
        raise MediaError(f"The picture of {name} has an impossible size.", hint="The file is damaged.")
    return sum(len(part) + 1 for part in parts[:3]), *sides
