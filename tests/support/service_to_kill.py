"""Starts services that are made to be killed: for each line `HOME FILM OUT` on its input it forks one.

Forked, because loading Python and numpy thirty times would take a minute. Each service begins the dub of the
film (once: it has a key), says `PID begun` when it is there, `PID working` with the first progress of this
life, and `PID done` when the job is done.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from service_under_test import WORKER

from rythmo_plugin.service import schema
from rythmo_plugin.service.app import create_app
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.events import EventFilter
from rythmo_plugin.service.routes.jobs import queue_dub
from rythmo_plugin.service.server import create_server, open_socket


def say(word: str) -> None:
    os.write(1, f"{os.getpid()} {word}\n".encode())


def live(home: Path, film: str, out: str) -> None:
    worker = (*WORKER, f"--bill={home}.bill", "--signed")
    with open_socket(0) as listening:
        port = listening.getsockname()[1]
        folders = (Path(film).parent, Path(out))
        settings = ServiceSettings(
            home=home, token="t", port=port, folders=folders, out=Path(out), worker=worker
        )
        app = create_app(settings)
        threading.Thread(target=create_server(app, settings, listening).run, daemon=True).start()
        services = app.extensions["rythmo"]
        last = services.events.last
        asked = schema.JobAsked(source=film, out=out, target_language="es", source_language="en",
                              formats=["otio", "srt"], key="the one")  # fmt: skip
        job = queue_dub(services, asked)
        say("begun")
        working = False
        while services.queue.get(job.id).state != "done":
            events, last = services.events.after(last, EventFilter(job.id), 5)
            if not working and any(event.data.get("fraction") for event in events):
                working = True
                say("working")
            assert services.queue.get(job.id).state in ("queued", "running", "done")
        say("done")
        services.close()
        os._exit(0)


def main() -> None:
    import rythmo.dubbing.pipeline  # noqa: F401 - loaded once, for all that are forked
    import rythmo_bridge.deliver  # noqa: F401 - as above

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            home, film, out = line.rstrip("\n").split("\t")
            try:
                live(Path(home), film, out)
            finally:
                os._exit(1)


if __name__ == "__main__":
    main()
