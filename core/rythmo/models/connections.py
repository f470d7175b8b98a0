"""GET requests over HTTP, HTTPS or from a file, with the standard library and the machine's own settings.

Proxies come from the environment or the system (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY) and are never
used for this machine itself. Certificates come from the system, and from the file that pip or npm names. Keys
are sent only to the server that they are for; a redirect doesn't pass them on.
"""

from __future__ import annotations

import base64
import ipaddress
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from importlib.util import find_spec
from typing import Any, Protocol, cast
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit

from rythmo.errors import DownloadError
from rythmo.version import __version__

_TIMEOUT_S = 30.0
_PROXY_HINT = "Set HTTPS_PROXY to an HTTP proxy, or download on another machine: docs/models.md."

NETWORK_ERRORS = (OSError, HTTPException)
"""The exceptions of a failing network or server (HTTPError and URLError are OSErrors)."""


class Response(Protocol):
    """The part of an answer that is used here."""

    status: int | None
    headers: Mapping[str, str]
    url: str

    def read(self, amount: int = -1) -> bytes:
        """Return the next bytes of the body; empty at its end."""

    def close(self) -> None:
        """Close the connection."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a server.

    `cafile` is a file of certificates. `proxy` overrides the environment's. `authorization` is the header
    with a key. `trusted_hosts` are hosts whose certificate isn't checked, because the user configured pip or
    npm so.
    """

    cafile: str = ""
    proxy: str = ""
    authorization: str = field(default="", repr=False)
    trusted_hosts: frozenset[str] = frozenset()
    timeout_s: float = _TIMEOUT_S


PLAIN = Access()


def open_url(url: str, access: Access = PLAIN, headers: Mapping[str, str] | None = None) -> Response:
    """Open an address for reading. Raises NETWORK_ERRORS, and DownloadError for a proxy of the wrong kind."""
    address, authorization = _split_login(url)
    # S310 warns of file: addresses. This one comes from the model table, or from an index in the user's pip
    # or npm settings.
    request = urllib.request.Request(address, headers={"User-Agent": f"rythmo/{__version__}"})  # noqa: S310 - see above
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    if authorization or access.authorization:
        request.add_unredirected_header("Authorization", access.authorization or authorization)
    try:
        return cast(Response, _opener(address, access).open(request, timeout=access.timeout_s))
    except HTTPError as error:
        # Status and headers stay readable, and the body is never used.
        error.close()
        raise


def is_loopback(host: str) -> bool:
    """Return whether a host name means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def explain(error: Exception) -> str:
    """Return what a network error means, for use inside a sentence."""
    if isinstance(error, HTTPError):
        return f"the server answered {error.code} {error.reason}"
    reason: Any = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({reason.verify_message})"
    if isinstance(reason, OSError) and reason.strerror:
        return f"no connection ({reason.strerror})"
    return f"the connection broke off ({' '.join(str(reason).split()) or type(reason).__name__})"


def hide_login(url: str) -> str:
    """Return the address without a user name and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _split_login(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if not parts.username:
        return url, ""
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return hide_login(url), f"Basic {base64.b64encode(login.encode()).decode()}"


def _opener(url: str, access: Access) -> urllib.request.OpenerDirector:
    host = urlsplit(url).hostname or ""
    handlers: list[urllib.request.BaseHandler] = [
        _LoopbackAwareProxies(_proxies(access)),
        urllib.request.HTTPSHandler(context=_tls(access.cafile, checked=host not in access.trusted_hosts)),
    ]
    return urllib.request.build_opener(*handlers)


class _LoopbackAwareProxies(urllib.request.ProxyHandler):
    """A proxy handler that connects to this machine directly, also after a redirect."""

    def proxy_open(self, req: urllib.request.Request, proxy: str, type: str) -> Any:  # noqa: A002 - the base's
        if is_loopback(urlsplit(req.full_url).hostname or ""):
            return None
        if urlsplit(proxy).scheme.startswith("socks"):
            raise DownloadError(
                f"{hide_login(proxy)} is a SOCKS proxy, which Rythmo cannot use.", hint=_PROXY_HINT
            )
        return super().proxy_open(req, proxy, type)


def _proxies(access: Access) -> dict[str, str]:
    if access.proxy:
        return {"http": access.proxy, "https": access.proxy}
    proxies = urllib.request.getproxies()
    everything = proxies.get("all", "")
    return {scheme: found for scheme in ("http", "https") if (found := proxies.get(scheme) or everything)}


@cache
def _tls(cafile: str, *, checked: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    # On macOS, the Python of python.org doesn't find the system's certificates.
    if not context.cert_store_stats()["x509_ca"] and find_spec("certifi"):
        import certifi

        context.load_verify_locations(certifi.where())
    if cafile:
        try:
            context.load_verify_locations(cafile)
        except OSError as error:
            raise DownloadError(
                f"The certificates in {cafile} cannot be read: {error.strerror or error}.",
                hint="pip and npm are set to use that file: `pip config list`, `npm config get cafile`.",
            ) from error
    if not checked:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
