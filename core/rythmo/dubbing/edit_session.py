"""A project that is being worked on: engines stay warm, so that a new take comes at the engine's own speed.

`pipeline.redo` starts engines, makes one change and closes them. Whoever edits line after line keeps a
Session instead. It saves nothing of the script and takes no lock: several may serve one project side by side
(one speaks a line while another mixes), and whoever started them holds the lock and keeps the script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from rythmo import trust
from rythmo.dubbing import pipeline
from rythmo.dubbing.bookkeeping import book
from rythmo.dubbing.job import Result, check_settings, voice_job
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import MediaError
from rythmo.files import shown
from rythmo.progress import NEVER, CancelToken, Report, silent
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.settings import DeliverSettings, Settings
from rythmo.stages.context import Context


class Session:
    """One project with warm engines. Scripts go in and come out as values; the files of takes, stems and
    deliveries are written where they belong.

    Raises UsageError for settings that make no sense.
    """

    def __init__(
        self,
        project: Project,
        settings: Settings,
        *,
        engines: Mapping[Kind, EngineSpec] = pipeline.NO_ENGINES,
    ) -> None:
        check_settings(settings)
        self.project = project
        self._settings = settings
        told = voice_job(project, settings)
        self._pool = EnginePool(settings.engine_names(), settings.options, engines, of_job=told)
        self._material: tuple[tuple[str, int, int], pipeline.Material] | None = None

    def say(
        self, script: Script, line_id: str, *, report: Report = silent, cancel: CancelToken = NEVER
    ) -> Script:
        """The script with that line translated (if it has no translation), voiced and fitted.

        Only the take is written: no mix, no delivery. Raises ScriptError, EngineError, MediaError.
        """
        context = self._context(report, cancel)
        try:
            return pipeline.say(script, line_id, self._sound(script, context), context)
        finally:
            book(self.project, self._pool, self._settings)

    def warm(self, script: Script, *, report: Report = silent, cancel: CancelToken = NEVER) -> None:
        """Have at hand what the first take needs besides the engine itself: the sound, found again."""
        self._pool.warm(Kind.VOICE, script.target_language)
        self._sound(script, self._context(report, cancel))

    def remake(
        self,
        script: Script,
        *,
        formats: Sequence[str] = (),
        report: Report = silent,
        cancel: CancelToken = NEVER,
    ) -> Result:
        """Bring takes, stems and deliveries up to the script; `formats` in place of those of the settings.

        Raises what `pipeline.redo` raises.
        """
        context = self._context(report, cancel)
        if formats:
            chosen = replace(self._settings, deliver=DeliverSettings(",".join(formats)))
            check_settings(chosen)
            context = replace(context, settings=chosen)
        return pipeline.finish(script, self._sound(script, context), context)

    def measure(
        self, script: Script, *, report: Report = silent, cancel: CancelToken = NEVER
    ) -> tuple[Script, tuple[Path, Path]]:
        """Measure what was delivered: the script with its flags, and the report's data and page.

        Raises what `pipeline.measure` raises.
        """
        _, files, flagged = pipeline.measure(
            self.project, script=script, locked=True, report=report, cancel=cancel
        )
        return flagged, files

    def close(self) -> None:
        """Close the engines."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _context(self, report: Report, cancel: CancelToken) -> Context:
        told = pipeline.with_cost(report, self._pool, self._settings)
        return Context(self.project, self._pool, self._settings, told, cancel)

    def _sound(self, script: Script, context: Context) -> pipeline.Material:
        """Probing a film and hashing what was found takes longer than a short line: once is enough while
        the file stays the same."""
        trust.require_media(self.project.root, script)
        source = script.programme.source
        stamp = (source, *_stamp(Path(source)))
        if self._material is None or self._material[0] != stamp:
            self._material = (stamp, pipeline.material(script, context))
        return self._material[1]


def _stamp(source: Path) -> tuple[int, int]:
    try:
        facts = source.stat()
    except OSError as error:
        raise MediaError(
            f"The programme's media is not there: {shown(source)}.", hint="Put the file back, or its drive."
        ) from error
    return facts.st_size, facts.st_mtime_ns
