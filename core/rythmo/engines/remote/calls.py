"""Calls to remote services, with retries, limits on concurrency, cancellation and a count of what was used.

The SDKs' own retries are switched off. They differ from each other (one of them retries everything but
speech), and none of them lowers its concurrency or can be cancelled.

- Waiting: exponential with jitter, at least as long as Retry-After asks for, never past the deadline. -
Concurrency: at most `Limits.concurrency` at once; halved at status 429, raised by one after as many successes
  as are allowed at once (additive increase, multiplicative decrease; Chiu and Jain 1989).
- Cancelling: the request runs in a thread of its own, and its caller returns within a fifth of a second.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from rythmo.engines.local.background import in_background
from rythmo.engines.remote.keys import redact
from rythmo.errors import EngineFailedError
from rythmo.progress import NEVER, CancelToken

T = TypeVar("T")
_TICK_S = 0.2
_RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_MESSAGE_CHARACTERS = 300


def _sleep(seconds: float, cancel: CancelToken) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        cancel.check()
        time.sleep(min(left, _TICK_S))


@dataclass(frozen=True, slots=True)
class Clock:
    """Sources of time, which tests replace: monotonic seconds, wall time, and a sleep that can be
    cancelled."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float, CancelToken], None] = _sleep


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on the requests to one service. Users can set all of them."""

    concurrency: int = 4
    attempts: int = 6
    timeout_s: float = 60.0
    """The longest wait for one answer."""
    deadline_s: float = 300.0
    """The longest time for one call with all its attempts and waits."""
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0


_LIMIT_NAMES = tuple(field.name for field in fields(Limits))
REMOTE_OPTIONS = frozenset((*_LIMIT_NAMES, "base_url"))
"""Settings of every engine that asks a service."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The failure of one attempt. `status` is the HTTP status, None when there was no answer at all."""

    message: str
    status: int | None = None
    retry_after_s: float | None = None
    retry: bool | None = None
    """Whether to try again; None means that the status decides."""

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later."""
        if self.retry is not None:
            return self.retry
        return self.status is None or self.status in _RETRYABLE


class BadAnswerError(Exception):
    """An answer that cannot be used (incomplete, invalid, silent). The request is worth repeating."""


@dataclass
class Usage:
    """A thread-safe count of requests and of the `units` that they used (characters, tokens, seconds)."""

    requests: int = 0
    retries: int = 0
    units: dict[str, float] = field(default_factory=dict)
    _taken: tuple[int, int, dict[str, float]] = field(default=(0, 0, {}), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, **units: float) -> None:
        """Add to the units."""
        with self._lock:
            for name, amount in units.items():
                self.units[name] = self.units.get(name, 0) + amount

    def taken(self) -> tuple[int, int, dict[str, float]]:
        """Return (requests, retries, units) since the last call of this method."""
        with self._lock:
            now = self.requests, self.retries, dict(self.units)
            (requests, retries, units), self._taken = self._taken, now
        used = {name: amount - units.get(name, 0) for name, amount in now[2].items()}
        return now[0] - requests, now[1] - retries, {name: n for name, n in used.items() if n}

    def request(self, *, again: bool) -> None:
        """Count one request that leaves this machine."""
        with self._lock:
            self.requests += 1
            self.retries += again


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds to wait that the answer asks for, or None when it doesn't.

    They are in `Retry-After` (RFC 9110: seconds or a date) or in `retry-after-ms`.
    """
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    milliseconds, value = lower.get("retry-after-ms", ""), lower.get("retry-after", "")
    if _is_number(milliseconds):
        return max(0.0, float(milliseconds) / 1000)
    if _is_number(value):
        return max(0.0, float(value))
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when - now).total_seconds()) if when.tzinfo else None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


