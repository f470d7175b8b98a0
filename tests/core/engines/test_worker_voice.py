"""The worker protocol: our client against the reference worker of `examples/`, and against bad ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import toy
from fake_http import Answer, as_json
from reference_worker import EXAMPLE, load_worker, serving

from rythmo.dubbing.pipeline import Job, dub
from rythmo.engines import fakes
from rythmo.engines.adapters import worker_voice
from rythmo.engines.base import EngineSpec, Kind, SpeakerProfile, SpeechRequest
from rythmo.engines.remote.audio_response import read_wav
from rythmo.engines.remote.calls import Clock
from rythmo.errors import EngineFailedError, EngineMissingError, UsageError
from rythmo.media.audio import Audio
from rythmo.script.model import Manner, Prosody
from rythmo.script.takes import VoiceRef
from rythmo.settings import DeliverSettings, Settings


@pytest.fixture(scope="module")
def reference_worker() -> Any:
    return load_worker()


@pytest.fixture
def serve():
    with serving() as start:
        model = load_worker()
        yield lambda about=None, speak=None, **more: start(
            {**model.ABOUT, **(about or {})}, speak or model.speak, **more
        )


def tone(seconds: float, hertz: float = 150.0) -> Audio:
    return Audio(
        np.sin(np.arange(round(seconds * 48_000)) * hertz / 7639).astype(np.float32)[None] / 3, 48_000
    )


def profile(name: str, *, consent: bool = True, hertz: float = 120.0) -> SpeakerProfile:
    return SpeakerProfile(name, name, Prosody(pitch_hz=hertz), (tone(3, hertz),) if consent else ())


def test_the_reference_worker_speaks(serve) -> None:
    voice = worker_voice.create({"base_url": serve()})
    assert voice.info.version == "hum 1"
    assert voice.info.capabilities == {"clones", "duration_control"}
    one, two = voice.cast([profile("S1"), profile("S2", hertz=180)], language="es")
    low, high = voice.cast(
        [profile("S3", consent=False, hertz=100), profile("S4", consent=False, hertz=220)], language="es"
    )
    assert (low.id, high.id) == ("low", "high")
    sounds = [voice.speak(SpeechRequest("Hola, ¿qué tal?", "es", ref)) for ref in (one, two, low, high)]
    assert len({sound.samples.tobytes() for sound in sounds}) == 4
    assert all((sound.rate, sound.channels) == (24_000, 1) for sound in sounds)
    asked = voice.speak(SpeechRequest("Hola, ¿qué tal?", "es", one, seconds=2.5))
    assert asked.seconds == pytest.approx(2.5)


def test_a_model_gets_what_it_can_use_and_nothing_else(serve, reference_worker) -> None:
    got: list[dict[str, Any]] = []

    def speak(out: str, **wishes: Any) -> None:
        for name in ("reference", "emotion"):
            if wishes[name]:
                wishes[name] = read_wav(Path(wishes[name]).read_bytes())
        got.append(wishes)
        reference_worker.speak("Hola", None, None, 1.0, 0, out)

    everything = ["clones", "emotion", "feelings", "manner", "direction", "duration_control"]
    able = worker_voice.create(
        {
            "base_url": serve({"capabilities": everything, "reference_rate": 16_000}, speak),
            "options": {"alpha": 0.6},
        }
    )
    (ref,) = able.cast([profile("S1")], language="es")
    asked = SpeechRequest("Hola.", "es", ref, 1.5, "whispering", tone(1), Manner(2.0), feelings={"sad": 0.7})
    able.speak(asked)
    wishes = got.pop()
    assert wishes["feelings"] == {"sad": 0.7}
    assert wishes["manner"] == {"pitch": 2.0, "range": 1.0, "pace": 1.0, "level": 0.0, "whispered": False}
    assert (wishes["text"], wishes["language"], wishes["seconds"]) == ("Hola.", "es", 1.5)
    assert (wishes["direction"], wishes["options"]) == ("whispering", {"alpha": 0.6})
    assert wishes["reference"].rate == wishes["emotion"].rate == 16_000
    assert wishes["reference"].seconds == pytest.approx(3.0)
    assert wishes["emotion"].seconds == pytest.approx(1.0)
    plain = worker_voice.create({"base_url": serve({"capabilities": []}, speak)})
    (own,) = plain.cast([profile("S1")], language="es")
    plain.speak(replace(asked, voice=own))
    wishes = got.pop()
    assert wishes["feelings"] is None and wishes["manner"] is None
    assert own.id == "low", "a model that cannot clone is not given references"
    assert (wishes["seconds"], wishes["direction"], wishes["emotion"], wishes["reference"]) == (
        None,
        "",
        None,
        None,
    )


def test_nobody_is_cloned_without_a_reference(serve) -> None:
    voice = worker_voice.create({"base_url": serve({"voices": []})})
    with pytest.raises(EngineFailedError, match="0 free stock voices"):
        voice.cast([profile("S1", consent=False)], language="es")
    with pytest.raises(EngineFailedError, match="no reference"):
        voice.speak(SpeechRequest("Hola.", "es", VoiceRef("worker", "clone-0123456789abcdef")))


def test_a_token_is_asked_for_and_sent(serve, monkeypatch) -> None:
    url = serve(token="swordfish-swordfish")
    with pytest.raises(EngineMissingError, match="token is wrong") as caught:
        worker_voice.create({"base_url": url})
    assert "RYTHMO_WORKER_TOKEN" in caught.value.hint
    monkeypatch.setenv("RYTHMO_WORKER_TOKEN", "swordfish-swordfish")
    assert worker_voice.create({"base_url": url}).info.version == "hum 1"


def test_the_reference_worker_serves_no_foreign_name(serve) -> None:
    from rythmo.engines.remote.http import StatusError, send_request

    url = serve()
    with pytest.raises(StatusError, match="403"):
        send_request("GET", f"{url}/v1/about", headers={"host": "evil.example:80"}, timeout=10)
    with pytest.raises(StatusError, match="404"):
        send_request("GET", f"{url}/etc/passwd", timeout=10)
    with pytest.raises(StatusError, match="400"):
        send_request("POST", f"{url}/v1/speak", body=b"{", timeout=10)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("bad text"), "400, ValueError: bad text"),
        (RuntimeError("no GPU"), "500, no GPU"),
        (RuntimeError("CUDA out of memory"), "507, CUDA out of memory"),
    ],
)
def test_what_the_model_says_reaches_the_user(serve, time, error: Exception, said: str) -> None:
    def speak(**_: Any) -> None:
        raise error

    voice = worker_voice.create({"base_url": serve(speak=speak), "attempts": 2}, time.clock)
    with pytest.raises(EngineFailedError, match=said):
        voice.speak(SpeechRequest("Hola.", "es", VoiceRef("worker", "low")))


def test_a_model_of_ones_own_runs_in_a_process_of_its_own(tmp_path, reference_worker) -> None:
    model = tmp_path / "my_model.py"
    model.write_text(
        "import wave\nABOUT = {'name': 'mine', 'version': '7', 'voices': [{'id': 'me'}]}\n"
        "def speak(text, out, **_):\n    with wave.open(out, 'wb') as file:\n"
        "        file.setparams((1, 2, 8000, 0, 'NONE', ''))\n        file.writeframes(b'\\0\\x40' * 8000)\n"
    )
    command = [sys.executable, str(EXAMPLE), str(model), "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if name != "RYTHMO_WORKER_TOKEN"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        try:
            url = worker.stdout.readline().strip().split("=")[1]
            voice = worker_voice.create({"base_url": url})
            assert voice.info.version == "mine 7"
            sound = voice.speak(SpeechRequest("Hola.", "es", VoiceRef("worker", "me")))
            assert (sound.rate, sound.length) == (8000, 8000)
        finally:
            worker.terminate()
    refused = subprocess.run(
        [*command, "--host", "0.0.0.0"], capture_output=True, text=True, env=environment, check=False
    )
    assert refused.returncode == 2
    assert "RYTHMO_WORKER_TOKEN" in refused.stderr


ABOUT = {"protocol": 1, "name": "m", "capabilities": ["clones"], "voices": [{"id": "a"}]}


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"protocol": 2}', b'{"protocol": 1}', b'{"protocol": 1, "name": "m", "voices": 7}'],
)
def test_what_is_no_worker_is_said(loopback, time, body: bytes) -> None:
    loopback.route = lambda _: Answer(body)
    with pytest.raises(EngineMissingError, match="could not describe itself") as caught:
        worker_voice.create({"base_url": loopback.url}, time.clock)
    assert "running" in caught.value.hint


def test_bad_answers_and_busy_workers_are_asked_again(loopback, time, reference_worker, tmp_path) -> None:
    reference_worker.speak("Hola", "low", None, 1.0, 0, str(tmp_path / "good.wav"))
    good = Answer((tmp_path / "good.wav").read_bytes(), content_type="audio/wav")
    loopback.route = lambda request: as_json(ABOUT) if request.method == "GET" else good
    voice = worker_voice.create({"base_url": loopback.url, "attempts": 9}, time.clock)
    loopback.faults.extend(
        [
            as_json({"error": {"message": "busy"}}, 503, retry_after="9"),
            Answer(good.body, kind="half"),
            Answer(b""),
            Answer(b"not sound"),
            as_json({"error": "x"}, 429),
        ]
    )
    assert voice.speak(SpeechRequest("Hola.", "es", VoiceRef("worker", "a"))).seconds == pytest.approx(1.0)
    assert voice.usage.retries == 5
    assert time.waits[0] >= 9
    sent = json.loads(loopback.requests[-1].body)
    assert sent["voice"] == "a"


def test_silence_ends(loopback) -> None:
    loopback.faults.append(Answer(kind="silence"))
    with pytest.raises(EngineMissingError, match="no answer in time"):
        worker_voice.create({"base_url": loopback.url, "timeout_s": 0.2, "attempts": 1}, Clock())


def test_addresses() -> None:
    assert [part.setting for part in worker_voice.ENGINE.missing()] == ["base_url"]
    with pytest.raises(EngineMissingError, match="needs an address"):
        worker_voice.create({})
    for url in ("file:///etc/passwd", "127.0.0.1:8765", "http://"):
        with pytest.raises(UsageError, match="is not a web address"):
            worker_voice.create({"base_url": url})
    with pytest.raises(EngineMissingError, match="no connection"):
        worker_voice.create({"base_url": "http://127.0.0.1:9", "attempts": 1})


def test_a_dub_sends_each_lines_own_sound_as_its_emotion(serve, reference_worker, tmp_path) -> None:
    """Timbre by the cast (a voice of the worker's own: nobody agreed to a clone), emotion by the line."""
    got: dict[str, Any] = {}

    def speak(text: str, out: str, emotion: Any, **wishes: Any) -> None:
        got[text] = (wishes["voice"], read_wav(Path(emotion).read_bytes()))
        reference_worker.speak(text, wishes["voice"], None, None, 0, out)

    voices = [{"id": name} for name in ("one", "two", "three")]
    about = {"capabilities": ["clones", "emotion"], "voices": voices, "reference_rate": 16_000}
    url, source = serve(about, speak), toy.write_sound(tmp_path / "toy.wav")
    spec = EngineSpec(worker_voice.INFO, lambda own: worker_voice.create({**own, "base_url": url}))
    engines = {**fakes.specs(), Kind.VOICE: spec}
    script = dub(
        Job(source, "es", "en", tmp_path), Settings(deliver=DeliverSettings("srt")), engines=engines
    ).script
    for line in script.lines:
        voice, emotion = got[line.translation]
        assert voice == script.speaker(line.speaker).voice.id
        assert emotion.seconds == pytest.approx(line.length / 48_000, abs=0.001)
        heard = np.abs(np.fft.rfft(emotion.samples[0], 16_000)).argmax()
        assert heard in [pytest.approx(hz, abs=8) for hz in fakes.PITCHES]
        assert line.take.follows == ("original line",)
    assert len({voice for voice, _ in got.values()}) == len(script.speakers)
