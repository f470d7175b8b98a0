"""A service that runs in this process, on a free port, with workers whose engines are tones; its client."""

from __future__ import annotations

import http.client
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from rythmo_plugin.service.app import create_app
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.server import create_server, open_socket, run_server, stop_server

WORKER = (sys.executable, str(Path(__file__).with_name("toy_worker.py")))
TOKEN = "the-token-of-the-tests"
PREFIX = "/api/v1"
PATIENCE = 60.0


class Client:
    """Calls the service as a well-behaved client does; `raw` gives everything away."""

    def __init__(self, port: int, token: str = TOKEN) -> None:
        self.port, self.token = port, token

    def raw(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode()
        status, _, found = self.raw(method, PREFIX + path, data, headers)
        return status, json.loads(found)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """`ask`, when it must go well."""
        status, found = self.ask(method, path, body)
        assert status < 400, (method, path, status, found)
        return found

    def until(self, job: str, *states: str) -> Any:
        """The job, once it is in one of these states (done, unless told): told by events, not by asking."""
        wanted = states or ("done",)
        last = 0
        found = self.call("GET", f"/jobs/{job}")
        while found["state"] not in wanted:
            assert found["state"] in ("queued", "running"), found
            events = self.call("GET", f"/events?poll=1&wait=20&job={job}&after={last}")
            last, found = events["last"], self.call("GET", f"/jobs/{job}")
        return found

    def quiet(self, project: str) -> None:
        """Wait until nothing is queued or running for the project."""
        while open_ := [
            job
            for job in self.call("GET", "/jobs")
            if job["project"] == project and job["state"] in ("queued", "running")
        ]:
            self.until(open_[0]["id"], "done", "failed", "cancelled")


def revise(service: ServiceSettings, project: str, line: str, **changes: str) -> None:
    """Change a line as the page does, and wait until it is voiced and mixed."""
    client = Client(service.port, service.token)
    (found,) = (each["id"] for each in client.call("GET", "/projects") if each["name"] == project)
    edited = client.call("PATCH", f"/projects/{found}/lines/{line}", changes)
    client.until(edited["job"]["id"])
    client.quiet(found)


class Running(Client):
    """A running service and its parts."""

    def __init__(self, app: Flask) -> None:
        self.app, self.services = app, app.extensions["rythmo"]
        super().__init__(self.services.settings.port)


@contextmanager
def running(home: Path, *folders: Path, **more: Any) -> Iterator[Running]:
    """A service for the time of the block."""
    with open_socket(0) as listening:
        settings = ServiceSettings(
            home=home,
            token=TOKEN,
            port=listening.getsockname()[1],
            folders=folders,
            out=home.parent / "out",
            **{"worker": WORKER, "remake_seconds": 0.05, **more},
        )
        app = create_app(settings)
        server = create_server(app, settings, listening)
        thread = threading.Thread(target=run_server, args=(server,), daemon=True)
        thread.start()
        services = app.extensions["rythmo"]
        try:
            yield Running(app)
        finally:
            links = [lane.link for lane in services.queue._lanes.values() if lane.link]
            services.close()
            stop_server(server)
            thread.join(10)
            for link in links:
                link.kill()
                link.wait(10)
