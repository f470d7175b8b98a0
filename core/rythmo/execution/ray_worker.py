"""The actor that runs calls on a machine of a Ray cluster. It needs no import of Ray itself."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from rythmo.errors import RythmoError
from rythmo.execution.calls import Session
from rythmo.progress import CancelToken, Progress

_LONELY_S = 900.0
_TICK_S = 1.0


class RayWorker:
    """Keeps a session open, and runs calls in it. Ray calls its methods from several threads.

    A call that is running already is not begun again: whoever asks for the same key waits for the same
    result. So a job that was killed and started again pays for no request twice.
    """

    def __init__(
        self, open_session: Callable[[], Session], keys_file: str = "", *, detached: bool = False
    ) -> None:
        _read_keys(keys_file)
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
        """Close the engines once no call is running. Requests under way are paid for: they are waited for."""
        self._retired = True
        while self._running and self._retired:
            time.sleep(_TICK_S / 10)
        if self._retired and self._failed is None:
            self._session.close()

    def _end_when_lonely(self) -> None:
        """End the process when nobody has asked for anything for a quarter of an hour."""
        while True:
            time.sleep(_TICK_S)
            if not self._running and time.monotonic() - self._last_heard > _LONELY_S:
                with suppress(Exception):
                    self._session.close()
                os._exit(0)


def _read_keys(file: str) -> None:
    """Take the keys of services from a file that only its owner can read, and delete it."""
    if file:
        path = Path(file)
        with suppress(FileNotFoundError):
            os.environ.update(json.loads(path.read_text(encoding="utf-8")))
            path.unlink()


def write_keys(folder: Path) -> str:
    """Write this process's keys and addresses of services to a new file, for the process that calls them.

    They never travel through the cluster. Returns the file's path.
    """
    kept = {name: value for name, value in os.environ.items() if _is_for_services(name)}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"calls-{secrets.token_hex(8)}.json"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file)
    return str(path)


_ENDINGS = ("_KEY", "_TOKEN", "_REGION", "_ENDPOINT", "_URL", "_PROXY", "_proxy", "_PROJECT", "_CREDENTIALS")


def _is_for_services(name: str) -> bool:
    return name.startswith("RYTHMO_") or name.endswith(_ENDINGS)
