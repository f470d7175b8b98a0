"""Run the stages of a dub in order.

    ingest -> for each chunk, in parallel: separate -> speakers -> transcribe
           -> match (the only barrier) -> lines -> translate in windows; each line is voiced and fitted
              as soon as its window is translated -> mix -> deliver

Decisions belong to the stages. Only the script is stored here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from rythmo import languages, settings_file, trust
from rythmo.dubbing import costs, effort, further_language
from rythmo.dubbing.analysis import analyse_chunks, separate_chunks
from rythmo.dubbing.bookkeeping import book, price_table
from rythmo.dubbing.deliveries import read_delivered_cues, write_deliveries, write_formats
from rythmo.dubbing.execution import find_absent, open_execution
from rythmo.dubbing.face_search import update_faces
from rythmo.dubbing.first_script import add_translation, make_script
from rythmo.dubbing.job import (
    Cues,
    Job,
    Result,
    check_settings,
    offered_subtitles,
    require_engines,
    require_picture_engines,
    require_voices,
    require_watermark,
    voice_job,
    with_language,
)
from rythmo.dubbing.lip_making import update_lips
from rythmo.dubbing.pinned_engines import keep_separator, pin_engines
from rythmo.dubbing.preparation import Prepared, prepare_with
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.local.heap import limit_heaps
from rythmo.engines.pool import EnginePool
from rythmo.files import require_writable
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.media_info import MediaInfo
from rythmo.mix import turnover
from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress
from rythmo.project.ledger import Ledgers
from rythmo.project.workspace import Project
from rythmo.provenance.disclosure import REPORT, find_disclosure
from rythmo.provenance.record import summarise
from rythmo.qc.report_model import QcReport
from rythmo.script.locks import keep_locked
from rythmo.script.model import Script
from rythmo.script.shared_original import refresh_line, refresh_script
from rythmo.settings import Settings
from rythmo.settings_policy import hash_restricted
from rythmo.stages import (
    cast,
    existing_tracks,
    ingest,
    mixdown,
    performance,
    source_language,
    track_language,
    translate_and_voice,
    unchanged_lines,
)
from rythmo.stages import quality as qc_stage
from rythmo.stages.context import Context
from rythmo.stages.early_mix import begin_mix
from rythmo.stages.ingest import Ingested
from rythmo.stages.separate import Separated, bed_of, speech_of

__all__ = [
    "Job", "Material", "Result", "dub", "dub_prepared", "finish", "material",
    "redo", "reopening", "say", "working",
]  # fmt: skip

_SUBTITLES = "srt"
NO_ENGINES: Mapping[Kind, EngineSpec] = {}


@dataclass(frozen=True, slots=True)
class Material:
    """The sound that a project's lines are made from: the programme's, and its speech and bed by chunk."""

    ingested: Ingested
    separated: tuple[Separated, ...]

    @property
    def speech(self) -> ChunkedAudio:
        """The separated speech, mono."""
        return speech_of(self.separated)

    @property
    def bed(self) -> ChunkedAudio:
        """The separated bed, in the channel layout of the source."""
        return bed_of(self.separated, self.ingested.programme.channels)


def dub(
    job: Job,
    settings: Settings,
    *,
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> Result:
    """Dub a media file or a timeline with these settings.

    Raises what `prepare_with` and `dub_prepared` raise.
    """
    return dub_prepared(prepare_with(job, settings), engines=engines, report=report, cancel=cancel)


def dub_prepared(
    prepared: Prepared,
    *,
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> Result:
    """Dub what was prepared. Finished work is reused, and the user's edits are kept.

    `engines` replaces those that the settings name.
    Raises InputError and EngineError before anything is written, OutputError, and what engines raise.
    """
    job, settings, source, project = prepared.job, prepared.settings, prepared.source, prepared.project
    check_settings(settings)
    if further_language.is_further(project):
        return _dub_further(prepared, engines, report, cancel)
    settings, kept = keep_separator(settings, project)
    info = ingest.with_track(source, settings.tracks, job.source_language)
    programme = ingest.programme_of(info)
    turnover.check_turnover(settings.turnover, programme)
    existing_tracks.check_tracks(settings.tracks, info, programme.channels)
    separated = len(existing_tracks.roles_with_track(settings.tracks)) == 2 or ingest.is_apart(info)
    cues = Cues.read(job, settings, programme, info)
    require_writable(job.out)
    with _make_pool(settings, engines) as pool:
        if not job.source_language:
            job = with_language(job, pool)
            info = ingest.with_track(source, settings.tracks, job.source_language)
        require_engines(job, pool, separated=separated)
        require_picture_engines(settings, pool, has_picture=info.video is not None)
        with working(project, settings, pool=pool, thorough=True, report=report, cancel=cancel) as context:
            project.remove_temporary_files()
            result = _dub(job, info, cues, context)
            return replace(result, notes=(*kept, *result.notes))


def _make_pool(settings: Settings, engines: Mapping[Kind, EngineSpec]) -> EnginePool:
    return EnginePool(settings.engine_names(), settings.options, engines, absent=find_absent(settings))


@contextmanager
def working(
    project: Project,
    settings: Settings,
    *,
    pool: EnginePool | None = None,
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    thorough: bool = False,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> Iterator[Context]:
    """Lock a project and yield the context to work in. Raises OutputError when another process has the lock.

    Engines close at the end, unless they come in a `pool`, which the caller closes. With `thorough`, every
    sound that is used is compared with its checksum.
    """
    check_settings(settings)
    require_watermark(settings, pool.given if pool is not None else engines)
    limit_heaps()
    with ExitStack() as stack:
        stack.enter_context(project.hold_lock())
        if pool is None:
            pool = stack.enter_context(_make_pool(settings, engines))
        pool.of_job = voice_job(project, settings)
        # Costs are recorded even when the work fails.
        stack.callback(lambda: book(project, pool, settings))
        told = with_cost(report, pool, settings)
        executor, store = stack.enter_context(open_execution(project, settings, pool, cancel))
        yield Context(
            project,
            pool,
            settings,
            told,
            cancel,
            ledgers=Ledgers(thorough=thorough),
            executor=executor,
            store=store,
        )


@contextmanager
def reopening(project: Project, script: Script, settings: Settings, **how: Any) -> Iterator[Context]:
    """Yield the context to change a finished dub in: as `working` does, with the engines that made the script
    where the choice is left to Rythmo.

    `how` are the keyword arguments of `working`. Raises what that raises.
    """
    with working(project, pin_engines(settings, script), **how) as context:
        yield context


def with_cost(report: Report, pool: EnginePool, settings: Settings) -> Report:
    """Return a report function that adds the cost of remote engines so far to every event."""
    table = price_table(settings)

    def told(event: Progress) -> None:
        report(replace(event, cost=costs.so_far(costs.price(pool.owed(), table))))

    return told


def material(script: Script, context: Context) -> Material:
    """Return the sound that the project's lines are made from, from its cache or made again."""
    ingested = ingest.run(ingest.reopen_source(script, context.project), context)
    return Material(ingested, separate_chunks(ingested, context))


