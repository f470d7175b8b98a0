"""Tests for the sound that recognition and the search for edges hear: speech with a share of its bed."""

import numpy as np

from rythmo.media.audio import Audio
from rythmo.stages.separate import make_audible


def test_a_third_of_the_bed_is_heard_with_the_speech_in_mono():
    speech = Audio(np.full((1, 4), 0.3, np.float32), 48_000)
    bed = Audio(np.array([[0.6, 0, 0, 0.3], [0.6, 0, 0.6, 0.3]], np.float32), 48_000)
    heard = make_audible(speech, bed)
    assert heard.samples.shape == (1, 4) and heard.rate == 48_000
    np.testing.assert_allclose(heard.samples[0], [0.5, 0.3, 0.4, 0.4], atol=1e-6)


def test_what_is_heard_leaves_the_separated_sound_as_it_was():
    speech, bed = (Audio(np.full((1, 4), level, np.float32), 48_000) for level in (0.3, 0.6))
    make_audible(speech, bed)
    assert speech.samples[0, 0] == np.float32(0.3) and bed.samples[0, 0] == np.float32(0.6)
