"""Check who calls the service, before any route runs.

A page of another site can make a browser send requests to this address, and with DNS rebinding it can even
read the responses. So the Host must be exactly the service's, an Origin must be its own or a registered
panel's, and every call carries the token in a header, which no foreign page can know. Cookies are not used.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from flask import Flask, Request, Response, request

from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.config import ServiceSettings

API = "/api/"
ENTER = "/api/v1/enter"
"""Returns the token for a single-use code. It is the only call without the token."""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-src 'self'; frame-ancestors 'none'"
)
_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), microphone=(self), geolocation=()",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "600",
}


def install_guard(app: Flask, settings: ServiceSettings) -> None:
    """Check every request of the app, and add the security headers to every response."""
    hosts = {f"127.0.0.1:{settings.port}", f"localhost:{settings.port}"}
    own = {f"http://{host}" for host in hosts}

    def check() -> Response | None:
        if request.headers.get("Host") not in hosts:
            raise ApiError(421, "host", "This address is not the service's.", hint="Use its own address.")
        origin = request.headers.get("Origin")
        if origin is not None and origin not in own and origin not in settings.panels:
            raise ApiError(403, "origin", "Calls from this page are not allowed.", hint="Open Rythmo's page.")
        if request.path.startswith(API):
            if request.method == "OPTIONS":
                return _preflight(origin, settings)
            _require_token(request, settings.token)
        return None

    def dress(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        if request.path.startswith(API):
            response.headers.setdefault("Cache-Control", "no-store")
        origin = request.headers.get("Origin")
        if origin is not None and origin in settings.panels:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Vary"] = "Origin"
        return response

    app.before_request(check)
    app.after_request(dress)


def _preflight(origin: str | None, settings: ServiceSettings) -> Response:
    """Answer the CORS preflight that a browser sends, without a token, before a panel's call."""
    if origin is None or origin not in settings.panels:
        raise ApiError(403, "origin", "Calls from this page are not allowed.")
    return Response(status=204, headers=_PREFLIGHT)


def _require_token(asked: Request, token: str) -> None:
    if (asked.method, asked.path) == ("POST", ENTER):
        return
    kind, _, given = asked.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise ApiError(
            401,
            "token",
            "The token is missing, or belongs to an earlier start of the service.",
            hint="Open the page again with `rythmo serve`; plug-ins read service.json again.",
        )
