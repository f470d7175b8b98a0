"""A count of the calls to remote services that are in progress in this process.

Code that is about to end the process waits for them, because their answers are paid for. Everything else can
be made again from what is stored.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rythmo.errors import CancelledError


class CallsUnderWay:
    """A thread-safe count of calls, with a gate that lets no new call begin once it is closed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._closed = False

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count one call. Raises CancelledError when the gate is closed."""
        with self._changed:
            if self._closed:
                raise CancelledError("No new request is sent, because the work is being stopped.")
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let no new call begin."""
        with self._changed:
            self._closed = True

    def wait(self, seconds: float) -> bool:
        """Wait until no call is in progress; return False if some still are after that time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, seconds)


CALLS = CallsUnderWay()
"""The calls of this process."""
