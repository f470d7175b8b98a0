"""The connection to sync.so: its SDK, the uploads that the SDK has no call for, and their deletion."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from rythmo.engines.remote import http
from rythmo.engines.remote.audio_response import call_checked
from rythmo.engines.remote.calls import BadAnswerError, Clock, Limits, Remote, Trouble
from rythmo.engines.remote.keys import require_key
from rythmo.engines.remote.proxies import check_proxies, is_this_machine
from rythmo.errors import EngineFailedError
from rythmo.progress import CancelToken

if TYPE_CHECKING:
    import httpx
    from sync import Sync

T = TypeVar("T")
KEY = "SYNC_API_KEY"
SERVER = "https://api.sync.so"
_FILES = {"VIDEO": ("crop.mp4", "video/mp4"), "AUDIO": ("take.wav", "audio/wav")}
_log = logging.getLogger(__name__)


@dataclass
class Account:
    """The user's account: the SDK's client, plain HTTP beside it, and the uploads to be deleted there."""

    client: Sync
    web: httpx.Client
    server: str
    key: str = field(repr=False)
    uploads: list[str] = field(default_factory=list)

    def upload(self, kind: str, data: bytes, remote: Remote, cancel: CancelToken) -> str:
        """Put a file (kind VIDEO or AUDIO) into the account's library and return its id there.

        The service does that in three steps, so that a generation that is tried again needs no new upload.
        Reference: https://sync.so/docs/developer-guides/asset-uploads
        """
        name, content = _FILES[kind]
        wanted = {"fileName": name, "contentType": content, "size": len(data)}
        place = remote.call(
            lambda timeout: self._post("v2/assets/upload", wanted, ("uploadUrl", "url"), timeout),
            what="take a file",
            cancel=cancel,
        )
        target = http.check_url(place["uploadUrl"])
        remote.call(
            # The address carries its own permission; the key is not sent there.
            lambda timeout: self.web.put(
                target, content=data, headers={"content-type": content}, timeout=timeout
            ),
            what="store a file",
            cancel=cancel,
        )
        entry = {"url": place["url"], "type": kind, "name": name, "visibility": "USER"}
        asset = remote.call(
            lambda timeout: self._post("v2/assets", entry, ("id",), timeout),
            what="register a file",
            cancel=cancel,
        )
        self.uploads.append(asset["id"])
        return asset["id"]

    def _post(
        self, path: str, body: Mapping[str, Any], wanted: tuple[str, ...], timeout: float
    ) -> Mapping[str, str]:
        answer = self.web.post(
            f"{self.server}/{path}", json=dict(body), headers={"x-api-key": self.key}, timeout=timeout
        )
        try:
            found = answer.json()
        except ValueError as error:
            raise BadAnswerError("the answer is not valid JSON") from error
        for name in wanted:
            if not isinstance(found, dict) or not isinstance(found.get(name), str):
                raise BadAnswerError(f"the answer has no {name}")
        return {name: found[name] for name in wanted}

    def fetch(self, address: str, timeout: float) -> bytes:
        """Return the file at an address of the service's store."""
        return self.web.get(address, timeout=timeout, follow_redirects=True).content

    def close(self, remote: Remote) -> None:
        """Delete all uploads. Those that cannot be deleted are named in the log."""
        while self.uploads and not self.web.is_closed:
            upload = self.uploads[-1]
            try:
                remote.call(lambda timeout, one=upload: self._delete(one, timeout), what="delete a file")  # type: ignore[misc]  # a default binds the loop's value
            except EngineFailedError as error:
                _log.warning("Files still in your library at sync.so: %s. %s", ", ".join(self.uploads), error)
                break
            self.uploads.pop()
        self.web.close()

    def _delete(self, upload: str, timeout: float) -> None:
        url = f"{self.server}/v2/assets/{upload}"
        try:
            self.web.delete(url, headers={"x-api-key": self.key}, timeout=timeout)
        except http.StatusError as error:
            if error.status != 404:
                raise


def connect(base_url: str, limits: Limits, clock: Clock) -> tuple[Account, Remote]:
    """Return the account and its caller. Raises EngineMissingError without a key in SYNC_API_KEY."""
    key = require_key(KEY, "sync.so").reveal()
    import httpx
    from sync import Sync
    from sync.core.api_error import ApiError

    server = http.check_url(base_url or SERVER)
    check_proxies(server, "httpx")
    web = httpx.Client(trust_env=not is_this_machine(server), event_hooks={"response": [_raise_status]})
    remote = Remote(
        "sync.so",
        (ApiError, httpx.HTTPError, http.StatusError),
        explain_error,
        f"Check the key in {KEY}, and that your plan has the API.",
        limits,
        secrets=(key,),
        clock=clock,
    )
    return Account(Sync(api_key=key, base_url=server, httpx_client=web), web, server, key), remote


def call_sdk(function: Callable[..., T], /, *given: Any, **named: Any) -> T:
    """Call a function of the SDK. Raises BadAnswerError when it fails on an answer it did not expect."""
    try:
        return call_checked(function, *given, **named)
    except ValueError as error:
        raise BadAnswerError(f"the answer makes no sense ({error})") from error


def read_text(answer: Any, name: str) -> str:
    """Return a field of the SDK's answer. Raises BadAnswerError when it is missing or no text."""
    # For a malformed answer of status 200 the SDK returns an object without its fields.
    value = getattr(answer, name, None)
    if not isinstance(value, str) or not value:
        raise BadAnswerError(f"the answer has no {name}")
    return value


def sdk_options(timeout: float) -> dict[str, Any]:
    """Return the options of one request. The SDK's own retries are off: see remote/calls.py."""
    return {"max_retries": 0, "timeout_in_seconds": timeout}


def _raise_status(answer: httpx.Response) -> None:
    """Raise StatusError for a refusal. The SDK's exceptions lose the headers, and Retry-After with them."""
    if answer.status_code >= 400:
        body = answer.read()
        raise http.StatusError(answer.status_code, dict(answer.headers), body)


def explain_error(error: Exception, now: datetime) -> Trouble:
    """Return what an error of the client means for the next attempt."""
    import httpx

    if isinstance(error, http.StatusError):
        return http.explain_error(error, now)
    if isinstance(error, httpx.TimeoutException):
        return Trouble("no answer in time")
    if isinstance(error, httpx.HTTPError):
        return Trouble(f"no connection ({error})")
    return Trouble("the answer is not valid", retry=True)
