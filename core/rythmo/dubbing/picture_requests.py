"""Look for faces, or make lips, in a dub that is finished: nothing is voiced or mixed again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from rythmo.dubbing.bookkeeping import book
from rythmo.dubbing.deliveries import write_deliveries
from rythmo.dubbing.face_search import update_faces
from rythmo.dubbing.job import Result
from rythmo.dubbing.lip_making import update_lips
from rythmo.dubbing.pipeline import NO_ENGINES, material, reopening
from rythmo.engines.base import EngineSpec, Kind
from rythmo.progress import NEVER, CancelToken, Report, ignore_progress
from rythmo.project.workspace import Project
from rythmo.settings import Settings
from rythmo.stages import ingest


def find_faces(
    project: Project,
    settings: Settings,
    *,
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> Result:
    """Look who is on screen in a project's picture, and save the script. Nothing is voiced or mixed again.

    Raises EngineMissingError when no face tracker is ready, and MediaError.
    """
    settings = replace(settings, faces=replace(settings.faces, find=True))
    script = project.load()
    with reopening(project, script, settings, engines=engines, report=report, cancel=cancel) as context:
        sound = material(script, context)
        script, notes = update_faces(script, sound.ingested, sound.speech, context, whole=True)
        booked = book(project, context.engines, settings)
        return Result(project, project.save(script), (), notes, work=booked.work)


def make_lips(
    project: Project,
    settings: Settings,
    *,
    only: Collection[str] = (),
    engines: Mapping[Kind, EngineSpec] = NO_ENGINES,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> Result:
    """Make the lips of a dub, or of the lines `only`, and deliver it again. Nothing is voiced or mixed.

    Raises EngineMissingError when no engine is ready, ScriptError for an unknown line, and MediaError.
    """
    settings = replace(settings, lips=replace(settings.lips, make=True))
    script = project.load()
    for line in only:
        script.line(line)
    with reopening(project, script, settings, engines=engines, report=report, cancel=cancel) as context:
        ingested = ingest.run(ingest.reopen_source(script, project), context)
        notes = update_lips(script, ingested, context, only=only)
        script = project.save(replace(script, engines={**script.engines, **context.engines.used()}))
        files, signed = write_deliveries(script, ingested, context)
        booked = book(project, context.engines, settings)
        return Result(project, script, files, notes, signed=signed, cost=booked.cost, work=booked.work)
