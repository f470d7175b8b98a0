"""`rythmo serve`: start the helper service and open its page."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import threading
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path
from typing import Any

from rythmo.cli.output import Output
from rythmo.errors import UsageError


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to the parser."""
    parser.add_argument(
        "folders", nargs="*", type=Path, metavar="FOLDER", help="folders that the page may use"
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help="the port (default: the first free one from 47800)"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until control-C. If a service is running already, open its page instead."""
    from filelock import FileLock, Timeout

    from rythmo_plugin.service.config import service_home
    from rythmo_plugin.service.page import FOLDER as PAGE
    from rythmo_plugin.service.service_file import make_private_folder, read_service_file

    _check(arguments)
    if not (PAGE / "index.html").is_file():
        output.warn("the page is not built yet: make page (or python tools/build_page.py)")
    folder = make_private_folder(service_home())
    lock = FileLock(folder / "service.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _use_running(read_service_file(folder), arguments, output)
    with lock:
        _serve(folder, arguments, output)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if arguments.port is not None and not 0 <= arguments.port <= 65535:
        raise UsageError(f"--port {arguments.port} is not a port.", hint="Give a number from 1024 to 65535.")
    for folder in arguments.folders:
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a folder.", hint="Name the folder that holds your media.")


def _serve(folder: Path, arguments: argparse.Namespace, output: Output) -> None:
    from rythmo_plugin.service import file_mailbox, prefs_mailbox
    from rythmo_plugin.service.app import create_app
    from rythmo_plugin.service.config import ServiceSettings
    from rythmo_plugin.service.server import create_server, open_socket, stop_server
    from rythmo_plugin.service.service_file import new_token, remove_service_file, write_service_file

    logging.getLogger("rythmo").setLevel(logging.INFO)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with open_socket(arguments.port) as listening:
        settings = ServiceSettings(
            home=folder,
            token=new_token(),
            port=listening.getsockname()[1],
            folders=tuple(path.resolve() for path in arguments.folders),
        )
        app = create_app(settings)
        server = create_server(app, settings, listening)
        ending = threading.Event()
        watchers = [
            watch(app, folder, settings.address, ending)
            for watch in (file_mailbox.watch_mailbox, prefs_mailbox.watch_prefs)
        ]
        write_service_file(settings)
        page = f"{settings.address}/#token={settings.token}"
        output.say(
            f"Rythmo's page: {page}\nControl-C ends the service; unfinished jobs resume with the next start."
        )
        output.data("serving", address=settings.address, page=page)
        if not arguments.no_browser:
            # Other users can read a browser's command line: it gets a single-use code, not the token.
            once = f"{settings.address}/#code={app.extensions['rythmo'].codes.make()}"
            threading.Thread(target=webbrowser.open, args=(once,), daemon=True).start()
        _run_until_stopped(server)
        remove_service_file(settings)
        ending.set()
        for watcher in watchers:
            watcher.join()
        app.extensions["rythmo"].close()
        stop_server(server)


def _run_until_stopped(server: Any) -> None:
    """Run until control-C or SIGTERM."""
    stopped, maintain = threading.Event(), server.maintenance

    def end(*_: object) -> None:
        stopped.set()
        raise KeyboardInterrupt

    def look(now: float) -> None:
        # An interrupt is lost where Python ignores exceptions (in `__del__`); this is asked every second.
        if stopped.is_set():
            raise KeyboardInterrupt
        maintain(now)

    server.maintenance = look
    with contextlib.suppress(ValueError):  # signals work in the main thread only; tests run elsewhere
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()


def _use_running(said: Any, arguments: argparse.Namespace, output: Output) -> int:
    if said is None or not _answers(said.address, said.token):
        raise UsageError("Another Rythmo service is starting or ending.", hint="Wait a moment and try again.")
    for folder in arguments.folders:
        _open(said, folder)
    page = f"{said.address}/#token={said.token}"
    output.say(f"The service is running already. Its page: {page}")
    output.data("serving", address=said.address, page=page)
    if not arguments.no_browser:
        code = _call(said, "/codes", {})["code"]
        webbrowser.open(f"{said.address}/#code={code}")
    return 0


def _answers(address: str, token: str) -> bool:
    asked = urllib.request.Request(  # noqa: S310 - our own address, from a file only we can write
        f"{address}/api/v1/service", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=5) as reply:  # noqa: S310 - as above
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _open(said: Any, folder: Path) -> None:
    _call(said, "/folders", {"path": str(folder.resolve())})


def _call(said: Any, path: str, asked_for: dict[str, str]) -> Any:
    """Call the API of the running service."""
    import json

    body = json.dumps(asked_for).encode()
    headers = {"Authorization": f"Bearer {said.token}", "Content-Type": "application/json"}
    asked = urllib.request.Request(  # noqa: S310 - as in `_answers`
        f"{said.address}/api/v1{path}", data=body, headers=headers
    )
    with urllib.request.urlopen(asked, timeout=5) as reply:  # noqa: S310 - as in `_answers`
        return json.loads(reply.read())
