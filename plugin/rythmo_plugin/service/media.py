"""Serve a project's media to players and as downloads, with ranges, at signed addresses."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, request, send_file

from rythmo.errors import RythmoError
from rythmo_plugin.service.allowed_paths import resolve_within
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.face_views import make_face_still
from rythmo_plugin.service.picture_jobs import find_clip_file
from rythmo_plugin.service.picture_proxy import make_clip_preview, make_poster
from rythmo_plugin.service.projects import OpenProject
from rythmo_plugin.service.running_dubs import find_running_media
from rythmo_plugin.service.services import Services
from rythmo_plugin.service.views import FACE, LIPS, MEDIA, PICTURE, POSTER, media_path, picture_file

_SERVED = ("takes", "stems", "deliver", "qc", "cache/ingest", "cache/picture", "cache/voice")
_PART = 1 << 20
_MISSING = ApiError(404, "not-found", "There is no such file.")
# The policy of a quality report, which is a single file without external parts.
_PAGE_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; font-src data:"
)
_TYPES = {
    ".wav": "audio/wav",
    ".jpg": "image/jpeg",
    ".mp4": "video/mp4",
    ".srt": "text/plain",
    ".csv": "text/csv",
}


def blueprint(services: Services) -> Blueprint:
    """Make the routes below `/media/PROJECT/NAME?ticket=...`."""
    routes = Blueprint("media", __name__)

    def serve(project: str, name: str) -> Response:
        if not services.tickets.opens(media_path(project, name), request.args.get("ticket", "")):
            raise ApiError(403, "ticket", "This address has expired.", hint="Fetch the project again.")
        path = _find_file(services, project, name)
        if not path.is_file():
            raise _MISSING
        _shorten_range()
        given = send_file(
            path,
            mimetype=_TYPES.get(path.suffix.lower()),
            conditional=True,
            as_attachment=request.args.get("download") == "1",
            download_name=path.name,
        )
        # Takes are never overwritten. Everything else is revalidated, which mostly gives 304.
        lasting = name.startswith("takes/")
        given.headers["Cache-Control"] = (
            "private, max-age=86400, immutable" if lasting else "private, no-cache"
        )
        given.headers["Content-Security-Policy"] = _PAGE_POLICY
        return given

    routes.add_url_rule(f"{MEDIA}/<string:project>/<path:name>", "media", serve, methods=["GET"])
    return routes


def _shorten_range() -> None:
    """Limit a range request to `_PART` bytes.

    A player reads a long response only as it needs it and keeps the connection open. A browser has six
    connections per server: with several stems playing, none would be left for the page's own calls.
    """
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return
    start, stop = asked.ranges[0]
    if start >= 0 and (stop is None or stop - start > _PART):
        request.environ["HTTP_RANGE"] = f"bytes={start}-{start + _PART - 1}"


def _find_file(services: Services, project: str, name: str) -> Path:
    running = services.work.dubbing(project)
    if running is not None and (found := find_running_media(running.folder, running.source, name)):
        return found
    open_ = services.projects.get(project)
    if name == POSTER:
        return _poster(open_)
    if name.startswith(FACE):
        return _face(open_, name.removeprefix(FACE))
    if name.startswith(LIPS):
        return _lips(open_, name.removeprefix(LIPS))
    if name == PICTURE:
        script, _ = open_.look()
        found = picture_file(open_, script)
        if found is None:
            raise _MISSING
        return found
    if not name.startswith(tuple(f"{folder}/" for folder in _SERVED)):
        raise _MISSING
    root = open_.project.home if name.startswith("cache/") else open_.root
    return resolve_within(root, name)


def _lips(open_: OpenProject, name: str) -> Path:
    """Return a clip with new lips as a browser plays it; none where it is gone."""
    file = find_clip_file(open_, name)
    if file is None or not file.is_file():
        raise _MISSING
    try:
        return make_clip_preview(file, open_.project.home)
    except (RythmoError, OSError) as error:
        raise _MISSING from error


def _poster(open_: OpenProject) -> Path:
    """Return the still of a project; none where the picture is missing, unreadable or not allowed."""
    script, _ = open_.look()
    source = open_.media(script)
    if source is None:
        raise _MISSING
    try:
        return make_poster(source, open_.project.home)
    except (RythmoError, OSError) as error:
        raise _MISSING from error


def _face(open_: OpenProject, face: str) -> Path:
    """Return the still of a face; none where the picture is missing, unreadable or not allowed."""
    script, _ = open_.look()
    source = open_.media(script)
    if source is None:
        raise _MISSING
    try:
        return make_face_still(open_, source, face)
    except (RythmoError, OSError) as error:
        raise _MISSING from error
