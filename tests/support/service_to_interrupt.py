"""Starts services that are made to be stopped and killed: `service_to_interrupt.py ROOT`.

For each line on its input it forks one, which says `PID PORT` once it answers. The folders are ROOT/home and
ROOT/out, and the workers' bill is ROOT/bill.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rythmo_plugin.service.app import create_app
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.server import create_server, open_socket

WORKER = Path(__file__).with_name("paid_worker.py")
TOKEN = "the-token-of-the-tests"


def live(root: Path) -> NoReturn:
    """Serve until SIGTERM."""
    with open_socket(0) as listening:
        settings = ServiceSettings(
            home=root / "home",
            token=TOKEN,
            port=listening.getsockname()[1],
            folders=(root,),
            out=root / "out",
            worker=(sys.executable, str(WORKER), str(root / "bill")),
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


def main() -> None:
    """Fork a service for each line."""
    import rythmo.dubbing.pipeline  # noqa: F401 - loaded once, for all that are forked
    import rythmo_bridge.deliver  # noqa: F401 - as above

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                live(Path(sys.argv[1]))
            finally:
                os._exit(1)


if __name__ == "__main__":
    main()
