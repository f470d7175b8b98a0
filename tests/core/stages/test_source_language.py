"""Without --from the language is heard, once a project."""

from __future__ import annotations

import pytest
import toy

from rythmo.dubbing.pipeline import Job, dub
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.errors import InputError
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
