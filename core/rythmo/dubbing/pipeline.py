"""The one list of stages, and who waits for whom.

    ingest -> for each chunk, side by side: separate -> speakers -> transcribe
           -> match (the only barrier) -> lines -> translate in windows; each line is voiced and fitted
              as soon as its window is translated -> mix -> deliver

Nothing is decided here that a stage could decide; nothing is stored here but the script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rythmo import hooks, languages, trust
from rythmo import settings as settings_file
from rythmo.dubbing import costs, effort
from rythmo.dubbing.analysis import analyse_chunks, separate_chunks
from rythmo.dubbing.first_script import make_script
from rythmo.dubbing.job import (
    Cues,
    Job,
    Result,
    check_settings,
    offered_subtitles,
    project_for,
    require_engines,
    settings_of,
    voice_job,
    with_language,
)
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.engines.prices import PriceTable, load_prices
from rythmo.errors import InputError
from rythmo.files import require_writable
from rythmo.media.chunked import ChunkedAudio
from rythmo.media.probe import MediaInfo
from rythmo.mix import turnover
from rythmo.progress import NEVER, CancelToken, Progress, Report, silent
from rythmo.project.workspace import Project
from rythmo.qc.report_model import QcReport, TimedText
from rythmo.qc.voice_measures import Ears
from rythmo.script.model import Script
from rythmo.settings import Settings
from rythmo.stages import (
    cast,
    existing_tracks,
    ingest,
    mixdown,
    performance,
    source_language,
    translate_and_voice,
    unchanged_lines,
)
from rythmo.stages import quality as qc_stage
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested
from rythmo.stages.separate import Separated, bed_of, speech_of
from rythmo.wishes import fingerprint

__all__ = [
    "Job", "Material", "Result", "dub", "finish", "material", "measure", "project_for", "redo", "say",
    "settings_of", "working",
]  # fmt: skip

NO_ENGINES: Mapping[Kind, EngineSpec] = {}


@dataclass(frozen=True, slots=True)
class Material:
    """What a project's lines are made from: the programme's sound, and its speech and bed by chunk."""

    ingested: Ingested
    separated: tuple[Separated, ...]

    @property
    def speech(self) -> ChunkedAudio:
        """The separated speech, mono."""
        return speech_of(self.separated)

    @property
    def bed(self) -> ChunkedAudio:
        """Everything else, in the layout of the source."""
        return bed_of(self.separated, self.ingested.programme.channels)


def dub(
    job: Job,
    settings: Settings,
    *,
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    report: Report = silent,
    cancel: CancelToken = NEVER,
) -> Result:
    """Dub a media file or a timeline. What was made before is found again; a person's edits are kept.

    `engines` are used in place of what the settings name.
    Raises InputError and EngineError before anything is written, OutputError, and what engines raise.
    """
    check_settings(settings)
    source = ingest.look(job.source, settings.timeline)
    info = ingest.with_track(source, settings.tracks, job.source_language)
    programme = ingest.programme_of(info)
    turnover.check(settings.turnover, programme)
    existing_tracks.look(settings.tracks, info, programme.channels)
    separated = len(existing_tracks.named(settings.tracks)) == 2 or ingest.is_apart(info)
    cues = Cues.read(job, settings, programme, info)
    require_writable(job.out)
    with EnginePool(settings.engine_names(), settings.options, engines) as pool:
        if not job.source_language:
            job = with_language(job, pool)
            info = ingest.with_track(source, settings.tracks, job.source_language)
        require_engines(job, pool, separated=separated)
        project = project_for(job, info)
        with working(project, settings, pool=pool, report=report, cancel=cancel) as context:
            project.sweep()
            return _dub(job, info, cues, context)


@contextmanager
def working(
    project: Project,
    settings: Settings,
    *,
    pool: EnginePool | None = None,
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    report: Report = silent,
    cancel: CancelToken = NEVER,
) -> Iterator[Context]:
    """A project to work on, locked until the end: OutputError when somebody else works on it.

    Engines close at the end, unless they come in a `pool`: then they stay warm and are the caller's to close.
    """
    check_settings(settings)
    with ExitStack() as stack:
        stack.enter_context(_locked(project))
        if pool is None:
            pool = stack.enter_context(EnginePool(settings.engine_names(), settings.options, engines))
        pool.of_job = voice_job(project, settings)
        # Whatever becomes of the work: what it cost is written down.
        stack.callback(lambda: costs.add(project, pool.spent()))
        stack.callback(lambda: effort.add(project, pool.clock.taken()))
        yield Context(project, pool, settings, with_cost(report, pool, settings), cancel)


def with_cost(report: Report, pool: EnginePool, settings: Settings) -> Report:
    """Tells with every step what remote engines have asked for so far."""
    table = _prices(settings)

    def told(event: Progress) -> None:
        report(replace(event, cost=costs.so_far(costs.price(pool.owed(), table))))

    return told


def material(script: Script, context: Context) -> Material:
    """The sound that the project's lines are made from; found again in its cache, or made again."""
    ingested = ingest.run(ingest.again(script, context.project), context)
    return Material(ingested, separate_chunks(ingested, context))


