"""Routes of human takes: files that are imported, recordings of the page, and how takes are laid."""

from __future__ import annotations

from typing import Annotated

from flask import request
from msgspec import Meta

from rythmo_plugin.service import schema
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_BLOCK = 1 << 16
_LINE = "/projects/{project}/lines/{line}"


class PieceQuery(schema.Asked, frozen=True, kw_only=True):
    """Where the piece belongs in the recording, in bytes."""

    offset: Annotated[int, Meta(ge=0, le=1 << 30)]


@ROUTES.add(
    "POST",
    "/projects/{project}/takes/imports",
    "Pair recorded files with lines",
    body=schema.TakesAsked,
    gives=schema.TakePlan,
)
def compare(services: Services, call: Call) -> schema.TakePlan:
    """Pair uploaded files with the lines that their names hold. Nothing is changed until it is taken."""
    open_ = services.projects.get(call.id("project"))
    asked: schema.TakesAsked = call.body
    files = [services.uploads.path(upload) for upload in asked.uploads]
    return services.takes.make(open_, files, asked.lines)


@ROUTES.add(
    "POST",
    "/projects/{project}/takes/imports/{plan}/take",
    "Take recorded files",
    body=schema.TakeRowsAsked,
    gives=schema.Changed,
)
def take(services: Services, call: Call) -> schema.Changed:
    """Take the chosen files as one edit, which can be undone."""
    project = call.id("project")
    found = services.takes.find(project, call.id("plan"))
    return services.human_takes.take_import(project, found, call.body)


@ROUTES.add(
    "PUT", f"{_LINE}/layout", "Lay a human take in another way", body=schema.LayoutAsked, gives=schema.Edited
)
def layout(services: Services, call: Call) -> schema.Edited:
    """Lay the line's human take as performed, where it was recorded, or fitted to its slot."""
    return services.human_takes.set_layout(call.id("project"), call.id("line"), call.body)


@ROUTES.add("GET", "/recordings/{recording}", "Ask how much of a recording has come", gives=schema.Recording)
def look(services: Services, call: Call) -> schema.Recording:
    """Return how many bytes of the recording are safe here."""
    return services.recordings.look(call.id("recording"))


@ROUTES.add(
    "POST",
    "/recordings/{recording}",
    "Send a piece of a recording",
    query=PieceQuery,
    takes="application/octet-stream",
    gives=schema.Recording,
)
def add_piece(services: Services, call: Call) -> schema.Recording:
    """Append the body to the recording. The client names it: 24 hexadecimal digits, drawn at random."""
    blocks = iter(lambda: request.stream.read(_BLOCK), b"")
    return services.recordings.add(call.id("recording"), call.query.offset, blocks)


@ROUTES.add(
    "POST",
    f"{_LINE}/recordings",
    "Make a recording a take",
    body=schema.RecordingAsked,
    gives=schema.Edited,
    status=201,
)
def add_recording(services: Services, call: Call) -> schema.Edited:
    """Make a recording that has come whole a take of the line; the job that follows places it."""
    return services.human_takes.add_recording(call.id("project"), call.id("line"), call.body)
