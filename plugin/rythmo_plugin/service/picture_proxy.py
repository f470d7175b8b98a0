"""Provide a picture that a browser can play: the source itself, or a small copy of it (a proxy)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from threading import Lock

from rythmo.errors import MediaError
from rythmo.files import replace_atomically
from rythmo.media import ffmpeg, ffmpeg_graph
from rythmo.media.ffmpeg_graph import Stream
from rythmo.media.media_info import MediaInfo, VideoStream
from rythmo.media.planes import PixelFormat, find_pixel_format
from rythmo.media.probe import probe
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress
from rythmo.project.workspace import hash_values
from rythmo.timebase import SAMPLE_RATE

VERSION = 2
_PLAYED = {"h264", "vp9", "av1"}
_CONTAINERS = (".mp4", ".m4v", ".webm")
_HEIGHT = 540
_POSTER_HEIGHT = 180
_STILL_SECONDS = 20.0
_STILL = 128
# Of a face also the hair and the chin are wanted.
_MARGIN = 1.5
_USUAL = {"601": 6, "709": 1}
"""The numbers that belong to a matrix where a film does not say them."""
_OPEN = (0, 2)
# A list of many projects asks for all of its stills at once.
_one_still = Lock()


@lru_cache(maxsize=64)
def _probe_cached(path: Path, _size: int, _changed: int) -> MediaInfo:
    return probe(path, need_sound=False)


def probe_source(source: Path | None) -> MediaInfo | None:
    """Probe the source, caching the result until it changes. None when it is missing or not media."""
    if source is None:
        return None
    try:
        facts = source.stat()
        return _probe_cached(source, facts.st_size, facts.st_mtime_ns)
    except (OSError, MediaError):
        return None


def is_playable(info: MediaInfo) -> bool:
    """Return whether browsers play this picture. They do not play 10-bit or 4:2:2 H.264."""
    if info.video is None or info.video.codec not in _PLAYED or info.path.suffix.lower() not in _CONTAINERS:
        return False
    return _pixel_format(info.path, info.video.index) in {"yuv420p", "yuvj420p"}


@lru_cache(maxsize=64)
def _pixel_format(path: Path, index: int) -> str:
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": ffmpeg.FORMATS}
    with av.open(ffmpeg.file_url(path), options=options, metadata_errors="replace") as container:
        context = container.streams[index].codec_context
        return str(getattr(context, "pix_fmt", "") or "")


def proxy_path(source: Path, project: Path) -> Path:
    """Return the path of the copy in the project's cache, whether it exists or not."""
    return _cache_path("proxy", source, project, ".mp4")


def _cache_path(kind: str, source: Path, project: Path, suffix: str, *more: object) -> Path:
    facts = source.stat()
    key = hash_values(kind, VERSION, str(source), facts.st_size, facts.st_mtime_ns, *more)
    return project / "cache" / "picture" / f"{key}{suffix}"


_H264 = {
    "format": "mp4",
    "c:v": "libx264",
    "preset": "veryfast",
    "crf": 25,
    "fps_mode": "passthrough",
    "movflags": "+faststart",
}


def make_proxy(source: Path, project: Path, *, report: Report, cancel: CancelToken) -> Path:
    """Make the copy: H.264 without sound, 540 lines high, a key frame every half second for quick seeking.

    It has the same frames as the source, from programme time zero. Raises MediaError, OutputError,
    CancelledError.
    """
    info, video = _probe_picture(source)
    target = proxy_path(source, project)
    if target.is_file():
        return target
    keys = str(max(1, round(video.frame_rate / 2)))
    picture = ffmpeg_graph.open_input(source)[str(video.index)]
    small = picture.filter("scale", -2, f"min({_HEIGHT},ih)", flags="bicubic").filter("format", "yuv420p")
    small = small.filter("setparams", **_choose_colours(find_pixel_format(info)))

    def tell(seconds: float) -> None:
        report(Progress("picture", min(seconds * SAMPLE_RATE, info.duration), info.duration))

    with replace_atomically(target) as temporary:
        args = ffmpeg_graph.compile_output(small, temporary, **_H264, g=keys)
        ffmpeg.run(args, progress=tell, cancel=cancel, output=target)
    return target


