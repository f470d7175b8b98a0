"""Without --from the language is heard, once a project."""

from __future__ import annotations

import pytest
import toy

from rythmo.dubbing.pipeline import Job, dub
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.errors import InputError
from rythmo.media import ffmpeg
from rythmo.settings import DeliverSettings, Settings

SETTINGS = Settings(deliver=DeliverSettings("srt"))


class Listener(fakes.FakeTranscriber):
    """A fake transcriber that tells languages apart."""

    asked = 0
    answer = "en"

    def find_language(self, speech, *, turns=(), cancel=None) -> str:
        Listener.asked += 1
        return self.answer


def engines(answer: str = "en"):
    Listener.asked, Listener.answer = 0, answer
    found = fakes.specs(transcriber=frozenset({"languages"}))
    info = found[Kind.TRANSCRIBER].info
    found[Kind.TRANSCRIBER] = EngineSpec(info, lambda _: Listener(info, fakes.Calls()))
    return found


def test_the_language_is_heard_once_and_told(tmp_path) -> None:
    source = toy.write_sound(tmp_path / "play.wav")
    job, using = Job(source, "es", out=tmp_path), engines()
    first = dub(job, SETTINGS, engines=using)
    assert first.project.load().source_language == "en"
    assert any("detected as English" in note for note in first.notes)
    again = dub(job, SETTINGS, engines=using)
    assert Listener.asked == 1, "the project knows its language"
    assert again.project.load().source_language == "en"


def test_where_no_language_is_found_it_is_asked_for(tmp_path) -> None:
    source = toy.write_sound(tmp_path / "play.wav")
    with pytest.raises(InputError, match="could not be detected") as caught:
        dub(Job(source, "es", out=tmp_path), SETTINGS, engines=engines(""))
    assert "--from" in caught.value.hint


class Linguist(Listener):
    """Hears German in the first track that it is asked about, English in the second."""

    def find_language(self, speech, *, turns=(), cancel=None) -> str:
        Listener.asked += 1
        return ["de", "en"][Listener.asked - 1]


def test_untagged_tracks_are_listened_to_once(tmp_path) -> None:
    sound, film = toy.write_sound(tmp_path / "play.wav"), tmp_path / "film.mkv"
    ffmpeg.run(["-i", str(sound), "-map", "0", "-map", "0", "-c:a", "pcm_s24le", str(film)])
    using = engines()
    using[Kind.TRANSCRIBER] = EngineSpec(
        using[Kind.TRANSCRIBER].info, lambda _: Linguist(using[Kind.TRANSCRIBER].info, fakes.Calls())
    )
    job = Job(film, "es", source_language="en", out=tmp_path)
    first = dub(job, SETTINGS, engines=using)
    assert first.project.load().programme.sound_track == 2
    assert any("track 2 is dubbed, because it sounds English (1 German, 2 English)" in n for n in first.notes)
    assert not any("it is the main one" in note for note in first.notes)
    dub(job, SETTINGS, engines=using)
    assert Listener.asked == 2, "the project knows what was heard"
