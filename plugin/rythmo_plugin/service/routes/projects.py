"""Projects: open, look, listen."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
from flask import Response, request, send_file

from rythmo import settings_file, trust
from rythmo.errors import RythmoError
from rythmo.project.workspace import Project
from rythmo_plugin.service import picture_proxy, schema
from rythmo_plugin.service.allowed_paths import resolve_within
from rythmo_plugin.service.api_errors import not_found
from rythmo_plugin.service.face_views import view_faces, view_people
from rythmo_plugin.service.job_settings import forget_settings, project_settings
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.project_languages import list_languages
from rythmo_plugin.service.projects import OpenProject
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services
from rythmo_plugin.service.views import original_sound, picture_file, view_word
from rythmo_plugin.service.waveform_peaks import LEVELS, read_stretch

ROUTES = Routes()
_TAKE = "take:"
_log = logging.getLogger("rythmo.service")


@ROUTES.add("GET", "/projects", "The projects", gives=list[schema.ProjectFacts])
def projects(services: Services, call: Call) -> list[schema.ProjectFacts]:
    """Return all projects, newest first, each once: in the language that was worked on last.

    A project that cannot be read is left out of the list.
    """
    found: dict[Path, schema.ProjectFacts] = {}
    for project in services.projects.all():
        try:
            facts = services.views.facts(project)
        except (RythmoError, OSError) as error:
            _log.warning("%s is left out of the list: %s", project.root, error)
            continue
        known = found.get(project.project.home)
        if known is None or known.updated < facts.updated:
            found[project.project.home] = facts
    return sorted(found.values(), key=lambda facts: -facts.updated)


@ROUTES.add("POST", "/projects", "Open a project", body=schema.OpenAsked, gives=schema.Project, status=201)
def open_project(services: Services, call: Call) -> schema.Project:
    """Open a .rythmo folder that is in an opened folder."""
    return _whole(services, services.projects.open(services.places.inside(call.body.path)))


@ROUTES.add("GET", "/projects/{project}", "Everything about a project", gives=schema.Project)
def project(services: Services, call: Call) -> schema.Project:
    """Return a project, start the worker for takes, and queue a picture that browsers can play."""
    return _whole(services, services.projects.get(call.id("project")))


@ROUTES.add(
    "POST",
    "/projects/{project}/trust",
    "Allow what a project asks for",
    body=schema.TrustAsked,
    gives=schema.Project,
)
def decide(services: Services, call: Call) -> schema.Project:
    """Store the user's decision on the media and settings that the project asks for."""
    open_ = services.projects.get(call.id("project"))
    asked: schema.TrustAsked = call.body
    wishes = settings_file.find_restricted_in_file(open_.root / "settings.toml")
    trust.save_decision(open_.root, open_.look()[0], wishes, asked.allow)
    forget_settings()
    return _whole(services, open_)


def _whole(services: Services, open_: OpenProject) -> schema.Project:
    services.queue.warm(str(open_.root), open_.look()[0])
    languages = list_languages(services.projects, open_)
    return services.views.project(open_, project_settings(open_), _picture_job(services, open_), languages)


def _picture_job(services: Services, open_: OpenProject) -> str | None:
    """Return the job that makes a playable picture, queueing it if necessary; None if none is needed."""
    script, _ = open_.look()
    info = picture_proxy.probe_source(open_.media(script))
    if info is None or info.video is None or picture_file(open_, script) is not None:
        return None
    tried = [job for job in services.queue.all() if job.kind == "picture" and job.project == open_.id]
    if tried and tried[0].state != "done":
        return tried[0].id
    return services.queue.submit(new_job("picture", project=open_.id, priority=-1)).id


@ROUTES.add(
    "GET",
    "/projects/{project}/lines/{line}/faces",
    "The faces that are seen while a line is said",
    gives=list[schema.FaceBox],
)
def line_faces(services: Services, call: Call) -> list[schema.FaceBox]:
    """Return every face of every frame of a line, in order; none where nobody looked for faces."""
    open_ = services.projects.get(call.id("project"))
    script, _ = open_.look()
    found = next((one for one in script.lines if one.id == call.id("line")), None)
    if found is None:
        raise not_found("line", call.id("line"))
    return view_faces(open_.project, found)


@ROUTES.add("GET", "/projects/{project}/faces", "The people who are seen", gives=list[schema.FacePerson])
def faces(services: Services, call: Call) -> list[schema.FacePerson]:
    """Return everybody who is seen, who is seen longest first; none where nobody looked for faces."""
    open_ = services.projects.get(call.id("project"))
    script, _ = open_.look()
    return view_people(open_, script, services.views)


@ROUTES.add("GET", "/projects/{project}/lines/{line}", "One line with its words", gives=schema.LineWithWords)
def line(services: Services, call: Call) -> schema.LineWithWords:
    """Return a line with its recognised words."""
    open_ = services.projects.get(call.id("project"))
    script, _ = open_.look()
    found = next((one for one in script.lines if one.id == call.id("line")), None)
    if found is None:
        raise not_found("line", call.id("line"))
    (view,) = services.views.some_lines(open_.id, script, {found.id}, project_settings(open_).fit)
    words = [view_word(word) for word in found.words]
    return schema.LineWithWords(**msgspec.structs.asdict(view), words=words)


@ROUTES.add(
    "GET",
    "/projects/{project}/peaks/{stem}/{level}",
    "A waveform: int8 pairs (least, greatest)",
    raw="application/octet-stream",
    later="It is being measured: ask again in a second.",
)
def peaks(services: Services, call: Call) -> Response:
    """Return a waveform. `stem` is original, MIX, ME, DX, DX_S1 ..., or take:S1_0007_t02. Supports ranges."""
    folder = services.work.folder(call.id("project"))
    levels = {str(level): level for level in LEVELS}
    level = levels.get(call.id("level"))
    if level is None:
        raise not_found("level", call.id("level"))
    sound = _sound(folder, call.id("stem"))
    cache = folder.artefacts.root / "peaks"
    if level == LEVELS[0] and (found := _stretch(sound, cache)) is not None:
        return found
    file = services.peaks.file(sound, level, cache)
    if file is None:
        return Response(status=202, headers={"Retry-After": "1"})
    return send_file(file, mimetype="application/octet-stream", conditional=True)


def _stretch(sound: Path, cache: Path) -> Response | None:
    """Return the requested range of a waveform, if it is short enough to be measured at once."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    start, stop = asked.ranges[0]
    if stop is None or start < 0 or (found := read_stretch(sound, cache, start, stop)) is None:
        return None
    data, total = found
    if start >= total:
        return Response(status=416, headers={"Content-Range": f"bytes */{total}"})
    headers = {"Content-Range": f"bytes {start}-{start + len(data) - 1}/{total}"}
    return Response(data, status=206, headers=headers, content_type="application/octet-stream")


def _sound(folder: Project, stem: str) -> Path:
    if stem == "original":
        found = original_sound(folder)
    elif stem.startswith(_TAKE):
        found = resolve_within(folder.takes, f"{stem.removeprefix(_TAKE)}.wav")
    else:
        found = resolve_within(folder.stems, f"{stem}.wav")
    if found is None or not found.is_file():
        raise not_found("sound", stem)
    return found