def _choose_colours(pixels: PixelFormat) -> dict[str, int]:
    """Return what the colours of a copy are to be taken for, as ITU-T H.273 numbers them.

    Browsers guess by the height where a file leaves one of them open, and a copy is lower than its film.
    """
    usual = _USUAL.get(pixels.matrix)
    if usual is None:
        return {}
    known = (number if number not in _OPEN else usual for number in pixels.colours)
    return dict(zip(("colorspace", "color_primaries", "color_trc"), known, strict=True))


def make_clip_preview(clip: Path, project: Path) -> Path:
    """Make the copy of a short clip while its player waits. Raises MediaError and OutputError."""
    with _one_still:
        return make_proxy(clip, project, report=ignore_progress, cancel=NEVER)


def poster_path(source: Path, project: Path) -> Path:
    """Return the path of the still in the project's cache, whether it exists or not."""
    return proxy_path(source, project).with_suffix(".jpg")


def make_poster(source: Path, project: Path) -> Path:
    """Make a still of the picture for lists: 180 lines high, from a tenth of its length.

    A film's first frames are mostly black. Raises MediaError and OutputError.
    """

    def cut(info: MediaInfo, _video: VideoStream) -> Stream:
        picture = _open_at(info, f"{info.duration / SAMPLE_RATE / 10:.3f}")
        return picture.filter("scale", -2, _POSTER_HEIGHT, flags="bicubic")

    return _make_jpeg(source, poster_path(source, project), cut)


def make_still(source: Path, project: Path, frame: int, box: tuple[float, float, float, float]) -> Path:
    """Make a square still of the part of a frame around `box` (left, top, right, bottom; shares of the size).

    Raises MediaError and OutputError.
    """

    def cut(info: MediaInfo, video: VideoStream) -> Stream:
        left, top, side = _square(box, video.width, video.height)
        # Half a frame later, so that rounding never gives the frame before.
        picture = _open_at(info, f"{float((frame + Fraction(1, 2)) / video.frame_rate):.4f}")
        return picture.filter("crop", side, side, left, top).filter("scale", _STILL, _STILL, flags="bicubic")

    return _make_jpeg(source, _cache_path("still", source, project, ".jpg", frame, box), cut)


def _open_at(info: MediaInfo, seconds: str) -> Stream:
    assert info.video is not None
    return ffmpeg_graph.open_input(info.path, ss=seconds)[str(info.video.index)]


def _make_jpeg(source: Path, target: Path, cut: Callable[[MediaInfo, VideoStream], Stream]) -> Path:
    """Write what `cut` makes of the picture, unless it is there. Raises MediaError and OutputError."""
    with _one_still:
        if target.is_file():
            return target
        info, video = _probe_picture(source)
        small = cut(info, video).filter("format", "yuvj420p")
        with replace_atomically(target) as temporary:
            options = {"format": "mjpeg", "frames:v": 1, "q:v": 4}
            ffmpeg.run(ffmpeg_graph.compile_output(small, temporary, **options), timeout=_STILL_SECONDS)
    return target


def _probe_picture(source: Path) -> tuple[MediaInfo, VideoStream]:
    info = probe(source, need_sound=False)
    if info.video is None:
        raise MediaError(f"{source.name} has no picture.", hint="There is nothing to show.")
    return info, info.video


def _square(box: tuple[float, float, float, float], width: int, height: int) -> tuple[int, int, int]:
    """Return the left, top and side in pixels of a square around a box, inside the picture."""
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    side = max(2, round(min(width, height, _MARGIN * max(right - left, bottom - top))))
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    return (
        round(min(max(0.0, middle_x - side / 2), width - side)),
        round(min(max(0.0, middle_y - side / 2), height - side)),
        side,
    )
