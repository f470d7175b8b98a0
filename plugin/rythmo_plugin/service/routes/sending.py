"""Routes of sending a dub to Pro Tools."""

from __future__ import annotations

from rythmo_plugin.hosts.protools import doctor
from rythmo_plugin.hosts.protools.open_session import check_name
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_ODD = '<>:"/\\|?*'


@ROUTES.add(
    "GET", "/projects/{project}/send", "Whether the dub could be sent now", gives=list[schema.SendState]
)
def send_states(services: Services, call: Call) -> list[schema.SendState]:
    """Return how each program that a dub can be sent to stands on this machine."""
    script, _ = services.projects.get(call.id("project")).look()
    name = f"{script.programme.name} {script.target_language}"
    session = "".join("_" if c in _ODD or ord(c) < 32 else c for c in name).strip(" .") or "Dub"
    found = doctor.look()
    return [
        schema.SendState(
            host="protools",
            ready=found.answers,
            found=found.check.found,
            todo=found.check.todo,
            session=session,
        )
    ]


@ROUTES.add(
    "POST", "/projects/{project}/send", "Send the dub", body=schema.SendAsked, gives=schema.Job, status=201
)
def send(services: Services, call: Call) -> schema.Job:
    """Queue a sending. Changes are mixed first. Sending again does only what is missing."""
    open_ = services.projects.get(call.id("project"))
    asked: schema.SendAsked = call.body
    if asked.folder and not asked.new:
        raise ApiError(400, "malformed", "A `folder` is for a new session.", hint="Name it by `new`.")
    folder = services.places.inside(asked.folder) if asked.folder else open_.project.home.parent
    new = check_name(asked.new) if asked.new else None
    job = new_job(
        "send",
        project=open_.id,
        new=new,
        folder=str(folder) if new else None,
        takes=asked.takes,
        mute=asked.mute,
        markers=asked.markers,
    )
    return services.queue.submit(job)
