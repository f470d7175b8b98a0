"""Turns with the edges of a detector of speech: whose they are, and what is no turn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.base import Turn
from rythmo.engines.speech.turn_edges import fit_to_spans

RATE = 48_000


def turns(*shown: tuple[float, float, str]) -> list[Turn]:
    return [Turn(round(start * RATE), round(end * RATE), who) for start, end, who in shown]


def spans(*shown: tuple[float, float]) -> list[tuple[int, int]]:
    return [(round(start * RATE), round(end * RATE)) for start, end in shown]


def fitted(heard: list[Turn], speech: list[tuple[int, int]]) -> list[tuple[float, float, str]]:
    return [(one.start / RATE, one.end / RATE, one.speaker) for one in fit_to_spans(heard, speech)]


def test_edges_are_those_of_the_detector():
    heard = turns((1.2, 2.9, "S1"), (4.1, 5.0, "S2"))
    assert fitted(heard, spans((1.0, 3.1), (4.0, 5.2))) == [(1.0, 3.1, "S1"), (4.0, 5.2, "S2")]


def test_a_syllable_of_another_in_the_middle_of_a_sentence_is_no_turn():
    heard = turns((1.0, 2.0, "S1"), (2.0, 2.2, "S2"), (2.2, 3.0, "S1"))
    assert fitted(heard, spans((1.0, 3.0))) == [(1.0, 3.0, "S1")]


def test_a_syllable_before_a_sentence_belongs_to_it_and_a_short_answer_does_not():
    heard = turns((1.0, 1.2, "S3"), (1.4, 3.0, "S2"), (4.0, 4.2, "S1"))
    speech = spans((1.0, 1.2), (1.4, 3.0), (4.0, 4.2))
    assert fitted(heard, speech) == [(1.0, 1.2, "S2"), (1.4, 3.0, "S2"), (4.0, 4.2, "S1")]


def test_two_people_without_a_pause_change_over_once():
    heard = turns((1.0, 2.0, "S1"), (2.1, 3.0, "S2"))
    assert fitted(heard, spans((0.9, 3.2))) == [(0.9, 2.05, "S1"), (2.05, 3.2, "S2")]


def test_somebody_who_speaks_at_the_same_time_keeps_a_turn():
    heard = turns((1.0, 4.0, "S1"), (2.0, 3.0, "S2"))
    assert fitted(heard, spans((0.9, 4.1))) == [(0.9, 4.1, "S1"), (2.0, 3.0, "S2")]


def test_speech_that_the_network_missed_belongs_to_whoever_is_near():
    heard = turns((1.0, 2.0, "S1"))
    assert fitted(heard, spans((1.0, 2.0), (2.5, 3.2), (9.0, 9.8))) == [(1.0, 2.0, "S1"), (2.5, 3.2, "S1")]


def test_without_a_detector_nothing_changes():
    heard = turns((1.0, 2.0, "S1"), (3.0, 3.1, "S2"))
    assert list(fit_to_spans(heard, [])) == heard


seconds = st.floats(0, 20, allow_nan=False)


@given(
    st.lists(st.tuples(seconds, st.floats(0.01, 5), st.sampled_from(["S1", "S2", "S3"])), max_size=8),
    st.lists(st.tuples(seconds, st.floats(0.05, 5)), max_size=6),
)
def test_every_turn_has_a_length_and_a_person_who_was_heard(heard, speech):
    given_turns = sorted(
        turns(*((start, start + length, who) for start, length, who in heard)), key=lambda one: one.start
    )
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans(*((start, start + length) for start, length in speech))):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    found = fit_to_spans(given_turns, joined)
    assert all(one.end > one.start for one in found)
    assert {one.speaker for one in found} <= {one.speaker for one in given_turns}
    assert list(found) == sorted(found, key=lambda one: one.start)