def say(script: Script, line_id: str, sound: Material, context: Context) -> Script:
    """One line translated (if it has no translation), voiced and fitted; the stems stay as they are.

    The speaker is cast first if need be. Nothing is saved. Raises ScriptError, EngineError.
    """
    script, context = _prepared(script, sound, context)
    script = script.with_line(translate_and_voice.say_one(script, line_id, context))
    return replace(script, engines={**script.engines, **context.engines.used()})


def redo(
    project: Project,
    script: Script,
    settings: Settings,
    *,
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    report: Report = silent,
    cancel: CancelToken = NEVER,
) -> Result:
    """After an edit: voice the lines that changed, place, mix and deliver again."""
    with working(project, settings, engines=engines, report=report, cancel=cancel) as context:
        return finish(script, material(script, context), context)


@contextmanager
def _locked(project: Project) -> Iterator[None]:
    lock = project.lock()
    try:
        yield
    finally:
        lock.release()


def _dub(job: Job, info: MediaInfo, cues: Cues, context: Context) -> Result:
    if not context.project.exists():
        context.engines.warm(Kind.VOICE, job.target_language)
    with context.engines.clock.at_work("extract", effort.OURS):
        ingested = ingest.run(info, context)
    job, found = _with_found_language(job, ingested, context)
    heard = analyse_chunks(ingested, job, context)
    script, notes = make_script(job, ingested, heard, cues, context)
    context.project.save(script)
    context.tell(Progress("lines", 1, 1, lines=script.lines, speakers=script.speakers))
    settings_file.save(context.settings, context.project.root / "settings.toml")
    trust.allow(
        context.project.root,
        settings=fingerprint(settings_file.wishes_of(context.settings)),
        source=script.programme.source,
    )
    notes = (*notes, *offered_subtitles(job, info))
    result = finish(script, Material(ingested, heard.separated), context, quality=True)
    return replace(result, notes=(*ingested.notes, *found, *notes, *result.notes))


def _with_found_language(job: Job, ingested: Ingested, context: Context) -> tuple[Job, tuple[str, ...]]:
    """The job with its source language: as it was named, as the project has it, or as it is heard."""
    if job.source_language:
        return job, ()
    known = context.project.load().source_language if context.project.exists() else ""
    job = replace(job, source_language=known or source_language.run(ingested, context))
    require_engines(job, context.engines)
    name = languages.name(job.source_language)
    return job, () if known else (f"The language of the original was heard to be {name}.",)


