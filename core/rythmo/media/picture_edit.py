"""Write an edited picture as one file: shots of several films, cut to the frame and encoded for viewing.

Each shot is decoded and encoded on its own, to H.264 without B-frames, and the streams are joined without
re-encoding. Such streams follow each other byte by byte, and frame n is at exactly n / rate seconds.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rythmo.files import replace_atomically, temporary_file
from rythmo.media import ffmpeg, ffmpeg_graph
from rythmo.media.ffmpeg_graph import Stream
from rythmo.media.media_info import MediaInfo
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.timebase import SAMPLE_RATE

# Seconds decoded before a shot's first frame.
_RUN_UP = Fraction(1)
_SAME = {"fflags": "+bitexact", "flags:v": "+bitexact", "map_metadata": -1}
_H264 = {
    "format": "h264",
    "c:v": "libx264",
    "preset": "superfast",
    "crf": 18,
    "bf": 0,
    "pix_fmt": "yuv420p",
    "fps_mode": "passthrough",
}


@dataclass(frozen=True, slots=True)
class FilmShot:
    """`frames` frames of the picture of `info` from programme sample `source` on; black without `info`.

    `speed` is source over record time. 0 holds the first frame; a backwards shot is shown forwards.
    """

    frames: int
    info: MediaInfo | None = None
    source: int = 0
    speed: Fraction = Fraction(1)


def cut_film(
    shots: Sequence[FilmShot],
    target: Path,
    *,
    rate: Fraction,
    size: tuple[int, int],
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> None:
    """Write the shots in a row as a silent `.mp4` at `target`. The same shots give the same bytes.

    `rate` is in frames a second, `size` is (width, height). Pictures of another shape get bars. Raises
    MediaError, OutputError, CancelledError.
    """
    total = sum(shot.frames for shot in shots)
    with ExitStack() as stack:
        joined = stack.enter_context(temporary_file(target))
        done = 0
        with joined.open("wb") as out:
            for shot in shots:
                part = stack.enter_context(temporary_file(target))
                ffmpeg.run(_encoding_arguments(shot, rate, size, part), cancel=cancel, output=target)
                with part.open("rb") as encoded:
                    shutil.copyfileobj(encoded, out)
                part.unlink()
                done += shot.frames
                report(done / total)
        with replace_atomically(target) as temporary:
            film = {"format": "mp4", "c": "copy", "movflags": "+faststart"}
            args = ffmpeg_graph.compile_output(
                ffmpeg_graph.open_h264(joined, rate),
                temporary,
                **film,
                **_SAME,
                video_track_timescale=rate.numerator,
            )
            ffmpeg.run(args, cancel=cancel, output=target)


def _encoding_arguments(shot: FilmShot, rate: Fraction, size: tuple[int, int], target: Path) -> list[str]:
    width, height = (max(2, side // 2 * 2) for side in size)
    picture = _fit_frame(time_frames(open_shot(shot, rate, (width, height)), shot, rate), width, height)
    # The encoder's output depends on the number of threads, so the number is fixed.
    return ffmpeg_graph.compile_output(
        picture, target, **_H264, **_SAME, **{"frames:v": shot.frames, "threads": 4}
    )


def open_shot(shot: FilmShot, rate: Fraction, size: tuple[int, int]) -> Stream:
    """Return the frames of the shot's film from a little before its beginning on, undisturbed in time."""
    if shot.info is None or shot.info.video is None:
        return ffmpeg_graph.open_source(f"color=black:size={size[0]}x{size[1]}:rate={rate}")
    begin = _container_seconds(shot.info, shot.source) - _RUN_UP
    seek = {"seek_timestamp": "1", "ss": f"{float(begin):.6f}"} if begin > shot.info.video.start else {}
    opened = ffmpeg_graph.open_input(shot.info.path, copyts=None, **seek)
    return opened[str(shot.info.video.index)]


def _container_seconds(info: MediaInfo, source: int) -> Fraction:
    """Convert a programme sample to the container's own time, in seconds."""
    return info.origin + Fraction(source, SAMPLE_RATE)


def time_frames(picture: Stream, shot: FilmShot, rate: Fraction) -> Stream:
    """Choose the frame nearest to n / rate seconds after the shot's beginning as frame n; the last holds."""
    if shot.info is None or shot.info.video is None:
        return picture
    begin = _container_seconds(shot.info, shot.source)
    if shot.speed == 0:
        half = 1 / (2 * shot.info.video.frame_rate)
        first = picture.filter("select", f"gte(t,{float(begin - half):.6f})").filter("select", "eq(n,0)")
        timed = first.filter("setpts", "PTS-STARTPTS").filter("fps", fps=str(rate))
    else:
        speed = abs(shot.speed)
        slower = f"{speed.denominator}/{speed.numerator}"
        moved = f"(PTS-({begin.numerator}/{begin.denominator})/TB)*{slower}"
        timed = picture.filter("setpts", moved).filter("fps", fps=str(rate), start_time=0)
    held = timed.filter("tpad", stop_mode="clone", stop=shot.frames)
    return held.filter("trim", end_frame=shot.frames)


def _fit_frame(picture: Stream, width: int, height: int) -> Stream:
    """Make pixels square, keep the whole picture, add bars where it does not fill the frame, and set one
    colour space."""
    square = picture.filter("scale", w="trunc(iw*if(gt(sar,0),sar,1)/2)*2", h="ih").filter("setsar", 1)
    inside = square.filter("scale", width, height, force_original_aspect_ratio="decrease", flags="bicubic")
    framed = inside.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2").filter("setsar", 1)
    bt709 = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
    return framed.filter("format", "yuv420p").filter("setparams", range="tv", **bt709)
