"""The voices that casting must keep, with which engine, and never by sending lines where nobody chose to."""

from __future__ import annotations

from datetime import date

import pytest
import toy

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Person, StoredVoice
from rythmo.casting.consent import Consent
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.dubbing.saved_cast import save
from rythmo.engines import fakes
from rythmo.errors import EngineRefusedError
from rythmo.script.edits import rename_speaker
from rythmo.script.model import Speaker
from rythmo.script.takes import VoiceRef
from rythmo.script.voice_edits import choose_voice
from rythmo.settings import CastSettings, DeliverSettings, Settings
from rythmo.stages.chosen_voices import find_chosen_voice, is_locked

HERE, AWAY = VoiceRef("espeak", "m3-1.00-110Hz"), VoiceRef("elevenlabs", "x")


def speaker(voice, *edited, locked=False, consent=""):
    return Speaker("S1", "Anna", voice, edited=edited, voice_locked=locked, consent=consent)


def test_a_choice_is_kept_for_the_engine_that_it_was_made_for():
    chosen = speaker(HERE, "voice")
    assert find_chosen_voice(chosen, "espeak", "es") == HERE
    assert find_chosen_voice(chosen, "kokoro", "es") is None
    assert find_chosen_voice(speaker(HERE), "espeak", "es") is None
    assert find_chosen_voice(speaker(HERE, "voice", consent="0123"), "espeak", "es") is None, "a clone"


def test_a_locked_voice_stays_with_its_own_engine_on_this_machine(monkeypatch):
    monkeypatch.setattr("rythmo.engines.registry.missing", lambda *_: ())
    assert find_chosen_voice(speaker(HERE, "voice", locked=True), "kokoro", "es") == HERE


@pytest.mark.parametrize("voice", [AWAY, VoiceRef("unknown", "x")])
def test_a_lock_sends_nothing_anywhere(voice):
    with pytest.raises(EngineRefusedError, match="is locked to") as caught:
        find_chosen_voice(speaker(voice, "voice", locked=True), "kokoro", "es")
    assert "--unlock S1" in caught.value.hint


def test_the_cast_file_locks_a_voice_unless_somebody_unlocked_it_here():
    person = Person("Anna", voices=(StoredVoice("espeak", "es", HERE.id, locked=True),))
    assert is_locked(speaker(HERE), HERE, person, "es")
    assert not is_locked(speaker(HERE, "voice"), HERE, person, "es")
    assert not is_locked(speaker(HERE), HERE, None, "es"), "a guess is nobody"
    assert not is_locked(speaker(HERE), AWAY, person, "es")
    assert is_locked(speaker(HERE, "voice", locked=True), HERE, None, "es")


def test_nobody_is_cloned_for_whom_a_voice_was_chosen(tmp_path):
    source, file = toy.write_sound(tmp_path / "toy.wav"), tmp_path / "cast.toml"
    settings = Settings(deliver=DeliverSettings("srt"))
    done = pipeline.dub(Job(source, "es", "en", tmp_path), settings, engines=fakes.specs())
    pipeline.redo(done.project, rename_speaker(done.script, "S1", "Anna"), settings, engines=fakes.specs())
    with pytest.MonkeyPatch.context() as patch:
        toys = fakes.specs()
        patch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])
        save(done.project, file, settings)
    cast = cast_file.load_cast(file)
    anna = cast.people[0]
    leave = Consent("Anna", "Anna", "Studio", "one", ("es",), date(2999, 1, 1), anna.reference.sha256)
    cast_file.save_cast(cast.with_person(Person("Anna", reference=anna.reference, consents=(leave,))), file)
    cloning = fakes.specs(voice=frozenset({"clones"}))
    settings = Settings(deliver=DeliverSettings("srt"), cast=CastSettings(str(file)))
    cloned = pipeline.redo(done.project, done.project.load(), settings, engines=cloning).script
    assert cloned.speaker("S1").consent
    voice = VoiceRef("toy-voice", "v400", {"hz": 400})
    chosen = pipeline.redo(done.project, choose_voice(cloned, "S1", voice), settings, engines=cloning).script
    assert (chosen.speaker("S1").voice, chosen.speaker("S1").consent) == (voice, "")
