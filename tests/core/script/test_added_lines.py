"""A line that was missing is added."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from rythmo.errors import ScriptError
from rythmo.qc.intake import UNCOVERED, list_uncovered_speech
from rythmo.script.diff import carry_over_edits
from rythmo.script.edits import add_line, leave_speech
from rythmo.script.model import Flag, Line, Programme, Remark, Script, Speaker

FILM = Programme("a", "a.mp4", 960_000, 48_000, 2, Fraction(25))
LINES = (Line("S1_0001", "S1", 0, 48_000, text="a"), Line("S2_0002", "S2", 480_000, 528_000, text="b"))
SCRIPT = Script(FILM, "en", "es", (Speaker("S1", "Anna"), Speaker("S2", "Ben")), LINES)


def test_it_belongs_to_whoever_speaks_next_to_it_and_stays_through_another_run():
    script, line_id = add_line(SCRIPT, 400_000, 470_000, "Who is  there?")
    line = script.line(line_id)
    assert (line.id, line.speaker, line.text) == ("S2_0003", "S2", "Who is there?")
    assert {"start", "end", "text", "speaker"} <= set(line.edited) and "translation" not in line.edited
    assert [one.start for one in script.lines] == [0, 400_000, 480_000]


def test_the_words_and_the_speaker_are_the_users():
    script, line_id = add_line(SCRIPT, 100_000, 150_000, "Hi", translation="Hola", speaker="S2")
    assert script.line(line_id).translation == "Hola" and line_id == "S2_0003"


@pytest.mark.parametrize(("start", "end", "text"), [(0, 10, " "), (10, 5, "x"), (950_000, 970_000, "x")])
def test_what_cannot_be_a_line_is_refused(start, end, text):
    with pytest.raises(ScriptError):
        add_line(SCRIPT, start, end, text)


def test_speech_that_is_left_is_settled_and_stays_so_through_another_run():
    flag = Flag(UNCOVERED, "Somebody speaks and no line says it.")
    found = replace(SCRIPT, findings=(Remark(100_000, flag, 150_000), Remark(200_000, flag, 250_000)))
    left = leave_speech(found, 100_000, 150_000)
    assert [one.position for one in list_uncovered_speech(left)] == [200_000]
    again = carry_over_edits(left, found)
    assert [one.position for one in list_uncovered_speech(again)] == [200_000]
    assert leave_speech(left, 100_000, 150_000) == left


@pytest.mark.parametrize(("start", "end"), [(5, 5), (-1, 5), (0, 960_001)])
def test_what_is_no_stretch_of_the_programme_is_refused(start, end):
    with pytest.raises(ScriptError):
        leave_speech(SCRIPT, start, end)
