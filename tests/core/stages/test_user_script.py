"""Lines of a script that the user brought."""

import pytest

from rythmo.engines.base import Turn
from rythmo.errors import SubtitleError
from rythmo.script.model import Speaker
from rythmo.script.subtitle_file import FileCue as Cue
from rythmo.stages import user_script

TURNS = (Turn(1000, 2000, "S1"), Turn(2500, 4000, "S2"), Turn(5000, 6000, "S1"))
HEARD = (Speaker("S1", "Speaker 1"), Speaker("S2", "Speaker 2"))


def test_names_of_the_file_go_to_the_voices_that_are_heard():
    cues = [Cue(950, 2000, "Hi", "ANNA"), Cue(2500, 4000, "Oh", "BEN"), Cue(5000, 6000, "So", "ANNA")]
    people, lines = user_script.lines_from_cues(cues, TURNS, HEARD, 10_000, 250)
    assert [(p.id, p.name) for p in people] == [("S1", "ANNA"), ("S2", "BEN")]
    assert [(line.speaker, line.start) for line in lines] == [("S1", 1000), ("S2", 2500), ("S1", 5000)]


def test_unnamed_cues_take_the_voice_under_them():
    cues = [Cue(950, 2000, "one"), Cue(2400, 3900, "two\nrows")]
    _, lines = user_script.lines_from_cues(cues, TURNS, HEARD, 10_000, 250)
    assert [(line.speaker, line.text, line.start) for line in lines] == [
        ("S1", "one", 1000),
        ("S2", "two rows", 2500),
    ]


def test_voices_that_no_cue_wants_leave_no_gap_in_the_ids():
    people, lines = user_script.lines_from_cues([Cue(2400, 3900, "two", "BEN")], TURNS, HEARD, 10_000, 250)
    assert [(person.id, person.name) for person in people] == [("S1", "BEN")]
    assert [(line.id, line.speaker) for line in lines] == [("S1_0001", "S1")]


def test_a_name_that_is_never_heard_gets_a_speaker_of_its_own():
    cues = [Cue(1000, 2000, "a", "ANNA"), Cue(2500, 4000, "b", "BEN"), Cue(8000, 9000, "c", "CLEO")]
    people, lines = user_script.lines_from_cues(cues, TURNS, HEARD, 10_000, 250)
    assert {p.name for p in people} == {"ANNA", "BEN", "CLEO"}
    assert len({line.speaker for line in lines}) == 3


def test_a_script_for_another_film_is_refused():
    with pytest.raises(SubtitleError, match="inside the programme"):
        user_script.lines_from_cues([Cue(20_000, 21_000, "x")], TURNS, HEARD, 10_000, 250)


def test_two_people_in_one_cue_are_two_and_meet_where_the_voice_changes():
    cues = [Cue(1000, 2500, "Who?", part=0), Cue(2500, 4000, "Me.", part=1)]
    turns = (Turn(1000, 2200, "S1"), Turn(2250, 4000, "S2"))
    _, lines = user_script.lines_from_cues(cues, turns, HEARD, 10_000, 100)
    assert [(line.speaker, line.start, line.end) for line in lines] == [
        ("S1", 1000, 2200),
        ("S2", 2250, 4000),
    ]


def test_two_people_in_one_cue_are_two_where_one_voice_was_heard():
    cues = [Cue(5000, 5500, "Who?", part=0), Cue(5500, 6000, "Me.", part=1)]
    _, lines = user_script.lines_from_cues(cues, TURNS, HEARD, 10_000, 100)
    assert len({line.speaker for line in lines}) == 2


def test_what_reaches_over_the_end_is_cut_there():
    assert [
        (cue.start, cue.end)
        for cue in user_script.trim_to_programme([Cue(-50, 100, "a"), Cue(950, 1200, "b")], 1000)
    ] == [
        (0, 100),
        (950, 1000),
    ]


def test_a_short_cue_at_the_border_of_two_turns_keeps_its_times():
    turns = (Turn(0, 2000, "S1"), Turn(2001, 4000, "S1"))
    _, lines = user_script.lines_from_cues([Cue(1900, 2100, "But?")], turns, HEARD, 10_000, 250)
    assert (lines[0].start, lines[0].end) == (1900, 2100)
