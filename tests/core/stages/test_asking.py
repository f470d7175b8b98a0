"""What voice engines are handed besides the words, what takes record of it, and what an edit leaves alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import soundfile
import toy

from rythmo.dubbing.pipeline import Job, dub, redo
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind, SpeechRequest
from rythmo.script.edits import edit_line, merge_speakers
from rythmo.script.model import Manner
from rythmo.settings import DeliverSettings, Settings
from rythmo.stages import performance

SETTINGS = Settings(deliver=DeliverSettings("srt"))


@dataclass
class Listener(fakes.FakeVoice):
    """A voice that remembers what it was asked."""

    def __init__(self, info, heard):
        super().__init__(info, fakes.Calls())
        self.heard = heard

    def speak(self, request, **more):
        self.heard.append(request)
        return super().speak(request, **more)


def listening(*capabilities):
    heard: list[SpeechRequest] = []
    engines = fakes.specs(voice=frozenset(capabilities))
    info = engines[Kind.VOICE].info
    engines[Kind.VOICE] = EngineSpec(info, lambda _: Listener(info, heard))
    return engines, heard


@pytest.fixture
def manners(monkeypatch):
    """Every line is whispered, as if that had been measured."""
    monkeypatch.setattr(performance, "manner_of", lambda line, usual: Manner(whispered=True))


@pytest.fixture
def film(tmp_path):
    return toy.write_sound(tmp_path / "toy.wav")


def test_timbre_is_the_casts_and_emotion_the_original_lines(film, tmp_path):
    engines, heard = listening("emotion")
    script = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).script
    by_text = {request.text: request for request in heard}
    for line in script.lines:
        request = by_text[line.translation]
        assert request.voice == script.speaker(line.speaker).voice
        assert request.emotion.length == line.length
        voice = next(pitch for who, start, _ in toy.SCENE if abs(start - line.start) < 4800
                     for pitch in [fakes.PITCHES[who]])  # fmt: skip
        spectrum = np.abs(np.fft.rfft(request.emotion.samples[0], 48_000))
        assert abs(int(spectrum.argmax()) - voice) < 10, "it is that line's own sound"
        assert line.take.follows == ("original line",)


@pytest.mark.parametrize(
    ("can", "direction", "manner", "sound", "follows"),
    [
        ((), "", False, False, ()),
        (("direction",), "whispered", False, False, ("manner in words",)),
        (("direction", "manner"), "", True, False, ("manner",)),
        (("direction", "emotion"), "", False, True, ("original line",)),
        (("manner", "emotion"), "", True, True, ("original line", "manner")),
    ],
)
def test_each_engine_gets_what_it_can_use(film, tmp_path, manners, can, direction, manner, sound, follows):
    engines, heard = listening(*can)
    script = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).script
    assert {one.direction for one in heard} == {direction}
    assert {one.manner is not None for one in heard} == {manner}
    assert {one.emotion is not None for one in heard} == {sound}
    assert {(line.take.direction, line.take.follows) for line in script.lines} == {(direction, follows)}


@pytest.mark.parametrize(
    ("can", "direction", "follows"),
    [(("direction", "emotion", "manner"), "softly", ("manner",)), (("emotion",), "", ("original line",))],
)
def test_a_persons_direction_goes_to_whoever_takes_one(film, tmp_path, manners, can, direction, follows):
    engines, _ = listening()
    project = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).project
    engines, _ = listening(*can)
    script = edit_line(project.load(), "S1_0001", direction="softly")
    line = redo(project, script, SETTINGS, engines=engines).script.line("S1_0001")
    assert (line.take.direction, line.take.follows) == (direction, follows)
    told = {flag.code for flag in line.flags}
    assert ("no-direction" in told) == (not direction)


def test_an_engine_that_takes_no_direction_is_not_paid_again_for_one(film, tmp_path):
    engines, heard = listening()
    project = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).project
    asked = len(heard)
    script = edit_line(project.load(), "S1_0001", direction="softly")
    line = redo(project, script, SETTINGS, engines=engines).script.line("S1_0001")
    assert len(heard) == asked and [take.id for take in line.takes] == ["t01"]


def test_another_sound_under_the_same_words_is_another_take(tmp_path):
    engines, heard = listening("emotion")
    project = dub(
        Job(toy.write_sound(tmp_path / "toy.wav"), "es", "en", tmp_path), SETTINGS, engines=engines
    ).project
    before, first = len(heard), project.load().lines[0]
    sound, rate = soundfile.read(tmp_path / "toy.wav")
    sound[first.start : first.end] *= 0.8
    soundfile.write(tmp_path / "toy.wav", sound, rate, subtype="PCM_24")
    after = dub(Job(tmp_path / "toy.wav", "es", "en", tmp_path), SETTINGS, engines=engines).script
    assert [request.text for request in heard[before:]] == [first.translation]
    assert len(after.line(first.id).takes) == 2


def test_an_edit_of_one_line_leaves_the_manner_of_all_others(film, tmp_path, monkeypatch):
    engines, _ = listening("manner")
    project = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).project
    # From here on every line that is looked at again would be found to be whispered.
    monkeypatch.setattr(performance, "manner_of", lambda line, usual: Manner(whispered=True))
    script = project.load()
    first = script.lines[0]
    changed = edit_line(script, first.id, start=first.start + 4800)
    after = redo(project, changed, SETTINGS, engines=engines).script
    assert [line.id for line in after.lines if line.manner] == [first.id]
    again = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).script
    assert [line.id for line in again.lines if line.manner] == [first.id], "the same when all is run again"


def test_who_says_it_now_has_another_habit(film, tmp_path, monkeypatch):
    engines, _ = listening("manner")
    project = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).project
    monkeypatch.setattr(performance, "manner_of", lambda line, usual: Manner(whispered=True))
    script = project.load()
    given = {line.id for line in script.lines if line.speaker == "S2"}
    after = redo(project, merge_speakers(script, "S2", "S1"), SETTINGS, engines=engines).script
    assert {line.id for line in after.lines if line.manner} == given


def test_measured_prosody_is_kept_with_every_line(film, tmp_path):
    engines, _ = listening()
    script = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).script
    for line in script.lines:
        pitch = next(fakes.PITCHES[who] for who, start, _ in toy.SCENE if abs(start - line.start) < 4800)
        assert line.prosody.pitch_hz == pytest.approx(pitch, rel=0.02)
        assert line.prosody.level_db is not None


@pytest.mark.parametrize(
    ("can", "direction", "vector", "follows"),
    [
        (("feelings", "emotion", "direction"), "", {"sad": 0.7, "afraid": 0.2}, ()),
        (("direction",), "very sad, slightly afraid", {}, ()),
        (("emotion",), "", {}, ("original line",)),
    ],
)
def test_a_vector_of_feelings_goes_to_whoever_takes_one(film, tmp_path, can, direction, vector, follows):
    engines, _ = listening()
    project = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines).project
    engines, heard = listening(*can)
    script = edit_line(project.load(), "S1_0001", direction="afraid 0.2, sad 0.7")
    take = redo(project, script, SETTINGS, engines=engines).script.line("S1_0001").take
    (request,) = [one for one in heard if one.text == take.text]
    assert (request.direction, dict(request.feelings)) == (direction, vector)
    assert (take.direction, dict(take.feelings), take.follows) == (direction, vector, follows)
    assert project.load().line("S1_0001").take == take, "and it is kept"
