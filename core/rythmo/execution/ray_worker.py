"""The actor that runs calls on a machine of a Ray cluster. It needs no import of Ray itself."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from rythmo.errors import RythmoError
from rythmo.execution.calls import Session
from rythmo.execution.key_handover import Ticket, take_keys
from rythmo.progress import CancelToken, Progress

_LONELY_S = 900.0
_TICK_S = 1.0


class RayWorker:
    """Keeps a session open, and runs calls in it. Ray calls its methods from several threads.

    A call that is running already is not begun again: whoever asks for the same key waits for the same
    result. So a job that was killed and started again pays for no request twice.
    """

    def __init__(
        self, open_session: Callable[[], Session], ticket: Ticket | None = None, *, detached: bool = False
    ) -> None:
        if ticket is not None:
            take_keys(ticket)
        self._failed: RythmoError | None = None
        self._lock = threading.Lock()
        self._running: dict[str, tuple[Future[bytes], CancelToken, list[Progress]]] = {}
        self._retired = False
        self._last_heard = time.monotonic()
        try:
            self._session = open_session()
        except RythmoError as error:
            self._failed = error
        if detached:
            threading.Thread(target=self._end_when_lonely, daemon=True).start()

    def describe(self) -> tuple[str, RythmoError | None]:
        """Return the place of this worker, or the error with which its session could not be opened."""
        self._last_heard, self._retired = time.monotonic(), False
        return ("", self._failed) if self._failed else (self._session.place, None)

    def run(self, key: str, call: bytes) -> bytes:
        """Carry out a packed call and return its packed answer, or wait for the one that is under way."""
        with self._lock:
            self._last_heard = time.monotonic()
            under_way = self._running.get(key)
            if under_way is None:
                mine: Future[bytes] = Future()
                cancel, events = CancelToken(), list[Progress]()
                self._running[key] = mine, cancel, events
        if under_way is not None:
            return under_way[0].result()
        try:
            answer = self._session.run(call, cancel=cancel, report=events.append)
            mine.set_result(answer)
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                self._running.pop(key, None)
                self._last_heard = time.monotonic()
        return answer

    def take_progress(self, key: str) -> list[Progress]:
        """Return what a running call reported since the last time."""
        self._last_heard = time.monotonic()
        with self._lock:
            under_way = self._running.get(key)
        if under_way is None:
            return []
        events = under_way[2]
        taken = events[:]
        del events[: len(taken)]
        return taken[-1:]

    def stop(self, key: str) -> None:
        """Cancel a running call."""
        with self._lock:
            under_way = self._running.get(key)
        if under_way is not None:
            under_way[1].cancel()

    def close(self) -> None:
        """Close the engines once no call is running, and end. Requests under way are waited for."""
        self._retired = True
        while self._running and self._retired:
            time.sleep(_TICK_S / 10)
        if self._retired:
            if self._failed is None:
                self._session.close()
            threading.Timer(_TICK_S, os._exit, (0,)).start()  # after Ray has sent this call's answer

    def _end_when_lonely(self) -> None:
        """End the process when nobody has asked for anything for a quarter of an hour."""
        while True:
            time.sleep(_TICK_S)
            if not self._running and time.monotonic() - self._last_heard > _LONELY_S:
                with suppress(Exception):
                    self._session.close()
                os._exit(0)
