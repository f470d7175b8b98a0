"""Reads a user's own script or translation: subtitles, scripts of studios, or a dialogue list as a table."""

from __future__ import annotations

from pathlib import Path

from rythmo.script.subtitle_file import ExpectedSubtitles, SubtitleFile
from rythmo.timebase import SAMPLE_RATE
from rythmo_bridge.subtitles import srt
from rythmo_bridge.translation.table_script import SUFFIXES, read_table_script

_PLAIN = ExpectedSubtitles()


def read_file(
    path: Path, sample_rate: int = SAMPLE_RATE, expected: ExpectedSubtitles = _PLAIN
) -> SubtitleFile:
    """Return the file's cues in samples at `sample_rate` from its own zero, in order of start.

    Raises:
        InputError: A table cannot be read.
        SubtitleError: The file cannot be read, or its words are in an unexpected language.
    """
    if path.suffix.lower() in SUFFIXES:
        return read_table_script(path, sample_rate, expected)
    return srt.read_file(path, sample_rate, expected)
