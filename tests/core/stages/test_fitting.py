"""What is tried before a line is flagged: other wordings, the engine's own control, and the best of them."""

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
"""A line of 1 s, and the next one."""
SLOT = 96_001 - 2400 - 24_013


class Wordings(fakes.FakeTranslator):
    """Says the next of `wordings`, as many letters each, whenever it is asked for the first line."""

    wordings: tuple[int, ...] = ()
    asked = 0

    def translate(self, request, *, cancel):
        texts = []
        for line in request.lines:
            first = line.text.startswith("a")
            letters = self.wordings[min(type(self).asked, len(self.wordings) - 1)] if first else 10
            type(self).asked += first
            texts.append("x" * letters)
        return tuple(texts)


@pytest.fixture
def first_line(tmp_path):
    """The first line of a dub whose wordings have these letters (0.06 s each)."""

    def run(*letters, capabilities=frozenset()):
        engines = fakes.specs(voice=capabilities)
        kind = type("These", (Wordings,), {"wordings": letters})
        info = replace(engines[Kind.TRANSLATOR].info, capabilities=frozenset({BUDGET}))
        engines[Kind.TRANSLATOR] = EngineSpec(info, lambda _: kind(info, fakes.Calls()))
        source = toy.write_sound(tmp_path / "toy.wav", scene=ONE_LINE, length=192_000)
        return dub(Job(source, "es", "en", tmp_path), SETTINGS, engines=engines).script.lines[0]

    return run


def test_at_most_two_other_wordings_are_tried_and_measured(first_line):
    line = first_line(40, 35, 30, 10)
    assert [len(take.text) for take in line.takes] == [40, 35, 30]
    assert len(line.translation) == 30
    assert line.placement.speed == pytest.approx(1.8 * 48_000 / SLOT, rel=0.02)


def test_a_wording_that_came_out_worse_is_not_taken(first_line):
    line = first_line(40, 60, 45)
    assert [len(take.text) for take in line.takes] == [40, 60, 45]
    assert line.chosen == line.takes[0].id
    assert len(line.translation) == 40


def test_an_engine_is_asked_for_the_length_and_what_it_did_is_told(first_line):
    line = first_line(30, capabilities=frozenset({"duration_control"}))
    assert line.placement.speed == 1.0
    assert line.placement.end <= line.placement.slot_end
    assert "speaks at 1.2" in line.placement.reason
    assert line.placement.pace == pytest.approx(1.8 * 48_000 / SLOT, rel=0.02)
    assert [flag.code for flag in line.flags if not flag.code.startswith("qc-")] == ["fast"]


def test_no_engine_is_asked_to_gabble(first_line):
    line = first_line(60, capabilities=frozenset({"duration_control"}))
    spoken = line.placement.end - line.placement.start
    assert spoken == pytest.approx(3.6 / 1.5 * 48_000, rel=0.02), "half as fast again, and no more"
    assert "overrun" in [flag.code for flag in line.flags]


def test_no_engine_is_asked_to_drawl(first_line):
    line = first_line(5, capabilities=frozenset({"duration_control"}))
    spoken = line.placement.end - line.placement.start
    assert spoken == pytest.approx(0.3 * 48_000, rel=0.03), "it would be slow and far too short all the same"