class Gate:
    """A limit on concurrent requests, which falls and rises with the answers of the service."""

    def __init__(self, most: int) -> None:
        self.most = max(1, most)
        self.allowed = self.most
        self._busy = 0
        self._successes = 0
        self._change = threading.Condition()

    @contextmanager
    def slot(self, cancel: CancelToken) -> Iterator[None]:
        """Wait for a free slot and hold it."""
        with self._change:
            while self._busy >= self.allowed:
                cancel.check()
                self._change.wait(_TICK_S)
            self._busy += 1
        try:
            yield
        finally:
            with self._change:
                self._busy -= 1
                self._change.notify()

    def lower(self) -> None:
        """Halve the limit, after the service answered 429."""
        with self._change:
            self.allowed = max(1, self.allowed // 2)
            self._successes = 0

    def succeeded(self) -> None:
        """Count one success; after enough of them, raise the limit by one."""
        with self._change:
            self._successes += 1
            if self._successes >= self.allowed and self.allowed < self.most:
                self.allowed += 1
                self._successes = 0
                self._change.notify()


@dataclass
class Remote:
    """The caller of one service, with retries and limits.

    Args:
        service: The service's name for messages.
        errors: The exceptions of its SDK.
        explain: Return what one of these exceptions means for the next attempt.
        key_hint: The hint for an error about the key.
        limits: How many requests, how long, how often.
        secrets: Keys to remove from messages.
        clock: The sources of time.
        usage: The count of what was used.
        jitter: The random numbers for waits.
    """

    service: str
    errors: tuple[type[Exception], ...]
    explain: Callable[[Exception, datetime], Trouble]
    key_hint: str
    limits: Limits = field(default_factory=Limits)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    clock: Clock = field(default_factory=Clock)
    usage: Usage = field(default_factory=Usage)
    jitter: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self.gate = Gate(self.limits.concurrency)

    def call(self, attempt: Callable[[float], T], *, what: str, cancel: CancelToken = NEVER) -> T:
        """Return the answer of `attempt(timeout in seconds)`, repeating it while that may help.

        `what` completes the message "could not ...". Raises EngineFailedError or CancelledError.
        """
        end = self.clock.now() + self.limits.deadline_s
        for number in range(1, self.limits.attempts + 1):
            cancel.check()
            with self.gate.slot(cancel):
                timeout = min(self.limits.timeout_s, max(0.001, end - self.clock.now()))
                self.usage.request(again=number > 1)
                try:
                    answer = in_background(lambda limit=timeout: attempt(limit), cancel)  # type: ignore[misc]  # a default binds the loop's value
                except BadAnswerError as error:
                    trouble = Trouble(str(error), retry=True)
                except self.errors as error:
                    trouble = self.explain(error, self.clock.wall())
                else:
                    self.gate.succeeded()
                    return answer
            self._wait(trouble, number, end, what, cancel)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, trouble: Trouble, number: int, end: float, what: str, cancel: CancelToken) -> None:
        if trouble.status == 429:
            self.gate.lower()
        wait = self._pause(trouble, number)
        if not trouble.passing or number >= self.limits.attempts or self.clock.now() + wait >= end:
            raise self._error(trouble, number, what)
        self.clock.sleep(wait, cancel)

    def _pause(self, trouble: Trouble, number: int) -> float:
        longest = min(self.limits.longest_wait_s, self.limits.first_wait_s * 2.0 ** (number - 1))
        wait = longest * self.jitter.uniform(0.5, 1.0)
        if trouble.retry_after_s is None:
            return wait
        # Never before the requested time; the jitter keeps callers from returning all at once.
        return trouble.retry_after_s + 0.1 * wait

    def _error(self, trouble: Trouble, number: int, what: str) -> EngineFailedError:
        reason = redact(trouble.message, self.secrets)[:_MESSAGE_CHARACTERS].strip().rstrip(".")
        tries = f" after {number} attempts" if number > 1 else ""
        return EngineFailedError(
            f"{self.service} could not {what}{tries}: {reason}.", hint=self._hint(trouble)
        )

    def _hint(self, trouble: Trouble) -> str:
        if trouble.status in {401, 403}:
            return self.key_hint
        if trouble.status == 429:
            return "The service limits your requests: wait, lower `concurrency`, or check your plan."
        if trouble.status is None or trouble.status >= 500:
            return "Run the same command again later: finished work is kept."
        return "The service does not accept this request: check the engine's settings."


def read_limits(settings: Mapping[str, object], default: Limits | None = None) -> Limits:
    """Read the limits from an engine's settings. Raises EngineFailedError for a value that is not a
    number."""
    base = default or Limits()
    values: dict[str, float] = {}
    for name in _LIMIT_NAMES:
        value = settings.get(name, getattr(base, name))
        try:
            values[name] = float(value)  # type: ignore[arg-type]  # checked by trying
        except (TypeError, ValueError) as error:
            raise EngineFailedError(f"{name} is set to {value!r}.", hint="It must be a number.") from error
    return Limits(
        concurrency=int(values["concurrency"]),
        attempts=max(1, int(values["attempts"])),
        timeout_s=values["timeout_s"],
        deadline_s=values["deadline_s"],
        first_wait_s=values["first_wait_s"],
        longest_wait_s=values["longest_wait_s"],
    )
