"""Look for faces, or make lips, in a dub that is finished: nothing is voiced or mixed again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from rythmo.dubbing.bookkeeping import book
from rythmo.dubbing.deliveries import write_deliveries
from rythmo.dubbing.face_search import update_faces
from rythmo.dubbing.job import Result
from rythmo.dubbing.lip_making import update_lips
from rythmo.dubbing.pipeline import NO_ENGINES, Material, material, reopening
from rythmo.engines.base import EngineSpec, Kind
from rythmo.progress import NEVER, CancelToken, Report, ignore_progress
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.settings import Settings
from rythmo.stages import ingest
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested


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
    script = project.load()
    with reopening(project, script, settings, engines=engines, report=report, cancel=cancel) as context:
        result = find_script_faces(script, material(script, context), context)
        return replace(result, script=project.save(result.script))


def find_script_faces(script: Script, sound: Material, context: Context) -> Result:
    """Look who is on screen while each line of a script is said. The caller saves the script of the result.

    Raises EngineMissingError when no face tracker is ready, and MediaError.
    """
    settings = replace(context.settings, faces=replace(context.settings.faces, find=True))
    context = replace(context, settings=settings)
    script, notes = update_faces(script, sound.ingested, sound.speech, context, whole=True)
    booked = book(context.project, context.engines, settings)
    return Result(context.project, script, (), notes, work=booked.work)


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
    script = project.load()
    with reopening(project, script, settings, engines=engines, report=report, cancel=cancel) as context:
        ingested = ingest.run(ingest.reopen_source(script, project), context)
        result = make_script_lips(script, ingested, context, only=only)
        return replace(result, script=project.save(result.script))


def make_script_lips(
    script: Script, ingested: Ingested, context: Context, *, only: Collection[str] = ()
) -> Result:
    """Make the lips of a script, or of the lines `only`, and deliver it. The caller saves the script.

    Raises what `make_lips` raises.
    """
    for line in only:
        script.line(line)
    settings = replace(context.settings, lips=replace(context.settings.lips, make=True))
    context = replace(context, settings=settings)
    notes = update_lips(script, ingested, context, only=only)
    script = replace(script, engines={**script.engines, **context.engines.used()})
    files, signed = write_deliveries(script, ingested, context)
    booked = book(context.project, context.engines, settings)
    return Result(context.project, script, files, notes, signed=signed, cost=booked.cost, work=booked.work)
