from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.remote.calls import (
    BadAnswerError,
    Gate,
    Limits,
    Remote,
    Trouble,
    in_background,
    read_limits,
    read_retry_after,
)
from rythmo.errors import CancelledError, EngineFailedError
from rythmo.progress import NEVER, CancelToken

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


class ServiceError(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble


def service(clock, **limits) -> Remote:
    return Remote(
        "The service", (ServiceError,), lambda error, _: error.trouble, "Check the key.",
        Limits(**limits), secrets=("sesame-opens",), clock=clock, jitter=random.Random(1),
    )  # fmt: skip


def failing(*troubles: Trouble, then: str = "answer") -> Callable[[float], str]:
    left = list(troubles)

    def attempt(_: float) -> str:
        if left:
            raise ServiceError(left.pop(0))
        return then

    return attempt


def test_passing_trouble_is_tried_again_with_growing_waits(time) -> None:
    remote = service(time.clock)
    assert remote.call(failing(*[Trouble("overloaded", 503)] * 4), what="speak") == "answer"
    assert remote.usage.requests == 5
    assert remote.usage.retries == 4
    for wait, longest in zip(time.waits, [0.5, 1.0, 2.0, 4.0], strict=True):
        assert longest / 2 <= wait <= longest


def test_retry_after_is_obeyed_and_never_undercut(time) -> None:
    service(time.clock).call(failing(Trouble("slow down", 429, retry_after_s=17.0)), what="speak")
    assert len(time.waits) == 1
    assert 17.0 <= time.waits[0] <= 17.1


def test_a_wait_beyond_the_deadline_fails_at_once(time) -> None:
    with pytest.raises(EngineFailedError, match="slow down") as caught:
        service(time.clock, deadline_s=60).call(
            failing(Trouble("slow down", 429, retry_after_s=3600)), what="speak"
        )
    assert time.waits == []
    assert "concurrency" in caught.value.hint


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "Check the key."), (403, "Check the key."), (422, "settings")]
)
def test_what_cannot_pass_is_not_tried_again(time, status: int, hint: str) -> None:
    remote = service(time.clock)
    with pytest.raises(EngineFailedError, match="could not speak: no") as caught:
        remote.call(failing(Trouble("no", status)), what="speak")
    assert hint in caught.value.hint
    assert remote.usage.requests == 1


def test_it_gives_up_after_so_many_attempts(time) -> None:
    remote = service(time.clock, attempts=3)
    with pytest.raises(EngineFailedError, match="after 3 attempts: down"):
        remote.call(failing(*[Trouble("down", 500)] * 9), what="speak")
    assert len(time.waits) == 2


def test_a_bad_answer_is_asked_for_again(time) -> None:
    answers = iter(["", "good"])

    def attempt(_: float) -> str:
        text = next(answers)
        if not text:
            raise BadAnswerError("nothing in it")
        return text

    assert service(time.clock).call(attempt, what="speak") == "good"


def test_the_attempt_is_told_how_long_it_may_take(time) -> None:
    told: list[float] = []
    service(time.clock, timeout_s=60, deadline_s=20).call(told.append, what="speak")
    assert told == [20.0]


def test_no_key_gets_into_a_message(time) -> None:
    with pytest.raises(EngineFailedError) as caught:
        service(time.clock).call(
            failing(Trouble("bad key sesame-opens and sk-proj-abcdef0123456789", 401)), what="speak"
        )
    assert "sesame" not in str(caught.value)
    assert "abcdef" not in str(caught.value)
    assert "sesame" not in repr(service(time.clock))


def test_429_halves_what_runs_at_once_and_success_brings_it_back(time) -> None:
    remote = service(time.clock, concurrency=8)
    remote.call(failing(Trouble("slow", 429), Trouble("slow", 429)), what="speak")
    assert remote.gate.allowed == 2
    for _ in range(2 + 3 + 4 + 5 + 6 + 7):
        remote.call(failing(), what="speak")
    assert remote.gate.allowed == 8


def test_the_gate_holds_back_more_than_allowed() -> None:
    gate = Gate(2)
    inside: list[int] = []
    most = threading.Lock()
    barrier = threading.Barrier(2)

    def work() -> None:
        with gate.slot(NEVER):
            with most:
                inside.append(gate._busy)
            # Two always meet here, so the test cannot pass with a gate that lets in one.
            barrier.wait(timeout=10)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(inside) == 2
    assert gate._busy == 0


def test_a_cancel_is_heard_while_a_request_hangs() -> None:
    cancel, hangs, may_end = CancelToken(), threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        may_end.wait(30)

    def stop() -> None:
        hangs.wait(30)
        cancel.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(CancelledError):
        in_background(hang, cancel)
    may_end.set()
    stopper.join()


def test_a_cancel_is_heard_while_waiting_for_a_slot() -> None:
    gate, cancel = Gate(1), CancelToken()
    cancel.cancel()
    with gate.slot(NEVER), pytest.raises(CancelledError), gate.slot(cancel):
        pass


def test_errors_of_the_background_reach_the_caller() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        in_background(fail, CancelToken())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"Retry-After": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-4"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_the_standard_says(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers, NOW) == seconds


@given(st.integers(0, 86_400))
def test_retry_after_dates(seconds: int) -> None:
    when = (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert read_retry_after({"Retry-After": when}, NOW) == seconds


def test_limits_come_from_settings() -> None:
    limits = read_limits({"concurrency": 2, "timeout_s": "9.5"}, Limits(attempts=3))
    assert (limits.concurrency, limits.timeout_s, limits.attempts) == (2, 9.5, 3)
    with pytest.raises(EngineFailedError, match="concurrency"):
        read_limits({"concurrency": "many"})
