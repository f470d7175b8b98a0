"""Measure a delivered project: everything is measured from the files, nothing is taken on trust."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from rythmo.executors import start_workers
from rythmo.media.wav import WavReader
from rythmo.mix.delivery_loudness import LoudnessTarget
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.qc.bed_measures import measure_regions
from rythmo.qc.findings import (
    Limits,
    TypicalMeasures,
    judge_language,
    judge_line,
    judge_quality,
    judge_regions,
    judge_stems,
    judge_stray_speech,
    summarise_fit,
)
from rythmo.qc.intake import judge_intake, list_open_findings
from rythmo.qc.known_figures import Remember, measure_anew
from rythmo.qc.line_measures import Channels, compare_with_original, compare_with_speaker, measure_lines
from rythmo.qc.report_model import (
    VERSION,
    Aim,
    Finding,
    LineMeasures,
    QcReport,
    Region,
    SubtitleMeasures,
    TimedText,
)
from rythmo.qc.stem_measures import MASTERS, StemMeasures, measure_stems
from rythmo.qc.stray_speech import HearsSpeech, find_stray_speech
from rythmo.qc.subtitle_norms import SubtitleNorms, measure_subtitles
from rythmo.qc.translation_checks import judge_translations
from rythmo.qc.voice_measures import Listeners, measure_voices
from rythmo.script.model import Script, Severity

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_DEAF = Listeners()
# The pass over the stems, the bed, and speech that is left in it.
_BESIDE = 3


def measure_project(
    project: Path,
    script: Script,
    *,
    original: Path | None = None,
    subtitles: Mapping[str, Sequence[TimedText]] | None = None,
    ears: Listeners = _DEAF,
    limits: Limits | None = None,
    norms: SubtitleNorms | None = None,
    target: LoudnessTarget | None = None,
    stems: StemMeasures | None = None,
    remember: Remember = measure_anew,
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> QcReport:
    """Measure the stems in `project`/stems against the script. A missing stem is a finding, not an error.

    Args:
        project: the project's folder.
        script: what the stems should hold.
        original: the programme's own sound (48 kHz, as ingested); without it the M&E cannot be compared.
        subtitles: the delivered cues by language.
        ears: engines that listen to the lines.
        limits: what passes.
        norms: what subtitles are held to.
        target: the loudness that was requested.
        stems: what was measured of the stems while they were mixed; else their files are read.
        remember: returns figures of sounds that were measured before.
        report: called with the share that is done.
        cancel: stops the work.

    Raises MediaError for a stem that cannot be read, CancelledError.
    """
    limits = limits or Limits()
    # What needs no listener works on its own files beside them.
    with start_workers(_BESIDE, cancel) as beside, ExitStack() as open_files:
        # With a loudness target the M&E is the original times a gain: there are no bits to compare.
        compared = original if target is None else None
        passed = beside.start(
            lambda before: stems or _measure_stems(project, script, before, cancel), compared
        )
        bed = beside.start(lambda own: _measure_bed(project, own, script, remember, cancel), original)
        stray = beside.start(lambda hears: _find_stray_speech(project, script, hears, remember, cancel), ears)
        speakers = _open_speakers(open_files, project, script)
        me = _open_stems(open_files, project, {"ME": "ME"}).get("ME")
        own = open_files.enter_context(WavReader(compared)) if compared is not None else None
        removed = _removed_speech_reader(own, me)
        lines = _measure_lines(
            script, speakers, removed, ears, remember, report=lambda done: report(0.9 * done), cancel=cancel
        )
        heard = passed.result()
    cues = _measure_cues(script, subtitles or {}, norms or SubtitleNorms())
    report(1.0)
    aim = _measure_aim(target, heard) if target else None
    return _make_report(script, lines, heard, bed.result(), stray.result(), cues, limits, aim)


def measure_ahead(
    script: Script,
    stems: Mapping[str, Path],
    original: Path,
    within: tuple[int, int],
    remember: Remember,
    *,
    speech: HearsSpeech | None = None,
    cancel: CancelToken = NEVER,
) -> None:
    """Measure what ends `within` that span of stems in the making, for `remember` to know it later.

    Args:
        script: the lines that are in the stems.
        stems: the files, by name.
        original: the programme's own sound.
        within: a span of the programme, in samples.
        remember: keeps the figures.
        speech: hears speech that is left in the M&E.
        cancel: stops the work.
    """
    with ExitStack() as files:
        readers = {name: files.enter_context(WavReader(path)) for name, path in stems.items()}
        own, me = files.enter_context(WavReader(original)), readers["ME"]
        speakers = {
            speaker.id: readers[f"DX_{speaker.id}"]
            for speaker in script.speakers
            if f"DX_{speaker.id}" in readers
        }
        lines = measure_lines(script.lines, speakers, remember, within)
        removed = _removed_speech_reader(own, me)
        if removed is not None:
            rate = script.programme.sample_rate
            compare_with_original(lines, script.lines, removed, rate, remember, within)
        measure_regions(me, own, script.dialogue, remember=remember, within=within, cancel=cancel)
        if speech is not None:
            find_stray_speech(me, script.dialogue, speech, remember=remember, within=within, cancel=cancel)


def _open_speakers(files: ExitStack, project: Path, script: Script) -> dict[str, WavReader]:
    return _open_stems(files, project, {speaker.id: f"DX_{speaker.id}" for speaker in script.speakers})


def _measure_stems(project: Path, script: Script, original: Path | None, cancel: CancelToken) -> StemMeasures:
    with ExitStack() as open_files:
        return measure_stems(
            _open_stems(open_files, project, {name: name for name in MASTERS}),
            _open_speakers(open_files, project, script),
            open_files.enter_context(WavReader(original)) if original is not None else None,
            script.dialogue,
            spoken=[(line.placement.start, line.placement.end) for line in script.lines if line.placement],
            cancel=cancel,
        )


def _measure_lines(
    script: Script,
    speakers: Mapping[str, WavReader],
    removed: Callable[[int, int], Channels] | None,
    ears: Listeners,
    remember: Remember,
    *,
    report: Fraction01,
    cancel: CancelToken,
) -> tuple[LineMeasures, ...]:
    """Measure each line in its speaker's stem. `removed` reads the speech that the dub replaces, if known."""
    lines = compare_with_speaker(measure_lines(script.lines, speakers, remember))
    if removed is not None:
        lines = compare_with_original(lines, script.lines, removed, script.programme.sample_rate, remember)
    return measure_voices(
        lines,
        speakers,
        script.target_language,
        ears,
        originals=[line.id for line in script.lines if line.take and line.take.is_original],
        report=report,
        cancel=cancel,
    )


