"""The progress of a download of several files, reported as one, and its cancellation."""

from __future__ import annotations

import threading
import time

from rythmo.errors import CancelledError
from rythmo.progress import CancelToken, Progress, Report

STAGE = "models"
_TELL_EVERY_S = 0.2


class Transfer:
    """A thread-safe count of bytes over all files of a call, which reports progress."""

    def __init__(self, total_bytes: int, report: Report, cancel: CancelToken) -> None:
        self._total = max(1, total_bytes)
        self._report = report
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()
        self._told = 0.0
        self._name = ""
        self.cancel = cancel
        self.token = _EitherToken(cancel)

    def begin(self, name: str) -> None:
        """Set the name that is shown from now on."""
        self._name = name
        self._tell()

    def set(self, key: str, size: int) -> None:
        """Set how many bytes of a file are on the disk."""
        with self._lock:
            self._sizes[key] = size
            due = time.monotonic() - self._told >= _TELL_EVERY_S
        if due:
            self._tell()

    def add(self, key: str, size: int) -> None:
        """Count a file that was already there."""
        self.set(key, size)

    def stop(self) -> None:
        """Stop the running downloads at their next block."""
        self.token.cancel()

    def finish(self) -> None:
        """Report that everything is installed."""
        self._report(Progress(STAGE, 1.0, 1.0, "installed"))

    def _tell(self) -> None:
        with self._lock:
            self._told = time.monotonic()
            done = sum(self._sizes.values())
        detail = f"{self._name}: {done / 1e6:.0f} of {self._total / 1e6:.0f} MB"
        # The last percent is left for the hashes and the rename after the download.
        self._report(Progress(STAGE, min(done, 0.99 * self._total), float(self._total), detail))


class _EitherToken(CancelToken):
    """A token that is cancelled by itself or by the caller's token."""

    def __init__(self, outer: CancelToken) -> None:
        super().__init__()
        self._outer = outer

    @property
    def is_cancelled(self) -> bool:
        """Whether either token is cancelled."""
        return super().is_cancelled or self._outer.is_cancelled

    def check(self) -> None:
        """Raise CancelledError if either token is cancelled."""
        if self.is_cancelled:
            raise CancelledError(
                "The download was stopped.", hint="Run the same command again to continue from here."
            )