def say(script: Script, line_id: str, sound: Material, context: Context) -> Script:
    """Translate one line (if it has no translation), voice and fit it; the stems stay unchanged.

    Only this line is measured, and a speaker whose voice is settled is not cast again. Nothing is saved.
    Raises ScriptError, EngineError.
    """
    script = script.with_line(refresh_line(script.line(line_id)))
    if cast.is_settled(script, script.line(line_id).speaker, context):
        context = replace(context, speech=sound.speech)
        script = performance.run(script, sound.speech, context, only=line_id)
    else:
        script, context = _prepared(script, sound, context)
    script = script.with_line(translate_and_voice.voice_one(script, line_id, context))
    return replace(script, engines={**script.engines, **context.engines.used()})


def redo(
    project: Project,
    script: Script,
    settings: Settings,
    *,
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> Result:
    """Voice the lines that an edit changed, place, mix and deliver again, and save the script."""
    with reopening(
        project, script, settings, engines=engines, thorough=True, report=report, cancel=cancel
    ) as context:
        result = finish(script, material(script, context), context)
        return replace(result, script=project.save(result.script))


def _dub(job: Job, info: MediaInfo, cues: Cues, context: Context) -> Result:
    is_new = not context.project.exists()
    if is_new and context.executor is not None:
        # A cluster starts its workers while the sound is decoded.
        context.at_once(Kind.DIARIZER)
    info = track_language.choose_by_sound(info, job.source_language, context.settings.tracks.audio, context)
    with context.engines.clock.at_work("extract", effort.OURS):
        ingested = ingest.run(info, context)
    is_short = len(ingested.chunks) == 1
    if is_new and is_short:
        _warm_voice(job.target_language, context)
    job, found = _with_found_language(job, ingested, context)
    heard = analyse_chunks(ingested, job, context)
    if is_new and not is_short:
        # Not before: the half a gigabyte that voices take would wait for minutes, beside what listens.
        _warm_voice(job.target_language, context)
    script, notes = make_script(job, ingested, heard, cues, context)
    script = _saved(script, context)
    notes = (*notes, *offered_subtitles(job, info))
    result = finish(script, Material(ingested, heard.separated), context, whole=True)
    script = context.project.save(result.script)
    return replace(result, script=script, notes=(*ingested.notes, *found, *notes, *result.notes))


def _dub_further(
    prepared: Prepared, engines: Mapping[Kind, EngineSpec], report: Report, cancel: CancelToken
) -> Result:
    """Dub into a further language of a project, from the original that its languages share."""
    job, project = prepared.job, prepared.project
    script = further_language.start_script(project, job.target_language)
    further_language.require_same_original(job, script)
    job = replace(job, source_language=script.source_language)
    settings = pin_engines(prepared.settings, further_language.load_newest(project), [Kind.SEPARATOR])
    info = further_language.choose_source(prepared.source, script, project, settings)
    cues = Cues.read(job, settings, script.programme, info)
    require_writable(job.out)
    with _make_pool(settings, engines) as pool:
        require_voices(job, pool)
        require_picture_engines(settings, pool, has_picture=info.video is not None)
        with working(project, settings, pool=pool, report=report, cancel=cancel) as context:
            project.remove_temporary_files()
            _warm_voice(job.target_language, context)
            with context.engines.clock.at_work("extract", effort.OURS):
                ingested = ingest.run(info, context)
            script = further_language.start_script(project, job.target_language)
            further_language.require_same_programme(script, ingested.programme, info.path.name)
            programme = replace(script.programme, source=ingested.programme.source)
            script, notes = add_translation(job, replace(script, programme=programme), cues.translation)
            script = _saved(script, context)
            sound = Material(ingested, separate_chunks(ingested, context))
            result = finish(script, sound, context, whole=True)
            script = project.save(result.script)
            return replace(result, script=script, notes=(*ingested.notes, *notes, *result.notes))


def _warm_voice(language: str, context: Context) -> None:
    """Let the voice load in the background, if it is this process that will need it."""
    if not context.sends_away(context.engines.spec(Kind.VOICE, language).info):
        context.engines.warm(Kind.VOICE, language)


def _saved(script: Script, context: Context) -> Script:
    """Save a script before its lines are translated, with the settings that it is made with."""
    project = context.project
    script = project.save(script)
    context.tell(Progress("lines", 1, 1, lines=script.lines, speakers=script.speakers))
    settings_file.save_settings(context.settings, project.settings_file)
    trust.save_permissions(
        project.root,
        settings=hash_restricted(settings_file.find_restricted(context.settings)),
        source=script.programme.source,
    )
    return script


def _with_found_language(job: Job, ingested: Ingested, context: Context) -> tuple[Job, tuple[str, ...]]:
    """Return the job with its source language: as given, else the project's, else as detected."""
    if job.source_language:
        return job, ()
    known = context.project.load().source_language if context.project.exists() else ""
    job = replace(job, source_language=known or source_language.run(ingested, context))
    require_engines(job, context.engines)
    name = languages.language_name(job.source_language)
    return job, () if known else (f"The original language was detected as {name}.",)


def finish(script: Script, sound: Material, context: Context, *, whole: bool = False) -> Result:
    """Cast, translate, voice, fit, mix and deliver a script; the caller saves the script of the result.

    Finished work is reused, so that after an edit only what it changed is made. That includes what was
    corrected in another language. With `whole`, the delivery's loudness is set again and quality is measured,
    which for a film takes longer than an edit.
    """
    before = script = refresh_script(script)
    script, seen = update_faces(script, sound.ingested, sound.speech, context, whole=whole)
    script, context = _prepared(script, sound, context)
    ingested, clock = sound.ingested, context.engines.clock
    script = _voice_and_mix(before, script, sound, context, whole=whole)
    lip_notes = update_lips(script, ingested, context)
    with clock.at_work("measure", effort.OURS):
        report = _measured(script, ingested, context) if whole else None
    script = qc_stage.flag_findings(script, report) if report else qc_stage.without_outdated(before, script)
    unchanged_lines.save_unchanged(script, context)
    with clock.at_work("deliver", effort.OURS):
        files, signed = write_deliveries(script, ingested, context)
    booked = book(context.project, context.engines, context.settings)
    if report:
        report = replace(
            report,
            paid=costs.paid(booked.cost_so_far),
            provenance=summarise(signed),
            disclosure=find_disclosure(script, context.settings.provenance, REPORT),
        )
        files = (*files, qc_stage.write(report, ingested.sound, context)[1])
    return Result(
        context.project,
        script,
        files,
        (*seen, *cast.notes(script), *lip_notes),
        signed=signed,
        cost=booked.cost,
        cost_so_far=booked.cost_so_far,
        work=booked.work,
    )


def _voice_and_mix(
    before: Script, script: Script, sound: Material, context: Context, *, whole: bool
) -> Script:
    """Translate, voice, fit and mix; a whole first mix begins while later lines are still being spoken."""
    ingested, speech, bed = sound.ingested, sound.speech, sound.bed
    with begin_mix(script, ingested, speech, bed, context, whole=whole) as early:
        heard = early.add if early is not None else None
        script = keep_locked(before, translate_and_voice.run(script, context, heard))
        script = replace(script, engines={**script.engines, **context.engines.used()})
        if whole:
            # What listens and measures from here on needs the memory, and an edit would need the voice again.
            context.engines.rest(Kind.VOICE)
        if context.executor is not None:
            context.executor.release()
        with context.engines.clock.at_work("mix", effort.OURS):
            started = early.stop() if early is not None else None
            return mixdown.run(script, ingested, speech, bed, context, whole=whole, started=started)


def _measured(script: Script, ingested: Ingested, context: Context) -> QcReport:
    """What quality control finds in the stems and the subtitles, before anything with markers is written."""
    report = qc_stage.run(script, ingested.background, context, qc_stage.dub_listeners(script, context))
    formats = [name for name in context.settings.deliver.names if name == _SUBTITLES]
    files = write_formats(script, formats, ingested, context)
    return qc_stage.with_subtitles(script, report, read_delivered_cues(script, files), context)


def _prepared(script: Script, sound: Material, context: Context) -> tuple[Script, Context]:
    """Cast the speakers and measure the prosody of every line, as needed before voicing."""
    speech = sound.speech
    script = cast.run(script, speech, sound.bed, context)
    return performance.run(script, speech, context), replace(context, speech=speech)
