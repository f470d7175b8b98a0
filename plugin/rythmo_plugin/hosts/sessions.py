"""The host sessions of this run of the service. Their results are kept in projects and jobs."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict

from rythmo_plugin.hosts.flows import HostBackend, conform_timeline, dub_timeline
from rythmo_plugin.hosts.reports import Hello
from rythmo_plugin.hosts.session import RunningSession, Session

_KEPT = 50


class Conversations:
    """The latest host sessions by id. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: OrderedDict[str, RunningSession] = OrderedDict()

    def begin(self, kind: str, hello: Hello, desk: HostBackend) -> RunningSession:
        """Begin a conversation with a host: "resolve" or "premiere"."""
        session = Session(secrets.token_hex(8), kind, hello)
        talk = dub_timeline if hello.action == "dub" else conform_timeline
        running = RunningSession(session, talk(session, desk))
        with self._lock:
            self._running[session.id] = running
            while len(self._running) > _KEPT:
                self._running.popitem(last=False)
        return running

    def get(self, session: str) -> RunningSession | None:
        """Return the session of that id, or None if it is not known any more."""
        with self._lock:
            return self._running.get(session)

    def all(self) -> list[Session]:
        """Return all sessions, newest first."""
        with self._lock:
            return [running.session for running in reversed(self._running.values())]
