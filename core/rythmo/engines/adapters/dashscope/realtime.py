"""Speech of Qwen-TTS's realtime voices, one line at a time, over a websocket.

The SDK's QwenTtsRealtime writes the client's messages. Its reading side is not used: it runs in a thread
without a deadline, waits five seconds for a connection, and doesn't report why a connection was refused.
Reference: https://www.alibabacloud.com/help/en/model-studio/qwen-tts-realtime-server-events
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import websocket
from dashscope.audio.qwen_tts_realtime import QwenTtsRealtime

from rythmo.engines.adapters.dashscope.client import Account, DashScopeError
from rythmo.engines.remote.calls import BadAnswerError

RATE = 24_000
# Parts of error codes that mean the request would be refused again; anything else may succeed later.
_REFUSED = ("invalid", "unsupported", "denied", "notfound", "not_found")
_KEY = ("apikey", "api_key", "unauthorized")


def stream_line(
    account: Account, *, model: str, voice: str, text: str, language: str, instructions: str, timeout: float
) -> bytes:
    """Speak one line and return its samples: mono, 16-bit little-endian, at RATE.

    Args:
        account: The address and key.
        model: A realtime model of Qwen-TTS.
        voice: The id of a stock voice or a clone.
        text: The line.
        language: Its language as an English word, such as "French".
        instructions: A direction, or "".
        timeout: Seconds after which to give up.

    Raises DashScopeError, BadAnswerError, or an OSError when there is no answer within `timeout`.
    """
    end = time.monotonic() + timeout
    session: Any = QwenTtsRealtime(model, url=account.socket())
    session.apikey = account.key.reveal()
    connection = _connect(session, timeout)
    try:
        # The SDK's writing methods need only these two attributes of its WebSocketApp.
        session.ws = SimpleNamespace(sock=connection, send=connection.send)
        session.update_session(
            voice=voice, language_type=language, mode="server_commit", instructions=instructions or None
        )
        session.append_text(text)
        session.finish()
        return b"".join(_sound(connection, end))
    except websocket.WebSocketTimeoutException as error:
        raise TimeoutError("no answer in time") from error
    except websocket.WebSocketException as error:
        raise BadAnswerError(f"the connection broke in the middle of a line ({error})") from error
    finally:
        # Not `close`, which waits for the server's closing message.
        connection.shutdown()


def _connect(session: Any, timeout: float) -> Any:
    try:
        return websocket.create_connection(
            session.url,
            timeout=timeout,
            header=session._get_websocket_header(),  # noqa: SLF001 - the SDK calls it the same way
        )
    except websocket.WebSocketBadStatusException as error:
        said = (error.resp_body or b"").decode("utf-8", "replace")[:200]
        if error.status_code < 400:
            raise BadAnswerError(f"there is no websocket ({error.status_code}, {said})") from error
        raise DashScopeError(error.status_code, "refused", said, error.resp_headers) from error
    except websocket.WebSocketTimeoutException as error:
        raise TimeoutError("no answer in time") from error
    except websocket.WebSocketException as error:
        raise BadAnswerError(f"there is no connection ({error})") from error


def _sound(connection: Any, end: float) -> Iterator[bytes]:
    """Yield the pieces of audio until the server reports that the session is finished."""
    while True:
        connection.settimeout(max(0.001, end - time.monotonic()))
        event = _event(connection.recv())
        kind = event.get("type")
        if kind == "response.audio.delta":
            yield _samples(event.get("delta"))
        elif kind == "error":
            raise _refusal(event.get("error"))
        elif kind == "session.finished":
            return


def _event(message: Any) -> Mapping[str, Any]:
    # The library returns an empty message when the server has closed the connection.
    if not message:
        raise BadAnswerError("the connection closed in the middle of the answer")
    try:
        event = json.loads(message)
    except ValueError as error:
        raise BadAnswerError("an event is not valid JSON") from error
    if not isinstance(event, Mapping):
        raise BadAnswerError("an event is not a JSON object")
    return event


def _samples(delta: Any) -> bytes:
    try:
        return base64.b64decode(delta, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise BadAnswerError("a piece of audio is damaged") from error


def _refusal(error: Any) -> DashScopeError:
    fields = error if isinstance(error, Mapping) else {}
    code, message = str(fields.get("code", "")), str(fields.get("message", error))
    plain = code.lower()
    if any(word in plain for word in _KEY):
        status = 401
    elif "throttl" in plain or "rate" in plain:
        status = 429
    else:
        status = 400 if any(word in plain for word in _REFUSED) else 500
    return DashScopeError(status, code, message)
