"""Writes the dubbed film: the original picture, never re-encoded, with the new mix and the subtitles.

The film with lips has the picture that the lips were put into instead, which is encoded anew.
"""

from __future__ import annotations

from pathlib import Path

from rythmo.scratch import scratch_folder
from rythmo.timebase import format_timecode
from rythmo_bridge.formats.registry import Format
from rythmo_bridge.lip_track import FILM as LIPS_FILM
from rythmo_bridge.subtitles import srt
from rythmo_bridge.timeline import Media, Role, Timeline


def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the film to `target`; nothing if picture or mix is missing.

    Raises:
        MediaError: Picture or mix cannot be read.
        OutputError: The film cannot be written.
    """
    return _write_film(delivery, _picture(delivery), target)


def write_with_lips(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write the film with the new lips in its picture; nothing where none were made or burnt in.

    Raises as `write`.
    """
    return _write_film(delivery, delivery.media.get(LIPS_FILM), target)


def _write_film(delivery: Timeline, picture: Media | None, target: Path) -> tuple[Path, ...]:
    from rythmo.media.encode import mux_dub

    mix = delivery.media.get(delivery.print_master or "")
    if picture is None or picture.path is None or mix is None or mix.path is None:
        return ()
    start = format_timecode(delivery.start_frame, delivery.frame_rate, drop=delivery.drop)
    with scratch_folder("film") as folder:
        texts = []
        for subtitles in delivery.subtitles:
            if subtitles.cues:
                texts.append((folder / f"{subtitles.language}.srt", subtitles.language))
                srt.write(subtitles.cues, texts[-1][0], delivery.sample_rate)
        mux_dub(
            picture.path, mix.path, target, language=delivery.language, subtitles=texts, start_timecode=start
        )
    return (target,)


def _picture(delivery: Timeline) -> Media | None:
    if delivery.film is not None:
        return delivery.media.get(delivery.film)
    items = [item for track, item in delivery.items() if track.role is Role.PICTURE and not track.kept]
    return delivery.media_of(items[0]) if items else None


FORMAT = Format("mp4", ".mp4", "the film with the dubbed mix, picture copied", write=write, timeline=False)
WITH_LIPS = Format(
    "mp4-lips",
    ".lips.mp4",
    "the film with the dubbed mix, and the new lips in its picture",
    write=write_with_lips,
    timeline=False,
)
