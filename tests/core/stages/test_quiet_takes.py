"""A take far quieter than its speaker's others is asked for again, and flagged when no reading is louder."""

from __future__ import annotations

import pytest
import toy

from rythmo.dubbing.job import Job
from rythmo.dubbing.pipeline import dub
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.media.audio import Audio
from rythmo.settings import DeliverSettings, Settings
from rythmo.stages.quiet_takes import QUIET_TAKE

SETTINGS = Settings(deliver=DeliverSettings("srt"))
SCENE = tuple((0, 24_013 + 90_000 * place, 40_000 + 4_800 * place) for place in range(5))


def engines(quiet_readings):
    """A voice that speaks one line softly in those readings."""
    made = fakes.specs()
    info, asked = made[Kind.VOICE].info, []

    class Voice(fakes.FakeVoice):
        def speak(self, request, **more):
            sound = super().speak(request, **more)
            asked.append((request.text, request.variation))
            # Each reading is another recording: a voice that repeats itself is not asked further.
            factor = 0.9**request.variation
            if request.text == "es: a9" and request.variation in quiet_readings:
                factor *= 0.2
            return Audio(sound.samples * factor, sound.rate)

    made[Kind.VOICE] = EngineSpec(info, lambda _: Voice(info, fakes.Calls()))
    return made, asked


@pytest.mark.parametrize(
    ("quiet_readings", "chosen", "flagged"), [({0}, 1, False), ({0, 1}, 2, False), ({0, 1, 2}, 0, True)]
)
def test_a_far_quieter_take_is_asked_for_again(tmp_path, quiet_readings, chosen, flagged):
    film = toy.write_sound(tmp_path / "toy.wav", scene=SCENE)
    voices, asked = engines(quiet_readings)
    script = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=voices).script
    quiet = next(line for line in script.lines if line.translation == "es: a9")
    assert quiet.take.variation == chosen
    assert (QUIET_TAKE in {flag.code for flag in quiet.flags}) is flagged
    others = [line for line in script.lines if line is not quiet]
    assert not any(flag.code == QUIET_TAKE for line in others for flag in line.flags)
    assert all(variation == 0 for text, variation in asked if text != "es: a9")


def test_the_same_run_again_asks_nothing_and_chooses_the_same(tmp_path):
    film = toy.write_sound(tmp_path / "toy.wav", scene=SCENE)
    first = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=engines({0})[0]).script
    voices, asked = engines({0})
    again = dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=voices).script
    assert again.lines == first.lines
    assert not asked
