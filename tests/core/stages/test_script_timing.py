"""Where the times of a user's file lie in the programme."""

from dataclasses import replace
from fractions import Fraction

import pytest

from rythmo.engines.base import Turn
from rythmo.errors import UsageError
from rythmo.script.model import Programme
from rythmo.script.subtitle_file import FileCue
from rythmo.stages import script_timing
from rythmo.timebase import SAMPLE_RATE

SCENE = ((1.0, 3.63), (5.0, 7.58), (9.5, 10.18), (11.0, 13.5), (15.5, 17.3))
FILM = Programme("film", "film.mp4", 20 * SAMPLE_RATE, SAMPLE_RATE, 2, Fraction(25), 25 * 3600)


def at(seconds):
    return round(seconds * SAMPLE_RATE)


def cues(shift=0.0):
    return tuple(FileCue(at(a + shift), at(b + shift), "x") for a, b in SCENE)


TURNS = [Turn(at(a), at(b), "S1") for a, b in SCENE]


def offset(shift, turns=TURNS):
    spans = [(cue.start, cue.end) for cue in cues(shift)]
    return script_timing.find_offset(spans, turns, FILM.length)


@pytest.mark.parametrize("shift", [2.0, 0.7, -0.9, 6.5])
def test_a_constant_offset_is_found_to_the_hundredth(shift):
    found = offset(shift)
    assert found is not None and found.seconds == pytest.approx(-shift, abs=0.02)
    assert found.match > found.before + 0.1


def test_a_script_that_lies_right_has_none():
    assert offset(0.0) is None
    assert offset(0.1) is None


def test_a_script_that_fits_nowhere_has_none():
    assert offset(2.0, [Turn(at(n), at(n + 0.3), "S1") for n in range(0, 20, 2)]) is None


def test_another_speed_is_found():
    """A file made for the 25 frame master of a film at 24."""
    spans = [(at(n * 7.3 + (n % 3)), at(n * 7.3 + (n % 3) + 2.0 + n % 2)) for n in range(1, 30)]
    turns = [Turn(round(a * 25 / 24), round(b * 25 / 24), "S1") for a, b in spans]
    found = script_timing.find_offset(spans, turns, at(260))
    assert found is not None and found.speed == Fraction(25, 24)


@pytest.mark.parametrize("hours", [1, 10])
def test_timecode_of_the_programme_is_understood(hours):
    film = replace(FILM, start_frame=25 * 3600 * hours)
    placed, moved = script_timing.rebase_cues(cues(3600 * hours), film)
    assert (placed, moved) == (cues(), -at(3600 * hours))


def test_whole_hours_are_taken_off_where_the_film_says_none():
    placed, moved = script_timing.rebase_cues(cues(3600), replace(FILM, start_frame=0))
    assert (placed, moved) == (cues(), -at(3600))


def test_times_that_lie_in_the_programme_stay():
    assert script_timing.rebase_cues(cues(), FILM) == (cues(), 0)


def test_offsets_as_people_write_them():
    assert script_timing.parse_offset("-2.5") == -at(2.5)
    for text in ("soon", "nan", "1e9"):
        with pytest.raises(UsageError, match="not a number of seconds"):
            script_timing.parse_offset(text)
