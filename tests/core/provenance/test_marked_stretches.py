"""Where a mark is found in a long sound, with an engine that counts loud samples as marked."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.engines.base import EngineInfo, Kind, MarkScore
from rythmo.provenance.marked_stretches import find_marked_stretches

SECOND = 48_000


class Listener:
    """Finds a mark where half of a window is loud; remembers the windows' lengths."""

    info = EngineInfo(Kind.WATERMARK, "listener", "1", "", "")
    window_seconds = 2.0

    def __init__(self):
        self.heard = []

    def mark(self, sound, *, cancel=None):
        return sound

    def find(self, sound, *, cancel=None):
        self.heard.append(sound.samples.shape)
        score = float((sound.samples > 0.5).mean())
        return MarkScore(score, score >= 0.5)

    def close(self):
        pass


def blocks_of(sound, size):
    return (sound[:, start : start + size] for start in range(0, sound.shape[1], size))


@pytest.mark.parametrize("size", [7_000, SECOND, 50 * SECOND])
def test_stretches_are_whole_windows_and_the_last_ends_with_the_sound(size):
    sound = np.zeros((2, round(9.5 * SECOND)), np.float32)
    sound[:, 2 * SECOND : 5 * SECOND] = 1
    sound[:, 8 * SECOND :] = 1
    engine = Listener()
    found = [
        (one.start / SECOND, one.end / SECOND, one.score)
        for one in find_marked_stretches(blocks_of(sound, size), engine)
    ]
    assert found == [(1, 6, 1.0), (7, 9.5, 0.75)]
    assert set(engine.heard) == {(1, 2 * SECOND)}


def test_the_centre_of_surround_sound_is_heard_by_itself():
    sound = np.zeros((6, 3 * SECOND), np.float32)
    sound[2] = 1
    assert len(list(find_marked_stretches([sound], Listener()))) == 1
    quad = sound[:4]
    assert not list(find_marked_stretches([quad], Listener())), "the third channel of four is no centre"


def test_a_short_sound_is_one_window_and_none_has_no_stretches():
    short = np.ones((1, 5_000), np.float32)
    (found,) = find_marked_stretches([short], Listener())
    assert (found.start, found.end) == (0, 5_000)
    assert not list(find_marked_stretches([], Listener()))
    assert not list(find_marked_stretches([short[:, :0]], Listener()))
