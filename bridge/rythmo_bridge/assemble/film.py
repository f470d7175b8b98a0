"""Makes one film of a timeline's edited picture, for the dubbed film. The result is cached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rythmo.media.picture_edit import FilmShot, cut_film
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.project.workspace import Artefacts, hash_values
from rythmo_bridge.assemble.programme import Assembly
from rythmo_bridge.assemble.shots import Shot, visible_shots
from rythmo_bridge.timeline import Timeline

VERSION = 1
_SIZE = (1920, 1080)


def make_film(
    assembly: Assembly, store: Artefacts, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
) -> Path | None:
    """Return a file with the timeline's picture, rendering it unless one source file plays whole.

    Returns None where the timeline has no picture, or where a file that is visible is missing.

    Raises:
        MediaError: A file cannot be decoded.
        OutputError: The film cannot be written.
        CancelledError: The run was cancelled.
    """
    timeline = assembly.timeline
    seen = visible_shots(timeline)
    files = assembly.files
    if not seen or any(shot.media not in files or not files[shot.media].path.is_file() for shot in seen):
        return None
    if _is_whole(seen, assembly):
        return files[seen[0].media].path
    size = timeline.size or next((media.size for media in timeline.media.values() if media.size), _SIZE)
    contents = [store.source_digest(files[media].path) for media in sorted({shot.media for shot in seen})]
    key = hash_values("film", VERSION, seen, contents, timeline.length, timeline.frame_rate, size)
    rows = _shots_in_frames(seen, assembly)
    return store.file(
        "film",
        key,
        ".mp4",
        lambda path: cut_film(rows, path, rate=timeline.frame_rate, size=size, report=report, cancel=cancel),
    )


def _is_whole(seen: Sequence[Shot], assembly: Assembly) -> bool:
    """Whether a single shot plays all of a file from its first frame, so that its packets can be copied."""
    shot, timeline = seen[0], assembly.timeline
    video = assembly.files[shot.media].video
    frame = round(timeline.sample_rate / timeline.frame_rate)
    return (
        len(seen) == 1
        and video is not None
        and video.frame_rate == timeline.frame_rate
        and shot.speed == 1
        and max(shot.start, abs(shot.source)) < frame // 2
        and abs(shot.end - timeline.length) < frame
        and abs(video.duration - timeline.length) <= frame
    )


def _shots_in_frames(seen: Sequence[Shot], assembly: Assembly) -> list[FilmShot]:
    """Return the shots, with black between them, each with its length in frames of the timeline."""
    timeline: Timeline = assembly.timeline
    rows: list[FilmShot] = []
    at = 0
    for shot in seen:
        start, end = timeline.frame(shot.start), timeline.frame(shot.end)
        if start > at:
            rows.append(FilmShot(start - at))
        if end > start:
            rows.append(FilmShot(end - start, assembly.files[shot.media], shot.source, shot.speed))
        at = max(at, end)
    last = timeline.frame(timeline.length)
    return [*rows, FilmShot(last - at)] if last > at else rows
