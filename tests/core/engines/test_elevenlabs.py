"""The real SDK against a loopback server that keeps voices, counts what would be paid, and misbehaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_http import Answer, as_json
from fake_services import FakeElevenLabs

from rythmo.engines import registry
from rythmo.engines.adapters import elevenlabs
from rythmo.engines.base import SpeakerProfile, SpeechRequest
from rythmo.engines.remote.voice_ledger import Ledger, clean_voices
from rythmo.errors import CancelledError, EngineFailedError, EngineMissingError
from rythmo.media.audio import Audio
from rythmo.progress import CancelToken
from rythmo.script.model import Prosody
from rythmo.script.takes import VoiceRef

pytest.importorskip("elevenlabs", reason="the SDK comes with rythmo[elevenlabs]")


def profile(name: str, hertz: float | None = 120.0, *, consent: bool = True) -> SpeakerProfile:
    tone = np.sin(2 * np.pi * (hertz or 150) * np.arange(3 * 16_000) / 16_000).astype(np.float32) / 4
    return SpeakerProfile(
        name, name, Prosody(pitch_hz=hertz), (Audio(tone[None], 16_000),) if consent else ()
    )


@pytest.fixture
def service(loopback, monkeypatch) -> FakeElevenLabs:
    monkeypatch.setenv("ELEVENLABS_API_KEY", "xi-test-key")
    return FakeElevenLabs(loopback)


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger(tmp_path / "voices.db")


@pytest.fixture
def engine(service, time, ledger):
    def start(**settings: Any) -> elevenlabs.ElevenLabsVoice:
        base = {"base_url": service.server.url, "ledger": str(ledger.path), "job": "film.rythmo"}
        return elevenlabs.create({**base, **settings}, time.clock)

    return start


def line(voice: VoiceRef, text: str = "Hola, ¿qué tal?", **more: Any) -> SpeechRequest:
    return SpeechRequest(text, "es", voice, **more)


def test_two_speakers_with_the_same_words_sound_different(engine, service) -> None:
    voice = engine()
    one, two = voice.cast([profile("S1", 120), profile("S2", 210)], language="es")
    assert one.id != two.id
    a, b = voice.speak(line(one)), voice.speak(line(two))
    assert (a.rate, a.channels) == (24_000, 1)
    assert a.samples.shape == b.samples.shape
    assert not np.array_equal(a.samples, b.samples)
    assert voice.usage.units == {"characters": 30, "clones": 2}
    voice.close()


def test_a_clone_is_made_once_when_first_needed_and_deleted_at_the_end(engine, service, ledger) -> None:
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    assert service.server.requests == [], "casting sends nothing"
    for text in ("Uno.", "Dos.", "Tres."):
        voice.speak(line(ref, text))
    assert len(service.made) == 1
    assert [v.id for v in ledger.live()] == ["voice0"]
    voice.close()
    assert service.voices == {}
    assert ledger.live() == ()


def test_lines_that_are_spoken_side_by_side_share_one_clone(engine, service) -> None:
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    threads = [threading.Thread(target=voice.speak, args=(line(ref, f"Número {n}."),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(service.made) == 1
    assert len(service.spoken) == 8
    voice.close()


def test_the_next_job_clones_again_under_the_same_name_of_ours(engine, service) -> None:
    first = engine()
    (ref,) = first.cast([profile("S1")], language="es")
    first.speak(line(ref))
    first.close()
    second = engine()
    with pytest.raises(EngineFailedError, match="no reference") as caught:
        second.speak(line(ref))
    assert "consent" in caught.value.hint
    assert second.cast([profile("S1")], language="es") == (ref,), "keys of takes do not change"
    second.speak(line(ref))
    second.close()
    assert len(service.made) == 2
    assert service.voices == {}


def test_references_can_be_kept_for_other_processes(engine, service, tmp_path) -> None:
    first = engine(references=str(tmp_path / "references"))
    (ref,) = first.cast([profile("S1")], language="es")
    second = engine(references=str(tmp_path / "references"))
    second.speak(line(ref))
    assert len(service.made) == 1
    second.close()


KILLED = """
    import os, sys, signal
    from rythmo.engines.adapters import elevenlabs
    sys.path.insert(0, os.environ["HERE"])
    from test_elevenlabs import profile, line
    voice = elevenlabs.create({"base_url": sys.argv[1], "ledger": sys.argv[2], "job": "film.rythmo"})
    (ref,) = voice.cast([profile("S1")], language="es")
    voice.speak(line(ref, "Uno."))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kill_during_synthesis_makes_no_second_clone(engine, service, ledger) -> None:
    env = {
        **os.environ,
        "HERE": str(Path(__file__).parent),
        "PYTHONPATH": str(Path(__file__).parents[2] / "support"),
    }
    command = [sys.executable, "-c", textwrap.dedent(KILLED), service.server.url, str(ledger.path)]
    died = subprocess.run(command, env=env, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    assert list(service.voices) == ["voice0"]
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    voice.speak(line(ref, "Dos."))
    assert service.made == [ledger.live()[0].name]
    assert service.spoken == [("voice0", "Uno."), ("voice0", "Dos.")]
    voice.close()
    assert service.voices == {}


def test_a_clone_whose_answer_was_lost_is_found_again_not_made_twice(engine, service, ledger) -> None:
    def lose_the_answer(request):
        answer = service.route(request)
        if request.path == "/v1/voices/add":
            return Answer(answer.body, kind="half")
        return answer

    service.server.route = lose_the_answer
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    voice.speak(line(ref))
    assert len(service.made) == 1
    voice.close()
    assert service.voices == {}


def test_a_clone_that_a_killed_run_never_heard_of_is_found_by_its_name(engine, service, ledger) -> None:
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    announced = voice._clones._book._announce(ref.id.removeprefix("clone-"))
    service.voices["orphan"] = announced.name
    voice.speak(line(ref))
    assert service.made == []
    assert service.spoken[0][0] == "orphan"
    voice.close()
    assert service.voices == {}


def test_a_cancel_while_cloning_leaves_nothing_behind(engine, service, ledger) -> None:
    cancel, may_answer = CancelToken(), threading.Event()

    def slow(request):
        if request.path == "/v1/voices/add":
            cancel.cancel()
            may_answer.wait(10)
        return service.route(request)

    service.server.route = slow
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    with pytest.raises(CancelledError):
        voice.speak(line(ref), cancel=cancel)
    may_answer.set()
    voice.close()
    assert len(service.made) == 1
    assert service.voices == {}
    assert ledger.live() == ()


def test_what_cannot_be_deleted_is_listed_and_cleaned_later(
    engine, service, ledger, caplog, monkeypatch
) -> None:
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    voice.speak(line(ref))
    service.server.faults.extend([as_json({"detail": "down"}, 500)] * 6)
    voice.close()
    assert "rythmo doctor --clean-voices" in caplog.text
    (left,) = ledger.live()
    assert left.id == "voice0"
    monkeypatch.setattr(registry, "find", lambda kind, name: elevenlabs.ENGINE)
    cleaned = clean_voices(ledger)
    assert (cleaned.deleted, cleaned.left) == ((left,), ())
    assert service.voices == {}
    assert ledger.live() == ()


def test_cleaning_without_a_key_deletes_nothing_and_says_so(
    ledger, engine, service, monkeypatch, caplog
) -> None:
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    voice.speak(line(ref))
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    monkeypatch.setattr(registry, "find", lambda kind, name: elevenlabs.ENGINE)
    assert [one.id for one in clean_voices(ledger).left] == ["voice0"]
    assert "still there" in caplog.text
    monkeypatch.setenv("ELEVENLABS_API_KEY", "xi-test-key")
    assert clean_voices(ledger).left == ()


def test_a_voice_that_was_deleted_by_hand_is_made_again(engine, service) -> None:
    voice = engine()
    (ref,) = voice.cast([profile("S1")], language="es")
    voice.speak(line(ref))
    service.voices.clear()
    voice.speak(line(ref, "Otra vez."))
    assert len(service.made) == 2
    voice.close()


def test_without_consent_stock_voices_are_cast_by_pitch(engine, service) -> None:
    voice = engine()
    people = [profile("S1", 210, consent=False), profile("S2", 110), profile("S3", 110, consent=False)]
    refs = voice.cast(people, language="es")
    assert refs[0].id == "stock-f"
    assert refs[1].id.startswith("clone-")
    assert refs[2].id == "stock-m"
    (other,) = voice.cast([profile("S4", 210, consent=False)], language="es", taken=refs)
    assert other.id == "stock-n"
    with pytest.raises(EngineFailedError, match="0 free stock voices for 1 speaker"):
        voice.cast([profile("S5", consent=False)], language="es", taken=(*refs, other))
    voice.speak(line(refs[0]))
    voice.close()
    assert service.made == []


def test_stock_voices_can_be_named(engine, service) -> None:
    voice = engine(voices=["mine", "yours"])
    refs = voice.cast([profile("S1", consent=False), profile("S2", consent=False)], language="es")
    assert [ref.id for ref in refs] == ["mine", "yours"]
    with pytest.raises(EngineFailedError, match="no voice 'mine'"):
        voice.speak(line(refs[0]))
    voice.close()


@pytest.mark.parametrize(
    ("model", "language", "sent"),
    [(None, "es", {"model_id": "eleven_multilingual_v2"}),
     (None, "hu", {"model_id": "eleven_flash_v2_5", "language_code": "hu"}),
     ("eleven_v3", "es", {"model_id": "eleven_v3", "language_code": "es", "text": "[whispering] Hola."})],
)  # fmt: skip
def test_what_is_asked_for(engine, service, model, language, sent) -> None:
    voice = engine(voices=["stock-m"], stability=0.3, **({"model": model} if model else {}))
    ref = VoiceRef("elevenlabs", "stock-m")
    voice.speak(SpeechRequest("Hola.", language, ref, direction="whispering"))
    body = service.server.requests[-1].json()
    assert body | sent == body
    assert ("language_code" in body) == ("language_code" in sent)
    assert body["voice_settings"] == {"stability": 0.3, "similarity_boost": 0.75, "style": 0.0}
    assert 0 <= body["seed"] < 2**32
    voice.close()


@pytest.mark.parametrize(
    "fault",
    [
        as_json({"detail": {"status": "system_busy"}}, 429, retry_after="5"),
        as_json({"detail": "oh"}, 500),
        Answer(b"\0\1" * 4000, content_type="audio/pcm", kind="half"),
        Answer(b"\0\0" * 24_000, content_type="audio/pcm"),
        Answer(b"", content_type="audio/pcm"),
        Answer(b"\0\1\2", content_type="audio/pcm"),
        Answer(b"<html>busy</html>", content_type="text/html"),
    ],
    ids=["429", "500", "half", "silent", "empty", "odd", "page"],
)  # fmt: skip
def test_passing_trouble_is_tried_again(engine, service, time, fault: Answer) -> None:
    voice = engine()
    service.server.faults.append(fault)
    assert voice.speak(line(VoiceRef("elevenlabs", "stock-m"))).seconds > 0.5
    assert voice.usage.retries == 1
    assert time.waits[0] >= (5 if fault.status == 429 else 0)
    voice.close()


def test_a_wrong_key_is_one_clear_error(engine, service, monkeypatch) -> None:
    monkeypatch.setenv("ELEVENLABS_API_KEY", "xi-wrong-key-0123456789")
    voice = engine()
    with pytest.raises(EngineFailedError, match="could not speak a line: 401, Invalid API key") as caught:
        voice.speak(line(VoiceRef("elevenlabs", "stock-m")))
    assert "ELEVENLABS_API_KEY" in caught.value.hint
    assert "0123456789" not in str(caught.value)


def test_a_spent_quota_is_not_waited_for(engine, service, time) -> None:
    service.server.faults.append(
        as_json({"detail": {"status": "quota_exceeded", "message": "0 credits"}}, 429)
    )
    with pytest.raises(EngineFailedError, match="0 credits"):
        engine().speak(line(VoiceRef("elevenlabs", "stock-m")))
    assert time.waits == []


def test_silence_ends(engine, service) -> None:
    service.server.faults.append(Answer(kind="silence"))
    with pytest.raises(EngineFailedError, match="no answer in time"):
        engine(timeout_s=0.2, attempts=1).speak(line(VoiceRef("elevenlabs", "stock-m")))


def test_without_a_key_nothing_starts() -> None:
    assert [part.what for part in elevenlabs.ENGINE.missing()] == ["a key of ElevenLabs"]
    with pytest.raises(EngineMissingError, match="key"):
        elevenlabs.create({})
