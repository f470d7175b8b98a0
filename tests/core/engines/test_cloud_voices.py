"""Google's and Azure's REST interfaces, as their references describe them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from fake_http import Answer, as_json
from fake_services import FakeCloudVoices
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.adapters import azure, google
from rythmo.engines.base import SpeakerProfile, SpeechRequest
from rythmo.errors import EngineFailedError, EngineMissingError, UsageError
from rythmo.script.model import Prosody
from rythmo.script.takes import VoiceRef

MODULES = [google, azure]


@pytest.fixture
def service(loopback, monkeypatch) -> FakeCloudVoices:
    monkeypatch.setenv("GOOGLE_API_KEY", "cloud-key-0123456789")
    monkeypatch.setenv("AZURE_SPEECH_KEY", "cloud-key-0123456789")
    monkeypatch.delenv("AZURE_SPEECH_REGION", raising=False)
    return FakeCloudVoices(loopback)


@pytest.fixture
def start(service, time):
    def begin(module: Any, **settings: Any) -> Any:
        return module.create({"base_url": service.server.url, **settings}, time.clock)

    return begin


def people(*hertz: float) -> list[SpeakerProfile]:
    return [SpeakerProfile(f"S{n}", "", Prosody(pitch_hz=one)) for n, one in enumerate(hertz)]


def test_google_casts_the_best_family_by_pitch(start) -> None:
    voice = start(google)
    refs = voice.cast(people(200, 110, 220), language="es")
    assert [ref.id for ref in refs] == ["es-US-Chirp3-HD-Kore", "es-ES-Neural2-B", "es-ES-Neural2-C"]
    with pytest.raises(EngineFailedError, match="0 free stock voices"):
        voice.cast(people(100), language="sw")


def test_azure_casts_voices_of_the_language_by_pitch(start) -> None:
    voice = start(azure)
    refs = voice.cast(people(110, 200), language="es")
    assert [ref.id for ref in refs] == ["es-ES-AlvaroNeural", "es-ES-ElviraNeural"]
    (more,) = voice.cast(people(200), language="es", taken=refs)
    assert more.id == "es-MX-DaliaNeural"


def test_google_speaks(start, service) -> None:
    sound = start(google).speak(
        SpeechRequest("Hola & <adiós>.", "es", VoiceRef("google", "es-US-Chirp3-HD-Kore"))
    )
    assert sound.rate == 24_000
    body = service.server.requests[-1].json()
    assert body["voice"] == {"languageCode": "es-US", "name": "es-US-Chirp3-HD-Kore"}
    assert body["input"] == {"text": "Hola & <adiós>."}
    assert "cloud-key" not in service.server.requests[-1].path


def test_azure_keeps_a_duration_and_takes_the_styles_it_has(start, service) -> None:
    voice, ref = start(azure), VoiceRef("azure", "es-ES-ElviraNeural")
    sound = voice.speak(SpeechRequest("Hola & <adiós>.", "es", ref, seconds=2.5, direction="whispering"))
    assert sound.seconds == pytest.approx(2.5)
    assert 'style="whispering"' in service.ssml[0]
    voice.speak(SpeechRequest("Hola.", "es", ref, direction="as if under water"))
    assert "express-as" not in service.ssml[1]
    assert service.spoken == [(ref.id, "Hola & <adiós>."), (ref.id, "Hola.")]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_a_line_says_stays_text(text: str) -> None:
    root = ElementTree.fromstring(azure.build_ssml(text, 'es-"ES-x', style='a"b<', seconds=1.0))
    assert [child.tag for child in root] == ["{http://www.w3.org/2001/10/synthesis}voice"]
    assert len(list(root.iter())) == 4
    kept = "".join(letter for letter in text if letter.isalpha())
    assert kept == "".join(letter for letter in "".join(root.itertext()) if letter.isalpha())


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    "fault",
    [
        as_json({"error": {"message": "slow"}}, 429, retry_after="3"),
        as_json({}, 500),
        Answer(b"{", kind="half"),
        Answer(b"[]"),
    ],
    ids=["429", "500", "half", "nonsense"],
)
def test_passing_trouble_is_tried_again(start, service, time, module, fault: Answer) -> None:
    voice = start(module)
    (ref,) = voice.cast(people(200), language="es")
    service.server.faults.append(fault)
    assert voice.speak(SpeechRequest("Hola.", "es", ref)).seconds > 0.3
    assert voice.usage.retries == 1
    assert time.waits[0] >= (3 if fault.status == 429 else 0)


@pytest.mark.parametrize("module", MODULES)
def test_a_wrong_key_is_one_clear_error(start, service, monkeypatch, module) -> None:
    monkeypatch.setenv(module.KEY, "wrong-key-9876543210")
    with pytest.raises(EngineFailedError, match="401, the key is not valid") as caught:
        start(module).cast(people(200), language="es")
    assert module.KEY in caught.value.hint


@pytest.mark.parametrize("module", MODULES)
def test_silence_ends(start, service, module) -> None:
    service.server.faults.append(Answer(kind="silence"))
    with pytest.raises(EngineFailedError, match="no answer in time"):
        start(module, timeout_s=0.2, attempts=1, voices=["es-ES-x"]).speak(
            SpeechRequest("Hola.", "es", VoiceRef("x", "es-ES-x"))
        )


def test_what_is_missing_is_said(monkeypatch) -> None:
    monkeypatch.delenv("AZURE_SPEECH_REGION", raising=False)
    assert [part.what for part in google.ENGINE.missing()] == ["a key of Google Cloud"]
    assert [part.what for part in azure.ENGINE.missing()] == ["a key of Azure Speech", "a region"]
    monkeypatch.setenv("AZURE_SPEECH_KEY", "cloud-key-0123456789")
    with pytest.raises(EngineMissingError, match="region"):
        azure.create({})
    with pytest.raises(UsageError, match="not an Azure region"):
        azure.create({"region": "evil.example/"})
