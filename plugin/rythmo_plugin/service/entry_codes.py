"""Codes that open the page once: what a browser is started with stands in the list of processes."""

from __future__ import annotations

import secrets
import threading
import time

LASTS_SECONDS = 120.0
_MAX_CODES = 100


class EntryCodes:
    """Codes that are good once, for two minutes. Safe over threads."""

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
        """Say whether the code is good, and let it be so no more."""
        with self._lock:
            return self._until.pop(code, 0.0) > time.monotonic()
