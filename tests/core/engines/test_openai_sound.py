"""OpenAI's speech and transcription: the real SDK against a loopback server."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
import soundfile
from fake_http import Answer, as_json
from fake_services import FakeOpenAI, wav_bytes

from rythmo.engines.adapters.openai import transcriber as openai_transcriber
from rythmo.engines.adapters.openai import voice as openai_voice
from rythmo.engines.base import SpeakerProfile, SpeechRequest, Turn
from rythmo.errors import EngineFailedError, EngineMissingError
from rythmo.media.audio import Audio
from rythmo.script.model import Prosody
from rythmo.script.takes import VoiceRef

pytest.importorskip("openai", reason="the SDK comes with rythmo[openai]")

SILENT_WAV = wav_bytes(np.zeros(24_000), 24_000)


@pytest.fixture
def service(loopback, monkeypatch) -> FakeOpenAI:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef")
    return FakeOpenAI(loopback)


@pytest.fixture
def start(service, time):
    made: list[Any] = []

    def begin(module: Any, **settings: Any) -> Any:
        made.append(module.create({"base_url": f"{service.server.url}/v1", **settings}, time.clock))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def tone(seconds: float, rate: int = 48_000, channels: int = 2) -> Audio:
    one = 0.2 * np.sin(np.arange(round(seconds * rate)) / 50).astype(np.float32)
    return Audio(np.tile(one, (channels, 1)), rate)


def test_a_line_is_spoken_with_its_direction(start, service) -> None:
    voice = start(openai_voice)
    sound = voice.speak(
        SpeechRequest("Hola.", "es", VoiceRef("openai", "onyx"), direction="whispering, afraid")
    )
    assert (sound.rate, sound.channels) == (24_000, 1)
    (body,) = service.spoken
    assert (body["model"], body["voice"], body["input"]) == ("gpt-4o-mini-tts", "onyx", "Hola.")
    assert body["instructions"] == "whispering, afraid"
    again = voice.speak(SpeechRequest("Hola.", "es", VoiceRef("openai", "onyx")))
    assert "instructions" not in service.spoken[1]
    assert voice.usage.units == {"characters": 10, "seconds": sound.seconds + again.seconds}


def test_voices_are_cast_by_pitch_and_never_twice(start) -> None:
    voice = start(openai_voice)
    people = [
        SpeakerProfile(f"S{n}", "", Prosody(pitch_hz=hertz)) for n, hertz in enumerate([220, 110, 220, None])
    ]
    refs = voice.cast(people, language="es")
    assert [ref.id for ref in refs] == ["coral", "ash", "nova", "sage"]
    assert voice.cast(people[:1], language="es", taken=refs)[0].id == "shimmer"
    with pytest.raises(EngineFailedError, match="13 free stock voices for 14 speakers"):
        voice.cast(people[:1] * 14, language="es")


@pytest.mark.parametrize(
    "fault",
    [
        as_json({"error": {"message": "slow"}}, 429, retry_after="4"),
        as_json({"error": {"message": "oh"}}, 500),
        Answer(SILENT_WAV, content_type="audio/wav", kind="half"),
        Answer(SILENT_WAV, content_type="audio/wav"),
        Answer(b"", content_type="audio/wav"),
        as_json({"error": "none"}),
    ],
    ids=["429", "500", "half", "silent", "empty", "nonsense"],
)
def test_passing_trouble_is_tried_again(start, service, time, fault: Answer) -> None:
    service.server.faults.append(fault)
    voice = start(openai_voice)
    assert voice.speak(SpeechRequest("Hola.", "es", VoiceRef("openai", "onyx"))).seconds > 0.3
    assert voice.usage.retries == 1
    assert time.waits[0] >= (4 if fault.status == 429 else 0)


def test_words_come_with_samples_and_punctuation(start, service) -> None:
    transcriber = start(openai_transcriber)
    seen: list[float] = []
    words = transcriber.transcribe(tone(3.0), language="en", report=seen.append)
    assert [word.text for word in words] == [f"Word{n}," for n in range(6)]
    assert [word.start for word in words] == [n * 24_000 for n in range(6)]
    assert words[0].confidence == pytest.approx(0.905, abs=0.001)
    assert seen == [0.0, 1.0]
    (form,) = service.heard
    assert form["language"] == "en"
    assert form["response_format"] == "verbose_json"
    samples, rate = soundfile.read(BytesIO(service.files[0]))
    assert (samples.shape, rate) == ((48_000,), 16_000)
    assert transcriber.usage.units == {"seconds": 3.0}


def test_long_sound_goes_in_pieces_cut_where_nobody_speaks(start, service) -> None:
    turns = [Turn(0, 4 * 48_000, "A"), Turn(5 * 48_000, 8 * 48_000, "B")]
    words = start(openai_transcriber, piece_seconds=6.0).transcribe(tone(8.0), language="en", turns=turns)
    assert [round(soundfile.info(BytesIO(file)).duration, 2) for file in service.files] == [4.5, 3.5]
    assert words[9].start == round(4.5 * 48_000)
    assert words[-1].end <= 8 * 48_000


def test_a_model_without_word_times_gets_its_text_spread(start, service) -> None:
    words = start(openai_transcriber, model="gpt-4o-transcribe").transcribe(tone(2.0), language="en")
    assert service.heard[0]["response_format"] == "json"
    assert [word.text for word in words] == ["Word0,", "Word1,", "Word2,", "Word3,"]
    assert [round(word.start / 48_000, 2) for word in words] == [0.0, 0.5, 1.0, 1.5]


def test_sentences_without_words_are_spread_over_their_own_time(start, service) -> None:
    segment = {"id": 0, "start": 1.0, "end": 2.0, "text": " Hello there", "avg_logprob": -0.5}
    service.server.route = lambda _: as_json({"text": "Hello there", "duration": 3.0, "segments": [segment]})
    words = start(openai_transcriber).transcribe(tone(3.0), language="en")
    assert [(word.text, round(word.start / 48_000, 1)) for word in words] == [("Hello", 1.0), ("there", 1.5)]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe{}", b"{}", b"[]", b"null"])
def test_nonsense_is_asked_for_again(start, service, body: bytes) -> None:
    service.server.faults.append(Answer(body))
    assert len(start(openai_transcriber).transcribe(tone(1.0), language="en")) == 2
    assert len(service.server.requests) == 2


def test_a_wrong_key_is_one_clear_error(start, service) -> None:
    service.server.faults.extend(
        [as_json({"error": {"message": "bad key sk-test-0123456789abcdef"}}, 401)] * 2
    )
    with pytest.raises(EngineFailedError, match="could not transcribe a piece: 401") as caught:
        start(openai_transcriber).transcribe(tone(1.0), language="en")
    assert "0123456789" not in str(caught.value)
    with pytest.raises(EngineFailedError, match="could not speak a line: 401"):
        start(openai_voice).speak(SpeechRequest("Hola.", "es", VoiceRef("openai", "onyx")))


def test_servers_of_ones_own(service, time, monkeypatch) -> None:
    monkeypatch.setenv("RYTHMO_SPEECH_URL", f"{service.server.url}/v1")
    monkeypatch.setenv("RYTHMO_TRANSCRIBE_URL", f"{service.server.url}/v1")
    with pytest.raises(EngineMissingError, match="names of a model and of voices"):
        openai_voice.create_compatible({})
    voice = openai_voice.create_compatible({"model": "kokoro", "voices": ["af_bella"]}, time.clock)
    (ref,) = voice.cast([SpeakerProfile("S1", "", Prosody())], language="es")
    assert voice.speak(SpeechRequest("Hola.", "es", ref)).rate == 24_000
    recogniser = openai_transcriber.create_compatible({}, time.clock)
    assert recogniser.transcribe(tone(1.0), language="en")
    assert all("0123456789abcdef" not in str(request.headers) for request in service.server.requests)
    for engine in (voice, recogniser):
        engine.close()
    monkeypatch.delenv("RYTHMO_SPEECH_URL")
    with pytest.raises(EngineMissingError, match="address"):
        openai_voice.create_compatible({"model": "m", "voices": ["v"]})
