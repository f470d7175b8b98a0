"""Routes of opened folders, browsing, uploads, and dropped films."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import request

from rythmo_plugin.service import schema
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_BLOCK = 1 << 18


class BrowseQuery(msgspec.Struct, frozen=True):
    """The folder to list; without it, the folders to start from."""

    path: schema.MaybePath = None


class PartQuery(msgspec.Struct, frozen=True):
    """How many bytes come before this part."""

    offset: Annotated[int, msgspec.Meta(ge=0, le=1 << 44)]


class UploadQuery(msgspec.Struct, frozen=True):
    """The file's own name."""

    name: schema.Name


@ROUTES.add("GET", "/folders", "The folders that were opened", gives=list[schema.Folder])
def list_folders(services: Services, call: Call) -> list[schema.Folder]:
    """Return all opened folders."""
    return services.places.folders()


@ROUTES.add("POST", "/folders", "Open a folder", body=schema.FolderAsked, gives=schema.Folder, status=201)
def open_folder(services: Services, call: Call) -> schema.Folder:
    """Open a folder, so that the files in it may be used."""
    return services.places.open(call.body.path)


@ROUTES.add("DELETE", "/folders/{folder}", "Close a folder", gives=schema.Done)
def close_folder(services: Services, call: Call) -> schema.Done:
    """Close a folder. Its files stay."""
    services.places.close(call.id("folder"))
    return schema.Done()


@ROUTES.add("GET", "/browse", "List a folder", query=BrowseQuery, gives=schema.Listing)
def browse(services: Services, call: Call) -> schema.Listing:
    """List the folders, media, timelines, projects, subtitles and cast files in a folder."""
    return services.places.browse(call.query.path or None)


@ROUTES.add(
    "POST",
    "/uploads",
    "Send an edited timeline or subtitles",
    query=UploadQuery,
    takes="application/octet-stream",
    gives=schema.Upload,
    status=201,
)
def upload(services: Services, call: Call) -> schema.Upload:
    """Store the body as a file."""
    return services.uploads.take(call.query.name, iter(lambda: request.stream.read(_BLOCK), b""))


@ROUTES.add(
    "POST",
    "/imports",
    "Bring a film that was dropped on the page",
    body=schema.ImportAsked,
    gives=schema.Import,
    status=201,
)
def begin_import(services: Services, call: Call) -> schema.Import:
    """Return where the file lies in an opened folder, or an import that waits for its parts."""
    return services.imports.begin(call.body.name, call.body.size)


@ROUTES.add(
    "POST",
    "/imports/{import}",
    "Send a part of a film",
    query=PartQuery,
    takes="application/octet-stream",
    gives=schema.Import,
)
def add_part(services: Services, call: Call) -> schema.Import:
    """Append the body to the file. After the last part the file has its path."""
    blocks = iter(lambda: request.stream.read(_BLOCK), b"")
    return services.imports.add(call.id("import"), call.query.offset, blocks)
