"""Start a worker process, send it orders, and receive its messages."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import msgspec

from rythmo.script import store
from rythmo_plugin.service.packed_scripts import ScriptPacker
from rythmo_plugin.service.worker_protocol import Message, Order

MessageHandler = Callable[[dict[str, Any]], None]
_LOG_BYTES = 4 << 20
_log = logging.getLogger("rythmo.service")


class WorkerProcess:
    """One worker process.

    `heard` is called with each message, and `gone` once when the process has ended, both from a reading
    thread. Another thread writes the orders: an order with a script is larger than a pipe's buffer, and a
    worker that is starting does not read yet.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        lock: Path,
        log: Path,
        heard: MessageHandler,
        gone: Callable[[], None],
    ) -> None:
        self._heard = heard
        self._gone = gone
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._packer = ScriptPacker()
        self._sending = threading.Lock()
        with _log_file(log) as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own worker, no shell
                [*command, str(lock)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        threading.Thread(target=self._listen, name="rythmo-link", daemon=True).start()
        threading.Thread(target=self._speak, name="rythmo-link-out", daemon=True).start()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def send(self, order: Order) -> None:
        """Send an order. If the worker has ended, `gone` is called."""
        with self._sending:
            script = None if order.script is None else self._packer.pack(order.script)
            message = Message(order=msgspec.structs.replace(order, script=None), script=script)
            self._outbox.put(store.encode_json(message))

    def cancel(self, job: str) -> None:
        """Ask the worker to stop that job."""
        self._outbox.put(store.encode_json(Message(cancel=job)))

    def close(self) -> None:
        """Let the worker end: it finishes remote calls under way and starts nothing new."""
        self._outbox.put(None)

    def kill(self) -> None:
        """Kill the worker and every process that it started."""
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def wait(self, seconds: float) -> bool:
        """Wait up to that many seconds, and return whether the process has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _speak(self) -> None:
        assert self._process.stdin is not None
        # A worker that was killed reads nothing any more.
        with contextlib.suppress(OSError), self._process.stdin as stdin:
            for data in iter(self._outbox.get, None):
                stdin.write(data + b"\n")
                stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            with self._process.stdout as lines:
                for line in lines:
                    self._hear(line)
        finally:
            self._process.wait()
            self.close()
            self._gone()

    def _hear(self, line: bytes) -> None:
        try:
            self._heard(msgspec.json.decode(line, type=dict[str, Any]))
        except msgspec.MsgspecError:
            return  # half a line, from a worker that was killed
        except Exception:  # noqa: BLE001 - process border: the lane must go on hearing its worker
            _log.exception("a message of a worker could not be taken in")


def _log_file(path: Path) -> Any:
    """Open the worker's log, readable by its owner only. A long one is truncated first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = os.O_TRUNC if path.is_file() and path.stat().st_size > _LOG_BYTES else os.O_APPEND
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | mode, 0o600), "ab")
