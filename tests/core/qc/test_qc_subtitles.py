"""Subtitles are judged by the norms that they were made by."""

from __future__ import annotations

from fractions import Fraction

from rythmo.qc.subtitle_norms import SubtitleNorms, measure_subtitles, norms_from_settings
from rythmo.settings import SubtitleSettings

RATE, FILM = 48_000, Fraction(24)
CUES = ((0, 2 * RATE, "x" * 38), (3 * RATE, 3 * RATE + RATE // 2, "short"))


def _codes(settings: SubtitleSettings) -> list[str]:
    _, found = measure_subtitles("es", CUES, norms_from_settings(settings), RATE, FILM)
    return [finding.code for finding in found]


def test_the_defaults_are_the_defaults() -> None:
    assert norms_from_settings(SubtitleSettings()) == SubtitleNorms()
    assert _codes(SubtitleSettings()) == ["subtitle-fast", "subtitle-short"]


def test_a_house_has_its_own() -> None:
    assert _codes(SubtitleSettings(characters_per_second=20, min_seconds=0.4)) == []
    assert _codes(SubtitleSettings(characters_per_second=20, min_seconds=0.4, line_width=37)) == [
        "subtitle-wide"
    ]
