"""Who listens to a new dub, to which lines; and no sound is heard twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from rythmo.engines import fakes
from rythmo.engines.base import EngineInfo, Kind
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.project.ledger import Ledger
from rythmo.script.model import Flag, Line, Programme, Script, Speaker, Word
from rythmo.script.takes import Placement
from rythmo.stages.listening_check import HeardBack, RememberingListener, choose_lines

RATE = 48_000


@dataclass
class Recogniser:
    info: EngineInfo = field(default_factory=lambda: fakes.specs()[Kind.TRANSCRIBER].info)
    heard: list[str] = field(default_factory=list)
    fails: bool = False

    def transcribe(self, speech, *, language, turns=(), report=None, cancel=None):
        if self.fails:
            raise EngineFailedError("Out of memory.")
        self.heard.append(language)
        return (Word("hola", 0, speech.length, 0.9),)

    def find_language(self, speech, *, turns=(), cancel=None):
        self.heard.append("which")
        return "es"

    def close(self):
        pass


def sound(seed):
    return Audio(np.random.default_rng(seed).normal(0, 0.1, (1, RATE)).astype(np.float32), RATE)


def test_the_same_sound_is_heard_once_also_in_the_next_run(tmp_path):
    engine = Recogniser()
    for _ in range(2):
        ledger = Ledger(tmp_path / "heard-back.json", HeardBack)
        listener = RememberingListener(engine, ledger)
        for seed in (1, 2, 1):
            assert listener.transcribe(sound(seed), language="es")[0].text == "hola"
        assert listener.find_language(sound(1)) == "es"
        ledger.save()
    assert engine.heard == ["es", "es", "which"]


def test_sounds_heard_together_are_remembered_one_by_one(tmp_path):
    engine = Recogniser()
    listener = RememberingListener(engine, Ledger(tmp_path / "heard-back.json", HeardBack))
    listener.transcribe_each([sound(1), sound(2)], language="es")
    assert engine.heard == ["es"]
    both = listener.transcribe_each([sound(2), sound(1)], language="es")
    assert engine.heard == ["es"]
    assert [len(words) for words in both] == [1, 0]
    listener.transcribe_each([sound(2), sound(3)], language="es")
    assert engine.heard == ["es", "es"]


def script(count):
    def line(number):
        start = number * RATE
        placed = Placement(start, start + RATE, start + RATE)
        return Line(f"S1_{number:04}", "S1", start, start + RATE, "Hello.", placement=placed)

    lines = [line(number) for number in range(count)]
    lines[1] = lines[1].add_flags(Flag("take-short", "Words are missing."))
    lines[2] = replace(lines[2], placement=replace(lines[2].placement, speed=1.4))
    return Script(
        Programme("Film", "film.mov", (count + 1) * RATE, RATE, 1, Fraction(25)),
        "en",
        "es",
        (Speaker("S1", "Anna"),),
        tuple(lines),
    )


def test_of_a_short_dub_all_lines_are_heard_and_of_a_long_one_the_suspects():
    assert len(choose_lines(script(60))) == 60
    assert choose_lines(script(61)) == {"S1_0001", "S1_0002"}
