"""DashScope's real SDK against a loopback server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_http import Answer, Socket, as_json
from fake_services import FakeDashScope

pytest.importorskip("dashscope", reason="the SDK comes with rythmo[dashscope]")

from rythmo.engines.adapters.dashscope import transcriber
from rythmo.engines.adapters.dashscope import voice as dashscope_voice
from rythmo.engines.adapters.dashscope.clones import shorten_name
from rythmo.engines.base import SpeakerProfile, SpeechRequest
from rythmo.engines.remote.voice_ledger import Ledger, clean_voices
from rythmo.errors import CancelledError, EngineFailedError, EngineMissingError
from rythmo.media.audio import Audio
from rythmo.progress import CancelToken
from rythmo.script.model import Prosody
from rythmo.script.takes import VoiceRef

LINE = SpeechRequest("Hola.", "es", VoiceRef("dashscope", "Cherry"))


@pytest.fixture
def service(loopback, monkeypatch) -> FakeDashScope:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-dash-0123456789")
    return FakeDashScope(loopback)


@pytest.fixture
def start(service, time, tmp_path):
    ledger = str(tmp_path / "voices.db")

    def begin(module: Any, **settings: Any) -> Any:
        given = {"base_url": f"{service.server.url}/api/v1", "ledger": ledger, **settings}
        return module.create(given, time.clock)

    return begin


REALTIME = "qwen3-tts-flash-realtime"


def sound(seconds: float = 3.0) -> Audio:
    return Audio(
        (0.1 * np.random.default_rng(0).normal(size=(2, round(seconds * 48_000)))).astype(np.float32), 48_000
    )


def test_a_line_is_spoken(start, service) -> None:
    voice = start(dashscope_voice)
    spoken = voice.speak(LINE)
    assert (spoken.rate, spoken.channels) == (24_000, 1)
    (request, fetched) = service.server.requests
    assert request.json()["model"] == "qwen3-tts-flash"
    assert request.json()["input"]["language_type"] == "Spanish"
    assert fetched.method == "GET"
    assert voice.usage.units == {"characters": 5}


def test_words_have_times_and_punctuation(start, service, time) -> None:
    seen: list[float] = []
    words = start(transcriber).transcribe(sound(), language="en", report=seen.append)
    assert [(word.text, word.start, word.end) for word in words[:2]] == [
        ("Hello,", 4_800, 19_200),
        ("you.", 24_000, 43_200),
    ]
    assert [word.text for word in words[2:]] == ["Good", "bye."]
    assert words[2].start == 48_000
    assert seen == [0.3, 0.9, 1.0]
    assert service.started[0]["input"]["file_urls"] == ["oss://dir/speech.flac"]
    assert service.started[0]["parameters"]["language_hints"] == ["en"]
    assert b"fLaC" in service.uploads[0]
    assert time.waits == [2.0]


def test_a_failed_task_says_why(start, service) -> None:
    service.fails = "SUCCESS_WITH_NO_VALID_FRAGMENT"
    with pytest.raises(EngineFailedError, match="NO_VALID_FRAGMENT") as caught:
        start(transcriber).transcribe(sound(), language="en")
    assert "speech" in caught.value.hint


@pytest.mark.parametrize(
    "fault",
    [
        as_json({"code": "Throttling.RateQuota", "message": "slow", "request_id": "r"}, 429),
        as_json({"code": "InternalError", "message": "oh", "request_id": "r"}, 500),
        Answer(b'{"output": {"audio": {"url"', kind="half"),
        as_json({"request_id": "r", "output": {"finish_reason": "stop"}}),
    ],
    ids=["429", "500", "half", "nonsense"],
)
def test_passing_trouble_is_tried_again(start, service, fault: Answer) -> None:
    service.server.faults.append(fault)
    voice = start(dashscope_voice)
    assert voice.speak(LINE).seconds > 0.3
    assert voice.usage.retries == 1


def test_a_spent_account_and_a_wrong_key_are_not_waited_for(start, service, time, monkeypatch) -> None:
    service.server.faults.append(
        as_json({"code": "Arrearage", "message": "Access denied", "request_id": "r"}, 429)
    )
    with pytest.raises(EngineFailedError, match="Arrearage"):
        start(dashscope_voice).speak(LINE)
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-wrong-9876543210")
    with pytest.raises(EngineFailedError, match="401, InvalidApiKey") as caught:
        start(dashscope_voice).speak(LINE)
    assert "DASHSCOPE_API_KEY" in caught.value.hint
    assert time.waits == []


def test_silence_ends(start, service) -> None:
    service.server.faults.append(Answer(kind="silence"))
    with pytest.raises(EngineFailedError, match="no answer in time"):
        start(dashscope_voice, timeout_s=0.3, attempts=1).speak(LINE)


def test_a_cancel_ends_the_waiting_for_a_transcript(start, service) -> None:
    cancel = CancelToken()

    def stop(fraction: float) -> None:
        cancel.cancel()

    with pytest.raises(CancelledError):
        start(transcriber).transcribe(sound(), language="en", report=stop, cancel=cancel)


def test_without_a_key_nothing_starts() -> None:
    assert [part.what for part in dashscope_voice.ENGINE.missing()] == ["a key of DashScope"]
    with pytest.raises(EngineMissingError, match="key"):
        dashscope_voice.create({})


def person(name: str = "S1") -> SpeakerProfile:
    return SpeakerProfile(name, name, Prosody(), (sound(12.0),))


def test_the_realtime_voices_speak_over_a_websocket(start, service) -> None:
    voice = start(dashscope_voice, model=REALTIME)
    spoken = voice.speak(replace(LINE, direction="whispering"))
    again = start(dashscope_voice).speak(LINE)
    assert np.array_equal(spoken.samples, again.samples), "the same voice, whichever way it comes"
    assert (spoken.rate, spoken.channels) == (24_000, 1)
    update, text, finish = service.heard
    assert update["session"]["voice"] == "Cherry"
    assert update["session"]["language_type"] == "Spanish"
    assert "instructions" not in update["session"], "this model takes none"
    assert (text["type"], text["text"]) == ("input_text_buffer.append", "Hola.")
    assert finish["type"] == "session.finish"
    (request,) = [one for one in service.server.requests if one.path.startswith("/api-ws/")]
    assert request.path == f"/api-ws/v1/realtime?model={REALTIME}"
    assert request.headers["authorization"] == "Bearer sk-dash-0123456789"


@pytest.mark.parametrize("model", ["qwen3-tts-instruct-flash", "qwen3-tts-instruct-flash-realtime"])
def test_models_that_take_directions_get_them(start, service, model: str) -> None:
    voice = start(dashscope_voice, model=model)
    assert "direction" in voice.info.capabilities
    voice.speak(replace(LINE, direction="whispering"))
    if "realtime" in model:
        assert service.heard[0]["session"]["instructions"] == "whispering"
    else:
        assert service.server.requests[0].json()["parameters"]["instructions"] == "whispering"


def _broken(socket: Socket, session: dict, text: str) -> None:
    socket.say({"type": "response.audio.delta", "delta": "AAAA"})


def _nonsense(socket: Socket, session: dict, text: str) -> None:
    socket.say('{"type": "response.audio.del')


def _half_a_piece(socket: Socket, session: dict, text: str) -> None:
    socket.say({"type": "response.audio.delta", "delta": "AAA"})


def _says_nothing(socket: Socket, session: dict, text: str) -> None:
    socket.say({"type": "session.finished"})


def _troubled(socket: Socket, session: dict, text: str) -> None:
    socket.say({"type": "error", "error": {"code": "InternalError", "message": "oh"}})


def _too_many(socket: Socket, session: dict, text: str) -> None:
    socket.say({"type": "error", "error": {"code": "Throttling.RateQuota", "message": "slow"}})


@pytest.mark.parametrize("reply", [_broken, _nonsense, _half_a_piece, _says_nothing, _troubled, _too_many])
def test_a_session_that_breaks_is_begun_again(start, service, reply) -> None:
    def once(socket: Socket, session: dict, text: str) -> None:
        service.replies = None
        reply(socket, session, text)

    service.replies = once
    voice = start(dashscope_voice, model=REALTIME)
    assert voice.speak(LINE).seconds > 0.3
    assert voice.usage.retries == 1


def test_what_a_session_refuses_is_said(start, service, time) -> None:
    def refuse(socket: Socket, session: dict, text: str) -> None:
        socket.say({"type": "error", "error": {"code": "invalid_value", "message": "no such language"}})

    service.replies = refuse
    with pytest.raises(EngineFailedError, match="no such language"):
        start(dashscope_voice, model=REALTIME).speak(LINE)
    assert time.waits == []


def test_a_session_that_falls_silent_ends(start, service) -> None:
    service.replies = lambda socket, session, text: socket.released.wait()
    with pytest.raises(EngineFailedError, match="no answer in time"):
        start(dashscope_voice, model=REALTIME, timeout_s=0.3, attempts=1).speak(LINE)


@pytest.mark.parametrize("model", ["qwen3-tts-flash", REALTIME])
def test_a_clone_is_made_once_and_deleted_at_the_end(start, service, model: str) -> None:
    voice = start(dashscope_voice, model=model, job="film")
    (ref,) = voice.cast([person()], language="es")
    assert service.server.requests == [], "nothing is sent before a line is spoken"
    for text in ("Hola.", "Adiós."):
        voice.speak(SpeechRequest(text, "es", ref))
    assert len(service.made) == 1
    assert {one["voice"] for one in service.spoken} == set(service.made)
    assert service.voices[service.made[0]] == ref.settings["model"], "made for the model that speaks"
    assert voice.usage.units["clones"] == 1
    voice.close()
    assert service.voices == {}


def test_another_model_gets_a_clone_of_its_own(start, service) -> None:
    for clone_model in ("qwen3-tts-vc-2026-01-22", "qwen3-tts-vc-next"):
        voice = start(dashscope_voice, job="film", keep_voices=True, clone_model=clone_model)
        (ref,) = voice.cast([person()], language="es")
        voice.speak(SpeechRequest("Hola.", "es", ref))
    assert sorted(service.voices.values()) == ["qwen3-tts-vc-2026-01-22", "qwen3-tts-vc-next"]


def test_a_clone_whose_making_was_not_answered_is_found(start, service) -> None:
    voice = start(dashscope_voice, job="film")
    (ref,) = voice.cast([person()], language="es")
    service.server.faults.append(lambda answer: replace(answer, kind="half"))
    voice.speak(SpeechRequest("Hola.", "es", ref))
    assert len(service.made) == 1, "it was made, though nobody said so: it is not made twice"


def test_a_clone_that_somebody_deleted_is_made_again(start, service) -> None:
    for model in ("qwen3-tts-flash", REALTIME):
        voice = start(dashscope_voice, job=model, model=model)
        (ref,) = voice.cast([person()], language="es")
        voice.speak(SpeechRequest("Hola.", "es", ref))
        service.voices.clear()
        assert voice.speak(SpeechRequest("Adiós.", "es", ref)).seconds > 0.3
        voice.close()


def test_a_clone_is_found_on_a_later_page(start, service) -> None:
    voice = start(dashscope_voice, job="film")
    (ref,) = voice.cast([person()], language="es")
    service.voices |= {f"qwen-tts-vc-other{n}-voice-{n}": "qwen3-tts-vc-2026-01-22" for n in range(230)}
    name = voice._clones._book._announce(ref.id.removeprefix("clone-")).name
    ours = f"qwen-tts-vc-{shorten_name(name)}-voice-2026-9"
    service.voices[ours] = "qwen3-tts-vc-2026-01-22"
    voice.speak(SpeechRequest("Hola.", "es", ref))
    assert service.spoken[0]["voice"] == ours
    assert service.made == []


def test_what_a_killed_job_left_is_deleted_by_the_doctor(start, service, tmp_path) -> None:
    voice = start(dashscope_voice, job="film")
    (ref,) = voice.cast([person()], language="es")
    voice.speak(SpeechRequest("Hola.", "es", ref))
    cleaned = clean_voices(Ledger(tmp_path / "voices.db"))
    assert len(cleaned.deleted) == 1
    assert service.voices == {}


def test_a_stock_voice_that_is_not_there_is_said(start, service) -> None:
    service.server.faults.append(as_json({"code": "BadRequest.VoiceNotFound", "message": "no"}, 400))
    with pytest.raises(EngineFailedError, match="has no voice 'Cherry'"):
        start(dashscope_voice).speak(LINE)
