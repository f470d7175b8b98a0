"""Folders, browsing, and files that are sent."""

from __future__ import annotations

import msgspec
from flask import request

from rythmo_plugin.service import wire
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_BLOCK = 1 << 18


class BrowseQuery(msgspec.Struct, frozen=True):
    """Where to look; nothing for where to begin."""

    path: wire.MaybePath = None


class UploadQuery(msgspec.Struct, frozen=True):
    """The file's own name."""

    name: wire.Name


@ROUTES.add("GET", "/folders", "The folders that were opened", gives=list[wire.Folder])
def opened(services: Services, call: Call) -> list[wire.Folder]:
    """All of them."""
    return services.places.folders()


@ROUTES.add("POST", "/folders", "Open a folder", body=wire.FolderAsked, gives=wire.Folder, status=201)
def open_folder(services: Services, call: Call) -> wire.Folder:
    """From now on files in it may be used."""
    return services.places.open(call.body.path)


@ROUTES.add("DELETE", "/folders/{folder}", "Close a folder", gives=wire.Done)
def close_folder(services: Services, call: Call) -> wire.Done:
    """Nothing in it is touched."""
    services.places.close(call.id("folder"))
    return wire.Done()


@ROUTES.add("GET", "/browse", "What lies in a folder", query=BrowseQuery, gives=wire.Listing)
def browse(services: Services, call: Call) -> wire.Listing:
    """Only folders, media, timelines, projects and subtitles."""
    return services.places.browse(call.query.path or None)


@ROUTES.add(
    "POST",
    "/uploads",
    "Send an edited timeline or subtitles",
    query=UploadQuery,
    takes="application/octet-stream",
    gives=wire.Upload,
    status=201,
)
def upload(services: Services, call: Call) -> wire.Upload:
    """The body is the file."""
    return services.uploads.take(call.query.name, iter(lambda: request.stream.read(_BLOCK), b""))
