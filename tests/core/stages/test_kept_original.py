"""A programme in several languages: what is in the target language, or cannot be translated, keeps its
sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import toy

from rythmo.dubbing.pipeline import Job, dub, redo
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.media.wav import read_audio
from rythmo.script import store
from rythmo.script.model import Severity
from rythmo.settings import DeliverSettings, Settings, TranslateSettings
from rythmo.stages import kept_original

SETTINGS = Settings(deliver=DeliverSettings("srt"))
LANGUAGES = {"a": "", "b": "es", "c": "ja"}
"""What each voice of the toy speaks; the programme is English."""


class Polyglot(fakes.FakeTranscriber):
    """A transcriber that tells languages apart by the voice."""

    def transcribe(self, speech, **more):
        words = super().transcribe(speech, **more)
        return tuple(replace(word, language=LANGUAGES[word.text[0]]) for word in words)


class OnePair(fakes.FakeTranslator):
    """Translates English to Spanish, and nothing else."""

    def pairs(self):
        return frozenset({("en", "es")})

    def translate(self, request, **more):
        assert request.source == "en", "nothing is translated as if it were English"
        return super().translate(request, **more)


def engines(calls=None):
    calls = calls or fakes.Calls()
    found = dict(fakes.specs(calls))
    for kind, make in ((Kind.TRANSCRIBER, Polyglot), (Kind.TRANSLATOR, OnePair)):
        info = found[kind].info
        found[kind] = EngineSpec(info, lambda _, make=make, info=info: make(info, calls))
    return found


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("babel")
    source = toy.write_sound(folder / "babel.wav")
    return dub(Job(source, "es", "en", out=folder), SETTINGS, engines=engines())


def by_voice(script):
    return {voice: [line for line in script.lines if line.text[0] == voice] for voice in "abc"}


def test_each_line_says_its_language(result):
    script = store.load_script(result.project.root / "script.json")
    assert [line.language for line in script.lines] == [LANGUAGES[line.text[0]] for line in script.lines]
    assert {word.language for line in by_voice(script)["c"] for word in line.words} == {"ja"}


def test_what_is_in_the_target_language_keeps_its_sound_and_has_its_subtitle(result):
    for line in by_voice(result.script)["b"]:
        (flag,) = [flag for flag in line.flags if flag.code == kept_original.SAME_LANGUAGE]
        assert flag.severity is Severity.INFO
        assert line.translation == line.text
        assert line.take.is_original
        assert (line.placement.speed, line.placement.gain_db) == (1.0, 0.0)


def test_what_cannot_be_translated_is_flagged_and_kept(result):
    (line,) = by_voice(result.script)["c"]
    (flag,) = [flag for flag in line.flags if flag.code == kept_original.UNTRANSLATABLE]
    assert "Japanese" in flag.message
    assert "--translator" in flag.message
    assert not [flag for flag in line.flags if flag.severity is Severity.ERROR]
    assert line.take.is_original
    assert line.translation == ""


def test_the_programmes_own_language_is_dubbed(result):
    for line in by_voice(result.script)["a"]:
        assert line.translation.startswith("es: ")
        assert not line.take.is_original


def test_the_mix_is_the_original_where_a_line_is_kept_and_the_bed_has_no_speech(result):
    original = toy.sound()
    mix = read_audio(result.project.stems / "MIX.wav").samples
    me = read_audio(result.project.stems / "ME.wav").samples
    for line in (*by_voice(result.script)["b"], *by_voice(result.script)["c"]):
        span = slice(line.start + 2400, line.end - 2400)
        assert np.abs(mix[:, span] - original[:, span]).max() < 4e-3
        assert np.sqrt(np.mean(me[:, span] ** 2)) < 0.3 * np.sqrt(np.mean(original[:, span] ** 2))


def test_a_translation_written_by_hand_makes_it_a_line_like_others(result):
    (line,) = by_voice(result.script)["c"]
    written = replace(line, translation="escrito", edited=("translation",))
    again = redo(result.project, result.script.with_line(written), SETTINGS, engines=engines())
    (line,) = by_voice(again.script)["c"]
    assert not line.take.is_original
    assert not {flag.code for flag in line.flags} & set(kept_original.CODES)
    dub_back = replace(line, translation="", edited=())
    (line,) = by_voice(
        redo(again.project, again.script.with_line(dub_back), SETTINGS, engines=engines()).script
    )["c"]
    assert line.take.is_original
    assert len({take.file for take in line.takes}) == len(line.takes)


def test_asked_to_dub_all_it_dubs_what_is_in_the_target_language_too(tmp_path):
    source = toy.write_sound(tmp_path / "babel.wav")
    settings = replace(SETTINGS, translate=TranslateSettings(dub_target_language=True))
    found = dub(Job(source, "es", "en", out=tmp_path), settings, engines=engines()).script
    for line in by_voice(found)["b"]:
        assert line.translation == line.text
        assert not line.take.is_original
