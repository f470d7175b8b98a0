"""Hand the keys of services to the process beside the job that calls them.

Ray keeps what an actor is made with, and shows it in logs and its dashboard. So the actor gets a ticket only:
a port of this machine and a word. The keys go over a loopback connection, once, and never into a file or the
cluster.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener

Ticket = tuple[int, bytes]
_HOST = "127.0.0.1"
_ENDINGS = ("_KEY", "_TOKEN", "_REGION", "_ENDPOINT", "_URL", "_PROXY", "_proxy", "_PROJECT", "_CREDENTIALS")


class KeyHandover:
    """Waits for the holder of the ticket, and hands it this process's keys and addresses of services."""

    def __init__(self) -> None:
        word = secrets.token_bytes(32)
        self._listener = Listener((_HOST, 0), authkey=word)
        self._port = int(self._listener.address[1])
        self._closed = False
        self.ticket: Ticket = self._port, word
        threading.Thread(target=self._serve, daemon=True, name="rythmo-keys").start()

    def _serve(self) -> None:
        with self._listener:
            while not self._closed:
                with suppress(AuthenticationError, EOFError, OSError), self._listener.accept() as connection:
                    connection.send_bytes(json.dumps(select_variables()).encode())
                    return

    def close(self) -> None:
        """Wait for nobody any more."""
        self._closed = True
        with suppress(OSError):  # wakes the thread that waits
            socket.create_connection((_HOST, self._port), timeout=1.0).close()


def select_variables() -> dict[str, str]:
    """Return the variables of this process that engines at services read."""
    return {name: value for name, value in os.environ.items() if _is_for_services(name)}


def take_keys(ticket: Ticket) -> None:
    """Take the keys into the environment of this process. Does nothing when they are no longer offered."""
    port, word = ticket
    with suppress(OSError, EOFError, AuthenticationError), Client((_HOST, port), authkey=word) as connection:
        os.environ.update(json.loads(connection.recv_bytes()))


def _is_for_services(name: str) -> bool:
    return name.startswith("RYTHMO_") or name.endswith(_ENDINGS)
