"""Count the calls to somebody else's machine that are under way in this process.

Whoever is about to end the process waits for them: their answers are paid for. Everything else is made again
from what was stored.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rythmo.errors import CancelledError


class CallsUnderWay:
    """A count, and a gate that lets no new call begin once it is closed. Safe over threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._closed = False

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count one call. Raises CancelledError when the gate is closed."""
        with self._changed:
            if self._closed:
                raise CancelledError("Nothing new is asked for: the work is ending.")
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
        """Wait until no call is under way; False when some still are after that time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, seconds)


CALLS = CallsUnderWay()
"""Those of this process."""
