"""Single HTTP requests with the standard library, for services that need no SDK."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from rythmo.engines.remote.calls import BadAnswerError, Trouble, read_retry_after
from rythmo.errors import UsageError

_LARGEST = 256 << 20


class StatusError(Exception):
    """The server answered with a status that means an error."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.headers = headers
        self.body = body


ERRORS: tuple[type[Exception], ...] = (StatusError, OSError, HTTPException)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a status of 200 to 299; header names are in lower case."""

    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON. Raises BadAnswerError."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise BadAnswerError("the answer is not valid JSON") from error


def send_request(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float,
    largest: int = _LARGEST,
) -> Answer:
    """Send one HTTP request and return its answer. No redirect is followed, and no proxy is used.

    Args:
        method: The HTTP method.
        url: The address.
        body: The request's body.
        headers: The request's headers.
        timeout: Seconds to wait for each step of the connection.
        largest: How many bytes of an answer are read.

    Raises StatusError for a status outside 200 to 299, OSError or HTTPException for a failed connection.
    """
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path or "/", body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        data = response.read(largest)
        got = {name.lower(): value for name, value in response.getheaders()}
        # `read(n)` doesn't raise IncompleteRead for a truncated body.
        length = got.get("content-length", "")
        if length.isdigit() and len(data) < int(length):
            raise HTTPException("the connection closed in the middle of the answer")
        if not 200 <= response.status < 300:
            raise StatusError(response.status, got, data)
        return Answer(got, data)
    finally:
        connection.close()


def check_url(url: str) -> str:
    """Return the address without a trailing slash. Raises UsageError when it is not an http(s) address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is not a web address.", hint="Write it like this: http://127.0.0.1:8765.")
    return url.rstrip("/")


def explain_error(error: Exception, now: datetime) -> Trouble:
    """Return what an error of `send_request` means for the next attempt."""
    if isinstance(error, StatusError):
        return Trouble(f"{error.status}, {_said(error)}", error.status, read_retry_after(error.headers, now))
    if isinstance(error, TimeoutError):
        return Trouble("no answer in time")
    return Trouble(f"no connection ({error})")


def _said(error: StatusError) -> str:
    try:
        body = json.loads(error.body)
    except ValueError:
        return error.body[:200].decode("utf-8", "replace")
    said = body.get("error", body.get("message", body)) if isinstance(body, dict) else body
    return str(said.get("message", said) if isinstance(said, dict) else said)
