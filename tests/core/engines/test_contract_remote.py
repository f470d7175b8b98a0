"""The contract of every engine that asks somebody else's machine: whatever a service answers, at whichever
request of the conversation, the engine tries again where that may help, or fails with one clear error."""

from __future__ import annotations

import pickle
import threading
import time as time_of_day
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import fake_services
import numpy as np
import pytest
from engine_cases import CASES, SPANISH, built_in
from fake_http import Answer, Loopback, as_json
from lip_request import make_small_request
from speech_like import two_voices

from rythmo.engines.base import (
    Kind,
    SpeakerProfile,
    SpeechRequest,
    TranslationLine,
    TranslationRequest,
    Turn,
)
from rythmo.engines.lips import LipFrames
from rythmo.engines.remote.calls import BadAnswerError, Limits, Remote
from rythmo.engines.remote.cloning import Clones
from rythmo.errors import CancelledError, EngineFailedError
from rythmo.media.audio import Audio
from rythmo.progress import CancelToken
from rythmo.script.model import Prosody

pytestmark = pytest.mark.filterwarnings("ignore")  # SDKs warn of much that is not ours to mend

ELSEWHERE = {(kind, spec.info.name) for kind in Kind for spec in built_in(kind) if not spec.info.local}
REMOTE = [
    (kind, name) for kind in CASES for name in CASES[kind] if (kind, name.partition(" (")[0]) in ELSEWHERE
]
SAID = {"message": "the service says so", "code": "Said", "request_id": "r"}
BODY = {**SAID, "error": SAID, "detail": {"status": "said", **SAID}}
ATTEMPTS = Limits().attempts


