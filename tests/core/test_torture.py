"""A dub of what engines have answered wrong: it ends, says what is wrong, and loses no line."""

from __future__ import annotations

import numpy as np
import pytest
import toy

from rythmo.dubbing.job import Job
from rythmo.dubbing.pipeline import dub
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.media.audio import Audio
from rythmo.script.model import Word
from rythmo.settings import Settings

RATE = fakes.VOICE_RATE


def _with(before, after=()):
    def made(tone):
        return np.concatenate([np.asarray(before, np.float32), tone, np.asarray(after, np.float32)])

    return made


def _hiss(seconds, dbfs, seed=0):
    return np.random.default_rng(seed).normal(0, 10 ** (dbfs / 20), round(seconds * RATE))


TAKES = {
    "nothing": lambda tone: tone[:0],
    "one sample": lambda tone: tone[1000:1001],
    "68 ms": lambda tone: tone[: RATE * 68 // 1000],
    "silence": lambda tone: 0 * tone,
    "not numbers": lambda tone: np.where(np.arange(tone.size) == 5, np.nan, tone),
    "infinite": lambda tone: np.where(np.arange(tone.size) == 5, np.inf, tone),
    "hiss before and after": _with(_hiss(1, -63), _hiss(1, -63, 1)),
    "a click before": _with([*np.zeros(4000), *[0.9] * 30, *np.zeros(8000)]),
    "seconds of noise": lambda tone: _hiss(9, -20),
    "a minute": lambda tone: np.resize(tone, 60 * RATE),
    "DC": lambda tone: tone + 0.3,
    "far too loud": lambda tone: 50 * tone,
    "hardly there": lambda tone: tone / 300,
}
WORDS = {
    "of no length": lambda words, end: tuple(Word(word.text, word.start, word.start) for word in words),
    "backwards": lambda words, end: tuple(Word(word.text, word.end, word.start) for word in words),
    "past the end": lambda words, end: (*words, Word("late", end - 10, end + 90_000)),
    "68 ms": lambda words, end: tuple(Word(word.text, word.start, word.start + 3264) for word in words),
    "none": lambda words, end: (),
    "empty": lambda words, end: tuple(Word("", word.start, word.end) for word in words),
}
SETTINGS = Settings()


def engines(*, take=None, words=None):
    made = fakes.specs()

    class Voice(fakes.FakeVoice):
        def speak(self, request, **more):
            sound = super().speak(request, **more)
            if take is None or not request.text.startswith("es: a"):
                return sound
            with np.errstate(invalid="ignore"):
                return Audio(np.asarray(take(sound.samples[0]), np.float32)[np.newaxis], sound.rate)

    class Transcriber(fakes.FakeTranscriber):
        def transcribe(self, speech, **more):
            found = super().transcribe(speech, **more)
            return found if words is None else words(found, speech.length)

    for kind, engine in ((Kind.VOICE, Voice), (Kind.TRANSCRIBER, Transcriber)):
        info = made[kind].info
        made[kind] = EngineSpec(info, lambda _, engine=engine, info=info: engine(info, fakes.Calls()))
    return made


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_sound(tmp_path_factory.mktemp("torture") / "toy.wav")


@pytest.mark.parametrize("name", TAKES)
def test_a_dub_with_such_takes_ends_with_every_line_placed_or_flagged(name, film, tmp_path):
    script = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines(take=TAKES[name])).script
    assert len(script.lines) == len(toy.SCENE)
    for line in script.lines:
        assert line.placement is not None or any(flag.code == "voice-failed" for flag in line.flags)
    others = [line for line in script.lines if not line.translation.startswith("es: a")]
    assert all(line.placement for line in others), "and the others are not touched by it"


@pytest.mark.parametrize("name", WORDS)
def test_a_dub_of_such_words_ends(name, film, tmp_path):
    result = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines(words=WORDS[name]))
    for line in result.script.lines:
        assert line.end > line.start >= 0
    assert (result.project.root / "qc" / "report.html").is_file()
