"""Give conversations with hosts access to the service: projects, jobs and conform plans."""

from __future__ import annotations

import itertools
import webbrowser
from contextlib import suppress
from pathlib import Path

import msgspec

from rythmo.errors import InputError
from rythmo.files import write_atomically
from rythmo_bridge.conform.review import Edit as ConformEdit
from rythmo_bridge.script_timeline import script_timeline
from rythmo_bridge.timeline import Timeline
from rythmo_plugin.hosts.flows import EditReview, JobStatus, file_stem
from rythmo_plugin.hosts.session import Choice, Row, Session
from rythmo_plugin.service.job_results import predict_project
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.services import Services

_LAST, _OWNER = "host-choice.json", "timeline.json"
_SOUND = frozenset({"level", "faded", "muted", "unmuted"})


class _Owner(msgspec.Struct, frozen=True):
    """The timeline that a folder belongs to, by the id that the host gives it."""

    id: str
    host: str = ""


def _owner(folder: Path) -> str:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((folder / _OWNER).read_bytes(), type=_Owner).id
    return ""


class ServiceHostBackend:
    """The `HostBackend` of the service."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def folder(self, session: Session) -> Path:
        """Return the folder for this timeline's project, in the default folder for dubs.

        Many timelines are called Timeline 1, so a file in each folder says which timeline it belongs to.
        """
        line = session.hello.timeline
        stem = file_stem(line.name)
        names = (stem if number == 1 else f"{stem} {number}" for number in itertools.count(1))
        folders = (self._services.places.out() / name for name in names)
        return next(folder for folder in folders if _owner(folder) in ("", line.id))

    def claim(self, session: Session) -> None:
        """Record in the session's folder which timeline it belongs to."""
        if session.folder is not None and session.hello.timeline.id:
            owner = _Owner(session.hello.timeline.id, session.hello.host)
            write_atomically(session.folder / _OWNER, msgspec.json.encode(owner))

    def last_choice(self) -> Choice:
        """Return the choice of the previous session, or the default if none can be read."""
        try:
            data = (self._services.settings.home / _LAST).read_bytes()
            return msgspec.json.decode(data, type=Choice)
        except (OSError, msgspec.MsgspecError):
            return Choice()

    def remember(self, choice: Choice) -> None:
        """Store the choice for the next session."""
        write_atomically(self._services.settings.home / _LAST, msgspec.json.encode(choice))

    def show(self, session: Session) -> None:
        """Open the page at this session in the user's browser."""
        settings = self._services.settings
        webbrowser.open(f"{settings.address}/host/#code={self._services.codes.make()}&host={session.id}")

    def dub(self, source: Path, out: Path, choice: Choice) -> str:
        """Start a dub and return the job's id."""
        job = new_job(
            "dub",
            project=predict_project(source, out, choice.language),
            source=str(source),
            target_language=choice.language,
            source_language=choice.source_language or None,
            out=str(out),
        )
        return self._services.queue.submit(job).id

    def work(self, job: str) -> JobStatus:
        """Return the state of a job."""
        now = self._services.queue.get(job)
        stage = next((one for one in now.stages if one.state == "running"), None)
        text = f"{stage.name.capitalize()}: {stage.detail}" if stage else ""
        project = now.result.project if now.result else None
        return JobStatus(
            state=now.state,
            fraction=now.fraction,
            text=text.rstrip(": "),
            project=self._services.projects.get(project).root if project else None,
            error=(now.error.message, now.error.hint) if now.error else None,
            notes=tuple(now.notes),
        )

    def stop(self, job: str) -> None:
        """Cancel a job."""
        self._services.queue.cancel(job)

    def delivery(self, project: Path) -> Timeline:
        """Return the timeline of a project. Hosts use only Rythmo's own tracks of it."""
        script, _ = self._services.projects.add(project.resolve()).look()
        return script_timeline(script, project)

    def edit(self, project: Path, timeline: Timeline, name: str) -> EditReview:
        """Compare an edited timeline with the project. Raises InputError if it cannot be conformed to."""
        known = self._services.projects.add(project.resolve())
        plan = self._services.plans.make(known.id, known.project, ConformEdit(timeline, name), partial=True)
        for question in plan.questions:
            if not question.acceptable:
                raise InputError(question.message, hint=question.hint)
        told = [row for row in plan.rows if row.is_told]
        rows = [
            Row(row.what, row.timecode, row.line or row.name, row.reason or row.note, row.conflict)
            for row in told
        ]
        mine = [row for row in told if row.line]
        changed = {row.line for row in mine if not row.conflict and plan.applies}
        sounding = {row.line for row in mine if row.line in changed and not set(row.fates) - _SOUND}
        return EditReview(
            plan.id,
            tuple(rows),
            frozenset(changed - sounding),
            frozenset(row.line for row in mine if row.conflict),
            frozenset(sounding),
            applies=plan.applies,
            notes=(*plan.notes, *(question.message for question in plan.questions)),
            accept=tuple(question.code for question in plan.questions),
        )

    def conform(self, project: Path, edit: EditReview) -> str:
        """Apply the plan to the script, and start the job that voices, mixes and delivers; return its id."""
        known = self._services.projects.add(project.resolve())
        plans = self._services.plans
        known.conform(lambda script: plans.script(known.id, edit.id, script, edit.accept))
        return self._services.queue.submit(new_job("conform", project=known.id)).id
