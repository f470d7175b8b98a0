"""Child processes that answer one request at a time, with a line of JSON and then bytes.

They are for engines that must not run in this process because of their licence, their crashes or their
library versions. A worker that dies or stalls is ended and reported. `WorkerPool` retries once.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import IO, Any

from rythmo.errors import EngineFailedError

_INHERITED = (
    "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR",
    "LOCALAPPDATA", "USERPROFILE",
)  # fmt: skip
_START_SECONDS = 20.0
_FAREWELL_SECONDS = 1.0
_LONGEST_HEADER = 1 << 16
_NO_WINDOW = 0x08000000 if sys.platform == "win32" else 0

Answer = tuple[dict[str, Any], bytes]


class WorkerLostError(Exception):
    """The process died, stalled, or broke the protocol."""


def minimal_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables that a child process needs, so that keys and tokens aren't passed on to it."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, **(extra or {})}


class Worker:
    """One child process, for use by one thread at a time; `WorkerPool` serves several threads."""

    def __init__(self, command: Sequence[str], *, name: str, start_seconds: float = _START_SECONDS) -> None:
        """Start the process and wait until it is ready. Raises EngineFailedError when it cannot start."""
        self._name = name
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own worker, no shell
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=minimal_environment(),
                creationflags=_NO_WINDOW,
            )
        except OSError as error:
            raise EngineFailedError(f"The process of {name} cannot start: {error}.") from error
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdin: IO[bytes] = self._process.stdin
        self._answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        # Pipes have no timeout on Windows, so a thread reads them and the caller waits on a queue.
        reader = threading.Thread(target=_read, args=(self._process.stdout, self._answers), daemon=True)
        reader.start()
        self.close = weakref.finalize(self, _end, self._process, reader)
        """End the process and wait for it; this also happens at garbage collection and when Python exits."""
        self._greet(start_seconds)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def ask(self, request: Mapping[str, Any], *, seconds: float) -> Answer:
        """Send one request and wait at most `seconds` for its answer.

        Raises WorkerLostError when there is none; the worker has ended then.
        """
        try:
            self._stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._stdin.flush()
        except (OSError, ValueError) as error:
            self.close()
            raise WorkerLostError(f"{self._name}'s process has ended") from error
        return self._wait(seconds)

    def _wait(self, seconds: float) -> Answer:
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.close()
            raise WorkerLostError(f"{self._name} gave no answer within {seconds:.0f} s") from None
        if answer is None:
            self.close()
            raise WorkerLostError(f"{self._name}'s process ended (code {self._process.returncode})")
        return answer

    def _greet(self, seconds: float) -> None:
        try:
            header, _ = self._wait(seconds)
        except WorkerLostError as error:
            raise EngineFailedError(f"{self._name} cannot start: {error}.") from error
        if not header.get("ready"):
            self.close()
            raise EngineFailedError(f"{self._name} cannot start: {header.get('error', 'no reason given')}.")


def _read(stdout: IO[bytes], answers: queue.SimpleQueue[Answer | None]) -> None:
    with contextlib.suppress(OSError, ValueError), stdout:
        while line := stdout.readline(_LONGEST_HEADER):
            header = json.loads(line)
            size = header.get("bytes", 0) if isinstance(header, dict) else -1
            if not isinstance(size, int) or size < 0:
                break
            body = stdout.read(size) if size else b""
            if len(body) != size:
                break
            answers.put((header, body))
    answers.put(None)


def _end(process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
    """End a process by closing its stdin, or kill it if it doesn't react, and wait for it."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    reader.join(_FAREWELL_SECONDS)


class WorkerPool:
    """At most `size` workers, each started when first needed. Thread-safe."""

    def __init__(self, command: Sequence[str], *, name: str, size: int) -> None:
        self._command, self._name = tuple(command), name
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._closed = False

    def ask(self, request: Mapping[str, Any], *, seconds: float) -> Answer:
        """Send one request to a free worker; if that worker is lost, try once more with a new one.

        Raises EngineFailedError when the second worker is lost too, or when the answer is an error.
        """
        with self._slots:
            try:
                header, body = self._try(request, seconds, fresh=False)
            except WorkerLostError:
                header, body = self._try_again(request, seconds)
        if "error" in header:
            raise EngineFailedError(f"{self._name}: {header['error']}.")
        return header, body

    def _try_again(self, request: Mapping[str, Any], seconds: float) -> Answer:
        try:
            return self._try(request, seconds, fresh=True)
        except WorkerLostError as error:
            raise EngineFailedError(
                f"{self._name} failed twice on the same line: {error}.",
                hint="Change the line's text, or use another engine.",
            ) from error

    def _try(self, request: Mapping[str, Any], seconds: float, *, fresh: bool) -> Answer:
        worker = self._take(fresh=fresh)
        try:
            answer = worker.ask(request, seconds=seconds)
        except WorkerLostError:
            self._drop(worker)
            raise
        self._give_back(worker)
        return answer

    def _take(self, *, fresh: bool) -> Worker:
        with self._lock:
            self._require_open()
            worker = self._idle.pop() if self._idle and not fresh else None
        worker = worker or Worker(self._command, name=self._name)
        with self._lock:
            self._busy.add(worker)
        return worker

    def _require_open(self) -> None:
        if self._closed:
            raise EngineFailedError(f"{self._name} was closed.", hint="Create a new engine.")

    def _drop(self, worker: Worker) -> None:
        worker.close()
        with self._lock:
            self._busy.discard(worker)

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
            if not self._closed:
                self._idle.append(worker)
                return
        worker.close()

    def rest(self) -> None:
        """End the workers that have nothing to do; the next request starts one again."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.close()

    def close(self) -> None:
        """End all workers; requests in progress fail."""
        with self._lock:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.close()
