"""Run with pytest in an environment that has rythmo and this package."""

from rythmo_morse import ENGINE, _marks

from rythmo.engines.base import SpeechRequest
from rythmo.script.takes import VoiceRef


def test_marks() -> None:
    assert _marks("e") == [1]
    assert _marks("et") == [1, 0, 0, 0, 1, 1, 1]
    assert _marks("e e") == [1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_sound() -> None:
    sound = ENGINE.create({}).speak(SpeechRequest("paris", "fr", VoiceRef("morse", "600")))
    assert sound.rate == 16_000
    assert sound.length > 0
