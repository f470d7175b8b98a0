"""espeak-ng itself: voices that match, stay apart and never change, and a rate that is a duration control."""

from __future__ import annotations

import itertools
import os
import pickle
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("espeakng_loader", reason='the extra "embedded" is not installed')

from rythmo.engines.adapters.espeak.cast import SEPARATE, voice_distance
from rythmo.engines.adapters.espeak.tune import Tuning
from rythmo.engines.adapters.espeak.voice import ENGINE, EspeakVoice
from rythmo.engines.adapters.espeak.voices import CODES, language_files
from rythmo.engines.base import SpeakerProfile, SpeechRequest
from rythmo.engines.local.child_process import Worker
from rythmo.errors import CancelledError, EngineFailedError, LanguageError
from rythmo.media.audio import Audio
from rythmo.media.prosody import active_level_db, measure_prosody
from rythmo.progress import CancelToken
from rythmo.script.model import Prosody
from rythmo.script.takes import VoiceRef

LINES = (
    "Hola, no sabía que estabas aquí.",
    "¿Qué quieres que haga yo ahora?",
    "La policía llegará en diez minutos y no tenemos coche.",
    "Nunca pensé que volvería a verte en esta casa.",
    "Escúchame bien, porque no lo voy a repetir.",
)
PEOPLE = (
    Prosody(105, 88, 130, 1250, -20, 4),
    Prosody(210, 175, 270, 1500, -20, 4),
    Prosody(125, 105, 160, 1000, -22, 3),
    Prosody(),
    Prosody(105, 88, 130, 1250, -20, 4),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[EspeakVoice]:
    made = ENGINE.create({"workers": 2})
    yield made
    made.close()


@pytest.fixture(scope="module")
def voices(engine: EspeakVoice) -> tuple[VoiceRef, ...]:
    return engine.cast([SpeakerProfile(f"S{n}", "", p) for n, p in enumerate(PEOPLE)], language="es")


def say(engine: EspeakVoice, text: str, voice: VoiceRef, seconds: float | None = None) -> Audio:
    return engine.speak(SpeechRequest(text, "es", voice, seconds=seconds))


def together(sounds: list[Audio]) -> Audio:
    return Audio(np.concatenate([sound.samples for sound in sounds], axis=1), sounds[0].rate)


def test_nothing_is_missing_and_it_is_a_draft() -> None:
    assert ENGINE.missing() == ()
    assert ENGINE.info.draft
    assert ENGINE.info.capabilities == {"duration_control", "direction", "manner", "rules"}


def test_the_library_has_every_language_declared(engine: EspeakVoice) -> None:
    assert set(CODES.values()) <= set(language_files(engine._processes.data))


@pytest.mark.parametrize(
    "language", ["en", "fr", "pt-br", "it", "ro", "ca", "eo", "zh", "ar", "ru", "ja", "hi"]
)
def test_other_languages_speak(engine: EspeakVoice, voices: tuple[VoiceRef, ...], language: str) -> None:
    sound = engine.speak(SpeechRequest("12, 34.", language, voices[0]))
    assert 0.3 < sound.seconds < 8


def test_pitch_and_brightness_are_those_of_the_original(
    engine: EspeakVoice, voices: tuple[VoiceRef, ...]
) -> None:
    for target, voice in zip(PEOPLE, voices, strict=True):
        if target.pitch_hz is None or target.brightness_hz is None:
            continue
        heard = measure_prosody(together([say(engine, text, voice) for text in LINES]))
        assert heard.pitch_hz is not None and heard.brightness_hz is not None
        assert abs(12 * np.log2(heard.pitch_hz / target.pitch_hz)) < 1.0
        assert heard.brightness_hz == pytest.approx(target.brightness_hz, rel=0.15)


def test_another_reading_is_heard_and_stays_the_same_voice(
    engine: EspeakVoice, voices: tuple[VoiceRef, ...]
) -> None:
    plain, *others = (engine.speak(SpeechRequest(LINES[1], "es", voices[0], variation=n)) for n in range(8))
    sounds = [plain, *others]
    assert len({sound.samples.tobytes() for sound in sounds}) == len(sounds)
    for sound in others:
        assert sound.seconds == pytest.approx(plain.seconds, rel=0.12)
        assert measure_prosody(sound).pitch_hz == pytest.approx(measure_prosody(plain).pitch_hz, rel=0.15)


def test_a_wide_range_sounds_wider_than_a_narrow_one(engine: EspeakVoice) -> None:
    people = [
        SpeakerProfile("a", "", Prosody(150, 145, 156)),
        SpeakerProfile("b", "", Prosody(150, 110, 190)),
    ]
    ratios = []
    for voice in engine.cast(people, language="es"):
        heard = measure_prosody(together([say(engine, text, voice) for text in LINES]))
        assert heard.pitch_high_hz and heard.pitch_low_hz
        ratios.append(heard.pitch_high_hz / heard.pitch_low_hz)
    assert ratios[0] < 1.15 < 1.25 < ratios[1]


def test_voices_are_apart_even_where_the_originals_are_alike(voices: tuple[VoiceRef, ...]) -> None:
    timbres = [Tuning.of(voice.settings).timbre for voice in voices]
    assert min(voice_distance(a, b) for a, b in itertools.combinations(timbres, 2)) >= SEPARATE


def test_taken_voices_are_kept_apart_from(engine: EspeakVoice, voices: tuple[VoiceRef, ...]) -> None:
    (new,) = engine.cast([SpeakerProfile("new", "", PEOPLE[0])], language="es", taken=voices)
    new_timbre = Tuning.of(new.settings).timbre
    assert min(voice_distance(new_timbre, Tuning.of(v.settings).timbre) for v in voices) >= SEPARATE


def test_casting_again_gives_the_same_voices(voices: tuple[VoiceRef, ...]) -> None:
    other = ENGINE.create({"workers": 1})
    again = other.cast([SpeakerProfile(f"S{n}", "", p) for n, p in enumerate(PEOPLE)], language="es")
    other.close()
    assert again == voices


def test_the_same_line_has_the_same_bytes_whatever_came_before(
    engine: EspeakVoice, voices: tuple[VoiceRef, ...]
) -> None:
    first = say(engine, LINES[0], voices[1])
    say(engine, LINES[2], voices[0], seconds=2.0)
    other = ENGINE.create({"workers": 1})
    fresh = say(other, LINES[0], voices[1])
    other.close()
    assert first.samples.tobytes() == say(engine, LINES[0], voices[1]).samples.tobytes()
    assert first.samples.tobytes() == fresh.samples.tobytes()


def test_the_level_is_the_same_for_every_voice(engine: EspeakVoice, voices: tuple[VoiceRef, ...]) -> None:
    for voice in voices:
        level = active_level_db(together([say(engine, text, voice) for text in LINES]))
        assert level == pytest.approx(-23.0, abs=1.5)


@pytest.mark.parametrize("text", LINES)
@pytest.mark.parametrize("factor", [0.6, 0.75, 0.9, 1.0, 1.1, 1.3, 1.6, 1.9])
def test_the_duration_is_met_within_three_percent(
    engine: EspeakVoice, voices: tuple[VoiceRef, ...], text: str, factor: float
) -> None:
    wanted = say(engine, text, voices[2]).seconds * factor
    assert say(engine, text, voices[2], seconds=wanted).seconds == pytest.approx(wanted, rel=0.03)


@pytest.mark.parametrize(("seconds", "low", "high"), [(0.05, 0.2, 1.5), (100.0, 3.0, 9.0)])
def test_beyond_reach_the_nearest_comes_back(
    engine: EspeakVoice, voices: tuple[VoiceRef, ...], seconds: float, low: float, high: float
) -> None:
    assert low < say(engine, LINES[0], voices[0], seconds=seconds).seconds < high


def test_a_line_begins_at_once_and_without_a_click(engine: EspeakVoice, voices: tuple[VoiceRef, ...]) -> None:
    sound = say(engine, LINES[2], voices[0])
    samples = sound.samples[0]
    loud = np.abs(samples) > np.abs(samples).max() * 0.02
    assert loud.argmax() / sound.rate < 0.03
    assert loud[::-1].argmax() / sound.rate < 0.06
    assert samples[0] == 0.0 and abs(samples[-1]) < 1e-3
    assert np.isfinite(samples).all()


@pytest.mark.parametrize(
    "text", ["[[h@loU]]", "<speak>hola</speak>", "\x01+90P hola", "hola &amp; adiós", "a\0b"]
)
def test_markup_is_text(engine: EspeakVoice, voices: tuple[VoiceRef, ...], text: str) -> None:
    assert say(engine, text, voices[0]).seconds > 0.1


def test_commands_of_espeak_in_the_text_change_nothing(
    engine: EspeakVoice, voices: tuple[VoiceRef, ...]
) -> None:
    plain = say(engine, "90P hola", voices[0])
    assert say(engine, "\x0190P hola", voices[0]).samples.tobytes() == plain.samples.tobytes()


def test_a_worker_killed_in_its_sleep_is_replaced(voices: tuple[VoiceRef, ...]) -> None:
    if sys.platform == "win32":
        pytest.skip("no SIGKILL there")
    engine = ENGINE.create({"workers": 1})
    before = say(engine, LINES[0], voices[0])
    (worker,) = engine._processes._pool._idle
    os.kill(worker.pid, signal.SIGKILL)
    assert say(engine, LINES[0], voices[0]).samples.tobytes() == before.samples.tobytes()
    engine.close()


def test_a_worker_killed_in_the_middle_of_a_line_is_replaced(
    voices: tuple[VoiceRef, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ENGINE.create({"workers": 1})
    before = say(engine, LINES[0], voices[0])
    send, killed = Worker._wait, []

    def kill_first(worker: Worker, seconds: float) -> object:
        if not killed:
            killed.append(worker.pid)
            worker._process.kill()
        return send(worker, seconds)

    monkeypatch.setattr(Worker, "_wait", kill_first)
    assert say(engine, LINES[0], voices[0]).samples.tobytes() == before.samples.tobytes()
    assert killed
    engine.close()


def test_lines_are_spoken_side_by_side(engine: EspeakVoice, voices: tuple[VoiceRef, ...]) -> None:
    jobs = list(itertools.product(LINES, voices))
    found: dict[int, bytes] = {}

    def work(number: int) -> None:
        found[number] = say(engine, *jobs[number]).samples.tobytes()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(len(jobs))] == [
        say(engine, *job).samples.tobytes() for job in jobs
    ]


def test_errors_are_clear_and_pickle(engine: EspeakVoice, voices: tuple[VoiceRef, ...]) -> None:
    cases = (
        (SpeechRequest("hola", "xx", voices[0]), LanguageError, "does not speak 'xx'"),
        (SpeechRequest("...", "es", voices[0]), EngineFailedError, "nothing to speak"),
        (
            SpeechRequest("hola", "es", replace(voices[0], engine="other")),
            EngineFailedError,
            "voice of 'other'",
        ),
        (SpeechRequest("hola", "es", VoiceRef("espeak", "x", {})), EngineFailedError, "not settings"),
        (
            SpeechRequest(
                "hola", "es", replace(voices[0], settings={**voices[0].settings, "variant": "../x"})
            ),
            EngineFailedError,
            "no variant",
        ),
    )
    for request, kind, message in cases:
        with pytest.raises(kind, match=message) as caught:
            engine.speak(request)
        copy = pickle.loads(pickle.dumps(caught.value))
        assert (copy.message, copy.hint) == (caught.value.message, caught.value.hint)


def test_a_stopped_line_stops(engine: EspeakVoice, voices: tuple[VoiceRef, ...]) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        engine.speak(SpeechRequest("hola", "es", voices[0]), cancel=token)


def test_it_works_from_a_long_path_outside_ascii(tmp_path: Path, voices: tuple[VoiceRef, ...]) -> None:
    engine = ENGINE.create({"workers": 1})
    folder = tmp_path / ("ñandú 日本 " * 8) / ("x" * 90)
    shutil.copytree(engine._processes._package, folder / "espeakng_loader")
    moved = ENGINE.create({"workers": 1})
    moved._processes.__dict__["_package"] = folder / "espeakng_loader"
    assert (
        say(moved, LINES[0], voices[0]).samples.tobytes()
        == say(engine, LINES[0], voices[0]).samples.tobytes()
    )
    engine.close()
    moved.close()


def test_data_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    from rythmo.engines.adapters.espeak import worker

    engine = ENGINE.create({})
    library = next(engine._processes._package.glob("*espeak-ng.*"))
    command = (sys.executable, "-I", "-S", worker.__file__, str(library), str(tmp_path), str(tmp_path))
    with pytest.raises(EngineFailedError, match="cannot find its data"):
        Worker(command, name="espeak-ng")
