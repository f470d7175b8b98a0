"""Voices of several windows become people, without any network: vectors and activity are made here."""

import numpy as np
import pytest

from rythmo.engines.speech.local_speakers import (
    LocalSpeaker,
    join_local_speakers,
    mark_speech,
    window_starts,
)
from rythmo.engines.speech.segmentation import FRAME, RATE, WINDOW

FRAMES = 589
SECOND = RATE // FRAME


def at(*seconds: tuple[float, float]) -> np.ndarray:
    active = np.zeros(FRAMES, bool)
    for start, end in seconds:
        active[round(start * SECOND) : round(end * SECOND)] = True
    return active


def voice(number: int, *, twist: float = 0.1) -> np.ndarray:
    """A vector of person `number`, the more different from their others the larger the twist is."""
    vector = np.zeros(8, np.float32)
    vector[number], vector[7] = 1.0, twist
    return vector / np.linalg.norm(vector)


def local(window: int, number: int, active: np.ndarray, person: int) -> LocalSpeaker:
    alone = active[window, :, number] & (active[window].sum(axis=1) == 1)
    return LocalSpeaker(window, number, int(alone.sum()), voice(person))


@pytest.fixture
def two_windows() -> np.ndarray:
    """Ten seconds, heard twice, with the people numbered the other way around the second time."""
    one, other = at((0, 3), (6, 9)), at((2.5, 5))
    active = np.zeros((2, FRAMES, 3), bool)
    active[0, :, 0], active[0, :, 1] = one, other
    active[1, :, 0], active[1, :, 1] = other, one
    return active


def test_numbers_within_a_window_mean_nothing(two_windows: np.ndarray) -> None:
    found = [local(0, 0, two_windows, 0), local(0, 1, two_windows, 1)]
    found += [local(1, 0, two_windows, 1), local(1, 1, two_windows, 0)]
    turns = join_local_speakers(found, [0, 0], two_windows, WINDOW)
    spoken = [(round(one.start / RATE, 1), round(one.end / RATE, 1), one.person) for one in turns]
    assert spoken == [(0.0, 3.0, 0), (2.5, 5.0, 1), (6.0, 9.0, 0)], "the overlap belongs to both"


def test_two_of_one_window_stay_two_however_alike(two_windows: np.ndarray) -> None:
    found = [local(0, 0, two_windows, 0), local(0, 1, two_windows, 1)]
    close = LocalSpeaker(1, 0, 100, voice(0, twist=0.2))
    turns = join_local_speakers([*found, close, local(1, 1, two_windows, 0)], [0, 0], two_windows, WINDOW)
    assert {turn.person for turn in turns} == {0, 1}


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_count_is_met(two_windows: np.ndarray, count: int) -> None:
    # All four vectors differ slightly, as those of one person do.
    found = [
        LocalSpeaker(window, number, 100, voice(0, twist=0.1 * (2 * window + number)))
        for window in (0, 1)
        for number in (0, 1)
    ]
    turns = join_local_speakers(found, [0, 0], two_windows, WINDOW, count=count)
    assert len({turn.person for turn in turns}) <= count
    assert turns[0].person == 0


def test_nobody_is_nobody() -> None:
    assert join_local_speakers([], [0], np.zeros((1, FRAMES, 3), bool), WINDOW) == []


@pytest.mark.parametrize("length", [0, 1, WINDOW, WINDOW + 1, 3 * WINDOW + 5])
def test_windows_cover_everything(length: int) -> None:
    starts = window_starts(length)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] + WINDOW >= length
    assert all(start + WINDOW <= length for start in starts[1:])


def test_speech_that_a_detector_heard_is_one_person_in_each_window() -> None:
    active = mark_speech([(RATE, 3 * RATE), (11 * RATE, 12 * RATE)], [0, 4 * RATE], FRAMES)
    assert active.shape == (2, FRAMES, 3) and not active[:, :, 1:].any()
    assert abs(active[0, :, 0].sum() * FRAME - 2 * RATE) <= FRAME
    assert not active[0, 4 * SECOND :, 0].any()
    assert abs(active[1, :, 0].sum() * FRAME - RATE) <= FRAME
    assert active[1, round(7.5 * SECOND), 0]
