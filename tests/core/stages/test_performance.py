"""How lines are said against their speaker's habit: arithmetic on measured prosody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.script.model import Line, Manner, Prosody, Word
from rythmo.stages.performance import Habit, habits, in_words, manner_of

RATE = 48_000
USUAL = Prosody(120.0, 100.0, 150.0, 1500.0, -20.0, 4.0)
HABIT = Habit(USUAL, 12.0)


def line(prosody: Prosody | None, seconds: float = 2.0, number: int = 1, letters: int = 24, **more) -> Line:
    start = number * 10 * RATE
    end, text = start + round(seconds * RATE), "x" * letters
    return Line(f"S1_{number:04}", "S1", start, end, text, prosody=prosody, **more)


def like(**changes) -> Prosody:
    return replace(USUAL, **changes)


@pytest.mark.parametrize(
    ("said", "manner"),
    [
        (like(), None),
        (like(pitch_hz=121.0, level_db=-19.5), None),
        (like(pitch_hz=240.0), Manner(pitch=6.0)),
        (like(pitch_hz=120 * 2 ** (3.2 / 12)), Manner(pitch=3.0)),
        (like(pitch_low_hz=75.0), Manner(range=1.3)),
        (like(pitch_low_hz=90.0), None),
        (like(syllables_per_second=40.0), None),
        (like(level_db=-13.0), Manner(level=8.0)),
        (like(level_db=-60.0), Manner(level=-12.0)),
        (like(level_db=None, syllables_per_second=None, pitch_low_hz=None), None),
    ],
)
def test_a_line_is_set_against_its_speakers_habit(said, manner):
    assert manner_of(line(said), HABIT) == manner


@pytest.mark.parametrize(
    ("letters", "pace"),
    [(24, 1.0), (26, 1.0), (22, 1.0), (32, 1.3), (60, 1.5), (17, 0.7), (5, 0.7), (0, 1.0)],
)
def test_pace_is_letters_a_second_beyond_the_scatter(letters, pace):
    found = manner_of(line(USUAL, letters=letters), HABIT) or Manner()
    assert found.pace == pace


def test_pauses_within_a_line_are_not_its_pace():
    words = (Word("x" * 12, 10 * RATE, 11 * RATE), Word("x" * 12, 19 * RATE, 20 * RATE))
    assert manner_of(line(USUAL, seconds=10, words=words), HABIT) is None


@pytest.mark.parametrize(
    ("level", "whispered"), [(-32.0, True), (-26.0, True), (-24.0, False), (-10.0, False), (None, False)]
)
def test_without_voice_and_softly_is_a_whisper_and_loudly_is_not(level, whispered):
    found = manner_of(line(Prosody(level_db=level)), HABIT)
    assert found == (Manner(whispered=True) if whispered else None)


def test_too_short_or_without_a_habit_nothing_is_said_of_it():
    assert manner_of(line(like(pitch_hz=240.0), seconds=0.5), HABIT) is None
    assert manner_of(line(like(pitch_hz=240.0)), None) is None
    assert manner_of(line(None), HABIT) is None


def test_habits_are_medians_and_two_lines_are_none():
    said = [line(like(pitch_hz=hz), number=n) for n, hz in enumerate((100.0, 120.0, 300.0))]
    assert habits(said)["S1"].prosody.pitch_hz == 120.0
    assert habits(said)["S1"].letters == 12.0
    assert habits(said[:2]) == {}
    assert habits([*said[:2], line(like(), seconds=0.3)]) == {}, "a short one does not count"


maybe = st.one_of(st.none(), st.floats(1.0, 500.0))
spoken = st.builds(
    Prosody, maybe, maybe, maybe, maybe, st.one_of(st.none(), st.floats(-90.0, 0.0)), st.one_of(maybe)
)


@given(spoken, spoken, maybe)
def test_whatever_was_measured_a_manner_keeps_to_its_steps_and_bounds(said, usual, letters):
    found = manner_of(line(said), Habit(usual, letters)) or Manner()
    assert -6 <= found.pitch <= 6 and found.pitch % 1 == 0
    assert -12 <= found.level <= 12 and found.level % 2 == 0
    assert 0.6 <= found.range <= 1.5 and 0.6 <= found.pace <= 1.5
    assert str(found.pitch) != "-0.0" and str(found.level) != "-0.0", "one manner has one key"


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (Manner(whispered=True), "whispered"),
        (Manner(level=8.0, pitch=4.0, pace=1.4), "shouted, quickly"),
        (Manner(level=8.0), ""),
        (Manner(level=-10.0, pace=0.7), "quietly, slowly"),
        (Manner(pitch=1.0), ""),
        (None, ""),
    ],
)
def test_only_what_is_plain_to_hear_is_put_into_words(manner, words):
    assert in_words(line(USUAL, manner=manner)) == words


def test_who_took_a_direction_out_wants_none():
    assert in_words(line(USUAL, manner=Manner(whispered=True), edited=("direction",))) == ""
