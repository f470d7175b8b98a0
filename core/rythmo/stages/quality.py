"""Measure the mixed files, and turn the findings into flags and a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from rythmo.errors import EngineFailedError, EngineMissingError, LanguageError
from rythmo.mix.delivery_loudness import parse_target
from rythmo.mix.render import FOLDER
from rythmo.project.workspace import hash_values
from rythmo.qc import listener_score
from rythmo.qc.flag_counts import QC_PREFIX
from rythmo.qc.project_measures import measure_project
from rythmo.qc.report import write_report
from rythmo.qc.report_clips import cut_clips
from rythmo.qc.report_model import QcReport, TimedText
from rythmo.qc.stray_speech import load_silero
from rythmo.qc.subtitle_norms import measure_subtitles, norms_from_settings
from rythmo.qc.voice_measures import Listeners
from rythmo.script.model import Flag, Line, Remark, Script
from rythmo.stages.context import Context
from rythmo.stages.lip_measures import add_lips
from rythmo.stages.listening_check import choose_lines, find_listener, remember_words
from rythmo.stages.measured_stems import find_measures, remember_figures

VERSION = 3
PREFIX = QC_PREFIX
"""Prefix of the flags of quality control, by which the next measurement removes those of the last one."""
_DEAF = Listeners()
T = TypeVar("T")


def run(script: Script, original: Path | None, context: Context, ears: Listeners = _DEAF) -> QcReport:
    """Measure the stems; found again when neither the files nor the script changed and nobody listens.

    Whoever listens, speech that is left in the M&E is looked for. A listener that fails is done without.
    """
    return add_lips(_measure(script, original, context, ears), script, original, context)


def _measure(script: Script, original: Path | None, context: Context, ears: Listeners) -> QcReport:
    report = context.part("qc", 0, 1)
    wanted = parse_target(context.settings.mix.loudness)
    script = remove_findings(script)
    measured = find_measures(script, original, context)

    def make(ears: Listeners = ears) -> QcReport:
        return measure_project(
            context.project.root,
            script,
            original=original,
            ears=replace(ears, speech=load_silero()),
            target=wanted,
            stems=measured,
            remember=remember_figures(context),
            report=report,
            cancel=context.cancel,
        )

    if ears != _DEAF:
        try:
            return make()
        except EngineFailedError:
            return make(_DEAF)
        finally:
            context.ledgers.save()
    # A stem that somebody changed by hand is another file, whatever the record of our mix says.
    stems = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in _stems(context)]
    key = hash_values("qc", VERSION, stems, script, wanted)
    found = context.artefacts.value("qc", key, QcReport, make)
    context.ledgers.save()
    return found


def _stems(context: Context) -> list[Path]:
    return sorted((context.project.root / FOLDER).glob("*.wav"))


def ready_listeners(language: str, context: Context) -> Listeners:
    """The listeners that are ready here. A recogniser listens only where one knows the language, and none
    that sends anything away is taken unasked."""
    pool = context.engines
    transcriber = _ready(lambda: pool.transcriber(language))
    return Listeners(
        transcriber=remember_words(transcriber, context) if transcriber else None,
        embedder=_ready(pool.embedder),
        quality=listener_score.load_listener(),
    )


def dub_listeners(script: Script, context: Context) -> Listeners:
    """The listener that hears a new dub back, where one is ready: all lines of a short one, else suspects."""
    transcriber = find_listener(script, context)
    return Listeners(transcriber=transcriber, chosen=choose_lines(script)) if transcriber else _DEAF


def _ready(start: Callable[[], T]) -> T | None:
    try:
        return start()
    except (EngineMissingError, LanguageError):
        return None


def remove_findings(script: Script) -> Script:
    """Return the script without the flags and remarks of quality control."""
    return replace(script, remarks=()).map_lines(lambda line: replace(line, flags=_own(line)))


def _own(line: Line) -> tuple[Flag, ...]:
    return tuple(flag for flag in line.flags if not flag.code.startswith(PREFIX))


def without_outdated(before: Script, after: Script) -> Script:
    """`after` without the flags of quality control on lines whose words or sound are new."""
    known = {line.id: line for line in before.lines}

    def keep(line: Line) -> Line:
        old = known.get(line.id)
        same = old and (old.translation, old.take, old.placement) == (
            line.translation,
            line.take,
            line.placement,
        )
        return line if same else replace(line, flags=_own(line))

    return after.map_lines(keep)


def flag_findings(script: Script, report: QcReport) -> Script:
    """The script with a flag for each finding about a line, and a remark for each other one; what the fit
    already said is not said twice."""
    found: dict[str, list[Flag]] = {}
    remarks = []
    ends = {(remark.position, remark.flag.code): remark.end for remark in script.findings}
    for finding in report.findings:
        flag = Flag(PREFIX + finding.code, finding.message, finding.severity)
        if finding.line is not None:
            found.setdefault(finding.line, []).append(flag)
        else:
            remarks.append(Remark(finding.position, flag, ends.get((finding.position, finding.code))))

    def mark(line: Line) -> Line:
        own = _own(line)
        codes = {PREFIX + flag.code for flag in own}
        new = [flag for flag in found.get(line.id, ()) if flag.code not in codes]
        return replace(line, flags=own).add_flags(*new)

    remarks.sort(key=lambda remark: (remark.position, remark.flag.code))
    return replace(script, remarks=tuple(remarks)).map_lines(mark)


def with_subtitles(
    script: Script, report: QcReport, subtitles: Mapping[str, Sequence[TimedText]], context: Context
) -> QcReport:
    """The report with the delivered subtitles, by language, measured too."""
    programme = script.programme
    norms = norms_from_settings(context.settings.subtitles)
    measured = [
        measure_subtitles(language, cues, norms, programme.sample_rate, Fraction(programme.rate))
        for language, cues in sorted(subtitles.items())
    ]
    return replace(
        report,
        subtitles=tuple(one for one, _ in measured),
        findings=(*report.findings, *(finding for _, some in measured for finding in some)),
    )


def write(report: QcReport, original: Path | None, context: Context) -> tuple[Path, Path]:
    """Write `qc/report.json` and `qc/report.html`. Raises OutputError."""
    clips = cut_clips(report, context.project.root, original)
    return write_report(report, context.project.root / "qc", clips)
