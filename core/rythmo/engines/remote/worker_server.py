"""What clients of the worker protocol share: address, token, and a worker's description of itself.

The protocol is described in docs/worker-protocol.md. RYTHMO_WORKER_TOKEN is sent as a bearer token if it is
set.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from rythmo.engines.base import Missing
from rythmo.engines.remote.calls import BadAnswerError, Clock, Limits, Remote, read_limits
from rythmo.engines.remote.http import ERRORS, check_url, explain_error, send_request
from rythmo.engines.remote.keys import find_key, variable_command
from rythmo.errors import EngineFailedError, EngineMissingError

T = TypeVar("T")
PROTOCOL = 1
TOKEN_VARIABLE = "RYTHMO_WORKER_TOKEN"  # noqa: S105 - the name of a variable, not a token
_ABILITIES = {"speak": "speaks lines (--voice worker)", "lips": "moves lips (--lips worker)"}


@dataclass(frozen=True, slots=True)
class WorkerServer:
    """Which worker an engine asks: the engine's name for messages, the variable with the worker's address,
    and an example of one."""

    engine: str
    variable: str
    example: str


def missing_address(server: WorkerServer) -> tuple[Missing, ...]:
    """Return the worker's address as missing when it isn't set."""
    if os.environ.get(server.variable):
        return ()
    command = variable_command(server.variable, server.example)
    return (Missing("the address of a worker", command, setting="base_url"),)


def make_headers(accept: str) -> dict[str, str]:
    """Return the headers of a request with a JSON body, with the token if there is one."""
    token = find_key(TOKEN_VARIABLE)
    headers = {"content-type": "application/json", "accept": f"{accept}, application/json"}
    return headers | ({"authorization": f"Bearer {token.reveal()}"} if token else {})


def encode_bytes(data: bytes) -> str:
    """Return bytes as the protocol's JSON holds them: in base64."""
    return base64.b64encode(data).decode("ascii")


def require_protocol(data: Any, ability: str) -> None:
    """Check that a description is of this protocol, and that the worker does what is asked of it.

    Raises BadAnswerError for another protocol, EngineMissingError for a worker of another kind.
    """
    if not isinstance(data, dict) or data.get("protocol") != PROTOCOL:
        raise BadAnswerError(f"it does not speak version {PROTOCOL} of the worker protocol")
    does = data.get("does", ["speak"])
    if not isinstance(does, list):
        raise BadAnswerError("its description is incomplete: does")
    if ability not in does:
        known = [_ABILITIES[one] for one in does if one in _ABILITIES]
        raise EngineMissingError(
            f"The worker {data.get('name', '')} does not do this.",
            hint=f"It {' and '.join(known) or 'does something else'}: give the address of another worker.",
        )


def connect_worker(
    server: WorkerServer,
    read_about: Callable[[Any], T],
    settings: Mapping[str, Any],
    limits: Limits,
    clock: Clock | None = None,
) -> tuple[str, Remote, T]:
    """Connect to a worker and return its address, its caller and its description, read by `read_about`.

    Raises EngineMissingError when there is no address, the worker doesn't answer, or is of another kind.
    """
    given = settings.get("base_url") or os.environ.get(server.variable)
    if not given:
        raise EngineMissingError(
            f"The {server.engine} needs an address.", hint=variable_command(server.variable, server.example)
        )
    url = check_url(str(given))
    token = find_key(TOKEN_VARIABLE)
    remote = Remote(
        f"The worker at {url}",
        ERRORS,
        explain_error,
        f"Give the worker's token in {TOKEN_VARIABLE}.",
        read_limits(settings, limits),
        secrets=(token.reveal(),) if token else (),
        clock=clock or Clock(),
    )
    headers = make_headers("application/json")
    try:
        about = remote.call(
            lambda timeout: read_about(
                send_request("GET", f"{url}/v1/about", headers=headers, timeout=timeout).json()
            ),
            what="describe itself",
        )
    except EngineFailedError as error:
        raise EngineMissingError(error.message, hint=f"Check that it is running. {error.hint}") from error
    return url, remote, about
