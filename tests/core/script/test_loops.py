"""Lines in recording loops: limits, where loops are cut, and numbers that edits leave alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.errors import UsageError
from rythmo.script.loop_numbers import plan_loops, update_loops
from rythmo.script.loops import LoopSettings, fits_one_loop, group_lines
from rythmo.script.model import Line

SECOND = 48_000


def _line(number: int, start: float, length: float = 2.0, speaker: str = "S1", text: str = "Hello.") -> Line:
    first = round(start * SECOND)
    return Line(f"S_{number:04}", speaker, first, first + round(length * SECOND), text)


def _ids(groups: list[list[Line]]) -> list[list[str]]:
    return [[line.id[-1] for line in group] for group in groups]


@st.composite
def scripts(draw: st.DrawFn) -> list[Line]:
    """Up to 40 lines of three people, some at once."""
    gaps = draw(st.lists(st.floats(-1.0, 12.0), min_size=1, max_size=40))
    lines, at = [], 10.0
    for number, gap in enumerate(gaps):
        at = max(0.0, at + gap)
        length = draw(st.floats(0.2, 35.0))
        lines.append(
            _line(number, at, length, draw(st.sampled_from("ABC")), "word " * draw(st.integers(0, 90)))
        )
        at += length
    return lines


any_settings = st.builds(
    LoopSettings,
    by=st.sampled_from(["time", "character"]),
    longest_seconds=st.floats(3, 60),
    pause_seconds=st.floats(0.5, 15),
    text_lines=st.integers(1, 12),
    speaker_lines=st.integers(1, 6),
)


@given(scripts(), any_settings)
def test_every_line_is_in_one_loop_that_keeps_the_limits(lines, settings):
    groups = group_lines(lines, settings)
    assert sorted(line.id for group in groups for line in group) == sorted(line.id for line in lines)
    for group in groups:
        assert len(group) == 1 or fits_one_loop(group, settings)
        assert settings.by == "time" or len({line.speaker for line in group}) == 1
    assert [group[0].start for group in groups] == sorted(group[0].start for group in groups)


def test_a_pause_ends_a_loop():
    lines = [_line(0, 0), _line(1, 7.9), _line(2, 15.95)]
    assert _ids(group_lines(lines)) == [["0", "1"], ["2"]]


def test_a_long_scene_is_cut_at_its_longest_silence():
    # 30 s hold the lines 0 to 5; the longest silence in the second half of them is before line 4.
    starts = [0, 5, 10, 15, 21, 26, 31]
    lines = [_line(n, start, 4) for n, start in enumerate(starts)]
    lines[3] = replace(lines[3], end=lines[3].start + 4 * SECOND)
    assert _ids(group_lines(lines)) == [["0", "1", "2", "3"], ["4", "5", "6"]]


def test_text_lines_of_one_character_are_counted_without_a_break():
    long = "x" * 120  # two lines of 60 characters
    monologue = [_line(n, n * 2.5, text=long) for n in range(4)]
    assert [len(group) for group in group_lines(monologue)] == [2, 2]
    dialogue = [replace(line, speaker=f"S{n % 2}") for n, line in enumerate(monologue)]
    assert len(group_lines(dialogue)) == 1


def test_by_character_everybody_has_loops_of_their_own():
    lines = [_line(0, 0, speaker="A"), _line(1, 2.5, speaker="B"), _line(2, 5, speaker="A")]
    plan = plan_loops(lines, LoopSettings(by="character"))
    assert [(loop.number, loop.speakers, loop.lines) for loop in plan.loops] == [
        ("1", ("A",), ("S_0000", "S_0002")),
        ("2", ("B",), ("S_0001",)),
    ]


@given(scripts(), any_settings)
def test_what_did_not_change_keeps_its_numbers(lines, settings):
    plan = plan_loops(lines, settings)
    assert update_loops(plan, lines) == plan


@given(scripts(), any_settings, st.data())
def test_removing_and_adding_lines_renumbers_nothing(lines, settings, data):
    plan = plan_loops(lines, settings)
    before = plan.find_numbers()
    kept = data.draw(st.lists(st.sampled_from(lines), unique_by=lambda line: line.id))
    new = [replace(line, id=f"N{line.id}") for line in data.draw(scripts())]
    after = update_loops(plan, [*kept, *new])
    numbers = after.find_numbers()
    assert {line.id: numbers[line.id] for line in kept} == {line.id: before[line.id] for line in kept}
    assert set(numbers) == {line.id for line in (*kept, *new)}
    assert len({loop.number for loop in after.loops}) == len(after.loops)
    assert set(plan.used) <= set(after.used)
    for one, other in pairwise(after.loops):
        assert one.start <= other.start


def test_a_loop_that_comes_later_gets_a_letter_and_no_number_is_given_twice():
    lines = [_line(n, n * 10) for n in range(3)]
    plan = plan_loops(lines, LoopSettings())
    assert [loop.number for loop in plan.loops] == ["1", "2", "3"]
    without = update_loops(plan, lines[:2])
    more = update_loops(without, [*lines[:2], _line(7, 60), _line(8, -0.0 + 100)])
    assert [loop.number for loop in more.loops] == ["1", "2", "4", "5"]
    far = [_line(n, n * 30) for n in range(3)]
    between = update_loops(plan_loops(far, LoopSettings()), [*far, _line(5, 15), _line(6, 45), _line(9, 22)])
    assert [loop.number for loop in between.loops] == ["1", "1A", "2", "2A", "3"]


def test_a_new_line_joins_the_loop_that_it_lies_next_to():
    lines = [_line(0, 0), _line(1, 20)]
    plan = update_loops(plan_loops(lines, LoopSettings()), [*lines, _line(2, 3), _line(3, 16)])
    assert plan.find_numbers() == {"S_0000": "1", "S_0002": "1", "S_0003": "2", "S_0001": "2"}


def test_a_line_that_moved_leaves_its_loop():
    lines = [_line(0, 0), _line(1, 3), _line(2, 20), _line(3, 40)]
    moved = replace(lines[1], start=23 * SECOND, end=25 * SECOND)
    plan = update_loops(plan_loops(lines, LoopSettings()), [lines[0], moved, lines[2], lines[3]])
    assert plan.find_numbers() == {"S_0000": "1", "S_0002": "2", "S_0001": "2", "S_0003": "3"}


def test_limits_must_be_above_zero():
    with pytest.raises(UsageError, match="not above 0"):
        LoopSettings(pause_seconds=0)
