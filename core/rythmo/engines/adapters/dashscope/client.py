"""Shared parts of the engines of Alibaba's DashScope: the key, the region's address, and its errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from rythmo.engines.base import Missing
from rythmo.engines.remote.audio_response import call_checked
from rythmo.engines.remote.calls import (
    BadAnswerError,
    Clock,
    Limits,
    Remote,
    Trouble,
    read_limits,
    read_retry_after,
)
from rythmo.engines.remote.http import ERRORS as HTTP_ERRORS
from rythmo.engines.remote.http import check_url
from rythmo.engines.remote.http import explain_error as explain_http
from rythmo.engines.remote.keys import Key, missing_key, missing_package, require_key
from rythmo.engines.remote.proxies import bypass_proxies_locally, check_proxies

KEY = "DASHSCOPE_API_KEY"
INTERNATIONAL = "https://dashscope-intl.aliyuncs.com/api/v1"
_HINT = (
    f"Check the key in {KEY}: a mainland China key needs base_url = https://dashscope.aliyuncs.com/api/v1."
)


class DashScopeError(Exception):
    """A refusal by the service, which the SDK returns as an answer and not as an exception."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}, {code}: {message}")
        self.status = status
        self.code = code
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Account:
    """The address of the service's region, and the key for it."""

    url: str
    key: Key

    def options(self, timeout: float) -> dict[str, Any]:
        """Return the arguments that every call of the SDK takes; `timeout` is in seconds."""
        return {"api_key": self.key.reveal(), "base_address": self.url, "request_timeout": timeout}

    def headers(self) -> dict[str, str]:
        """Return the headers of an HTTP request made without the SDK."""
        return {"authorization": f"Bearer {self.key.reveal()}", "content-type": "application/json"}

    def socket(self) -> str:
        """Return the websocket address of the realtime voices, which is another path on the same server."""
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return f"{scheme}://{parts.netloc}/api-ws/v1/realtime"


def connect(settings: Mapping[str, Any], clock: Clock, limits: Limits) -> tuple[Account, Remote]:
    """Return the account, and the Remote that its calls go through.

    Raises EngineMissingError when there is no key.
    """
    key = require_key(KEY, "DashScope")
    import requests
    from dashscope.common.error import DashScopeException

    account = Account(check_url(str(settings.get("base_url") or INTERNATIONAL)), key)
    check_proxies(account.url, "requests")
    # The SDK makes its own sessions, and requests uses the proxy for 127.0.0.1 too.
    bypass_proxies_locally()
    errors = (DashScopeError, DashScopeException, requests.RequestException, *HTTP_ERRORS)
    remote = Remote(
        "DashScope",
        errors,
        explain_error,
        _HINT,
        read_limits(settings, limits),
        secrets=(key.reveal(),),
        clock=clock,
    )
    return account, remote


def call_sdk(function: Callable[..., Any], /, **arguments: Any) -> Any:
    """Call a function of the SDK and return the output of its answer.

    Raises DashScopeError, BadAnswerError, or an error of requests.
    """
    answer = call_checked(function, **arguments)
    status = getattr(answer, "status_code", None)
    if status is None:
        raise BadAnswerError("the answer has no status")
    if status != 200:
        raise DashScopeError(int(status), str(answer.code), str(answer.message), answer.headers)
    if not isinstance(answer.output, Mapping):
        raise BadAnswerError("the answer is empty")
    return answer.output


def explain_error(error: Exception, now: datetime) -> Trouble:
    """Return what an error of the SDK means for the next attempt."""
    import requests

    if isinstance(error, DashScopeError):
        spent = "Arrearage" in error.code or "AllocationQuota" in error.code
        wait = read_retry_after(error.headers, now)
        return Trouble(str(error), error.status, wait, retry=False if spent else None)
    if isinstance(error, requests.Timeout):
        return Trouble("no answer in time")
    # Errors of requests are OSErrors too, so they have to be tested before HTTP_ERRORS.
    if isinstance(error, requests.RequestException):
        return Trouble(f"no complete answer ({error})", retry=True)
    if isinstance(error, HTTP_ERRORS):
        return explain_http(error, now)
    return Trouble(str(error), retry=False)


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the package and a key."""
    return (*missing_package("dashscope", "dashscope"), *missing_key(KEY, "DashScope"))
