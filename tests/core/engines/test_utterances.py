"""What a recogniser is given at once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rythmo.engines.base import Turn
from rythmo.engines.speech.utterances import PAD, RATE, utterances


def _noise(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.1, round(seconds * RATE)).astype(np.float32)


def test_close_turns_of_one_speaker_are_one_utterance_and_padding_never_overlaps() -> None:
    turns = [
        Turn(RATE, 2 * RATE, "S1"),
        Turn(2 * RATE + 1600, 3 * RATE, "S1"),
        Turn(3 * RATE + 100, 4 * RATE, "S2"),
    ]
    spans = utterances(_noise(6), turns)
    assert spans == [(RATE - PAD, 3 * RATE + 50), (3 * RATE + 50, 4 * RATE + PAD)]


def test_turns_that_overlap_are_decoded_once() -> None:
    assert len(utterances(_noise(6), [Turn(RATE, 3 * RATE, "S1"), Turn(2 * RATE, 4 * RATE, "S2")])) == 1


def test_long_speech_is_cut_in_its_pauses_and_nothing_is_lost() -> None:
    wave = _noise(40)
    for second in (8, 20, 33):
        wave[second * RATE : second * RATE + RATE // 2] = 0
    spans = utterances(wave, [])
    assert spans[0][0] == 0
    assert spans[-1][1] == wave.size
    assert all(a[1] == b[0] and not wave[a[1]] for a, b in pairwise(spans))
    assert all(end - start <= 15 * RATE for start, end in spans)


def test_no_sound_at_all() -> None:
    assert utterances(np.zeros(0, np.float32), []) == [(0, 0)]
