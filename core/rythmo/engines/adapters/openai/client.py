"""Shared parts of the engines that use OpenAI's protocol: the client, and the meaning of its errors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rythmo.engines.base import Missing
from rythmo.engines.remote.calls import Clock, Limits, Remote, Trouble, read_limits, read_retry_after
from rythmo.engines.remote.keys import find_key, missing_key, missing_package, require_key, variable_command
from rythmo.engines.remote.proxies import check_proxies, is_this_machine
from rythmo.errors import EngineMissingError

if TYPE_CHECKING:
    import openai

KEY = "OPENAI_API_KEY"
OPENAI_URL = "https://api.openai.com/v1"
LOCAL_KEY = "RYTHMO_LLM_KEY"
LOCAL_URL = "RYTHMO_LLM_URL"
_KEY_HINT = f"Check the key in {KEY}: it is wrong, expired, or doesn't permit this."


def missing_openai() -> tuple[Missing, ...]:
    """Return what is missing for OpenAI's own service: the package, a key."""
    return (*missing_package("openai", "openai"), *missing_key(KEY, "OpenAI"))


def missing_compatible(variable: str = LOCAL_URL) -> tuple[Missing, ...]:
    """Return what is missing for a compatible server: the package, its address."""
    address = Missing(
        "the address of a server", variable_command(variable, "http://127.0.0.1:11434/v1"), setting="base_url"
    )
    return (*missing_package("openai", "openai"), *(() if os.environ.get(variable) else (address,)))


def connect(
    settings: Mapping[str, Any], clock: Clock, limits: Limits | None = None
) -> tuple[openai.OpenAI, Remote]:
    """Return a client of OpenAI or of `base_url`, and the Remote that its calls go through.

    Raises EngineMissingError when there is no key.
    """
    return _connect(settings, require_key(KEY, "OpenAI").reveal(), "OpenAI", clock, limits)


def connect_compatible(
    settings: Mapping[str, Any], clock: Clock, limits: Limits | None = None, *, variable: str = LOCAL_URL
) -> tuple[openai.OpenAI, Remote]:
    """Return a client of the server that `base_url` or `variable` names, and its Remote.

    OpenAI's own key is never sent there. Raises EngineMissingError when there is no address.
    """
    url = settings.get("base_url") or os.environ.get(variable)
    if not url:
        raise EngineMissingError(
            "The openai-compatible engine needs the address of a server.",
            hint=f"For example: {variable_command(variable, 'http://127.0.0.1:11434/v1')}, "
            "or set `base_url`.",
        )
    key = find_key(LOCAL_KEY)
    # The SDK requires a key; servers that need none ignore it.
    return _connect(
        {**settings, "base_url": url}, key.reveal() if key else "none", f"The server at {url}", clock, limits
    )


def _connect(
    settings: Mapping[str, Any], key: str, service: str, clock: Clock, limits: Limits | None
) -> tuple[openai.OpenAI, Remote]:
    import openai

    url = settings.get("base_url") or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
    check_proxies(url, "httpx")
    own = openai.DefaultHttpxClient(trust_env=False) if is_this_machine(url) else None
    client = openai.OpenAI(api_key=key, base_url=url, max_retries=0, http_client=own)
    secrets = (key,) if len(key) >= 8 else ()
    remote = Remote(
        service,
        (openai.OpenAIError,),
        explain,
        _KEY_HINT,
        read_limits(settings, limits),
        secrets=secrets,
        clock=clock,
    )
    return client, remote


def explain(error: Exception, now: datetime) -> Trouble:
    """Return what an error of the SDK means for the next attempt."""
    import openai

    if isinstance(error, openai.APIStatusError):
        message = _said(error)
        # An exhausted quota has the same status as too many requests, but waiting does not help.
        retry = False if "insufficient_quota" in f"{error.code} {error.type}" else None
        return Trouble(message, error.status_code, read_retry_after(dict(error.response.headers), now), retry)
    if isinstance(error, openai.APITimeoutError):
        return Trouble("no answer in time")
    if isinstance(error, openai.APIConnectionError):
        return Trouble(f"no connection ({error.__cause__ or error})")
    return Trouble(str(error), retry=isinstance(error, openai.APIResponseValidationError))


def _said(error: openai.APIStatusError) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    return f"{error.status_code}, {body.get('message') or error.message}"
