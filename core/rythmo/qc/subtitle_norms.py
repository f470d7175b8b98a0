"""Check subtitles against delivery norms. Pure; cues come as (start, end, text) in samples.

The default limits come from Netflix, Timed Text Style Guide, General Requirements and the English (USA) guide
for adult programmes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rythmo.counts import format_count
from rythmo.qc.report_model import Finding, SubtitleMeasures, TimedText
from rythmo.script.model import Severity
from rythmo.settings import SubtitleSettings


@dataclass(frozen=True, slots=True)
class SubtitleNorms:
    """Limits in seconds, characters and frames."""

    characters_per_second: float = 17.0
    characters_per_line: int = 42
    lines: int = 2
    shortest_seconds: Fraction = Fraction(5, 6)
    longest_seconds: Fraction = Fraction(7)
    gap_frames: int = 2


def norms_from_settings(settings: SubtitleSettings) -> SubtitleNorms:
    """Return the norms that the subtitles were made by, with defaults where the settings have none."""
    plain = SubtitleNorms()
    return SubtitleNorms(
        characters_per_second=settings.characters_per_second or plain.characters_per_second,
        characters_per_line=settings.line_width or plain.characters_per_line,
        lines=settings.max_lines,
        shortest_seconds=Fraction(settings.min_seconds).limit_denominator(1000),
        longest_seconds=Fraction(settings.max_seconds).limit_denominator(1000),
        gap_frames=settings.gap_frames,
    )


def measure_subtitles(
    language: str, cues: Sequence[TimedText], norms: SubtitleNorms, rate: int, frame_rate: Fraction
) -> tuple[SubtitleMeasures, tuple[Finding, ...]]:
    """Measure one language's cues, and return a finding for each cue that breaks a norm.

    Errors below a frame are allowed: times in an SRT are whole milliseconds.
    """
    frame = rate / frame_rate
    speeds = [_reading_speed(cue, rate) for cue in cues]
    found: list[Finding] = []
    for index, cue in enumerate(cues):
        found += _make_findings(language, cue, _find_faults(cue, speeds[index], norms, rate, frame))
    close = [
        after
        for before, after in itertools.pairwise(cues)
        if after[0] - before[1] < norms.gap_frames * frame - frame / 2
    ]
    for cue in close:
        found += _make_findings(language, cue, [("gap", f"it follows closer than {norms.gap_frames} frames")])
    codes = [finding.code for finding in found]
    measures = SubtitleMeasures(
        language=language,
        cues=len(cues),
        fastest_cps=round(max(speeds), 1) if speeds else None,
        longest_line=max((len(line) for cue in cues for line in cue[2].splitlines()), default=0),
        too_fast=codes.count("subtitle-fast"),
        too_long=codes.count("subtitle-long") + codes.count("subtitle-wide") + codes.count("subtitle-lines"),
        too_short=codes.count("subtitle-short"),
        gaps_too_small=len(close),
    )
    return measures, tuple(sorted(found, key=lambda finding: (finding.position, finding.code)))


def _find_faults(
    cue: TimedText, speed: float, norms: SubtitleNorms, rate: int, frame: Fraction
) -> list[tuple[str, str]]:
    start, end, text = cue
    lines = text.splitlines()
    faults = []
    if speed > norms.characters_per_second + 0.5:
        faults.append(
            (
                "fast",
                f"{speed:.0f} characters a second, the limit is {norms.characters_per_second:.0f}",
            )
        )
    if any(len(line) > norms.characters_per_line for line in lines):
        faults.append(("wide", f"a line of more than {norms.characters_per_line} characters"))
    if len(lines) > norms.lines:
        faults.append(("lines", f"{format_count(len(lines), 'line')}, {norms.lines} at most"))
    if end - start < norms.shortest_seconds * rate - frame:
        faults.append(
            ("short", f"it lasts {(end - start) / rate:.2f} s, {float(norms.shortest_seconds):.2f} at least")
        )
    if end - start > norms.longest_seconds * rate + frame:
        faults.append(
            ("long", f"it lasts {(end - start) / rate:.2f} s, {float(norms.longest_seconds):.0f} at most")
        )
    return faults


def _make_findings(language: str, cue: TimedText, faults: Sequence[tuple[str, str]]) -> list[Finding]:
    words = " ".join(cue[2].split())
    return [
        Finding(None, cue[0], Severity.INFO, f"subtitle-{code}", f"{language} subtitle “{words}”: {why}.")
        for code, why in faults
    ]


def _reading_speed(cue: TimedText, rate: int) -> float:
    """Return characters a second; spaces count, and a line break counts as one space."""
    seconds = max(1, cue[1] - cue[0]) / rate
    return len(" ".join(cue[2].split())) / seconds
