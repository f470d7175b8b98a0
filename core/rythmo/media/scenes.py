"""Find picture cuts, and divide the programme into chunks of whole scenes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from rythmo.media import ffmpeg, ffmpeg_graph
from rythmo.media.media_info import MediaInfo
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress
from rythmo.timebase import SAMPLE_RATE

STAGE = "scenes"
SCORE = 0.3
"""ffmpeg's scene score (0 to 1) above which a frame begins a new scene."""

_WIDTH = 256
_PTS = re.compile(rb"pts_time:(-?[\d.]+)")


def find_cuts(
    info: MediaInfo, report: Report = ignore_progress, cancel: CancelToken = NEVER
) -> tuple[int, ...]:
    """Return the numbers of the frames that begin a new scene, ascending, without frame 0.

    The picture is scored at a small size. A file without a picture has no cuts. Raises MediaError,
    CancelledError.
    """
    video = info.video
    if video is None:
        return ()
    picture = ffmpeg_graph.open_input(info.path, copyts=None)[str(video.index)]
    changes = (
        picture.filter("scale", _WIDTH, -2, flags="fast_bilinear")
        .filter("select", f"gt(scene,{SCORE})")
        .filter("metadata", "print", file="-")
    )
    args = ffmpeg_graph.compile_output(changes, "-", format="null", fps_mode="passthrough")
    seconds = info.duration / SAMPLE_RATE

    def tell(done: float) -> None:
        report(Progress(STAGE, min(done, seconds), seconds))

    printed = ffmpeg.run(args, progress=tell, cancel=cancel)
    times = (Fraction(match.group(1).decode("ascii")) for match in _PTS.finditer(printed))
    frames = {round((at - video.start) * video.frame_rate) for at in times}
    return tuple(sorted(frame for frame in frames if 0 < frame < video.frames))


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples [start, end) of the programme that are analysed at once."""

    start: int
    end: int


def plan_chunks(
    length: int, cuts: Iterable[int] = (), limit: int = 300 * SAMPLE_RATE, overlap: int = 2 * SAMPLE_RATE
) -> tuple[Chunk, ...]:
    """Divide the programme into chunks of whole scenes of up to `limit` samples.

    Each chunk reaches `overlap` samples into the next. `cuts` are the samples at which scenes begin. A scene
    longer than the limit is split into equal parts. So every chunk is at most limit + overlap long, each
    sample is in at least one chunk, and without their overlaps the chunks follow one another.
    """
    if length <= 0:
        return ()
    starts = [start for start, _ in _split_at_scenes(length, cuts, limit)]
    ends = [min(length, start + overlap) for start in starts[1:]]
    return tuple(Chunk(start, end) for start, end in zip(starts, [*ends, length], strict=True))


def _split_at_scenes(length: int, cuts: Iterable[int], limit: int) -> Iterator[tuple[int, int]]:
    """Yield runs of scenes that fit the limit, and the parts of scenes that do not."""
    edges = sorted({0, length, *(cut for cut in cuts if 0 < cut < length)})
    start = 0
    for begin, end in itertools.pairwise(edges):
        if end - start <= limit:
            continue
        if begin > start:
            yield start, begin
            start = begin
        if end - begin > limit:
            parts = -(-(end - begin) // limit)
            marks = [begin + (end - begin) * part // parts for part in range(parts + 1)]
            yield from itertools.pairwise(marks[:-1])
            start = marks[-2]
    yield start, length
