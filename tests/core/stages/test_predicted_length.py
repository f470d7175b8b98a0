"""A voice that knows how long a line will be is asked once, at the length that fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
import toy

from rythmo.dubbing.pipeline import Job, dub
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.settings import DeliverSettings, Settings
from rythmo.stages.translate import BUDGET

SETTINGS = Settings(deliver=DeliverSettings("srt"))
ONE_LINE = ((0, 24_013, 48_000), (1, 96_001, 30_000))
SLOT = 96_001 - 2400 - 24_013


class Knowing(fakes.FakeVoice):
    """A voice that predicts its lengths, `wrong` times too short."""

    wrong = 1.0
    asked: list[str]

    def predict_seconds(self, request, *, cancel):
        self.asked.append(request.text)
        return len(request.text) * fakes.SECONDS_PER_LETTER / self.wrong

    def speak(self, request, *, cancel):
        seconds = request.seconds and request.seconds * self.wrong
        return super().speak(replace(request, seconds=seconds), cancel=cancel)


class Wordings(fakes.FakeTranslator):
    """Says the next of `letters` whenever it is asked for the first line."""

    letters: tuple[int, ...] = ()
    asked = 0

    def translate(self, request, *, cancel):
        texts = []
        for line in request.lines:
            first = line.text.startswith("a")
            texts.append("x" * (self.letters[min(type(self).asked, len(self.letters) - 1)] if first else 10))
            type(self).asked += first
        return tuple(texts)


@pytest.fixture
def first_line(tmp_path):
    """The first line of a dub in these wordings (0.06 s a letter), and what was predicted."""

    def run(*letters, wrong=1.0, again=False):
        calls = fakes.Calls()
        engines = fakes.specs(calls, voice=frozenset({"duration_control", "length"}))
        info = engines[Kind.VOICE].info
        asked: list[str] = []
        knowing = type("This", (Knowing,), {"wrong": wrong, "asked": asked})
        engines[Kind.VOICE] = EngineSpec(info, lambda _: knowing(info, calls))
        words = replace(engines[Kind.TRANSLATOR].info, capabilities=frozenset({BUDGET}))
        kind = type("These", (Wordings,), {"letters": letters})
        engines[Kind.TRANSLATOR] = EngineSpec(words, lambda _: kind(words, calls))
        source = toy.write_sound(tmp_path / "toy.wav", scene=ONE_LINE, length=192_000)
        for _ in range(1 + again):
            line = dub(Job(source, "es", "en", tmp_path), SETTINGS, engines=engines).script.lines[0]
        return line, asked, calls.spoken

    return run


def test_a_line_that_is_too_long_is_spoken_once_at_the_length_that_fits(first_line):
    line, _, spoken = first_line(30)
    assert spoken.count("x" * 30) == 1
    assert len(line.takes) == 1
    assert line.placement.speed == 1.0
    assert line.placement.pace == pytest.approx(1.8 * 48_000 / SLOT, rel=0.02)
    assert line.placement.end <= line.placement.slot_end


def test_other_wordings_are_weighed_before_anything_is_spoken(first_line):
    line, asked, spoken = first_line(40, 60, 35)
    assert [len(text) for text in asked if set(text) == {"x"} and len(text) > 10] == [40, 60, 35]
    assert [len(text) for text in spoken if len(text) > 10] == [35]
    assert len(line.translation) == 35


def test_a_small_miss_is_stretched_and_not_spoken_again(first_line):
    line, _, spoken = first_line(30, wrong=1.04)
    assert spoken.count("x" * 30) == 1
    assert 1.0 < line.placement.speed < 1.06


def test_a_take_that_missed_by_much_is_spoken_once_more(first_line):
    line, _, spoken = first_line(30, wrong=1.6)
    assert spoken.count("x" * 30) == 2
    assert line.placement.end <= line.placement.slot_end


def test_nothing_is_predicted_again_in_a_second_run(first_line):
    _, asked, spoken = first_line(30, again=True)
    assert len(asked) == len(set(asked))
    assert spoken.count("x" * 30) == 1
