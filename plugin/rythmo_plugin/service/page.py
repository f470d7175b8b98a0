"""Serve the page's own files. They contain no user data, so they need no token."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_file

from rythmo_plugin.service.allowed_paths import resolve_within
from rythmo_plugin.service.api_errors import ApiError

FOLDER = Path(__file__).resolve().parents[1] / "page"
_SUFFIXES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}


def blueprint(folder: Path = FOLDER) -> Blueprint:
    """Make the routes for `/` and the files that the page refers to."""
    routes = Blueprint("page", __name__)

    def index() -> Response:
        if not (folder / "index.html").is_file():
            raise ApiError(404, "not-built", "The page is not built yet.", hint="Build it: make page")
        return file("index.html")

    def file(name: str) -> Response:
        path = resolve_within(folder, name)
        kind = _SUFFIXES.get(path.suffix.lower())
        if kind is None or not path.is_file():
            raise ApiError(404, "not-found", "There is no such page.")
        given = send_file(path, mimetype=kind.partition(";")[0], conditional=True)
        given.content_type = kind
        given.headers["Cache-Control"] = "no-cache"
        return given

    routes.add_url_rule("/", "index", index, methods=["GET"])
    routes.add_url_rule("/<path:name>", "file", file, methods=["GET"])
    return routes
