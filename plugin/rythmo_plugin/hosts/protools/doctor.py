"""What `rythmo doctor` says of Pro Tools."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from rythmo.cli.doctor import Check
from rythmo.errors import HostError
from rythmo_plugin.hosts.protools.connection import (
    INSTALL,
    PORT_VARIABLE,
    Connection,
    port_in_use,
)

NAME = "protools"
_KNOCK_SECONDS = 0.3
# A share of the usual deadlines: the check is one of many, and its calls only read.
_QUICK = 0.2


@dataclass(frozen=True, slots=True)
class State:
    """What was found; `answers` is whether Pro Tools takes commands now."""

    check: Check
    answers: bool = False


def checks() -> list[Check]:
    """Check whether a dub could be sent now. There is no Pro Tools for Linux, so nothing is said there."""
    if sys.platform == "linux" and PORT_VARIABLE not in os.environ:
        return []
    return [look().check]


def look() -> State:
    """Look whether a dub could be sent now. Neither a missing library nor a closed Pro Tools is a fault."""
    port = port_in_use()
    if not all(find_spec(name) for name in ("grpc", "google")):
        return State(Check(NAME, ok=True, found="not set up", todo=f"To send dubs to Pro Tools: {INSTALL}"))
    if not _listens(port):
        todo = "Start Pro Tools (2025.6 or later) on this machine, then send the dub."
        return State(Check(NAME, ok=True, found=f"nothing answers on port {port}", todo=todo))
    try:
        with Connection(port, seconds=_QUICK) as connection:
            version = connection.register()
    except HostError as error:
        return State(Check(NAME, ok=False, found=error.message, todo=error.hint))
    return State(
        Check(NAME, ok=True, found=f"Pro Tools answers, PTSL {version[0]}.{version[1]}"), answers=True
    )


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("localhost", port), _KNOCK_SECONDS):
            return True
    except OSError:
        return False
