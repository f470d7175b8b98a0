"""No engine clones without consent: held over every engine that clones, through the stage that casts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from engine_cases import CASES, built_in

from rythmo.casting import cast_file as cast_files
from rythmo.casting import consent
from rythmo.casting.cast_file import FOLDER, Cast, Person, Reference
from rythmo.casting.consent import Consent
from rythmo.engines import fakes
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, SpeechRequest
from rythmo.engines.pool import EnginePool
from rythmo.engines.remote.voice_ledger import PREFIX
from rythmo.errors import InputError
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.scenes import Chunk
from rythmo.progress import NEVER, ignore_progress
from rythmo.project.workspace import Project
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import VoiceRef
from rythmo.settings import CastSettings, Settings
from rythmo.stages import cast
from rythmo.stages.context import Context

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend

DAY = date(2026, 6, 1)
RATE = 48_000
NAMES = ("Anna", "Ben")


class Heartless(fakes.FakeVoice):
    """An engine that can only clone, as Qwen3-TTS's base models; here also where those are not installed."""

    def cast(self, speakers, *, language, taken=()):
        assert all(speaker.references for speaker in speakers)
        return tuple(VoiceRef(self.info.name, f"{PREFIX}{speaker.id}", {"hz": 300}) for speaker in speakers)


def heartless(_: Any) -> Heartless:
    info = EngineInfo(
        Kind.VOICE, "heartless", "1", "", "", capabilities=frozenset({"clones", "needs_reference"})
    )
    return Heartless(info, fakes.Calls())


CLONERS = {
    **{
        spec.info.name: CASES[Kind.VOICE][spec.info.name]
        for spec in built_in(Kind.VOICE)
        if "clones" in spec.info.capabilities
    },
    "heartless": heartless,
}


@pytest.fixture(params=sorted(CLONERS))
def engine(request):
    """The engine, and all the references that were ever handed to it."""
    made = CLONERS[request.param](request)
    made.handed = []
    inner = made.cast

    def watched(speakers, **more):
        made.handed += [speaker.name for speaker in speakers if speaker.references]
        return inner(speakers, **more)

    made.cast = watched
    yield made
    made.close()


@pytest.fixture(autouse=True)
def day(monkeypatch):
    monkeypatch.setattr(consent, "read_utc_date", lambda: DAY)


def sound(seconds=8):
    return 0.2 * np.random.default_rng(3).normal(size=seconds * RATE).astype(np.float32)


def cast_file(folder: Path, **changes: Any) -> Path:
    """Both people with a reference; only Anna has given consent, changed as told."""
    people = []
    for name in NAMES:
        path = folder / FOLDER / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, sound(), RATE)
        people.append(
            Person(name, reference=Reference(f"{FOLDER}/{name}.wav", cast_files.hash_reference(path)))
        )
    record = Consent(
        "Anna Example", "Anna Example", "Studio", "one film", ("es",), DAY, people[0].reference.sha256
    )
    people[0] = replace(people[0], consents=(replace(record, **changes),))
    cast_files.save_cast(Cast(tuple(people)), folder / "cast.toml")
    return folder / "cast.toml"


def casting(engine, folder: Path, file: Path | None) -> tuple[Script, Context]:
    """Two named speakers, cast by the stage."""
    for name in ("speech", "bed"):
        soundfile.write(folder / f"{name}.wav", sound() * (name == "speech"), RATE)
    speech, bed = (
        ChunkedAudio(((Chunk(0, 8 * RATE), folder / f"{name}.wav"),), name, 1) for name in ("speech", "bed")
    )
    people = tuple(Speaker(f"S{n + 1}", name, edited=("name",)) for n, name in enumerate(NAMES))
    lines = tuple(Line(f"{s.id}_0001", s.id, n * RATE * 4, n * RATE * 4 + RATE * 3, "hello")
                  for n, s in enumerate(people))  # fmt: skip
    programme = Programme("film", "film.wav", 8 * RATE, RATE, 1)
    script = Script(programme, "en", "es", people, lines)
    pool = EnginePool(given={Kind.VOICE: EngineSpec(engine.info, lambda _: engine)})
    settings = Settings(cast=CastSettings(str(file) if file else ""))
    context = Context(Project(folder / "film.rythmo"), pool, settings, ignore_progress, NEVER)
    return cast.run(script, speech, bed, context), context


