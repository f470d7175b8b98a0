"""Read a subtitle track of a media file as SRT text in programme time."""

from __future__ import annotations

from rythmo.media import ffmpeg, ffmpeg_graph
from rythmo.media.media_info import MediaInfo
from rythmo.media.tracks import choose_subtitles
from rythmo.progress import NEVER, CancelToken


def read_track(info: MediaInfo, number: int, *, cancel: CancelToken = NEVER) -> bytes:
    """Read the subtitle track of that number (from 1) as SRT in UTF-8. Raises UsageError, MediaError."""
    stream = choose_subtitles(info, number)
    offset = f"{float(-info.origin):.9f}"
    source = ffmpeg_graph.open_input(info.path, copyts=None, itsoffset=offset)[str(stream.index)]
    form = {"format": "srt", "c:s": "srt"}
    return ffmpeg.run(ffmpeg_graph.compile_output(source, ffmpeg_graph.STDOUT, **form), cancel=cancel)
