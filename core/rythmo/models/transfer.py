"""How far a download of several files is, told as one Progress event, and how it is stopped."""

from __future__ import annotations

import threading
import time

from rythmo.errors import CancelledError
from rythmo.progress import CancelToken, Progress, Report

STAGE = "models"
_TELL_EVERY_S = 0.2


class Transfer:
    """Counts bytes over all files of a call; safe over threads."""

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
        """What is shown from now on."""
        self._name = name
        self._tell()

    def set(self, key: str, size: int) -> None:
        """So much of a file is on the disk now."""
        with self._lock:
            self._sizes[key] = size
            due = time.monotonic() - self._told >= _TELL_EVERY_S
        if due:
            self._tell()

    def add(self, key: str, size: int) -> None:
        """A file that was there already."""
        self.set(key, size)

    def stop(self) -> None:
        """Let the downloads under way end at their next block."""
        self.token.cancel()

    def finish(self) -> None:
        """Everything is there."""
        self._report(Progress(STAGE, 1.0, 1.0, "all there"))

    def _tell(self) -> None:
        with self._lock:
            self._told = time.monotonic()
            done = sum(self._sizes.values())
        detail = f"{self._name}: {done / 1e6:.0f} of {self._total / 1e6:.0f} MB"
        # The last percent is what comes after the download: hashes, and the rename.
        self._report(Progress(STAGE, min(done, 0.99 * self._total), float(self._total), detail))


class _EitherToken(CancelToken):
    """Is cancelled by the caller's token or by its own."""

    def __init__(self, outer: CancelToken) -> None:
        super().__init__()
        self._outer = outer

    @property
    def cancelled(self) -> bool:
        """Whether either was asked to stop."""
        return super().cancelled or self._outer.cancelled

    def check(self) -> None:
        """Raise CancelledError if either was asked to stop."""
        if self.cancelled:
            raise CancelledError(
                "The download was stopped.", hint="Run the same command again to go on from here."
            )
