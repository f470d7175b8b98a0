"""Clones that a service loses: made once more, waited for, and then one clear error."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.engines.base import SpeakerProfile
from rythmo.engines.remote.calls import Remote, Trouble
from rythmo.engines.remote.cloning import Cloner, Clones, VoiceGoneError
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER
from rythmo.script.model import Prosody

SOUND = Audio(np.zeros((1, 10), np.float32), 24_000)


class Service:
    """Makes clones c1, c2 ...; knows those in `alive`."""

    def __init__(self) -> None:
        self.made, self.alive, self.said = 0, set[str](), list[str]()

    def create(self, name, reference, timeout):
        self.made += 1
        self.alive.add(f"c{self.made}")
        return f"c{self.made}"

    def say(self, voice):
        self.said.append(voice)
        if voice not in self.alive:
            raise VoiceGoneError
        return SOUND


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def clones(service, time, tmp_path):
    remote = Remote(
        "Some service", (OSError,), lambda error, now: Trouble(str(error)), "Check the key.", clock=time.clock
    )
    cloner = Cloner(
        service.create, lambda name, timeout: None, lambda voice, timeout: service.alive.discard(voice)
    )
    return Clones("some", "http://x", remote, cloner, {"ledger": str(tmp_path / "ledger.json"), "job": "j"})


@pytest.fixture
def voice(clones):
    time = np.arange(24_000 * 12) / 24_000
    speech = (0.2 * np.sin(2 * np.pi * 150 * time) * np.abs(np.sin(2 * np.pi * 2 * time))).astype(np.float32)
    return clones.add(SpeakerProfile("S1", "Anna", Prosody(), (Audio(speech[np.newaxis], 24_000),)))


def test_a_clone_that_was_deleted_is_made_again(clones, voice, service):
    assert clones.speak(voice, service.say, NEVER) is SOUND
    service.alive.clear()
    assert clones.speak(voice, service.say, NEVER) is SOUND
    assert service.made == 2


def test_a_service_that_knows_its_new_clone_a_moment_later_is_waited_for(clones, voice, service, time):
    def late(found):
        if not time.waits:
            service.said.append(found)
            raise VoiceGoneError
        return service.say(found)

    assert clones.speak(voice, late, NEVER) is SOUND
    assert service.said == ["c1", "c2", "c2"]


def test_a_clone_that_is_gone_whenever_it_is_made_is_one_clear_error(clones, voice, service):
    def never(found):
        service.alive.clear()
        return service.say(found)

    with pytest.raises(EngineFailedError, match="Some service has no voice 'c2'") as told:
        clones.speak(voice, never, NEVER)
    assert told.value.hint
    assert service.made == 2
    assert clones.speak(voice, service.say, NEVER) is SOUND, "and the next line may work again"


def test_two_lines_that_miss_the_same_clone_make_one_new_one(clones, voice, service):
    clones.speak(voice, service.say, NEVER)
    service.alive.clear()
    first = clones.speak(voice, service.say, NEVER)
    # The other line learns only now that c1 is gone: c2 must not be forgotten for it.
    clones._book.lost(voice, "c1")
    clones.speak(voice, service.say, NEVER)
    assert (first, service.made) == (SOUND, 2)


def test_a_stock_voice_that_is_gone_is_not_cloned(clones, service):
    with pytest.raises(EngineFailedError, match="has no voice 'adam'"):
        clones.speak("adam", service.say, NEVER)
    assert service.made == 0
