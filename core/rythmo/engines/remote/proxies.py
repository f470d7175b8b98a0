"""Proxies that the environment names, and which servers are reached through them.

A server on this machine is never reached through a proxy: `HTTP_PROXY` is meant for other machines, and a
remote proxy would take 127.0.0.1 for itself. A proxy that a client cannot use is reported before the client
is made, because the libraries raise ImportError or ValueError for it.
"""

from __future__ import annotations

import ipaddress
import os
from importlib.util import find_spec
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import getproxies

from rythmo.errors import EngineMissingError

_LOCAL = ("localhost", "127.0.0.1", "::1")
_NO_PROXY = ("NO_PROXY", "no_proxy")
_PLAIN = ("http", "https")
_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
_PACKAGES = {"httpx": "socksio", "requests": "PySocks"}
_MODULES = {"httpx": "socksio", "requests": "socks"}
Client = Literal["httpx", "requests"]


def is_this_machine(url: str) -> bool:
    """Return whether an address is on this machine."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def bypass_proxies_locally() -> None:
    """Add this machine to NO_PROXY, so that libraries that read it connect directly."""
    spared = [host for name in _NO_PROXY for host in os.environ.get(name, "").split(",") if host.strip()]
    if "*" in spared:
        return
    listed = ",".join(dict.fromkeys(host.strip() for host in (*spared, *_LOCAL)))
    for name in _NO_PROXY:
        os.environ[name] = listed


def check_proxies(url: str, client: Client) -> None:
    """Raise EngineMissingError where the environment names a proxy that `client` cannot use for `url`."""
    if is_this_machine(url):
        return
    for kind, proxy in sorted(getproxies().items()):
        scheme = proxy.partition("://")[0].lower() if "://" in proxy else "http"
        if kind == "no" or scheme in _PLAIN or (scheme in _SOCKS and find_spec(_MODULES[client])):
            continue
        named = f"{_variable(kind)} names the proxy {_without_password(proxy)}"
        if scheme in _SOCKS:
            raise EngineMissingError(
                f"{named}, and SOCKS needs a package that is not installed.",
                hint=f"pip install {_PACKAGES[client]}, or unset {_variable(kind)}, or name an HTTP proxy.",
            )
        raise EngineMissingError(
            f"{named}, which cannot be used as a proxy.",
            hint=f"Set {_variable(kind)} to an address such as http://proxy.example:3128, or unset it.",
        )


def _variable(kind: str) -> str:
    """Return the variable as the user wrote it. On macOS and Windows the proxy may be a system setting
    instead."""
    names = (f"{kind}_proxy", f"{kind}_proxy".upper())
    return next((name for name in names if name in os.environ), names[1])


def _without_password(proxy: str) -> str:
    scheme, mark, rest = proxy.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
