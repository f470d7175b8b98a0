"""A short turn goes to the person whom it clearly sounds like."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.engines.base import Turn
from rythmo.engines.speech.turn_owners import reassign_turns
from rythmo.media.audio import Audio
from rythmo.stages.speakers import TurnVectors, check_owners

PEOPLE = {"S1": (1.0, 0.0), "S2": (0.0, 1.0)}
LONG, SHORT = Turn(0, 96_000, "S1"), Turn(100_000, 140_000, "S1")


def at(degrees: float) -> tuple[float, float]:
    return float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))


def test_a_short_turn_of_another_voice_changes_hands():
    found = reassign_turns((LONG, SHORT), {SHORT: at(80)}, PEOPLE)
    assert found == (LONG, Turn(SHORT.start, SHORT.end, "S2"))


@pytest.mark.parametrize("degrees", [0, 30, 45, 50])
def test_a_turn_that_could_be_either_stays(degrees):
    assert reassign_turns((SHORT,), {SHORT: at(degrees)}, PEOPLE) == (SHORT,)


def test_silence_and_people_without_a_vector_change_nothing():
    assert reassign_turns((SHORT,), {SHORT: (0.0, 0.0)}, PEOPLE) == (SHORT,)
    assert reassign_turns((SHORT,), {SHORT: at(90)}, {"S1": (0.0, 0.0), "S2": (0.0, 1.0)}) == (SHORT,)
    assert reassign_turns((SHORT,), {SHORT: at(90)}, {"S1": (1.0, 0.0), "S2": (0.0, 0.0)}) == (SHORT,)


def test_turns_that_nobody_checked_stay():
    assert reassign_turns((LONG, SHORT), {}, PEOPLE) == (LONG, SHORT)


def test_a_stage_asks_for_short_turns_only():
    """The level of this sound is its voice: a second at the other's level is the other's."""
    levels = np.concatenate([np.full(200_000, 0.25), np.full(200_000, 0.75), np.full(50_000, 0.75)])
    speech = Audio(levels[None].astype(np.float32), 48_000)
    turns = (
        Turn(0, 200_000, "S1"),
        Turn(200_000, 400_000, "S2"),
        Turn(400_000, 450_000, "S1"),
    )
    asked = []

    def embed(segments):
        asked.extend(segment.length for segment in segments)
        return np.array([at(90 if segment.samples.mean() > 0.5 else 0) for segment in segments])

    found = check_owners(turns, TurnVectors(speech, embed))
    assert [one.speaker for one in found] == ["S1", "S2", "S2"]
    asked.clear()
    assert check_owners(turns[:2], TurnVectors(speech, embed)) == turns[:2]
    assert not asked


def test_each_turn_is_embedded_once():
    speech = Audio(np.zeros((1, 500), np.float32), 100)
    asked = []

    def embed(segments):
        asked.extend(segment.length for segment in segments)
        return np.array([at(segment.length) for segment in segments])

    vectors = TurnVectors(speech, embed)
    long, short = Turn(0, 300, "S1"), Turn(300, 320, "S2")
    assert np.allclose(vectors([long, short, long]), [at(300), at(20), at(300)])
    # Whose turn it is does not change how it sounds.
    assert np.allclose(vectors([Turn(300, 320, "S1")]), [at(20)])
    assert asked == [300, 20]
