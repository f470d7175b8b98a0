"""The worker process: it reads orders as JSON lines on standard input and writes messages on its output.

It is a process of its own because a native library may block the interpreter for seconds, or crash, while the
service must go on answering. It runs one order at a time and keeps engines warm between orders.

When its input ends, the service has ended. The worker then starts nothing new. It waits for calls to remote
engines and stores their results, so that nothing is paid for twice. Then it ends, with every process it
started. Unfinished work of local engines is done again later.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import msgspec
from filelock import FileLock

from rythmo.dubbing.pipeline import NO_ENGINES
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.under_way import CALLS
from rythmo.errors import CancelledError, RythmoError
from rythmo.garbage_collection import exclude_live_objects
from rythmo.progress import CancelToken, Progress
from rythmo.script import store
from rythmo_plugin.service.packed_scripts import ScriptUnpacker
from rythmo_plugin.service.worker_protocol import Message, Order
from rythmo_plugin.service.worker_tasks import CRAFTS, SessionCache

DRAIN_SECONDS = 60.0
"""The longest wait for remote calls after the service has ended."""
STORE_SECONDS = 1.5
"""The time that is then left to store the results before the process is killed."""
_MANY_LINES = 100
_log = logging.getLogger("rythmo.worker")


@dataclass
class _Output:
    """The worker's output to the service: whole lines, from any thread."""

    file: IO[bytes]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, **message: Any) -> None:
        line = store.encode_json(message) + b"\n"
        # If the service has ended, nobody reads; the end of the input then ends the worker.
        with self.lock, contextlib.suppress(OSError, ValueError):
            self.file.write(line)
            self.file.flush()


@dataclass
class _OrderState:
    """The signals for the order under way: cancel it, or the service has ended."""

    cancel: CancelToken = field(default_factory=CancelToken)
    orphaned: threading.Event = field(default_factory=threading.Event)


def main(engines: Mapping[Kind, EngineSpec] = NO_ENGINES) -> None:
    """Work until the input ends. `engines` replace those that the settings name, for tests."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    wire = _Output(_private_output())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # control-C in the terminal is the service's to handle
    work, bench = _OrderState(), SessionCache(engines)
    orders = _Orders(work)
    threading.Thread(target=orders.read, args=(sys.stdin.buffer,), daemon=True).start()
    with _lane_lock():
        wire.say(event="ready")
        try:
            while (order := orders.next()) is not None:
                work.cancel = orders.token
                _run(order, work, bench, wire)
        finally:
            bench.close()
            if work.orphaned.is_set():
                _end_all()


def _lane_lock() -> contextlib.AbstractContextManager[object]:
    """Return the lock that allows one worker for each lane, also across restarts of the service.

    Taking it waits until a worker of the previous service has stored its results. The caller must keep a
    reference, because an unreferenced FileLock releases itself.
    """
    return (
        FileLock(sys.argv[-1], timeout=DRAIN_SECONDS + 30) if len(sys.argv) > 1 else contextlib.nullcontext()
    )


def _private_output() -> IO[bytes]:
    """Return a private copy of standard output, and send what libraries print to the log instead."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


class _Orders:
    """The queue of orders from the service. A cancellation takes effect at once."""

    def __init__(self, work: _OrderState) -> None:
        self._work = work
        self._changed = threading.Condition()
        self._waiting: list[Order] = []
        self._cancelled: set[str] = set()
        self._under_way: str | None = None
        self._ended = False
        self._unpacker = ScriptUnpacker()
        self.token = CancelToken()

    def next(self) -> Order | None:
        """Wait for the next order and return it, or None when the input has ended."""
        with self._changed:
            self._under_way = None
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if self._ended:
                return None
            order = self._waiting.pop(0)
            self._under_way, self.token = order.job, CancelToken()
            if order.job in self._cancelled:
                self.token.cancel()
            return order

    def read(self, source: IO[bytes]) -> None:
        """Read messages until the input ends. A service that is killed may leave half an order."""
        try:
            for line in source:
                try:
                    self._take(store.decode_json(line, Message))
                except msgspec.MsgspecError:
                    _log.warning("an order of %d bytes cannot be read", len(line))
        except (OSError, ValueError):
            _log.warning("the orders end in the middle", exc_info=True)
        finally:
            self._end()

    def _take(self, message: Message) -> None:
        if message.cancel is not None:
            self._cancel(message.cancel)
        elif message.order is not None:
            order = message.order
            if message.script is not None:
                order = msgspec.structs.replace(order, script=self._unpacker.unpack(message.script))
                if len(message.script.lines) > _MANY_LINES:
                    exclude_live_objects()
            with self._changed:
                self._waiting.append(order)
                self._changed.notify()

    def _cancel(self, job: str) -> None:
        with self._changed:
            self._cancelled.add(job)
            if job == self._under_way:
                self.token.cancel()

    def _end(self) -> None:
        self._work.orphaned.set()
        threading.Thread(target=_drain, daemon=True).start()
        with self._changed:
            self._ended = True
            self._changed.notify()


def _drain() -> None:
    """End the process once the results of paid calls are stored.

    The next worker of this lane waits for it.
    """
    CALLS.close()
    CALLS.wait(DRAIN_SECONDS)
    threading.Event().wait(STORE_SECONDS)
    _end_all()


def _end_all() -> None:
    """Kill this process and every process that it started."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _run(order: Order, work: _OrderState, bench: SessionCache, wire: _Output) -> None:
    def report(event: Progress) -> None:
        # Stop only between units of work. The cancel token would stop an engine in the middle of a paid call,
        # and so would raising at a report from within one (those have a float `done`).
        if work.orphaned.is_set() and isinstance(event.done, int):
            raise CancelledError("The service has ended.")
        wire.say(event="progress", job=order.job, progress=event)

    def say(**message: Any) -> None:
        wire.say(job=order.job, **message)

    try:
        result = CRAFTS[order.craft](order, bench, report, work.cancel, say)
        wire.say(event="done", job=order.job, result=result)
    except CancelledError:
        wire.say(event="cancelled", job=order.job)
    except RythmoError as error:
        wire.say(event="failed", job=order.job, message=error.message, hint=error.hint)
    except OSError as error:
        _log.exception("refused")
        wire.say(
            event="failed", job=order.job, message=f"The system reported: {error.strerror or error}.", hint=""
        )
    except Exception:  # noqa: BLE001 - process border: a defect of ours or of an engine, logged whole
        _log.exception("a defect")
        hint = "Please report it with the worker's log, in the folder `logs` of the service's folder."
        wire.say(event="failed", job=order.job, message="A defect in Rythmo stopped the job.", hint=hint)


if __name__ == "__main__":
    main()
