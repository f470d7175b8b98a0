"""Make the orders for workers, and take their results into projects."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from rythmo import trust
from rythmo.dubbing.job import find_project, is_track
from rythmo.dubbing.kept_settings import keep_settings
from rythmo.errors import EngineFailedError, InputError, OutputError
from rythmo.files import make_printable
from rythmo.project.workspace import Project
from rythmo.script import store
from rythmo.script.model import Line, Script, Speaker, Word, sort_lines
from rythmo.script.takes import VoiceRef
from rythmo.stages.voice_line import VOICE_FAILED
from rythmo_plugin.hosts.protools.connection import port_in_use
from rythmo_plugin.service import example, schema
from rythmo_plugin.service.allowed_paths import AllowedPaths
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.events import EventLog
from rythmo_plugin.service.job_settings import collect_flags, project_settings
from rythmo_plugin.service.projects import OpenProject, Projects, project_id
from rythmo_plugin.service.running_dubs import view_running_programme
from rythmo_plugin.service.views import Views, view_programme, view_speaker, view_voice, view_word
from rythmo_plugin.service.worker_protocol import Craft, Order, SendOrder

_CRAFTS: dict[schema.JobKind, Craft] = {
    "dub": "dub",
    "take": "say",
    "language": "language",
    "remake": "remake",
    "deliver": "remake",
    "conform": "remake",
    "qc": "qc",
    "picture": "picture",
    "audition": "audition",
    "propose": "propose",
    "cast": "cast",
    "send": "send",
    "faces": "faces",
    "lips": "lips",
}
_CASTING = frozenset({"speaker", "voice", "cast_file"})
"""Fields of the specs of jobs about casting, which nobody gives with POST /jobs."""


@dataclass
class _StartedJob:
    """The state that a job started from."""

    project: OpenProject | None = None
    base: Script | None = None
    revision: int = 0


@dataclass
class Found:
    """What a running job has found so far: lines, speakers, and words that no line holds yet.

    Of a dub also the film, and its project's folder once it is made, before the project can be opened.
    """

    lines: dict[str, Line] = field(default_factory=dict)
    speakers: dict[str, Speaker] = field(default_factory=dict)
    words: dict[int, Word] = field(default_factory=dict)
    project: str | None = None
    source: Path | None = None
    folder: Project | None = None


class SpokenLine(msgspec.Struct, frozen=True):
    """The result of a take: its line, the speakers (one may have been cast for it) and the engines."""

    line: Line
    speakers: tuple[Speaker, ...]
    engines: dict[str, str]


class JobResults:
    """The `Outcomes` of the queue. Thread-safe."""

    def __init__(
        self,
        settings: ServiceSettings,
        places: AllowedPaths,
        projects: Projects,
        views: Views,
        events: EventLog,
    ) -> None:
        self._settings = settings
        self._places = places
        self._projects = projects
        self._views = views
        self._events = events
        self._lock = threading.Lock()
        self._begun: dict[str, _StartedJob] = {}
        self._found: dict[str, Found] = {}

    def order(self, job: schema.Job) -> Order:
        """Return the worker's order for a job, and lock its project until the job ends.

        A dub locks its project itself, in the worker. Raises RythmoError when the job cannot be done.
        """
        if job.kind == "dub":
            order, begun = self._dub(job), _StartedJob()
        elif job.kind == "models":
            order, begun = Order(job=job.id, craft="models", models=job.spec["models"]), _StartedJob()
        else:
            order, begun = self._on_project(job)
        source = Path(order.source) if job.kind == "dub" else None
        with self._lock:
            self._begun[job.id] = begun
            self._found[job.id] = Found(project=job.project, source=source)
        return order

    def heard(self, job: schema.Job, message: dict[str, Any]) -> None:
        """Record a dub's folder, and the lines, speakers and words of a progress message; tell clients."""
        if message["event"] == "project":
            with self._lock:
                if (found := self._found.get(job.id)) is not None:
                    found.folder = Project(Path(message["root"]))
            return
        step = message.get("progress") or {}
        if not (step.get("lines") or step.get("speakers") or step.get("heard")):
            return
        lines = _convert(step.get("lines"), tuple[Line, ...])
        people = _convert(step.get("speakers"), tuple[Speaker, ...])
        words = _convert(step.get("heard"), tuple[Word, ...])
        with self._lock:
            found = self._found.get(job.id)
            if found is None:
                return
            found.lines.update((line.id, line) for line in lines)
            found.speakers.update((one.id, one) for one in people)
            found.words.update((word.start, word) for word in words)
        seen = self._seen(job.project, lines, people, words)
        # Not told of the project: a job has its lines as they were when it began, and some may be edited or
        # joined by now. What becomes of them is told when it is merged.
        self._events.tell("lines", seen, job=job.id)

    def pending(self, job: schema.Job) -> schema.Pending:
        """Return the lines (by start), speakers and words that a running job has found so far."""
        with self._lock:
            found = self._found.get(job.id, Found())
            lines = sort_lines(found.lines.values())
            people = tuple(found.speakers.values())
            words = () if lines else tuple(found.words[start] for start in sorted(found.words))
        return msgspec.convert(self._seen(job.project, lines, people, words), schema.Pending)

    def dubbing(self, project: str) -> Found | None:
        """Return what the dub that runs on a project has found; None where none runs."""
        with self._lock:
            running = (one for one in self._found.values() if one.source is not None)
            return next((one for one in running if one.project == project), None)

    def folder(self, project: str) -> Project:
        """Return a project's folder, also while its first dub runs. Raises ApiError (404)."""
        found = self.dubbing(project)
        return found.folder if found and found.folder else self._projects.get(project).project

    def programme(self, job: schema.Job) -> schema.JobProgramme:
        """Return the programme of a job, with its sound as soon as it was read."""
        found = self.dubbing(job.project or "")
        if job.kind == "dub" and (found is not None or job.state != "done"):
            found = found or Found()
            return view_running_programme(self._views, job.project or "", self._film(job), found.folder)
        open_ = self._projects.get(job.project or "")
        script, _ = open_.look()
        return schema.JobProgramme(
            programme=view_programme(script.programme),
            original=self._views.original(open_.id, open_.project),
            picture=self._views.picture(open_, script, None),
        )

    def _film(self, job: schema.Job) -> Path:
        spec = msgspec.convert(job.spec, schema.JobAsked)
        if spec.source == example.SOURCE:
            return example.require_example()
        return self._places.file(spec.source or "")

    def done(self, job: schema.Job, result: dict[str, Any]) -> tuple[schema.JobResult, list[str]]:
        """Take the worker's result into the project, after checking that its files exist."""
        with self._lock:
            begun = self._begun.get(job.id, _StartedJob())
        files = [str(path) for path in result.get("deliveries", [])]
        _require_files(files)
        notes = [str(note) for note in result.get("notes", [])]
        if job.kind == "dub":
            return self._dubbed(Path(result["root"]), files), notes
        if job.kind == "models":
            return schema.JobResult(), notes
        assert begun.project is not None
        project = begun.project
        if job.kind == "take":
            return self._spoken(job, begun, _convert(result, SpokenLine)), notes
        if job.kind in ("audition", "propose"):
            return self._to_choose_from(project, result), notes
        if begun.base is not None and "script" in result:
            return self._merged(job, begun, result, files), notes
        if job.kind == "picture":
            self._events.tell("project", {"revision": project.look()[1]}, project=project.id)
        return schema.JobResult(project=project.id, deliveries=files), notes

    def _merged(
        self, job: schema.Job, begun: _StartedJob, result: dict[str, Any], files: list[str]
    ) -> schema.JobResult:
        """Merge the script that a worker made; after a mix, the stems are those of its revision."""
        assert begun.project is not None
        assert begun.base is not None
        project = begun.project
        project.merge(begun.base, _convert(result["script"], Script))
        if job.kind == "lips":
            # The next mix makes the lips of lines whose take changed.
            keep_settings(project.project, collect_flags(_split_spec(job.spec)[0]))
        if job.kind in ("qc", "faces", "lips"):
            return schema.JobResult(project=project.id, deliveries=files)
        project.mixed(begun.revision)
        if job.kind == "conform":
            project.conformed()
        self._mixed(project, begun.revision)
        sent = _convert(result["sent"], schema.Sent) if job.kind == "send" else None
        return schema.JobResult(project=project.id, deliveries=files, sent=sent)

    def ended(self, job: schema.Job) -> None:
        """Release the job's project."""
        with self._lock:
            begun = self._begun.pop(job.id, _StartedJob())
            self._found.pop(job.id, None)
        if begun.project is not None:
            begun.project.release()

    def _dub(self, job: schema.Job) -> Order:
        spec = msgspec.convert(job.spec, schema.JobAsked)
        source = self._film(job)
        files = [
            path if not path or is_track(path) else self._places.file(path)
            for path in (spec.script, spec.translation)
        ]
        return Order(
            job=job.id,
            craft="dub",
            source=str(source),
            out=str(self._places.inside(spec.out) if spec.out else self._places.out()),
            target_language=spec.target_language or "",
            source_language=spec.source_language or "",
            script_file=str(files[0]) if files[0] else None,
            translation_file=str(files[1]) if files[1] else None,
            flags=collect_flags(spec),
        )

    def _on_project(self, job: schema.Job) -> tuple[Order, _StartedJob]:
        sent = dict(job.spec) if job.kind == "send" else {}
        spec, casting = _split_spec({} if sent else job.spec)
        project = self._projects.get(job.project or "")
        script, revision = project.look()
        trust.require_media(project.root, script)
        source = script.programme.source
        if not Path(source).is_file():
            raise InputError(
                f"{make_printable(source)} does not exist.", hint="Put the file back, or connect its drive."
            )
        project.hold()
        order = Order(
            job=job.id,
            craft=_CRAFTS[job.kind],
            project=str(project.root),
            source=source,
            script=None if job.kind == "picture" else script,
            line=spec.line or "",
            lines=spec.lines or [],
            flags=collect_flags(spec) if job.kind == "lips" else {},
            formats=spec.formats or [],
            **casting,
            send=msgspec.convert({**sent, "port": port_in_use()}, SendOrder) if sent else None,
        )
        return order, _StartedJob(project, order.script, revision)

    def _to_choose_from(self, project: OpenProject, result: dict[str, Any]) -> schema.JobResult:
        """Return proposed voices, or an audition at an address in the project's cache: no take was made."""
        line = result["line"] or None
        if "voices" in result:
            voices = [view_voice(voice) for voice in _convert(result["voices"], tuple[VoiceRef, ...])]
            return schema.JobResult(project=project.id, line=line, voices=voices)
        file = Path(result["file"])
        _require_files([str(file)])
        audition = schema.Audition(
            url=self._views.media(project.id, file.relative_to(project.project.home).as_posix()),
            seconds=round(result["seconds"], 3),
            line=result["line"],
            voice=view_voice(_convert(result["voice"], VoiceRef)),
        )
        return schema.JobResult(project=project.id, line=line, audition=audition)

    def _dubbed(self, root: Path, files: list[str]) -> schema.JobResult:
        project = self._projects.open(root)
        project.replaced()
        self._mixed(project, project.look()[1])
        return schema.JobResult(project=project.id, deliveries=files)

    def _spoken(self, job: schema.Job, begun: _StartedJob, made: SpokenLine) -> schema.JobResult:
        assert begun.project is not None and begun.base is not None
        line = made.line
        changed = replace(begun.base, lines=(line,), speakers=made.speakers, engines=made.engines)
        script = begun.project.merge(begun.base, changed)
        if all(one.id != line.id for one in script.lines):
            # It was deleted or joined while it was voiced: the take is kept with it.
            return schema.JobResult(project=begun.project.id, line=line.id)
        failed = next((flag for flag in line.flags if flag.code == VOICE_FAILED), None)
        fit = project_settings(begun.project).fit
        shown_lines = self._views.some_lines(begun.project.id, script, {line.id}, fit)
        seen = {"lines": msgspec.to_builtins(shown_lines), "speakers": [], "words": []}
        self._events.tell("lines", seen, job=job.id, project=begun.project.id)
        if failed is not None or line.take is None:
            message = failed.message if failed else f"{line.id} has no words to speak."
            raise EngineFailedError(message, hint="Change the words, or choose another voice engine.")
        _require_files([str(begun.project.project.file(line.take.file))])
        take = self._views.take(begun.project.id, line, line.take)
        self._events.tell(
            "take",
            {"line": line.id, "take": msgspec.to_builtins(take)},
            job=job.id,
            project=begun.project.id,
        )
        return schema.JobResult(project=begun.project.id, line=line.id, take=line.take.id)

    def _mixed(self, project: OpenProject, revision: int) -> None:
        stems = [path.stem for path in sorted(project.project.stems.glob("*.wav"))]
        self._events.tell("mixed", {"revision": revision, "stems": stems}, project=project.id)

    def _seen(
        self,
        project: str | None,
        lines: tuple[Line, ...],
        people: tuple[Speaker, ...],
        words: tuple[Word, ...] = (),
    ) -> dict[str, Any]:
        # The next line is not known yet, so neither is the end of a line's slot.
        shown_lines = [self._views.line(project or "", line, line.end, 48_000) for line in lines]
        return {
            "lines": msgspec.to_builtins(shown_lines),
            "speakers": msgspec.to_builtins([view_speaker(one, {}) for one in people]),
            "words": msgspec.to_builtins([view_word(word) for word in words]),
        }


def _split_spec(spec: dict[str, Any]) -> tuple[schema.JobAsked, dict[str, Any]]:
    """Return a job's spec, and what it says about casting as fields of an order."""
    plain = {name: value for name, value in spec.items() if name not in _CASTING}
    casting = {name: value for name, value in spec.items() if name in _CASTING}
    if "voice" in casting:
        casting["voice"] = _convert(casting["voice"], VoiceRef)
    return msgspec.convert(plain, schema.JobAsked), casting


def predict_project(source: Path, out: Path, language: str) -> str:
    """Return the id of the project that a dub will make, if its name is free or its own."""
    return project_id(find_project(source, out, language).root)


def _require_files(paths: list[str]) -> None:
    for path in paths:
        if not Path(path).exists():
            raise OutputError(
                f"{make_printable(path)} was not written.", hint="Try again; the log says more."
            )


def _convert(value: Any, kind: Any) -> Any:
    return store.decode_json(store.encode_json(value if value is not None else []), kind)
