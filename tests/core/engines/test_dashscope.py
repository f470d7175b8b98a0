"""DashScope's real SDK against a loopback server."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fake_http import Answer, as_json
from fake_services import FakeDashScope

pytest.importorskip("dashscope", reason="the SDK comes with rythmo[dashscope]")

from rythmo.engines import dashscope_asr, dashscope_tts
from rythmo.engines.base import SpeechRequest
from rythmo.errors import CancelledError, EngineFailedError, EngineMissingError
from rythmo.media.audio import Audio
from rythmo.progress import CancelToken
from rythmo.script.model import VoiceRef

LINE = SpeechRequest("Hola.", "es", VoiceRef("dashscope", "Cherry"))


@pytest.fixture
def service(loopback, monkeypatch) -> FakeDashScope:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-dash-0123456789")
    return FakeDashScope(loopback)


@pytest.fixture
def start(service, time):
    def begin(module: Any, **settings: Any) -> Any:
        return module.create({"base_url": f"{service.server.url}/api/v1", **settings}, time.clock)

    return begin


def sound(seconds: float = 3.0) -> Audio:
    return Audio(
        (0.1 * np.random.default_rng(0).normal(size=(2, round(seconds * 48_000)))).astype(np.float32), 48_000
    )


def test_a_line_is_spoken(start, service) -> None:
    voice = start(dashscope_tts)
    spoken = voice.speak(LINE)
    assert (spoken.rate, spoken.channels) == (24_000, 1)
    (request, fetched) = service.server.requests
    assert request.json()["model"] == "qwen3-tts-flash"
    assert request.json()["input"]["language_type"] == "Spanish"
    assert fetched.method == "GET"
    assert voice.usage.units == {"characters": 5}


def test_words_have_times_and_punctuation(start, service, time) -> None:
    seen: list[float] = []
    words = start(dashscope_asr).transcribe(sound(), language="en", report=seen.append)
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
        start(dashscope_asr).transcribe(sound(), language="en")
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
    voice = start(dashscope_tts)
    assert voice.speak(LINE).seconds > 0.3
    assert voice.usage.retries == 1


def test_a_spent_account_and_a_wrong_key_are_not_waited_for(start, service, time, monkeypatch) -> None:
    service.server.faults.append(
        as_json({"code": "Arrearage", "message": "Access denied", "request_id": "r"}, 429)
    )
    with pytest.raises(EngineFailedError, match="Arrearage"):
        start(dashscope_tts).speak(LINE)
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-wrong-9876543210")
    with pytest.raises(EngineFailedError, match="401, InvalidApiKey") as caught:
        start(dashscope_tts).speak(LINE)
    assert "DASHSCOPE_API_KEY" in caught.value.hint
    assert time.waits == []


def test_silence_ends(start, service) -> None:
    service.server.faults.append(Answer(kind="silence"))
    with pytest.raises(EngineFailedError, match="no answer in time"):
        start(dashscope_tts, timeout_s=0.3, attempts=1).speak(LINE)


def test_a_cancel_ends_the_waiting_for_a_transcript(start, service) -> None:
    cancel = CancelToken()

    def stop(fraction: float) -> None:
        cancel.cancel()

    with pytest.raises(CancelledError):
        start(dashscope_asr).transcribe(sound(), language="en", report=stop, cancel=cancel)


def test_without_a_key_nothing_starts() -> None:
    assert [part.what for part in dashscope_tts.ENGINE.missing()] == ["a key of DashScope"]
    with pytest.raises(EngineMissingError, match="key"):
        dashscope_tts.create({})
