"""Short sounds are heard together, and each gets its own words back."""

import numpy as np
import pytest

from rythmo.media.audio import Audio
from rythmo.qc.packed_listening import pack_sounds, transcribe_packed
from rythmo.script.model import Word

RATE = 16_000


class Recogniser:
    """Hears one word in each turn, named after the level of its sound."""

    def __init__(self):
        self.calls = 0

    def transcribe(self, speech, *, language, turns=(), cancel=None):
        self.calls += 1
        words = []
        for turn in turns:
            level = round(float(speech.samples[0, turn.start]) * 100)
            # Half of it lies in the pause after the sound, as recognisers' ends often do.
            words.append(Word(f"w{level}", (turn.start + turn.end) // 2, turn.end + RATE // 4, 0.9))
        return tuple(words)


def sounds(*seconds):
    return [
        Audio(np.full((1, round(length * RATE)), (number + 1) / 100, np.float32), RATE)
        for number, length in enumerate(seconds)
    ]


def test_every_sound_gets_its_own_words_within_its_own_length():
    engine = Recogniser()
    given = sounds(2, 0.5, 20, 3, 9)
    found = transcribe_packed(engine, given, language="es")
    assert [[word.text for word in words] for words in found] == [["w1"], ["w2"], ["w3"], ["w4"], ["w5"]]
    assert engine.calls == 2
    for sound, words in zip(given, found, strict=True):
        assert all(0 <= word.start <= word.end <= sound.length for word in words)


@pytest.mark.parametrize(
    ("seconds", "packs"),
    [
        ([], []),
        ([40.0], [range(1)]),
        ([10.0, 40.0, 2.0], [range(1), range(1, 2), range(2, 3)]),
        ([13.0, 13.0, 13.0], [range(2), range(2, 3)]),
    ],
)
def test_packs_are_full_but_not_too_long(seconds, packs):
    assert pack_sounds(seconds) == packs


def test_nothing_to_hear_starts_nothing():
    engine = Recogniser()
    assert transcribe_packed(engine, [], language="es") == ()
    assert engine.calls == 0
