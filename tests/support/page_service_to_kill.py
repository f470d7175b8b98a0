"""A service with toy engines in its own process, for page tests that kill it: HOME PORT FOLDER TOKEN.

It says its port on its output. A later one on the same port serves the same origin, with another token.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from service_under_test import WORKER

from rythmo_plugin.service.app import create_app
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.server import create_server, open_socket, run_server


def main() -> None:
    home, port, folder = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    with open_socket(port) as listening:
        settings = ServiceSettings(
            home=home,
            token=sys.argv[4],
            port=listening.getsockname()[1],
            folders=(folder,),
            out=folder,
            worker=WORKER,
            remake_seconds=0.05,
        )
        server = create_server(create_app(settings), settings, listening)
        os.write(1, f"{settings.port}\n".encode())
        run_server(server)


if __name__ == "__main__":
    main()
