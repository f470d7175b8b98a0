"""An edited picture as one file: shots of several films, cut to the frame and encoded for viewing.

Each shot is decoded and encoded by itself to H.264 without B-frames, and the streams are joined as they are:
such streams follow each other byte by byte, and frame n stands at exactly n / rate seconds.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rythmo.files import replacing, scratch
from rythmo.media import ffmpeg
from rythmo.media.probe import MediaInfo
from rythmo.progress import NEVER, CancelToken, Fraction01, silent
from rythmo.timebase import SAMPLE_RATE

_QUALITY = "18"
_RUN_UP = Fraction(1)
_SAME = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1")


@dataclass(frozen=True, slots=True)
class FilmShot:
    """`frames` frames of the picture of `info` from programme sample `source` on; black without `info`.

    `speed` is source over record time: 0 holds the first frame; backwards is shown forwards.
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
    report: Fraction01 = silent,
    cancel: CancelToken = NEVER,
) -> None:
    """Write the shots in a row as an `.mp4` at `target`: `rate` frames a second, `size` as (width, height),
    pictures of another shape with bars. No sound. The same shots give the same bytes.

    Raises MediaError, OutputError, CancelledError.
    """
    total = sum(shot.frames for shot in shots)
    with ExitStack() as stack:
        joined = stack.enter_context(scratch(target))
        done = 0
        with joined.open("wb") as out:
            for shot in shots:
                part = stack.enter_context(scratch(target))
                ffmpeg.run([*_encoding(shot, rate, size), ffmpeg.url(part)], cancel=cancel, output=target)
                with part.open("rb") as encoded:
                    shutil.copyfileobj(encoded, out)
                part.unlink()
                done += shot.frames
                report(done / total)
        with replacing(target) as temporary:
            raw = ("-protocol_whitelist", "file,pipe", "-f", "h264", "-framerate", str(rate))
            ffmpeg.run(
                [
                    *raw,
                    *("-i", ffmpeg.url(joined), "-c", "copy", *_SAME),
                    *("-video_track_timescale", str(rate.numerator), "-movflags", "+faststart"),
                    *("-f", "mp4", ffmpeg.url(temporary)),
                ],
                cancel=cancel,
                output=target,
            )


def _encoding(shot: FilmShot, rate: Fraction, size: tuple[int, int]) -> list[str]:
    width, height = (max(2, side // 2 * 2) for side in size)
    filters = [*_times(shot, rate), *_shape(width, height)]
    return [
        *_input(shot, rate, (width, height)),
        *("-vf", ",".join(filters), "-an", "-sn", "-dn", "-frames:v", str(shot.frames)),
        *(
            "-fps_mode",
            "passthrough",
            "-c:v",
            "libx264",
            "-preset",
            "superfast",
            "-crf",
            _QUALITY,
            "-bf",
            "0",
        ),
        # Frames are shared out among a fixed number of threads: with another number come other bytes.
        *("-threads", "4", "-pix_fmt", "yuv420p", *_SAME, "-f", "h264"),
    ]


def _input(shot: FilmShot, rate: Fraction, size: tuple[int, int]) -> list[str]:
    if shot.info is None or shot.info.video is None:
        return ["-f", "lavfi", "-i", f"color=black:size={size[0]}x{size[1]}:rate={rate}"]
    begin = _begin(shot.info, shot.source) - _RUN_UP
    seek = ("-seek_timestamp", "1", "-ss", f"{float(begin):.6f}") if begin > shot.info.video.start else ()
    opened = ffmpeg.reads(shot.info.path, "-copyts", *seek)
    return [*opened, "-map", f"0:{shot.info.video.index}"]


def _begin(info: MediaInfo, source: int) -> Fraction:
    """Programme sample -> the container's own time, in seconds."""
    return info.origin + Fraction(source, SAMPLE_RATE)


def _times(shot: FilmShot, rate: Fraction) -> Iterator[str]:
    """Frame n of the shot is the one nearest to n / rate seconds after its beginning; the last one holds."""
    if shot.info is None or shot.info.video is None:
        return
    begin = _begin(shot.info, shot.source)
    if shot.speed == 0:
        half = 1 / (2 * shot.info.video.frame_rate)
        yield f"select='gte(t,{float(begin - half):.6f})'"
        yield "select='eq(n,0)'"
        yield f"setpts=PTS-STARTPTS,fps=fps={rate}"
    else:
        speed = abs(shot.speed)
        slower = f"{speed.denominator}/{speed.numerator}"
        yield f"setpts='(PTS-({begin.numerator}/{begin.denominator})/TB)*{slower}'"
        yield f"fps=fps={rate}:start_time=0"
    yield f"tpad=stop_mode=clone:stop={shot.frames}"
    yield f"trim=end_frame={shot.frames}"


def _shape(width: int, height: int) -> Iterator[str]:
    """Square pixels, the whole picture, bars where it does not fill the frame, one kind of colour."""
    yield "scale=w='trunc(iw*if(gt(sar,0),sar,1)/2)*2':h=ih,setsar=1"
    yield f"scale={width}:{height}:force_original_aspect_ratio=decrease:flags=bicubic"
    yield f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2"
    yield "setsar=1,format=yuv420p"
    yield "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
