"""A connection to Pro Tools: one call at a time, each with a deadline.

A message box in Pro Tools leaves a call unanswered for as long as it is open, so no call waits without a
deadline. After one that was not answered it is unknown whether Pro Tools carried it out: the caller reads the
session back before it goes on.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from rythmo.errors import HostError, HostRefusedError, HostSilentError, UsageError
from rythmo_plugin.hosts.protools.commands import LEAST_VERSION, Command, deadline_of
from rythmo_plugin.hosts.protools.envelope import METHOD, message_class
from rythmo_plugin.hosts.protools.newer_names import OUTDATED, use_newer_names

PORT = 31416
"""Where Pro Tools listens, on loopback only."""
PORT_VARIABLE = "RYTHMO_PROTOOLS_PORT"
NO_SESSION = 106
UNSUPPORTED = 133
TOO_LONG = 136
_BUSY = {134, 138}  # the host is not ready, the host is busy
_WRONG_VERSION = 401
# What py-ptsl 601.1.0 sends too, which users run with Pro Tools 2026.4.
_HEADER_VERSION = 5
_COMPANY, _APPLICATION = "Rythmo", "Rythmo"
_DONE, _FAILED = {3, 6}, {4, 7}  # completed, failed; with a bad body each
_WAITING_FOR_USER = 5
_POLL_SECONDS = 0.25
_LARGEST_ANSWER = 256 << 20
INSTALL = "pip install 'rythmo[protools]'"
_BOX = "A message box may be open in Pro Tools: close it, and send again. What stands there already is kept."


class Connection:
    """One registered client. Close it, or use it as a context manager.

    `seconds` scales all deadlines (1.0: as they are); `pause` is called between two questions.
    """

    def __init__(
        self, port: int = PORT, *, seconds: float = 1.0, pause: Callable[[float], None] = time.sleep
    ) -> None:
        grpc = _load_grpc()
        self._scale = seconds
        self._pause = pause
        self._port = port
        self._errors = grpc.RpcError
        self._codes = grpc.StatusCode
        options = [
            ("grpc.max_receive_message_length", _LARGEST_ANSWER),
            # A proxy of the company's network must not be asked for an address of this machine.
            ("grpc.enable_http_proxy", 0),
        ]
        self._channel = grpc.insecure_channel(f"localhost:{port}", options=options)
        self._send = self._channel.unary_unary(
            METHOD,
            request_serializer=message_class("Request").SerializeToString,
            response_deserializer=message_class("Response").FromString,
        )
        self._session = ""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()

    def register(self) -> tuple[int, int]:
        """Register this client and return the PTSL version, as (2025, 10).

        Raises HostError when Pro Tools is not there, is not ready or is too old.
        """
        if not self.is_ready():
            raise HostSilentError("Pro Tools is not ready.", hint=_BOX)
        body = {"company_name": _COMPANY, "application_name": _APPLICATION}
        self._session = str(self.call(Command.REGISTER_CONNECTION, body).get("session_id", ""))
        version = self.call(Command.GET_PTSL_VERSION)
        found = int(version.get("version", 0)), int(version.get("version_minor", 0))
        # Whether each release fills in the second number is not known; what it lacks, it refuses by itself.
        if found[0] < LEAST_VERSION:
            raise HostError(
                f"This Pro Tools speaks PTSL {found[0]}.{found[1]}, which cannot place a clip on a track.",
                hint="Pro Tools 2025.6 or later is needed. For older ones, deliver an AAF.",
            )
        return found

    def is_ready(self) -> bool:
        """Return whether Pro Tools answers that it takes commands. Raises HostError if it is gone."""
        try:
            return bool(self.call(Command.HOST_READY_CHECK).get("is_host_ready", True))
        except HostSilentError:
            return False
        except HostRefusedError as error:
            if error.code in _BUSY:
                return False
            raise

    def call(self, command: Command, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send a command and return the body of the answer, {} if it has none.

        Raises HostSilentError after the deadline, HostRefusedError with Pro Tools' own words, and HostError
        when Pro Tools cannot be reached.
        """
        try:
            return self._call(command, body)
        except HostRefusedError as error:
            if error.code not in OUTDATED or body is None:
                raise
            return self._call(command, use_newer_names(body))

    def _call(self, command: Command, body: Mapping[str, Any] | None) -> dict[str, Any]:
        limit = deadline_of(command) * self._scale
        until = time.monotonic() + limit
        answer = self._ask(command, body, limit)
        waited = False
        while (status := answer.header.status) not in _DONE | _FAILED:
            waited = waited or status == _WAITING_FOR_USER
            left = until - time.monotonic()
            if left <= 0 or not answer.header.task_id:
                raise _silence(command, limit, waiting=waited)
            self._pause(min(_POLL_SECONDS, left))
            answer = self._poll(answer, max(until - time.monotonic(), 0.05))
        if status in _FAILED:
            raise _refusal(command, answer.response_error_json)
        return _decode(command, answer.response_body_json)

    def _poll(self, answer: Any, limit: float) -> Any:
        """Ask how a task stands, and return the answer with its new status; without a body."""
        asked = self._ask(Command.GET_TASK_STATUS, {"task_id": answer.header.task_id}, limit)
        if asked.header.status in _FAILED:
            return asked
        found = _decode(Command.GET_TASK_STATUS, asked.response_body_json)
        answer.header.status = task_status(found.get("status", 0))
        return answer

    def _ask(self, command: Command, body: Mapping[str, Any] | None, limit: float) -> Any:
        request = message_class("Request")()
        request.header.command = int(command)
        request.header.version = _HEADER_VERSION
        request.header.session_id = self._session
        request.request_body_json = json.dumps(body, ensure_ascii=False) if body is not None else ""
        try:
            return self._send(request, timeout=max(limit, 0.05))
        except self._errors as error:
            if error.code() is self._codes.DEADLINE_EXCEEDED:
                raise _silence(command, limit) from error
            if error.code() is self._codes.UNAVAILABLE:
                raise HostError(
                    f"Pro Tools does not answer on port {self._port}.",
                    hint="Start Pro Tools (2025.6 or later) on this machine, and send again.",
                ) from error
            raise HostError(
                f"The connection to Pro Tools failed: {error.details()}.",
                hint="Restart Pro Tools and send again.",
            ) from error


