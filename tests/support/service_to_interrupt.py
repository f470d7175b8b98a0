"""Starts services that are made to be stopped and killed, and their workers: `service_to_interrupt.py ROOT`.

First it dubs a film and says where the project is. For each line on its input it forks a service, which says
`PID PORT` once it answers. For each forked_worker.py that connects to ROOT/socket it forks a worker whose
engines cost money. The folders are ROOT/home and ROOT/out, and the workers' bill is ROOT/bill.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

import paid_worker
import toy

from rythmo.dubbing import pipeline
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, Settings
from rythmo_plugin.service import worker
from rythmo_plugin.service.app import create_app
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.server import create_server, open_socket

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
        threading.Thread(target=server.run, daemon=True).start()
        os.write(1, f"{os.getpid()} {settings.port}\n".encode())
        while True:
            signal.pause()


def work(link: socket.socket) -> NoReturn:
    """Work with the streams of the process at the other end of the link, and die with it."""
    data, streams, _, _ = socket.recv_fds(link, 4096, 3)
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (open(n, mode) for n, mode in enumerate("rww"))  # noqa: PTH123, SIM115
    bill, lock = data.decode().split("\0")
    sys.argv = ["worker", lock]
    threading.Thread(target=_die_with, args=(link,), daemon=True).start()
    worker.main(paid_worker.specs(bill))
    os._exit(0)


def _die_with(link: socket.socket) -> None:
    link.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Fork a service for each line, and a worker for each connection."""
    root = Path(sys.argv[1])
    dub(root)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as waiting:
        listening.bind(str(root / "socket"))
        listening.listen(64)
        waiting.register(listening, selectors.EVENT_READ)
        waiting.register(0, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                link = listening.accept()[0] if key.fileobj is listening else None
                if link is None and not os.read(0, 64):
                    return
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    listening.close()
                    try:
                        serve(root) if link is None else work(link)
                    finally:
                        os._exit(1)
                if link is not None:
                    link.close()


if __name__ == "__main__":
    main()
