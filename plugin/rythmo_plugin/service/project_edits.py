"""Apply the user's edits: save them at once, then queue the takes and the mix that they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import UNSET

from rythmo.dubbing.project_edits import sounds_same
from rythmo.script import edits
from rythmo.script.line_conflicts import require_line, require_seen
from rythmo.script.model import Script
from rythmo.script.voice_edits import lock_voice
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import busy, not_found
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.job_settings import project_settings
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.projects import OpenProject, Projects
from rythmo_plugin.service.queue import JobQueue
from rythmo_plugin.service.views import Views, view_speakers
from rythmo_plugin.service.voice_casting import find_shelf, recast

_SPOKEN = ("text", "translation", "direction", "speaker")
_FIELDS = (*_SPOKEN, "start", "end")
_TAKE_PRIORITY = 10
_DUBBING = frozenset({"dub", "language"})
_WRITING = frozenset({"dub", "language", "take", "remake", "deliver", "conform", "send"})
Change = Callable[[Script], Script]


class ProjectEditor:
    """Edits the projects of one service."""

    def __init__(self, settings: ServiceSettings, projects: Projects, queue: JobQueue, views: Views) -> None:
        self._settings = settings
        self._projects = projects
        self._queue = queue
        self._views = views

    def line(self, project: str, line_id: str, asked: schema.LineAsked) -> schema.Edited:
        """Set a line's fields, and speak the line if its words, direction or speaker changed."""
        open_ = self.open_free(project, line_id)
        given = {name: getattr(asked, name) for name in _FIELDS if getattr(asked, name) is not UNSET}
        seen = {name: getattr(asked.seen, name) for name in given if getattr(asked.seen, name) is not UNSET}

        def change(script: Script) -> Script:
            require_seen(require_line(script, line_id), seen)
            return edits.edit_line(script, line_id, **given)

        before, after = open_.edit(change, asked.revision, what=f"edit {line_id}")
        old, new = before.line(line_id), after.line(line_id)
        changed = any(getattr(old, name) != getattr(new, name) for name in _SPOKEN)
        silent = not new.translation and "translation" in new.edited
        job = self.take(open_, line_id) if changed and asked.voice and not silent else None
        if before != after:
            self.mix_later(open_)
        return self.describe_line(open_, line_id, job)

    def add_line(self, project: str, asked: schema.AddLineAsked) -> schema.Edited:
        """Make a line of speech that has none, and speak it."""
        open_ = self.open_free(project)
        made: list[str] = []

        def change(script: Script) -> Script:
            if asked.speaker:
                _require_speaker(script, asked.speaker)
            after, line_id = edits.add_line(
                script,
                asked.start,
                asked.end,
                asked.text,
                translation=asked.translation,
                speaker=asked.speaker,
            )
            made.append(line_id)
            return after

        open_.edit(change, asked.revision, what="add a line")
        job = self.take(open_, made[0])
        self.mix_later(open_)
        return self.describe_line(open_, made[0], job)

    def leave_speech(self, project: str, asked: schema.LeaveAsked) -> schema.Changed:
        """Leave speech without a line as it is; what sounds does not change."""
        open_ = self.open_free(project)
        before, after = open_.edit(
            lambda script: edits.leave_speech(script, asked.start, asked.end),
            asked.revision,
            what="leave speech as it is",
        )
        return self.describe_change(open_, before, after)

    def another_take(self, project: str, line_id: str) -> schema.Job:
        """Queue another take of the same words."""
        open_ = self.open_free(project, line_id)
        open_.edit(
            lambda script: edits.request_another_take(script, line_id), what=f"another take of {line_id}"
        )
        job = self.take(open_, line_id)
        self.mix_later(open_)
        return job

    def choose(self, project: str, line_id: str, asked: schema.ChoiceAsked) -> schema.Edited:
        """Use another of the line's takes."""
        open_ = self.open_free(project, line_id)
        before, after = open_.edit(
            lambda script: edits.use_take(script, line_id, asked.take),
            asked.revision,
            what=f"use {asked.take} of {line_id}",
        )
        job = None
        if before != after:
            # The take exists already, so this job only places it, which is quick.
            job = self.take(open_, line_id)
            self.mix_later(open_)
        return self.describe_line(open_, line_id, job)

    def speaker(self, project: str, speaker_id: str, asked: schema.SpeakerAsked) -> schema.Changed:
        """Rename, recolour or recast a speaker in one edit."""
        changes: list[Change] = []
        if asked.name is not UNSET:
            changes.append(partial(edits.rename_speaker, speaker_id=speaker_id, name=asked.name))
        if asked.colour is not UNSET:
            changes.append(partial(edits.recolour_speaker, speaker_id=speaker_id, colour=asked.colour))
        if asked.voice is not UNSET:
            shelf = find_shelf(self._projects.get(project))
            changes.append(partial(recast, speaker_id=speaker_id, asked=asked.voice, shelf=shelf))
        if asked.voice_locked is not UNSET:
            locked = partial(lock_voice, speaker_id=speaker_id, locked=asked.voice_locked)
            # Unlocked before the voice is changed, locked after it.
            changes = [*changes, locked] if asked.voice_locked else [locked, *changes]

        def change(script: Script) -> Script:
            _require_speaker(script, speaker_id)
            for one in changes:
                script = one(script)
            return script

        return self._whole(project, change, asked.revision)

    def merge(self, project: str, speaker_id: str, asked: schema.MergeAsked) -> schema.Changed:
        """Give all lines of one speaker to another."""

        def change(script: Script) -> Script:
            _require_speaker(script, speaker_id)
            return edits.merge_speakers(script, speaker_id, asked.into)

        return self._whole(project, change, asked.revision)

    def split(self, project: str, speaker_id: str, asked: schema.SplitAsked) -> schema.Changed:
        """Give some lines to a new speaker."""
        made: list[str] = []

        def change(script: Script) -> Script:
            _require_speaker(script, speaker_id)
            after, new = edits.split_speaker(script, speaker_id, asked.lines, asked.name)
            made.append(new)
            return after

        changed = self._whole(project, change, asked.revision)
        return _with_speaker(changed, speaker=made[0])

    def step(self, project: str, *, redo: bool) -> schema.Changed:
        """Undo or redo one edit."""
        open_ = self.open_free(project)
        if not redo and open_.undoes_files:
            self._require_idle(open_)
        done = open_.step(redo=redo)
        if not done.files and not sounds_same(done.before, done.after):
            self.mix_later(open_)
        return self.describe_change(open_, done.before, done.after, what=done.what)

    def conform(self, project: str, change: Change) -> schema.Job:
        """Apply a conform plan, and queue the job that follows from it."""
        open_ = self.open_free(project)
        open_.conform(change)
        return self._queue.submit(new_job("conform", project=open_.id))

    def undo_conform(self, project: str) -> schema.Changed:
        """Restore the project's state from before the last conform."""
        open_ = self.open_free(project)
        self._require_idle(open_)
        before, after = open_.undo_conform()
        return self.describe_change(open_, before, after)

    def _require_idle(self, open_: OpenProject) -> None:
        if any(job.kind in _WRITING for job in self._queue.open_jobs(open_.id)):
            raise busy("A job of this project is under way.")

    def take(self, open_: OpenProject, line_id: str) -> schema.Job:
        """Queue a take of a line, and cancel a queued one that it replaces."""
        self.cancel_takes(open_, [line_id])
        return self._queue.submit(new_job("take", project=open_.id, priority=_TAKE_PRIORITY, line=line_id))

    def cancel_takes(self, open_: OpenProject, lines: Sequence[str]) -> None:
        """Cancel the takes of these lines that have not begun."""
        for job in self._queue.open_jobs(open_.id):
            if job.kind == "take" and job.state == "queued" and job.spec.get("line") in lines:
                self._queue.cancel(job.id)

    def mix_later(self, open_: OpenProject) -> None:
        """Mix and deliver a moment after the last edit.

        The job is queued at once, so it survives a restart.
        """
        waiting = [job for job in self._queue.open_jobs(open_.id) if _waits_to_mix(job)]
        if waiting:
            self._queue.put_off(waiting[0].id, self._settings.remake_seconds)
        else:
            self._queue.submit(
                new_job("remake", project=open_.id), wait_seconds=self._settings.remake_seconds
            )

    def mix(self, project: str) -> schema.Job:
        """Mix and deliver now."""
        open_ = self._projects.get(project)
        for job in self._queue.open_jobs(open_.id):
            if _waits_to_mix(job):
                self._queue.put_off(job.id, 0.0)
                return self._queue.get(job.id)
        return self._queue.submit(new_job("remake", project=open_.id))

    def open_free(self, project: str, line_id: str | None = None) -> OpenProject:
        """Return a project that no dub is running on.

        Raises ApiError (409; 404 for a line that never was), and LineConflictError for one that is gone.
        """
        open_ = self._projects.get(project)
        if any(job.kind in _DUBBING and job.state == "running" for job in self._queue.open_jobs(project)):
            raise busy("This project is being dubbed into this language.")
        script, _ = open_.look()
        if line_id is not None and all(line.id != line_id for line in (*script.lines, *script.removed)):
            raise not_found("line", line_id)
        if line_id is not None:
            require_line(script, line_id)
        return open_

    def _whole(self, project: str, change: Change, revision: int | None) -> schema.Changed:
        open_ = self.open_free(project)
        before, after = open_.edit(change, revision, what="change a speaker")
        if not sounds_same(before, after):
            self.mix_later(open_)
        return self.describe_change(open_, before, after)

    def describe_change(
        self,
        open_: OpenProject,
        before: Script,
        after: Script,
        *,
        jobs: Sequence[schema.Job] = (),
        what: str = "",
    ) -> schema.Changed:
        """Say what an edit changed: the lines that are not as they were, and those that are gone."""
        old = {line.id: line for line in before.lines}
        ids = {line.id for line in after.lines if line != old.get(line.id)}
        undo, redo = open_.able()
        return schema.Changed(
            revision=open_.look()[1],
            lines=self._views.some_lines(open_.id, after, ids, project_settings(open_).fit),
            removed=sorted(old.keys() - {line.id for line in after.lines}),
            speakers=view_speakers(after),
            can_undo=undo,
            can_redo=redo,
            jobs=list(jobs),
            what=what,
        )

    def describe_line(self, open_: OpenProject, line_id: str, job: schema.Job | None) -> schema.Edited:
        """Return a line after an edit, with the job that follows."""
        script, revision = open_.look()
        lines = self._views.some_lines(open_.id, script, {line_id}, project_settings(open_).fit)
        return schema.Edited(line=lines[0], revision=revision, job=job)


def _waits_to_mix(job: schema.Job) -> bool:
    return job.kind == "remake" and job.state == "queued"


def _require_speaker(script: Script, speaker_id: str) -> None:
    if all(one.id != speaker_id for one in script.speakers):
        raise not_found("speaker", speaker_id)


def _with_speaker(changed: schema.Changed, *, speaker: str) -> schema.Changed:
    from msgspec.structs import replace as with_fields

    return with_fields(changed, speaker=speaker)
