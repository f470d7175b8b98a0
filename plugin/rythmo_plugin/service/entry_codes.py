"""Single-use codes that open the page.

Other users can read a browser's command line in the list of processes, so it must not contain the token.
"""

from __future__ import annotations

import secrets
import threading
import time

LASTS_SECONDS = 120.0
_MAX_CODES = 100


class EntryCodes:
    """Codes that are valid once, for two minutes. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def make(self) -> str:
        """Make a code: 128 random bits."""
        code = secrets.token_urlsafe(16)
        with self._lock:
            now = time.monotonic()
            living = {one: until for one, until in self._until.items() if until > now}
            self._until = {**dict(list(living.items())[-_MAX_CODES:]), code: now + LASTS_SECONDS}
        return code

    def use(self, code: str) -> bool:
        """Return whether the code is valid, and invalidate it."""
        with self._lock:
            return self._until.pop(code, 0.0) > time.monotonic()
