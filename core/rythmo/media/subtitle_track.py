"""A subtitle track of a media file, as the text of an SRT file in programme time."""

from __future__ import annotations

from rythmo.media import ffmpeg
from rythmo.media.probe import MediaInfo
from rythmo.media.tracks import choose_subtitles
from rythmo.progress import NEVER, CancelToken


def read_track(info: MediaInfo, number: int, *, cancel: CancelToken = NEVER) -> bytes:
    """The subtitle track of that number (from 1) as SRT in UTF-8. Raises UsageError, MediaError."""
    stream = choose_subtitles(info, number)
    offset = ("-itsoffset", f"{float(-info.origin):.9f}")
    source = ["-copyts", *ffmpeg.reads(info.path, *offset)]
    return ffmpeg.run([*source, "-map", f"0:{stream.index}", "-c:s", "srt", "-f", "srt", "-"], cancel=cancel)