def speak(script: Script, context: Context) -> None:
    """Every speaker says something, by whatever engine their voice is of."""
    for speaker in script.speakers:
        engines = context.voiced_by(speaker.voice, "es").engines
        assert engines.voice("es").speak(SpeechRequest("Hola, ¿qué tal?", "es", speaker.voice)).length


def refused(script: Script) -> list[str]:
    flagged = [line for line in script.lines if cast.NO_CONSENT in {flag.code for flag in line.flags}]
    assert len(cast.notes(script)) == len(flagged), "the report says so, once for each"
    return [line.speaker for line in flagged]


def test_every_cloning_engine_is_held_to_it() -> None:
    assert {"elevenlabs", "worker", "qwen-tts"} <= set(CLONERS)


def test_without_a_cast_file_nobody_is_cloned(engine, tmp_path, loopback) -> None:
    script, context = casting(engine, tmp_path, None)
    speak(script, context)
    assert engine.handed == []
    assert not [s for s in script.speakers if s.voice.id.startswith(PREFIX) or s.consent]
    assert refused(script) == ["S1", "S2"]
    assert len({speaker.voice.id for speaker in script.speakers}) == 2
    assert not [one for one in loopback.requests if one.path == "/v1/voices/add" or b"RIFF" in one.body]
    context.engines.close()


def test_only_who_agreed_is_cloned(engine, tmp_path, loopback) -> None:
    script, context = casting(engine, tmp_path, cast_file(tmp_path))
    speak(script, context)
    assert engine.handed == ["Anna"]
    anna, ben = script.speakers
    assert anna.voice.id.startswith(PREFIX) and anna.consent
    assert not ben.voice.id.startswith(PREFIX) and not ben.consent
    assert refused(script) == ["S2"]
    clones = [one for one in loopback.requests if one.path == "/v1/voices/add"]
    assert len(clones) == (1 if engine.info.name == "elevenlabs" else 0)
    context.engines.close()


@pytest.mark.parametrize(
    "change",
    [
        {"expires": DAY - timedelta(days=1)},
        {"languages": ("fr", "pt")},
        {"reference": "0" * 64},
        {"granted_by": " "},
        {"scope": ""},
    ],
    ids=["ended", "another language", "another recording", "granted by nobody", "for nothing"],
)
def test_consent_that_does_not_hold_is_none(engine, tmp_path, loopback, change) -> None:
    try:
        file = cast_file(tmp_path, **change)
        script, context = casting(engine, tmp_path, file)
    except InputError as error:
        assert "scope" in error.message, "a record that is not whole is told when the file is read"
        return
    assert engine.handed == []
    assert refused(script) == ["S1", "S2"]
    assert not [one for one in loopback.requests if one.path == "/v1/voices/add"]
    context.engines.close()


def test_a_clone_does_not_outlive_its_consent(engine, tmp_path, monkeypatch) -> None:
    """The voice of an earlier run is no leave: on the day after the last it is dropped."""
    file = cast_file(tmp_path)
    script, context = casting(engine, tmp_path, file)
    assert script.speakers[0].consent
    monkeypatch.setattr(consent, "read_utc_date", lambda: DAY + timedelta(days=1))
    source = ChunkedAudio(((Chunk(0, 8 * RATE), tmp_path / "speech.wav"),), "speech", 1)
    later = cast.run(script, source, source, context)
    assert not later.speakers[0].consent and not later.speakers[0].voice.id.startswith(PREFIX)
    assert "ended" in cast.notes(later)[0]
    assert later.speakers[1].voice == script.speakers[1].voice, "everybody else keeps theirs"
    context.engines.close()
