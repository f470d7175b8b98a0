"""Writes subtitle files, one for each language of the timeline: SubRip, WebVTT, TTML, EBU STL."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

from rythmo.files import write_atomically
from rythmo_bridge.formats.registry import Format, Write
from rythmo_bridge.subtitles import srt, stl_writer, ttml, vtt
from rythmo_bridge.subtitles.cues import Subtitles
from rythmo_bridge.timeline import Timeline


def write_srt(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write SubRip: the target language at `target`, each other language beside it under its own code."""
    return _each(delivery, target, lambda one: srt.render(one.cues, delivery.sample_rate).encode())


def write_vtt(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write WebVTT, one file for each language as in `write_srt`."""
    return _each(delivery, target, lambda one: vtt.render(one.cues, delivery.sample_rate).encode())


def write_ttml(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write IMSC 1.1 text, one file for each language as in `write_srt`."""
    return _each(delivery, target, lambda one: ttml.render(one, delivery.frame_rate, delivery.sample_rate))


def write_stl(delivery: Timeline, target: Path) -> tuple[Path, ...]:
    """Write EBU STL with the programme's timecode, one file for each language as in `write_srt`."""

    def render(one: Subtitles) -> bytes:
        return stl_writer.render_stl(
            one,
            delivery.frame_rate,
            delivery.sample_rate,
            start=delivery.start_frame,
            drop=delivery.drop,
            title=delivery.name,
            date=datetime.datetime.now(tz=datetime.UTC).date(),
        )

    return _each(delivery, target, render)


def _each(delivery: Timeline, target: Path, render: Callable[[Subtitles], bytes]) -> tuple[Path, ...]:
    made = []
    for subtitles in delivery.subtitles:
        path = language_path(target, delivery.language, subtitles.language)
        write_atomically(path, render(subtitles))
        made.append(path)
    return tuple(made)


def language_path(target: Path, main: str, language: str, suffix: str = "") -> Path:
    """Return `NAME.en.srt` for `NAME.es.srt`; a target without a language in its name gets one added.

    `suffix` is the end of the name, where that is more than the last suffix.
    """
    if language == main:
        return target
    suffix = suffix if suffix and target.name.endswith(suffix) else target.suffix
    stem = target.name.removesuffix(suffix).removesuffix(f".{main}")
    return target.with_name(f"{stem}.{language}{suffix}")


def _format(name: str, summary: str, write: Write) -> Format:
    def names(stem: str, languages: tuple[str, ...]) -> tuple[str, ...]:
        target = Path(f"{stem}.{name}")
        return tuple(language_path(target, languages[0], language).name for language in languages)

    summary = f"{summary} subtitles, one file a language"
    return Format(name, f".{name}", summary, write=write, names=names, timeline=False)


SRT = _format("srt", "SubRip", write_srt)
VTT = _format("vtt", "WebVTT", write_vtt)
STL = _format("stl", "EBU STL (Tech 3264)", write_stl)
TTML = _format("ttml", "TTML (IMSC 1.1)", write_ttml)
