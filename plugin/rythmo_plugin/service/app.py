"""`create_app`: the service as a WSGI application."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response
from werkzeug.exceptions import HTTPException

from rythmo.errors import RythmoError
from rythmo_plugin.service import api_errors, guard, media, page
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.config import MAX_UPLOAD_BYTES, ServiceSettings
from rythmo_plugin.service.routes import OPERATIONS, hosts
from rythmo_plugin.service.routing import PREFIX, answer, bind
from rythmo_plugin.service.services import make_services

_log = logging.getLogger("rythmo.service")


def create_app(settings: ServiceSettings) -> Flask:
    """Make the service's WSGI application.

    Its parts are in `app.extensions["rythmo"]`; the caller closes them. Raises OutputError when the service's
    folder cannot be used.
    """
    services = make_services(settings)
    app = Flask("rythmo", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD_BYTES
    app.extensions["rythmo"] = services
    guard.install_guard(app, settings)
    _answer_errors(app)
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    for operation in OPERATIONS:
        bind(api, operation, services)
    app.register_blueprint(api)
    app.register_blueprint(media.blueprint(services))
    app.register_blueprint(hosts.blueprint(services), url_prefix=f"{PREFIX}/hosts")
    app.register_blueprint(page.blueprint())
    return app


def _answer_errors(app: Flask) -> None:
    def failed(error: RythmoError) -> Response:
        found = api_errors.to_api_error(error)
        return answer(api_errors.error_body(found), found.status)

    def http(error: HTTPException) -> Response:
        if error.response is not None:
            return Response(status=error.code)
        code = error.code or 500
        return failed(ApiError(code, "http", f"{error.name}."))

    def refused(error: OSError) -> Response:
        _log.warning("the system refused: %s", error.strerror)
        return failed(ApiError(409, "system", f"The system refused: {error.strerror or 'no reason given'}."))

    def defect(error: Exception) -> Response:
        _log.error("a defect in the service", exc_info=error)
        return failed(ApiError(500, "defect", "The service met a defect of its own; its log says where."))

    app.register_error_handler(RythmoError, failed)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(OSError, refused)
    app.register_error_handler(Exception, defect)
