"""Forks the toy workers of the services under test: `worker_nursery.py SOCKET`, until its input ends.

It loads once what each of them would load. `started_nursery` runs it for a session of tests, and
toy_worker.py goes to it; where no nursery runs, as on other systems than Linux, that is the worker itself.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

ADDRESS = "RYTHMO_TEST_NURSERY"
"""Where toy_worker.py finds the socket."""
# What a dub loads when it is first used.
LOADED = (
    "toy_worker", "paid_worker", "rythmo_plugin.service.worker", "rythmo_bridge.deliver",
    "rythmo_bridge.script_input", "av", "opentimelineio", "soundfile", "soxr", "scipy.ndimage",
    "scipy.signal", "scipy.stats",
)  # fmt: skip


def adopt(link: socket.socket) -> list[str]:
    """Take over the streams, folder and environment of the process at the other end, and die with it.

    Returns its arguments.
    """
    length, streams, _, _ = socket.recv_fds(link, 4, 3)
    with link.makefile("rb") as handed:
        words, folder, environment = json.loads(handed.read(int.from_bytes(length, "big")))
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (open(n, mode) for n, mode in enumerate("rww"))  # noqa: PTH123, SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=_die_with, args=(link,), daemon=True).start()
    return list(words)


def _die_with(link: socket.socket) -> None:
    link.recv(1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def fork_for_each(address: Path, born: Callable[[socket.socket | None], object]) -> None:
    """Fork a process for each connection, and one without for each line on the input, until that ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as waiting:
        listening.bind(str(address))
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
                        born(link)
                    finally:
                        os._exit(1)
                if link is not None:
                    link.close()


def _work(link: socket.socket | None) -> None:
    import toy_worker

    assert link is not None, "nobody writes to the nursery"
    toy_worker.work(adopt(link))
    os._exit(0)


@contextlib.contextmanager
def started_nursery() -> Iterator[None]:
    """Run a nursery, which toy_worker.py finds by the environment."""
    # Windows cannot fork, and on macOS what numpy loads may not be used in a forked process.
    if sys.platform != "linux":
        yield
        return
    with tempfile.TemporaryDirectory(prefix="rythmo-n-") as folder:  # a socket's address is short
        address = Path(folder) / "socket"
        command = [sys.executable, __file__, str(address)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None and process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            os.environ[ADDRESS] = str(address)
            try:
                yield
            finally:
                del os.environ[ADDRESS]
                process.stdin.close()


def main() -> None:
    """Load everything, and fork."""
    for module in LOADED:
        importlib.import_module(module)
    print("ready", flush=True)
    fork_for_each(Path(sys.argv[1]), _work)


if __name__ == "__main__":
    main()
