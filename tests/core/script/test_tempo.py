"""Tempo within a speaker: neighbours come closer, needs stay, and nobody waits for another speaker."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rythmo.script.fit import plan_fit
from rythmo.script.model import Line
from rythmo.script.phrases import make_single_phrase
from rythmo.script.slots import FitSettings, Slot
from rythmo.script.takes import Placement
from rythmo.script.tempo import MOST_CHANGE, find_least_tempos, measure_tempo
from rythmo.timebase import SAMPLE_RATE as RATE


def line(number: int, tempo: float, speaker: str = "S1", start: float | None = None) -> Line:
    begin = round((number if start is None else start) * RATE)
    placed = Placement(begin, begin + RATE, begin + RATE, speed=tempo)
    return Line(f"{speaker}_{number:04}", speaker, begin, begin + RATE, "x", placement=placed)


@given(st.lists(st.floats(0.8, 1.6), min_size=1, max_size=12))
def test_no_two_neighbours_differ_by_more_than_the_ratio_and_none_gets_slower(tempos):
    lines = [line(number, tempo) for number, tempo in enumerate(tempos)]
    raised = find_least_tempos(lines)
    after = [raised.get(one.id, measure_tempo(one)) for one in lines]
    assert all(new >= old for new, old in zip(after, tempos, strict=True))
    assert all(max(a / b, b / a) <= MOST_CHANGE + 1e-9 for a, b in pairwise(after))
    assert max(after) == max(tempos)


def test_another_speaker_and_another_scene_are_not_asked():
    lines = [line(0, 1.5), line(1, 1.0, "S2"), line(2, 1.0, start=30)]
    assert find_least_tempos(lines) == {}


def test_what_is_settled_stays_and_new_lines_come_to_it():
    lines = [line(0, 1.5), line(1, 1.0), line(2, 0.9)]
    raised = find_least_tempos(lines, fixed=["S1_0001"])
    assert raised == {}
    assert find_least_tempos(lines, fixed=["S1_0000"]).keys() == {"S1_0001", "S1_0002"}


def test_a_line_without_a_placement_is_no_neighbour():
    lines = [line(0, 1.5), replace(line(1, 1.0), placement=None), line(2, 1.0)]
    assert find_least_tempos(lines).keys() == {"S1_0002"}


def placed(spoken: float, original: float, slot: float, **options):
    said = Line("S1_0001", "S1", 0, round(original * RATE), "x")
    end = round(slot * RATE)
    return plan_fit(
        said, make_single_phrase(round(spoken * RATE)), Slot(0, end, end, end), FitSettings(), **options
    )


def test_a_line_is_raised_and_says_why():
    decision = placed(1.0, 1.0, 1.2, least_tempo=1.12)
    assert decision.placement.speed > 1.119
    assert "the lines beside it" in decision.placement.reason
    assert placed(1.6, 1.0, 1.1, least_tempo=1.12).placement.speed > 1.4, "its own need stays"


def test_nothing_is_slowed_that_would_be_far_too_short_all_the_same():
    assert placed(0.5, 1.0, 1.2).placement.speed == 1.0
    assert 0.85 <= placed(0.85, 1.0, 1.2).placement.speed < 1.0
    assert placed(0.5, 1.0, 1.2, duration_control=True).retake is None
