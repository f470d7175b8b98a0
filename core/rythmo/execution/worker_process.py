"""A worker process of this machine: the end that gives orders, and the process itself."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from rythmo.errors import EngineFailedError, RythmoError
from rythmo.execution.calls import Session
from rythmo.progress import CancelToken, Report, ignore_progress

OpenSession = Callable[[int], Session]
"""Opens the session of the worker with that number. A function of a module, or a partial of one."""
_TICK_S = 0.2
_START_S = 120.0
_CANCEL_S = 5.0
_FAREWELL_S = 2.0


class WorkerLostError(Exception):
    """The process ended, or broke the protocol."""


class WorkerProcess:
    """One process, used by one thread at a time."""

    def __init__(self, number: int, open_session: OpenSession, cancel: CancelToken) -> None:
        """Start the process and wait until its session is open.

        Raises what opening it raises, CancelledError, and EngineFailedError when it cannot start.
        """
        self.number, self.affinity, self.place = number, "", ""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, open_session, number), name=f"rythmo-worker-{number}", daemon=True
        )
        self._process.start()
        theirs.close()
        try:
            self.place = str(self._wait(cancel, _START_S))
        except WorkerLostError as error:
            self.kill()
            raise EngineFailedError(
                f"A worker process cannot start: {error}.",
                hint="Use fewer processes (--workers), or --executor local.",
            ) from error
        except BaseException:
            self.kill()
            raise

    def ask(self, call: bytes, report: Report, cancel: CancelToken) -> bytes:
        """Send one call and wait for its answer. Raises WorkerLostError and CancelledError."""
        try:
            self._pipe.send(("run", call))
        except (OSError, ValueError) as error:
            raise WorkerLostError(self._describe_end()) from error
        answer: bytes = self._wait(cancel, None, report)
        return answer

    def _wait(self, cancel: CancelToken, seconds: float | None, report: Report = ignore_progress) -> Any:
        """Wait for the answer and pass on progress. After a cancel the process has some seconds to stop."""
        end = time.monotonic() + seconds if seconds is not None else float("inf")
        asked_to_stop = False
        while (message := self._receive()) is None or message[0] == "progress":
            if message is not None:
                report(message[1])
            if time.monotonic() > end:
                cancel.check()
                raise WorkerLostError("it did not answer in time")
            if cancel.is_cancelled and not asked_to_stop:
                asked_to_stop, end = True, time.monotonic() + _CANCEL_S
                self._send("cancel")
        if message[0] == "failed":
            raise message[1]
        return message[1]

    def _receive(self) -> tuple[str, Any] | None:
        """Return the next message, or None when there is none for a moment."""
        try:
            if not self._pipe.poll(_TICK_S):
                return None
            message: tuple[str, Any] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerLostError(self._describe_end()) from error
        return message

    def _send(self, what: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._pipe.send((what, None))

    def _describe_end(self) -> str:
        self._process.join(_FAREWELL_S)
        code = self._process.exitcode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"the process was ended by {signal.Signals(-code).name}"
        return f"the process ended with code {code}"

    def dismiss(self) -> None:
        """Ask the process to end."""
        self._send("end")

    def kill(self, patience_s: float = 0.0) -> None:
        """Wait for the process to end, and kill it when it does not."""
        self._process.join(patience_s)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()


def _serve(pipe: Connection, open_session: OpenSession, number: int) -> None:
    """Run a worker process until it is told to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Control-C reaches the whole group; the job decides
    line = _Line(pipe)
    try:
        session = open_session(number)
    except RythmoError as error:
        line.say("failed", error)
        return
    line.say("ready", session.place)
    while (order := line.orders.get()) is not None:
        packed, cancel = order
        line.say("done", session.run(packed, cancel=cancel, report=lambda event: line.say("progress", event)))
    session.close()


class _Line:
    """A worker's end of the pipe. A thread reads it, so that a cancel is heard during work."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._lock = pipe, threading.Lock()
        self._cancel = CancelToken()
        self.orders: queue.SimpleQueue[tuple[bytes, CancelToken] | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def say(self, what: str, value: Any) -> None:
        """Send a message."""
        with self._lock:
            self._pipe.send((what, value))

    def _read(self) -> None:
        while True:
            try:
                what, value = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(1)  # whoever started this process has ended
            if what == "cancel":
                self._cancel.cancel()
            elif what == "end":
                self.orders.put(None)
                return
            else:
                self._cancel = CancelToken()
                self.orders.put((value, self._cancel))
