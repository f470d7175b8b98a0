"""How espeak's voice follows a manner or a direction; the arithmetic, and what is heard."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.adapters.espeak import voice as espeak_voice
from rythmo.engines.adapters.espeak.manner import apply_manner, choose_manner
from rythmo.engines.adapters.espeak.tune import Tuning
from rythmo.engines.adapters.espeak.voices import Design
from rythmo.engines.base import SpeakerProfile, SpeechRequest
from rythmo.media.prosody import measure_prosody
from rythmo.script.model import Manner, Prosody

MEASURED = Manner(pitch=2.0)


@pytest.mark.parametrize(
    ("direction", "manner"),
    [
        ("whispering", Manner(whispered=True)),
        ("Susurrando, despacio", Manner(pace=0.8, whispered=True)),
        ("quickly and happily", Manner(pitch=2.0, range=1.3, pace=1.25 * 1.1)),
        ("don\u2019t shout, whisper", Manner(whispered=True)),
        ("quieter, not so slow", Manner(pitch=-1.0, range=0.9, level=-8.0)),
        ("no, faster", Manner(pace=1.25)),
    ],
)
def test_words_that_are_known_are_done(direction, manner):
    assert choose_manner(direction, MEASURED) == manner


@pytest.mark.parametrize(
    "direction",
    ["", "as if under water", "over breakfast", "del trabajo", "to the ambassador", "he invited her",
     "silently excellent", "comforted", "not loud"],
)  # fmt: skip
def test_words_that_are_not_known_leave_what_was_measured(direction):
    assert choose_manner(direction, MEASURED) == MEASURED
    assert choose_manner(direction, None) == Manner()


@pytest.fixture(scope="module")
def voice():
    engine = espeak_voice.ENGINE.create({"workers": 1})
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def cast(voice):
    (ref,) = voice.cast([SpeakerProfile("S1", "A", Prosody(120.0, 108.0, 133.0, 1500.0))], language="es")
    return ref


def said(voice, ref, direction="", manner=None):
    text = "No sabemos adónde va este tren."
    sound = voice.speak(SpeechRequest(text, "es", ref, direction=direction, manner=manner))
    return sound.seconds, measure_prosody(sound)


def width(prosody):
    """In octaves."""
    return math.log2(prosody.pitch_high_hz / prosody.pitch_low_hz)


def test_what_is_asked_for_is_heard(voice, cast):
    seconds, plain = said(voice, cast)
    _, high = said(voice, cast, manner=Manner(pitch=3.0))
    assert high.pitch_hz / plain.pitch_hz == pytest.approx(2 ** (3 / 12), rel=0.06)
    _, lively = said(voice, cast, manner=Manner(range=1.4))
    _, flat = said(voice, cast, manner=Manner(range=0.7))
    assert width(lively) > 1.2 * width(plain) and width(flat) < 0.85 * width(plain)
    for other in (lively, flat):
        assert other.pitch_hz == pytest.approx(plain.pitch_hz, rel=0.06), "within a semitone, the voice stays"
    quick, _ = said(voice, cast, manner=Manner(pace=1.3))
    assert quick / seconds == pytest.approx(1 / 1.3, rel=0.1)
    _, loud = said(voice, cast, manner=Manner(level=10.0))
    assert loud.brightness_hz > 1.05 * plain.brightness_hz
    assert abs(loud.level_db - plain.level_db) < 3, "the level itself is the mix's"
    _, whisper = said(voice, cast, direction="whispered")
    assert whisper.pitch_hz is None, "no voice in it"


def test_a_direction_goes_before_what_was_measured(voice, cast):
    assert said(voice, cast, "slowly", Manner(pace=1.3))[0] == said(voice, cast, "slowly")[0]


def test_the_same_manner_gives_the_same_bytes(voice, cast):
    request = SpeechRequest("Hola a todos.", "es", cast, manner=Manner(2.0, 1.2, 1.1, 4.0))
    assert voice.speak(request).samples.tobytes() == voice.speak(request).samples.tobytes()


manners = st.builds(
    Manner, st.floats(-60, 60), st.floats(0.1, 9), st.floats(0.1, 9), st.floats(-90, 90), st.booleans()
)


@given(manners)
def test_no_manner_takes_a_voice_out_of_itself(manner):
    tuning = Tuning(Design("m3", 90, 140), 112.0, 1.5)
    other, pace = apply_manner(tuning, manner)
    assert 0.8 <= pace <= 1.3
    assert other.design.high - other.design.low >= 4
    assert 2 ** (-4.1 / 12) < other.pitch_hz / tuning.pitch_hz < 2 ** (4.1 / 12)
    assert other.design.low <= other.pitch_hz + 4 and other.pitch_hz - 4 <= other.design.high
    assert abs(other.tilt_db - tuning.tilt_db) <= 3.05
