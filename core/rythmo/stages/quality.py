"""Quality: what was mixed is measured from its files; findings become flags and a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rythmo.mix.render import FOLDER
from rythmo.mix.update import RECORD
from rythmo.qc.clips import cut_clips
from rythmo.qc.measure import measure
from rythmo.qc.model import Cue, QcReport
from rythmo.qc.report import write_report
from rythmo.qc.subtitles import SubtitleNorms, measure_subtitles
from rythmo.qc.voices import Ears
from rythmo.script.model import Flag, Line, Script
from rythmo.stages.context import Context
from rythmo.workspace import digest, digest_file

VERSION = 1
PREFIX = "qc-"
"""Codes of flags that quality control raised, so that the next measurement can take them back."""
_DEAF = Ears()


def run(script: Script, original: Path | None, context: Context, ears: Ears = _DEAF) -> QcReport:
    """Measure the stems; found again when neither they nor the script changed and nobody listens."""
    report = context.part("qc", 0, 1)

    def make() -> QcReport:
        root = context.project.root
        return measure(root, script, original=original, ears=ears, report=report, cancel=context.cancel)

    record = context.project.root / FOLDER / RECORD
    if ears != _DEAF or not record.is_file():
        return make()
    key = digest("qc", VERSION, digest_file(record), unflagged(script))
    return context.project.artefacts.value("qc", key, QcReport, make)


def unflagged(script: Script) -> Script:
    """The script without what quality control said of it before."""
    return script.map_lines(lambda line: replace(line, flags=_own(line)))


def _own(line: Line) -> tuple[Flag, ...]:
    return tuple(flag for flag in line.flags if not flag.code.startswith(PREFIX))


def flagged(script: Script, report: QcReport) -> Script:
    """The script with a flag for each finding about a line; what the fit already said is not said twice."""
    found: dict[str, list[Flag]] = {}
    for finding in report.findings:
        if finding.line is not None:
            flag = Flag(PREFIX + finding.code, finding.message, finding.severity)
            found.setdefault(finding.line, []).append(flag)

    def mark(line: Line) -> Line:
        own = _own(line)
        codes = {PREFIX + flag.code for flag in own}
        new = [flag for flag in found.get(line.id, ()) if flag.code not in codes]
        return replace(line, flags=own).flag(*new)

    return script.map_lines(mark)


def write(
    script: Script,
    report: QcReport,
    subtitles: Mapping[str, Sequence[Cue]],
    original: Path | None,
    context: Context,
) -> tuple[Path, Path]:
    """`qc/report.json` and `qc/report.html`, with the delivered subtitles measured too."""
    programme = script.programme
    measured = [
        measure_subtitles(language, cues, SubtitleNorms(), programme.sample_rate, Fraction(programme.rate))
        for language, cues in sorted(subtitles.items())
    ]
    whole = replace(
        report,
        subtitles=tuple(one for one, _ in measured),
        findings=(*report.findings, *(finding for _, some in measured for finding in some)),
    )
    clips = cut_clips(whole, context.project.root, original)
    return write_report(whole, context.project.root / "qc", clips)