def finish(script: Script, sound: Material, context: Context, *, quality: bool = False) -> Result:
    """From a script on: cast, translate, voice, fit, mix, measure, deliver.

    What exists already is found, so that after an edit this makes what the edit changed and no more.
    An edit of one line leaves `quality` out: measuring a whole film takes longer than the edit.
    """
    script, context = _prepared(script, sound, context)
    script = translate_and_voice.run(script, context)
    script = replace(script, engines={**script.engines, **context.engines.used()})
    ingested, clock = sound.ingested, context.engines.clock
    with clock.at_work("mix", effort.OURS):
        script = mixdown.run(script, ingested, sound.speech, sound.bed, context, edit=not quality)
    with clock.at_work("measure", effort.OURS):
        report = qc_stage.run(script, ingested.background, context) if quality else None
    script = qc_stage.flagged(script, report) if report else script
    unchanged_lines.remember(script, translate_and_voice.places_of(script, context), context)
    context.project.save(script)
    with clock.at_work("deliver", effort.OURS):
        files = _delivered(script, ingested, context)
    this_time, so_far = _bills(context)
    if report:
        cues, report = _delivered_cues(script, files), replace(report, paid=costs.paid(so_far))
        files = (*files, qc_stage.write(script, report, cues, ingested.sound, context)[1])
    work = clock.taken()
    effort.add(context.project, work)
    return Result(
        context.project, script, files, cast.notes(script), cost=this_time, cost_so_far=so_far, work=work
    )


def _bills(context: Context) -> tuple[costs.Bill, costs.Bill]:
    """What this run's remote engines come to, and with it all runs of the project."""
    table = _prices(context.settings)
    spent = context.engines.spent()
    return costs.price(spent, table), costs.price(costs.add(context.project, spent), table)


def _prices(settings: Settings) -> PriceTable:
    return load_prices(Path(settings.prices.file) if settings.prices.file else None)


def _prepared(script: Script, sound: Material, context: Context) -> tuple[Script, Context]:
    """Cast, and with the prosody of every line: all that a line needs before it is voiced."""
    speech = sound.speech
    script = cast.run(script, speech, sound.bed, context)
    return performance.run(script, speech, context), replace(context, speech=speech)


def _delivered(script: Script, ingested: Ingested, context: Context) -> tuple[Path, ...]:
    files = hooks.deliver()(
        context.project.root,
        script,
        context.settings.deliver.names,
        source=ingested.info.path,
        subtitles=context.settings.subtitles,
        report=context.report,
        cancel=context.cancel,
    )
    if context.settings.turnover.stems:
        folder = context.project.root / "deliver" / script.target_language / turnover.FOLDER
        files = (*files, *turnover.turnover(context.project.root, script, folder, context.settings.turnover))
    context.step("deliver", 1, 1)
    return tuple(files)


def _delivered_cues(script: Script, files: Sequence[Path]) -> dict[str, tuple[TimedText, ...]]:
    """The subtitles as they were delivered, by language."""
    languages, read = (script.source_language, script.target_language), hooks.read_as_written()
    return {
        language: read(path, script.programme.sample_rate)
        for language in languages
        for path in files
        # A programme without speech has subtitle files without a cue.
        if path.name.endswith(f".{language}.srt") and path.stat().st_size
    }


def measure(
    project: Project, *, deaf: bool = False, report: Report = silent, cancel: CancelToken = NEVER
) -> tuple[QcReport, tuple[Path, Path]]:
    """Measure a project's delivery from its files and write the report; nothing else is changed.

    Unless `deaf`, whatever engines are ready on this machine listen too: a recogniser that knows the
    language, an embedder that compares takes with their cast, an opinion of their sound. Raises ScriptError,
    MediaError for a stem that cannot be read, OutputError.
    """
    script = project.load()
    settings = settings_file.resolve(file=project.root / "settings.toml", wishes="leave out")
    with EnginePool() as pool, _locked(project):
        context = Context(project, pool, settings, report, cancel)
        sound, background = _originals(script, context)
        ears = Ears() if deaf else qc_stage.ears(pool, script.target_language)
        found = qc_stage.run(script, background, context, ears)
        folder = project.root / "deliver" / script.target_language
        cues = _delivered_cues(script, sorted(folder.glob("*.srt")))
        bill = costs.price(costs.spent_so_far(project), _prices(settings))
        found = replace(found, paid=costs.paid(bill))
        return found, qc_stage.write(script, found, cues, sound, context)


def _originals(script: Script, context: Context) -> tuple[Path | None, Path | None]:
    """The programme's own sound, and what the M&E is outside dialogue; None where the media is gone."""
    with suppress(InputError):
        ingested = ingest.run(ingest.again(script, context.project), context)
        return ingested.sound, ingested.background
    return None, None
