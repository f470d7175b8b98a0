"""Starts services that are made to be stopped and killed, and their workers: `service_to_interrupt.py ROOT`.

First it dubs a film and says where the project is. For each line on its input it forks a service, which says
`PID PORT` once it answers. For each forked_worker.py that connects to ROOT/socket it forks a worker whose
engines cost money. The folders are ROOT/home and ROOT/out, and the workers' bill is ROOT/bill.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

import paid_worker
import toy
import worker_nursery

from rythmo.dubbing import pipeline
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, Settings
from rythmo_plugin.service import worker
from rythmo_plugin.service.app import create_app
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.server import create_server, open_socket, run_server

FORKED = Path(__file__).with_name("forked_worker.py")
TOKEN = "the-token-of-the-tests"
SCENE = ((0, 24_013, 36_000), (1, 80_001, 30_000), (0, 130_007, 40_000))


def dub(root: Path) -> None:
    """Make the project, here, so that all that a worker needs is loaded once for all that are forked."""
    film = toy.write_sound(root / "toy.wav", scene=SCENE, length=192_000)
    settings = Settings(deliver=DeliverSettings("otio,srt"))
    job = pipeline.Job(film, "es", "en", root / "out")
    project = pipeline.dub(job, settings, engines=fakes.specs()).project
    os.write(1, f"{project.root}\n".encode())


def serve(root: Path) -> NoReturn:
    """Serve until SIGTERM."""
    with open_socket(0) as listening:
        settings = ServiceSettings(
            home=root / "home",
            token=TOKEN,
            port=listening.getsockname()[1],
            folders=(root,),
            out=root / "out",
            worker=(sys.executable, "-I", "-S", str(FORKED), str(root / "socket"), str(root / "bill")),
            remake_seconds=0.1,
        )
        app = create_app(settings)

        def stop(_number: int, _frame: FrameType | None) -> None:
            app.extensions["rythmo"].close()
            os._exit(0)

        signal.signal(signal.SIGTERM, stop)
        server = create_server(app, settings, listening)
        threading.Thread(target=run_server, args=(server,), daemon=True).start()
        os.write(1, f"{os.getpid()} {settings.port}\n".encode())
        while True:
            signal.pause()


def work(link: socket.socket) -> NoReturn:
    """Work in place of the process at the other end of the link."""
    bill, lock = worker_nursery.adopt(link)
    sys.argv = ["worker", lock]
    worker.main(paid_worker.specs(bill))
    os._exit(0)


def main() -> None:
    """Fork a service for each line, and a worker for each connection."""
    root = Path(sys.argv[1])
    dub(root)
    worker_nursery.fork_for_each(root / "socket", lambda link: work(link) if link else serve(root))


if __name__ == "__main__":
    main()