def cut(answer: Answer) -> Answer:
    """A proxy that closes the answer early and says that this was all."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


PASSING: dict[str, Answer | Callable[[Answer], Answer]] = {
    "429": as_json(BODY, 429, retry_after="3"),
    "500": as_json(BODY, 500),
    "503 of a proxy": Answer(b"<html>Service Unavailable</html>", 503, "text/html"),
    "half": lambda answer: replace(answer, kind="half"),
    "cut": cut,
    "nothing": lambda answer: replace(answer, body=b""),
    "a web page": Answer(b"<html><body>Sign in</body></html>", content_type="text/html"),
    "a list": Answer(b"[]"),
    "an object": Answer(b"{}"),
    "a number": Answer(b"7"),
    "bytes": lambda answer: replace(answer, body=b"\x00\xff\x80" * 30),
}
NO_BODY = {name for name in PASSING if not name.startswith(("4", "5")) and name != "half"}


def cannot_be_told(name: str, path: str) -> bool:
    """Faults that nobody can see: in an answer whose body nobody reads, in bare samples that stop early, and
    in the body of a websocket, which has none."""
    if path.startswith("/v1/text-to-speech/"):
        return name == "cut"
    if path.startswith("/store"):
        return name in NO_BODY or name == "half"
    return name in NO_BODY and path.startswith("/api-ws/")


@pytest.fixture(params=REMOTE, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def remote(request, loopback):
    """The engine, and what one conversation with it is."""
    kind, name = request.param
    engine = CASES[kind][name](request)
    before = len(loopback.requests)
    work = converse(kind, engine)
    assert right(work()), "it works before anything goes wrong"
    requests = loopback.requests[before:]
    yield engine, work, requests
    loopback.faults.clear()
    engine.close()


def converse(kind: Kind, engine: Any) -> Callable[..., Any]:
    if kind is Kind.VOICE:
        (ref,) = engine.cast([person(engine)], language="es")
        clones = getattr(engine, "_clones", None)

        def speak(**more: Any) -> Audio:
            if isinstance(clones, Clones):
                clones._book.lost(ref.id)
            return engine.speak(SpeechRequest("Hola, ¿qué tal estás?", "es", ref), **more)

        return speak
    if kind is Kind.TRANSCRIBER:
        sound = two_voices(2.0)
        turns = (Turn(0, sound.length, "A"),)
        return lambda **more: engine.transcribe(sound, language="en", turns=turns, **more)
    if kind is Kind.LIP_SYNC:
        small = make_small_request(8, 48)
        return lambda **more: engine.move_lips(small, **more)
    lines = tuple(TranslationLine(f"S1_{n:04}", "S1", text) for n, text in enumerate(SPANISH))
    request = TranslationRequest(lines=lines, source="en", target="es")
    return lambda **more: engine.translate(request, **more)


def person(engine: Any) -> SpeakerProfile:
    """With a reference where the engine clones: making the clone is part of the conversation."""
    noise = Audio((0.2 * np.random.default_rng(0).normal(size=(1, 48_000))).astype(np.float32), 16_000)
    references = (noise,) if "clones" in engine.info.capabilities else ()
    return SpeakerProfile("S1", "Anna", Prosody(pitch_hz=200.0), references)


def right(found: Any) -> bool:
    if isinstance(found, Audio):
        return found.seconds > 0.3 and bool(np.abs(found.samples).max() > 0.01)
    if isinstance(found, LipFrames):
        return len(found.frames) == len(found.masks) and bool(found.masks.any())
    return bool(found) and all(found)


def at(number: int, fault: Any) -> list[Any]:
    """The fault at that request, and nothing at those before it."""
    return [*[None] * number, fault]


@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_asked_again(remote, loopback, time, name: str) -> None:
    engine, work, requests = remote
    for number, request in enumerate(requests):
        if cannot_be_told(name, request.path):
            continue
        time.waits.clear()
        loopback.faults.extend(at(number, PASSING[name]))
        tried = engine.usage.retries
        assert right(work()), f"{name} at {request.method} {request.path}"
        assert not loopback.faults, "the fault was given"
        assert engine.usage.retries > tried, f"{name} at {request.method} {request.path}"
        if name == "429":
            assert max(time.waits) >= 3, "Retry-After is obeyed"


def test_a_service_that_stays_broken_is_one_clear_error(remote, loopback, time) -> None:
    _, work, requests = remote
    for number in range(len(requests)):
        time.waits.clear()
        loopback.faults.extend(at(number, as_json(BODY, 500)) + [as_json(BODY, 500)] * 30)
        error = failure(work)
        assert f"after {ATTEMPTS} attempts" in error.message
        assert "500" in error.message
        assert "again later" in error.hint
        assert len(time.waits) >= ATTEMPTS - 1
        loopback.faults.clear()


def failure(work: Callable[[], Any]) -> EngineFailedError:
    with pytest.raises(EngineFailedError) as caught:
        work()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.message, again.hint) == (caught.value.message, caught.value.hint)
    assert caught.value.hint
    return caught.value


def test_a_key_that_is_refused_is_said_at_once(remote, loopback, time) -> None:
    _, work, requests = remote
    for number in range(len(requests)):
        time.waits.clear()
        loopback.faults.extend(at(number, as_json(BODY, 401)))
        error = failure(work)
        assert "401" in error.message
        assert any(word in error.hint for word in ("KEY", "TOKEN")), error.hint
        # One look may come before: they are so many seconds apart.
        assert time.waits in ([], [2.0], [5.0]), "nobody waits for a key to become right"


def test_a_service_that_never_answers_is_not_waited_for_for_ever(remote, loopback, monkeypatch) -> None:
    engine, work, requests = remote
    peers = [one for one in vars(engine).values() if isinstance(one, Remote)]
    assert peers
    for one in peers:
        monkeypatch.setattr(one, "limits", replace(one.limits, timeout_s=0.25, attempts=1))
    for number in range(len(requests)):
        loopback.faults.extend(at(number, Answer(kind="silence")))
        assert "no answer in time" in failure(work).message, requests[number].path


def test_a_cancel_does_not_wait_for_the_answer(remote, loopback) -> None:
    _, work, requests = remote
    for number in range(len(requests)):
        cancel, reached = CancelToken(), threading.Event()

        def stop(token: CancelToken = cancel, silent: threading.Event = reached) -> None:
            silent.wait(10)
            token.cancel()

        def silence(_: Answer, silent: threading.Event = reached) -> Answer:
            silent.set()
            return Answer(kind="silence")

        loopback.faults.extend(at(number, silence))
        thread = threading.Thread(target=stop)
        thread.start()
        began = time_of_day.monotonic()
        with pytest.raises(CancelledError):
            work(cancel=cancel)
        # Uncancelled it would wait for a minute and try again; a busy machine may take ten seconds.
        assert time_of_day.monotonic() - began < 20, requests[number].path
        thread.join()
        let_go(loopback)


def let_go(loopback: Loopback) -> None:
    """End what a cancelled engine left to end by itself, so that the next conversation is undisturbed."""
    loopback.released.set()
    for thread in threading.enumerate():
        if thread.name == "rythmo-background":
            thread.join(10)
    loopback.released.clear()


def test_too_many_requests_lower_how_many_go_at_once(remote, loopback, time, monkeypatch) -> None:
    engine, work, _ = remote
    (gate,) = [one.gate for one in vars(engine).values() if isinstance(one, Remote)]
    gate.allowed = gate.most = 4
    allowed: list[int] = []
    wait = time.clock.sleep
    # It rises again with what succeeds: it is looked at while the engine waits.
    clock = replace(time.clock, sleep=lambda s, cancel: (allowed.append(gate.allowed), wait(s, cancel)))
    (peer,) = [one for one in vars(engine).values() if isinstance(one, Remote)]
    monkeypatch.setattr(peer, "clock", clock)
    loopback.faults.append(as_json(BODY, 429))
    assert right(work())
    assert allowed[0] == 2


VOICES = [name for kind, name in REMOTE if kind is Kind.VOICE and name != "worker"]


@pytest.mark.parametrize("name", VOICES)
def test_a_silent_answer_is_no_take(request, name: str, monkeypatch, time) -> None:
    engine = CASES[Kind.VOICE][name](request)
    work = converse(Kind.VOICE, engine)
    monkeypatch.setattr(fake_services, "voice_like", lambda *_: np.zeros(24_000, "<i2"))
    assert "the audio is silent" in failure(work).message
    assert len(time.waits) == ATTEMPTS - 1
    engine.close()


def test_what_cannot_be_used_is_no_error_of_its_own() -> None:
    assert not issubclass(BadAnswerError, EngineFailedError), "it ends inside the engine"
