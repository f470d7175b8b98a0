"""Edit a project with engines kept warm, so that a new take comes at the engine's own speed.

`pipeline.redo` starts engines, makes one change and closes them. For editing line after line, use a Session.
It neither saves the script nor takes the lock, so several can serve one project in parallel (one speaks a
line while another mixes). The caller holds the lock and keeps the script.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from rythmo import trust
from rythmo.dubbing import hand_casting, pipeline, quality_check, saved_cast
from rythmo.dubbing.bookkeeping import book
from rythmo.dubbing.job import Job, Result, check_settings, require_voices, voice_job
from rythmo.dubbing.picture_requests import find_script_faces, make_script_lips
from rythmo.dubbing.pinned_engines import pin_engines
from rythmo.dubbing.saved_cast import Saved
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import MediaError
from rythmo.files import make_printable
from rythmo.progress import NEVER, CancelToken, Report, ignore_progress
from rythmo.project.ledger import Ledgers
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.script.takes import VoiceRef
from rythmo.settings import DeliverSettings, Settings
from rythmo.stages.auditions import Audition
from rythmo.stages.context import Context


class Session:
    """A project with warm engines. Scripts are passed and returned; takes, stems and deliveries are written.

    Raises UsageError for wrong settings.
    """

    def __init__(
        self,
        project: Project,
        settings: Settings,
        *,
        engines: Mapping[Kind, EngineSpec] = pipeline.NO_ENGINES,
    ) -> None:
        check_settings(settings)
        if project.exists():
            settings = pin_engines(settings, project.load())
        self.project = project
        self._settings = settings
        told = voice_job(project, settings)
        self._pool = EnginePool(settings.engine_names(), settings.options, engines, of_job=told)
        self._material: tuple[tuple[str, int, int], pipeline.Material] | None = None

    def say(
        self, script: Script, line_id: str, *, report: Report = ignore_progress, cancel: CancelToken = NEVER
    ) -> Script:
        """Return the script with one line translated (if it has no translation), voiced and fitted.

        Only the take is written: no mix, no delivery. Raises ScriptError, EngineError, MediaError.
        """
        context = self._context(report, cancel)
        try:
            return pipeline.say(script, line_id, self._sound(script, context), context)
        finally:
            book(self.project, self._pool, self._settings)

    def warm(self, script: Script, *, report: Report = ignore_progress, cancel: CancelToken = NEVER) -> None:
        """Start the voice engine and load the programme's sound, so that the first take comes quickly."""
        self._pool.warm(Kind.VOICE, script.target_language)
        self._sound(script, self._context(report, cancel))

    def remake(
        self,
        script: Script,
        *,
        formats: Sequence[str] = (),
        report: Report = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> Result:
        """Update takes, stems and deliveries to the script. `formats` replaces the formats of the settings.

        Raises what `pipeline.redo` raises.
        """
        context = self._context(report, cancel)
        if formats:
            chosen = replace(self._settings, deliver=DeliverSettings(",".join(formats)))
            check_settings(chosen)
            # A delivery: every sound in it is compared with its checksum.
            context = replace(context, settings=chosen, ledgers=Ledgers(thorough=True))
        return pipeline.finish(script, self._sound(script, context), context)

    def dub_language(
        self, script: Script, *, report: Report = ignore_progress, cancel: CancelToken = NEVER
    ) -> Result:
        """Translate and voice a further language of a project, then mix, measure and deliver it.

        Nothing is listened to: speech and bed come from the project's cache. Raises EngineMissingError and
        LanguageError before any work, and what `pipeline.redo` raises.
        """
        job = Job(Path(script.programme.source), script.target_language, script.source_language)
        require_voices(job, self._pool)
        context = self._context(report, cancel)
        return pipeline.finish(script, self._sound(script, context), context, whole=True)

    def find_faces(
        self, script: Script, *, report: Report = ignore_progress, cancel: CancelToken = NEVER
    ) -> Result:
        """Look who is on screen while each line is said. Raises what `picture_requests.find_faces` raises."""
        context = self._context(report, cancel)
        return find_script_faces(script, self._sound(script, context), context)

    def make_lips(
        self,
        script: Script,
        *,
        only: Collection[str] = (),
        report: Report = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> Result:
        """Make the lips of all lines, or of `only` these, and deliver. Raises what `make_lips` raises."""
        context = self._context(report, cancel)
        return make_script_lips(script, self._sound(script, context).ingested, context, only=only)

    def measure(
        self, script: Script, *, report: Report = ignore_progress, cancel: CancelToken = NEVER
    ) -> tuple[Script, tuple[Path, Path]]:
        """Measure what was delivered: the script with its flags, and the report's data and page.

        Raises what `quality_check.measure` raises.
        """
        _, files, flagged = quality_check.measure(
            self.project, script=script, locked=True, report=report, cancel=cancel
        )
        return flagged, files

    def propose(
        self, script: Script, speaker_id: str, *, cancel: CancelToken = NEVER
    ) -> tuple[VoiceRef, ...]:
        """Return voices for a speaker to choose from, the present one first. Raises what engines raise."""
        context = self._context(ignore_progress, cancel)
        return hand_casting.propose(script, speaker_id, lambda: self._sound(script, context), context)

    def audition(
        self, script: Script, line_id: str, voice: VoiceRef, *, cancel: CancelToken = NEVER
    ) -> Audition:
        """Speak a line, or a sample without one, in a voice, and touch no take. Raises what engines raise."""
        context = self._context(ignore_progress, cancel)
        try:
            return hand_casting.audition(
                script, line_id, voice, lambda: self._sound(script, context), context
            )
        finally:
            book(self.project, self._pool, self._settings)

    def save_cast(self, script: Script, path: Path, *, cancel: CancelToken = NEVER) -> Saved:
        """Write the named speakers to a cast file, which the project then uses unless it has another.

        Raises what `saved_cast.save` raises.
        """
        context = self._context(ignore_progress, cancel)
        try:
            saved = saved_cast.save_people(script, path, self._sound(script, context), context)
        finally:
            book(self.project, self._pool, self._settings)
        saved_cast.adopt(self.project, path)
        return saved

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
        """Return the programme's sound, probed once while the file stays the same.

        Probing and hashing a film takes longer than voicing a short line.
        """
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
            f"The programme's media is missing: {make_printable(source)}.",
            hint="Restore the file, or connect its drive.",
        ) from error
    return facts.st_size, facts.st_mtime_ns
