"""Measure what a project delivers, from its files, apart from a dub."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from rythmo import settings_file
from rythmo.dubbing import costs
from rythmo.dubbing.bookkeeping import price_table
from rythmo.dubbing.deliveries import read_delivered_cues
from rythmo.engines.pool import EnginePool
from rythmo.errors import InputError
from rythmo.progress import NEVER, CancelToken, Report, ignore_progress
from rythmo.project.workspace import Project
from rythmo.qc.report_model import QcReport
from rythmo.qc.voice_measures import Listeners
from rythmo.script.model import Script
from rythmo.stages import ingest
from rythmo.stages import quality as qc_stage
from rythmo.stages.context import Context


def measure(
    project: Project,
    *,
    deaf: bool = False,
    locked: bool = False,
    script: Script | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> tuple[QcReport, tuple[Path, Path], Script]:
    """Measure a project's delivery from its files, write the report, and flag the script with what was found.

    `script` in place of the project's own, when its caller keeps it; else the flagged one is saved.

    Unless `deaf`, ready engines listen too: a recogniser of the language, an embedder that compares takes
    with their speakers, and a predictor of sound quality. `locked` says that the caller holds the project's
    lock. Raises ScriptError, OutputError, and MediaError for a stem that cannot be read.
    """
    own = script or project.load()
    settings = settings_file.resolve_settings(file=project.settings_file, undecided="leave out")
    with ExitStack() as stack:
        if not locked:
            stack.enter_context(project.hold_lock())
        pool = stack.enter_context(EnginePool())
        context = Context(project, pool, settings, report, cancel)
        sound, background = _originals(own, context)
        ears = Listeners() if deaf else qc_stage.ready_listeners(own.target_language, context)
        found = qc_stage.run(own, background, context, ears)
        folder = project.root / "deliver" / own.target_language
        cues = read_delivered_cues(own, sorted(folder.glob("*.srt")))
        bill = costs.price(costs.spent_so_far(project), price_table(settings))
        found = qc_stage.with_subtitles(own, replace(found, paid=costs.paid(bill)), cues, context)
        flagged = qc_stage.flag_findings(own, found)
        files = qc_stage.write(found, sound, context)
        if script is None and flagged != own:
            project.save(flagged)
        return found, files, flagged


def _originals(script: Script, context: Context) -> tuple[Path | None, Path | None]:
    """Return the programme's own sound and the M&E outside dialogue; None when the media is missing."""
    with suppress(InputError):
        ingested = ingest.run(ingest.reopen_source(script, context.project), context)
        return ingested.sound, ingested.background
    return None, None
