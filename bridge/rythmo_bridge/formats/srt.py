"""SubRip files, one for each language of the delivery."""

from __future__ import annotations

from pathlib import Path

from rythmo_bridge.formats.registry import Format
from rythmo_bridge.subtitles import srt
from rythmo_bridge.timeline import Delivery


def write(delivery: Delivery, target: Path) -> tuple[Path, ...]:
    """The target language at `target`, each other language beside it under its own code."""
    made = []
    for subtitles in delivery.subtitles:
        path = language_path(target, delivery.language, subtitles.language)
        srt.write(subtitles.cues, path, delivery.sample_rate)
        made.append(path)
    return tuple(made)


def language_path(target: Path, main: str, language: str) -> Path:
    """`NAME.es.srt` -> `NAME.en.srt`; a target without a language in its name gets one for the others."""
    if language == main:
        return target
    stem = target.name.removesuffix(target.suffix).removesuffix(f".{main}")
    return target.with_name(f"{stem}.{language}{target.suffix}")


FORMAT = Format("srt", ".srt", "SubRip subtitles, target and source language", write=write, timeline=False)
