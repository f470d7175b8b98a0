"""Read a film's frames as the planes that its file holds, bit for bit, and write frames of planes.

Frames keep the source's depth and chroma sampling wherever ffmpeg has a planar format of them; the others
(packed 4:2:2, NV12, RGB) are only laid out anew. No colour is converted on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import MediaError
from rythmo.files import make_printable, replace_atomically
from rythmo.media import ffmpeg, ffmpeg_graph
from rythmo.media.media_info import MediaInfo
from rythmo.media.picture_edit import FilmShot, open_shot, time_frames
from rythmo.progress import NEVER, CancelToken
from rythmo.timebase import frames_to_samples

Plane = NDArray[Any]
"""Shape (height, width), uint8 or uint16."""
Planes = tuple[Plane, ...]

_PLANAR = re.compile(r"(yuv|yuvj|gbr)(420|422|444|440|411|410)?p(9|10|12|14|16)?(?:le)?\Z")
_SUBSAMPLING = {"420": (2, 2), "422": (2, 1), "444": (1, 1), "440": (1, 2), "411": (4, 1), "410": (4, 4)}
_SAME_SAMPLES = {
    "nv12": "yuv420p", "nv21": "yuv420p", "nv16": "yuv422p", "nv24": "yuv444p", "p010le": "yuv420p10le",
    "p210le": "yuv422p10le", "p410le": "yuv444p10le", "yuyv422": "yuv422p", "uyvy422": "yuv422p",
    "yvyu422": "yuv422p", "uyyvyy411": "yuv411p", "rgb24": "gbrp", "bgr24": "gbrp", "rgba": "gbrp",
    "bgra": "gbrp", "rgb48le": "gbrp16le", "gray": "yuv444p", "gray10le": "yuv444p10le",
    "yuva420p": "yuv420p", "yuva422p": "yuv422p", "yuva444p": "yuv444p", "yuva444p10le": "yuv444p10le",
    "yuva422p10le": "yuv422p10le", "yuva444p12le": "yuv444p12le", "gbrap": "gbrp", "gbrap10le": "gbrp10le",
    "gbrap12le": "gbrp12le", "p016le": "yuv420p16le", "v210": "yuv422p10le", "0rgb": "gbrp", "0bgr": "gbrp",
    "rgb0": "gbrp", "bgr0": "gbrp",
}  # fmt: skip
"""Formats that hold the same samples in another order, or with an alpha channel that no dub needs."""
_MATRICES = {1: "709", 5: "601", 6: "601", 9: "2020", 10: "2020", 7: "240m", 4: "601"}
"""The numbers of ITU-T H.273, as decoders give them."""
_HD_HEIGHT = 720
_UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How frames are stored: ffmpeg's name, size, bits of a sample, and how the colours are meant.

    `matrix` is what the samples are taken for: "601", "709", "2020", "240m", or "rgb" for planes of green,
    blue and red. `across` and `down` are how many pixels share one chroma sample.
    """

    name: str
    width: int
    height: int
    bits: int = 8
    across: int = 1
    down: int = 1
    matrix: str = "709"
    full_range: bool = False
    aspect: Fraction = Fraction(1)
    colours: tuple[int, int, int] = (_UNKNOWN, _UNKNOWN, _UNKNOWN)
    """The file's own numbers of matrix, primaries and transfer (ITU-T H.273); 2 where it does not say."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of one sample."""
        return np.dtype("u1" if self.bits == 8 else "<u2")

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shape of each plane."""
        small = (-(-self.height // self.down), -(-self.width // self.across))
        return (self.height, self.width), small, small

    @property
    def frame_bytes(self) -> int:
        """The bytes of one frame."""
        return sum(height * width for height, width in self.shapes) * self.dtype.itemsize

    def split(self, data: bytes) -> Planes:
        """Return the planes of one frame; they cannot be written to."""
        at, planes = 0, []
        for shape in self.shapes:
            count = shape[0] * shape[1]
            planes.append(np.frombuffer(data, self.dtype, count, at).reshape(shape))
            at += count * self.dtype.itemsize
        return tuple(planes)


def find_pixel_format(info: MediaInfo) -> PixelFormat:
    """Return how the picture of a film is stored. Raises MediaError when there is none that can be read."""
    import av

    video = info.video
    if video is None:
        raise MediaError(f"{make_printable(info.path)} has no picture.", hint="Give a film.")
    options = {"protocol_whitelist": "file", "format_whitelist": ffmpeg.FORMATS}
    try:
        with av.open(ffmpeg.file_url(info.path), options=options) as container:
            stream = container.streams[video.index]
            codec: Any = stream.codec_context
            found = str(codec.pix_fmt or "")
            colours = tuple(
                int(getattr(codec, name) or 0) for name in ("colorspace", "color_primaries", "color_trc")
            )
            full = int(codec.color_range or 0) == 2
            aspect = Fraction(codec.sample_aspect_ratio or 1) or Fraction(1)
    except (av.FFmpegError, UnicodeError) as error:
        raise MediaError(
            f"The picture of {make_printable(info.path)} cannot be read.", hint="Convert it to .mp4 first."
        ) from error
    made = make_pixel_format(found, video.width, video.height, colours[0], full_range=full, aspect=aspect)
    return replace(made, colours=(colours[0], colours[1], colours[2]))


def make_pixel_format(
    name: str,
    width: int,
    height: int,
    space: int = 2,
    *,
    full_range: bool = False,
    aspect: Fraction = Fraction(1),
) -> PixelFormat:
    """Return the planar format that holds the samples of ffmpeg's format `name`.

    `space` is the number of the colour matrix. Formats without a planar twin become 4:4:4 of 16 bits.
    """
    planar = _SAME_SAMPLES.get(name, name)
    match = _PLANAR.match(planar) or _PLANAR.match("yuv444p16le")
    assert match is not None
    family, sampling, bits = match.groups()
    across, down = _SUBSAMPLING[sampling] if sampling else (1, 1)
    matrix = _MATRICES.get(space, "709" if height >= _HD_HEIGHT else "601")
    return PixelFormat(
        match.group(0),
        width,
        height,
        int(bits or 8),
        across,
        down,
        "rgb" if family == "gbr" else matrix,
        full_range or family in ("yuvj", "gbr"),
        aspect,
    )


def read_planes(
    info: MediaInfo, pixels: PixelFormat, first: int, last: int, *, cancel: CancelToken = NEVER
) -> Iterator[Planes]:
    """Yield the planes of frames [first, last); where the film ends early, its last frame holds.

    Frames are counted as in `media.frames`. Raises MediaError for a film that cannot be decoded.
    """
    assert info.video is not None
    rate = info.video.frame_rate
    shot = FilmShot(last - first, info, frames_to_samples(first, rate))
    timed = time_frames(open_shot(shot, rate, (pixels.width, pixels.height)), shot, rate)
    args = ffmpeg_graph.compile_output(
        timed, ffmpeg_graph.STDOUT, format="rawvideo", pix_fmt=pixels.name, fps_mode="passthrough"
    )
    with ffmpeg.stream(args, cancel=cancel) as blocks:
        for frame in ffmpeg.cut_frames(blocks, pixels.frame_bytes):
            if len(frame) < pixels.frame_bytes:
                raise MediaError(
                    f"The picture of {make_printable(info.path)} changes its size on the way.",
                    hint="Convert it to one size first.",
                )
            yield pixels.split(frame)


def write_planes(
    frames: Iterable[Planes],
    pixels: PixelFormat,
    target: Path,
    rate: Fraction,
    codec: dict[str, Any],
    *,
    timecode: str = "",
    title: str = "",
    cancel: CancelToken = NEVER,
) -> None:
    """Write frames as a silent film. The same frames give the same bytes.

    `codec` are ffmpeg's options of the output, with its `format`. Raises OutputError, MediaError.
    """
    options: list[str] = []
    for name, value in codec.items():
        options += ["-f" if name == "format" else f"-{name}", str(value)]
    if title:
        options += ["-metadata", f"title={title}"]
    if timecode:
        options += ["-timecode", timecode]
    with replace_atomically(target) as temporary:
        args = [
            *("-f", "rawvideo", "-pix_fmt", pixels.name, "-s", f"{pixels.width}x{pixels.height}"),
            *("-r", str(rate), "-i", "pipe:0", "-an"),
            *("-vf", _describe_colours(pixels)),
            *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", *options),
            ffmpeg.file_url(temporary),
        ]
        blocks = (np.ascontiguousarray(plane).data for planes in frames for plane in planes)
        ffmpeg.feed(args, blocks, cancel=cancel, output=target)


def _describe_colours(pixels: PixelFormat) -> str:
    """Return the filter that tells ffmpeg what the frames are: told of the output alone, it converts them."""
    told = [f"range={'pc' if pixels.full_range else 'tv'}"]
    for name, number in zip(("colorspace", "color_primaries", "color_trc"), pixels.colours, strict=True):
        if number not in (0, _UNKNOWN) or (name == "colorspace" and pixels.matrix == "rgb"):
            told.append(f"{name}={number}")
    return f"setparams={':'.join(told)},setsar={pixels.aspect.numerator}/{pixels.aspect.denominator}"
