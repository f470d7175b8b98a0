"""Signed addresses for media.

A player or a download link cannot send a header. So the address carries a ticket that is valid for this one
path for some hours.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass, field
from urllib.parse import quote

# Seconds. Tickets end at multiples of this, so that a file's address, and with it a player's cache, stays
# valid for hours.
_STEP = 6 * 3600
_PLAIN = re.compile(r"[A-Za-z0-9/._~-]*")


@dataclass(frozen=True, slots=True)
class UrlSigner:
    """Signs addresses with a key that is derived from the service's token."""

    token: str
    _key: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_key", hashlib.sha256(b"media\0" + self.token.encode()).digest())

    def address(self, path: str, version: str = "") -> str:
        """Return `path` (unquoted, from /) with a ticket. Pass a `version` that changes with the content."""
        ends = (int(time.time()) // _STEP + 2) * _STEP
        more = f"&v={quote(version)}" if version else ""
        # The lines of a film have thousands of addresses, none of which holds anything to quote.
        plain = path if _PLAIN.fullmatch(path) else quote(path)
        return f"{plain}?ticket={self._sign(path, ends)}.{ends}{more}"

    def opens(self, path: str, ticket: str) -> bool:
        """Return whether the ticket is for this path and still valid."""
        signature, _, ends = ticket.partition(".")
        if not (ends.isascii() and ends.isdigit() and len(ends) <= 12) or int(ends) < time.time():
            return False
        return hmac.compare_digest(signature.encode(), self._sign(path, int(ends)).encode())

    def _sign(self, path: str, ends: int) -> str:
        return hmac.digest(self._key, f"{ends}\0{path}".encode(), "sha256").hex()
