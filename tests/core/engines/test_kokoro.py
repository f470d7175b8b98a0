"""Kokoro with its real weights: lengths, voices, languages, a crash. Its contract: test_contract_voice.py."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rythmo.engines.abilities import LengthPredictor, LikenessCaster, VoiceProposer
from rythmo.engines.adapters.kokoro import voice as kokoro
from rythmo.engines.adapters.kokoro.offer import list_voices
from rythmo.engines.adapters.kokoro.voices import parse_voice
from rythmo.engines.base import SpeakerProfile, SpeechRequest
from rythmo.engines.speech.sample_sentences import sample_text
from rythmo.errors import EngineFailedError, EngineMissingError, LanguageError
from rythmo.mix.take_check import check_take
from rythmo.script.model import Prosody
from rythmo.script.takes import VoiceRef

LINE = SpeechRequest("Eu não sabia, senhor.", "pt", VoiceRef("kokoro", "0.6*pm_alex+0.4*am_adam"))


@pytest.fixture(scope="module")
def voice():
    lacking = [f"{part.what} ({part.command})" for part in kokoro.missing()]
    if lacking:
        pytest.skip(f"kokoro lacks {', '.join(lacking)}")
    engine = kokoro.KokoroVoice({"workers": 1})
    yield engine
    engine.close()


def heard(sound) -> float:
    return check_take(sound).spoken.length / 48_000


def test_it_says_what_it_can(voice) -> None:
    assert isinstance(voice, LengthPredictor)
    assert isinstance(voice, LikenessCaster)
    assert isinstance(voice, VoiceProposer)


def test_it_can_be_warmed_at_any_time(voice) -> None:
    voice.warm()
    assert len(voice._pool._idle) == 1
    closed = kokoro.KokoroVoice({"workers": 1})
    closed._pool.close()
    closed.warm()


def test_it_gives_up_its_processes_until_the_next_line(voice) -> None:
    voice.speak(LINE)
    (process,) = voice._pool._idle
    voice.rest()
    voice.rest()
    assert voice._pool._idle == []
    assert not process.close.alive
    assert heard(voice.speak(LINE)) > 0.5


def test_its_length_is_known_before_it_speaks_and_kept_when_it_is_asked_for(voice) -> None:
    natural = voice.predict_seconds(LINE)
    assert heard(voice.speak(LINE)) == pytest.approx(natural, rel=0.12)
    wanted = replace(LINE, seconds=natural * 1.3)
    assert voice.predict_seconds(wanted) == pytest.approx(natural * 1.3, rel=0.03)
    assert heard(voice.speak(wanted)) == pytest.approx(natural * 1.3, rel=0.12)


def test_speech_begins_at_once(voice) -> None:
    assert check_take(voice.speak(LINE)).spoken.start < 0.015 * 48_000


def test_the_same_line_is_the_same_to_the_sample_whatever_was_said_between(voice) -> None:
    one = voice.speak(LINE)
    voice.speak(replace(LINE, text="Outra coisa."))
    assert np.array_equal(voice.speak(LINE).samples, one.samples)


def test_another_reading_of_a_line_is_another_sound(voice) -> None:
    one, two = voice.speak(LINE), voice.speak(replace(LINE, variation=1))
    assert one.samples.shape != two.samples.shape or not np.array_equal(one.samples, two.samples)


def test_all_54_voices_are_there_those_of_the_language_first(voice) -> None:
    names = [one.id for one in list_voices({}, "pt")]
    assert len(names) == 54
    assert names[:3] == ["pf_dora", "pm_alex", "pm_santa"]


def test_a_pace_changes_the_length_and_a_wanted_length_is_kept(voice) -> None:
    slow = replace(LINE, voice=replace(LINE.voice, settings={"pace": 0.8}))
    natural = voice.predict_seconds(LINE)
    assert voice.predict_seconds(slow) == pytest.approx(natural / 0.8, rel=0.06)
    assert heard(voice.speak(slow)) == pytest.approx(natural / 0.8, rel=0.12)
    wanted = replace(slow, seconds=natural)
    assert voice.predict_seconds(wanted) == pytest.approx(natural, rel=0.05)


def test_it_proposes_voices_that_differ_and_that_nobody_else_has(voice) -> None:
    person = SpeakerProfile("S1", "", Prosody(pitch_hz=115.0))
    taken, shown = VoiceRef("kokoro", "pm_alex"), VoiceRef("kokoro", "pm_santa")
    found = voice.propose(person, language="pt", taken=[taken], shown=[shown], count=2)
    assert len({one.id for one in (*found, taken, shown)}) == 4
    assert voice.propose(person, language="pt", taken=[taken], shown=[shown], count=2) == found


@pytest.mark.parametrize("language", sorted(kokoro.OWN_LANGUAGES | kokoro.DRAFT_LANGUAGES))
def test_every_language_has_phonemes_that_the_model_knows(voice, language) -> None:
    name = list_voices({}, language)[0].id
    text = sample_text(language)
    _, (piece,) = voice._pieces(SpeechRequest(text, language, VoiceRef("kokoro", name)))
    assert 30 < len(piece) < 140
    assert 1.0 < voice.predict_seconds(SpeechRequest(text, language, VoiceRef("kokoro", name))) < 6.0


def test_a_text_longer_than_the_model_takes_is_spoken_in_pieces(voice) -> None:
    long = replace(LINE, text="Esta frase é longa, e depois dela vem outra. " * 16)
    _, pieces = voice._pieces(long)
    assert len(pieces) > 1
    assert all(len(piece) <= 510 for piece in pieces)
    assert voice.predict_seconds(long) > 30


def test_people_get_voices_of_the_language_and_all_another(voice) -> None:
    pitches = (110.0, 120.0, 210.0, 190.0)
    people = [SpeakerProfile(f"S{n}", "", Prosody(pitch_hz=hertz)) for n, hertz in enumerate(pitches)]
    cast = voice.cast(people, language="pt")
    assert len({ref.id for ref in cast}) == 4
    assert all(parse_voice(ref.id).accent == "p" for ref in cast), "the main part of each is Brazilian"
    (more,) = voice.cast(people[:1], language="pt", taken=cast)
    assert more not in cast


def test_what_cannot_be_spoken_is_one_clear_error(voice) -> None:
    for text in ("", "...", "🙂"):
        with pytest.raises(EngineFailedError, match="nothing to speak"):
            voice.speak(replace(LINE, text=text))
    with pytest.raises(LanguageError, match="does not speak"):
        voice.speak(replace(LINE, language="ja"))
    with pytest.raises(EngineFailedError, match="no voice 'xx_nobody'"):
        voice.speak(replace(LINE, voice=VoiceRef("kokoro", "xx_nobody")))


def test_a_process_that_dies_is_replaced(voice) -> None:
    one = voice.speak(LINE)
    (worker,) = voice._pool._idle
    worker._process.kill()
    assert np.array_equal(voice.speak(LINE).samples, one.samples)


def test_a_folder_without_the_model_is_refused(tmp_path) -> None:
    with pytest.raises(EngineMissingError, match=r"model\.onnx"):
        kokoro.KokoroVoice({"model": str(tmp_path)})