def port_in_use() -> int:
    """Return the port to connect to: Pro Tools' own, unless the environment names another.

    Raises UsageError when that is no port.
    """
    told = os.environ.get(PORT_VARIABLE, "").strip()
    if not told:
        return PORT
    if not told.isdigit() or not 0 < int(told) < 1 << 16:
        raise UsageError(
            f"{PORT_VARIABLE} is {told!r}, which is no port.", hint="Use 1 to 65535, or unset it."
        )
    return int(told)


_STATUSES = ("Queued", "Pending", "InProgress", "Completed", "Failed", "WaitingForUserInput")


def task_status(told: object) -> int:
    """Return a task's status as a number: 3, "3", "Completed" and "TStatus_Completed" are one."""
    text = str(told).removeprefix("TStatus_")
    if text.isdigit():
        return int(text)
    return _STATUSES.index(text) if text in _STATUSES else 0


def _load_grpc() -> Any:
    """Load the libraries. Raises HostError with the command that installs them."""
    try:
        import google.protobuf  # noqa: F401 - every message needs it; here it is missed with the right hint
        import grpc
    except ImportError as error:
        raise HostError("Sending to Pro Tools needs grpcio.", hint=f"Get it with: {INSTALL}") from error
    return grpc


def _silence(command: Command, seconds: float, *, waiting: bool = False) -> HostSilentError:
    if waiting:
        return HostSilentError(f"Pro Tools waits for an answer from you ({command.words}).", hint=_BOX)
    return HostSilentError(f"Pro Tools did not answer within {seconds:.0f} s ({command.words}).", hint=_BOX)


def _decode(command: Command, text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        body = json.loads(text)
    except ValueError as error:
        raise HostError(
            f"Pro Tools' answer cannot be read ({command.words}).", hint="Send again; else restart Pro Tools."
        ) from error
    return body if isinstance(body, dict) else {}


def _refusal(command: Command, text: str) -> HostRefusedError:
    """Return the error for a refusal. Its number comes as a number, as text or as a name."""
    try:
        errors = json.loads(text or "{}").get("errors") or [{}]
        first = errors[0] if isinstance(errors[0], dict) else {}
    except (ValueError, AttributeError, IndexError, KeyError, TypeError):
        first = {}
    told = str(first.get("command_error_type", "")).removeprefix("CEType_")
    code = int(told) if told.isdigit() else _CODES.get(told, 0)
    words = str(first.get("command_error_message", "")).strip(" .") or told or "no reason given"
    return HostRefusedError(
        f"Pro Tools refused to {command.words}: {words}.", hint=_HINTS.get(code, _ADVICE), code=code
    )


_CODES = {
    "PT_NoOpenedSession": NO_SESSION,
    "PT_UnsupportedCommand": UNSUPPORTED,
    "PT_HostNotReady": 134,
    "PT_ResponseLengthExceeded": TOO_LONG,
    "PT_HostIsBusy": 138,
    "SDK_VersionMismatch": _WRONG_VERSION,
    "PT_ReadOnlySession": 125,
    "OS_DuplicateName": 7,
}
_ADVICE = "See whether a message box is open in Pro Tools, and send again."
_HINTS = {
    NO_SESSION: "Open a session in Pro Tools, or let Rythmo make one with --new NAME.",
    UNSUPPORTED: "Pro Tools 2025.6 or later is needed. For older ones, deliver an AAF.",
    _WRONG_VERSION: "Update Pro Tools or Rythmo.",
    125: "The session is read-only: save it under another name and send again.",
    7: "Choose another name.",
    134: _BOX,
    138: _BOX,
}