def _removed_speech_reader(
    own: WavReader | None, me: WavReader | None
) -> Callable[[int, int], Channels] | None:
    """Return a reader of what the M&E lacks of the original: the replaced speech, mono."""
    if own is None or me is None or own.channels != me.channels:
        return None

    def read(start: int, end: int) -> Channels:
        before, after = own.read(start, end - start), me.read(start, end - start)
        count = min(before.shape[1], after.shape[1])
        taken: Channels = (before[:, :count] - after[:, :count]).mean(axis=0, keepdims=True)
        return taken

    return read


def _find_stray_speech(
    project: Path, script: Script, ears: Listeners, remember: Remember, cancel: CancelToken
) -> tuple[tuple[int, int], ...]:
    """Find speech in the M&E where no line is, without the findings that the script has already."""
    with ExitStack() as files:
        me = _open_stems(files, project, {"ME": "ME"}).get("ME")
        if me is None or ears.speech is None:
            return ()
        spans = find_stray_speech(me, script.dialogue, ears.speech, remember=remember, cancel=cancel)
    known = [(found.position, found.end or found.position) for found in list_open_findings(script)]
    return tuple((a, b) for a, b in spans if not any(start < b and a < end for start, end in known))


def _measure_aim(target: LoudnessTarget, heard: StemMeasures) -> Aim:
    whole = next((stem.integrated_lufs for stem in heard.levels if stem.stem == "MIX"), None)
    measured = heard.dialogue_lufs if target.by_dialogue else whole
    return Aim(target.name, target.lufs, target.tolerance, target.true_peak, target.by_dialogue, measured)


def _open_stems(files: ExitStack, project: Path, names: Mapping[str, str]) -> dict[str, WavReader]:
    paths = {key: project / "stems" / f"{name}.wav" for key, name in names.items()}
    return {key: files.enter_context(WavReader(path)) for key, path in paths.items() if path.is_file()}


def _measure_bed(
    project: Path, original: Path | None, script: Script, remember: Remember, cancel: CancelToken
) -> tuple[tuple[Region, ...], float | None]:
    with ExitStack() as files:
        me = _open_stems(files, project, {"ME": "ME"}).get("ME")
        if me is None or original is None:
            return tuple(Region(start, end, None, None) for start, end in script.dialogue), None
        own = files.enter_context(WavReader(original))
        return measure_regions(me, own, script.dialogue, remember=remember, cancel=cancel)


def _measure_cues(
    script: Script, subtitles: Mapping[str, Sequence[TimedText]], norms: SubtitleNorms
) -> tuple[tuple[SubtitleMeasures, ...], tuple[Finding, ...]]:
    programme = script.programme
    measured = [
        measure_subtitles(language, cues, norms, programme.sample_rate, Fraction(programme.rate))
        for language, cues in sorted(subtitles.items())
    ]
    return tuple(one for one, _ in measured), tuple(finding for _, some in measured for finding in some)


def _make_report(
    script: Script,
    lines: tuple[LineMeasures, ...],
    heard: StemMeasures,
    bed: tuple[tuple[Region, ...], float | None],
    stray: tuple[tuple[int, int], ...],
    subtitles: tuple[tuple[SubtitleMeasures, ...], tuple[Finding, ...]],
    limits: Limits,
    aim: Aim | None,
) -> QcReport:
    programme = script.programme
    regions, residue = bed
    usual = TypicalMeasures.of(lines)
    findings = [
        *judge_intake(script),
        *judge_quality(usual, limits),
        *judge_stems(heard.stems, heard.levels, limits, aim),
        *(found for line in lines for found in judge_line(line, limits, programme.sample_rate, usual)),
        *judge_translations(script),
        *judge_language(lines, script.target_language, programme.sample_rate),
        *judge_regions(regions, limits),
        *judge_stray_speech(stray, programme.sample_rate),
        *subtitles[1],
    ]
    return QcReport(
        version=VERSION,
        programme=programme.name,
        source_language=script.source_language,
        target_language=script.target_language,
        sample_rate=programme.sample_rate,
        length=programme.length,
        frame_rate=str(programme.rate),
        start_frame=programme.start_frame,
        drop=programme.drop,
        speakers=tuple((speaker.id, speaker.name, speaker.colour) for speaker in script.speakers),
        engines=tuple(sorted(script.engines.items())),
        lines=lines,
        fit=summarise_fit(lines),
        levels=heard.levels,
        loudness_curve=heard.curve,
        stems=heard.stems,
        regions=regions,
        residue_db=residue,
        subtitles=subtitles[0],
        findings=tuple(
            sorted(findings, key=lambda found: (_ORDER[found.severity], found.position, found.code))
        ),
        aim=aim,
        paid=(),
        provenance="",
        disclosure="",
    )
