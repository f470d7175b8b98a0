"""What engines offer to choose from, and a pace and a pitch set on a voice."""

from __future__ import annotations

import pytest
from engine_cases import built_in

from rythmo.engines.adapters.espeak import offer as espeak
from rythmo.engines.adapters.kokoro import offer as kokoro
from rythmo.engines.adapters.openai import voice as openai
from rythmo.engines.base import Kind
from rythmo.engines.fakes import TONES
from rythmo.engines.voice_offer import PACE, PITCH, describe_voice, read_pace, read_pitch, set_on_voice
from rythmo.errors import EngineFailedError, UsageError
from rythmo.script.takes import VoiceRef

VOICE = VoiceRef("toy-voice", "v200", {"hz": 200})


@pytest.fixture
def kokoro_settings(tmp_path):
    """A folder with the names of some voices, which is all that a list needs."""
    (tmp_path / "voices").mkdir()
    for name in ("am_adam", "bf_alice", "pf_dora", "pm_alex", "af_nicole"):
        (tmp_path / "voices" / f"{name}.bin").touch()
    return {"model": str(tmp_path)}


def test_a_pace_and_a_pitch_belong_to_the_voice():
    voice = set_on_voice(set_on_voice(VOICE, TONES, PACE, 1.2), TONES, PITCH, -2)
    assert (read_pace(voice), read_pitch(voice)) == (1.2, -2.0)
    assert voice != VOICE, "so that its takes are others"
    assert describe_voice(voice) == "v200, pace 1.2, pitch -2"
    assert set_on_voice(set_on_voice(voice, TONES, PACE, 1.0), TONES, PITCH, 0) == VOICE


@pytest.mark.parametrize("value", ["fast", None, float("nan"), True, [1]])
def test_a_pace_that_is_no_number_is_the_voices_own(value):
    assert read_pace(VoiceRef("x", "y", {PACE: value})) == 1.0


def test_what_an_engine_cannot_set_is_refused_with_its_limits():
    with pytest.raises(UsageError, match="outside") as caught:
        set_on_voice(VOICE, TONES, PACE, 9)
    assert "0.5 to 2" in caught.value.hint
    with pytest.raises(UsageError, match="cannot set a pitch"):
        set_on_voice(VoiceRef("kokoro", "pm_alex"), kokoro.OFFER, PITCH, 2)


def test_every_engine_with_voices_of_its_own_offers_them():
    without = {spec.info.name for spec in built_in(Kind.VOICE) if spec.voices is None}
    assert without == {"qwen-tts", "worker"}, "they clone, or ask a program what it has"


def test_kokoros_voices_come_with_their_language_those_to_be_spoken_first(kokoro_settings):
    listed = kokoro.list_voices(kokoro_settings, "pt-br")
    assert [one.id for one in listed] == ["pf_dora", "pm_alex", "af_nicole", "am_adam", "bf_alice"]
    assert [one.language for one in listed] == ["pt", "pt", "en", "en", "en"]
    assert (listed[0].gender, listed[1].gender) == ("female", "male")
    assert (listed[2].note, listed[4].note) == ("whispers", "British")


def test_kokoro_mixes_two_voices_the_larger_share_first(kokoro_settings):
    assert kokoro.mix("pm_alex", "am_adam", 0.3) == "0.7*am_adam+0.3*pm_alex"
    made = kokoro.make_voice("0.3*pm_alex+0.7*am_adam", kokoro_settings)
    assert made == VoiceRef("kokoro", "0.7*am_adam+0.3*pm_alex")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda _: kokoro.mix("pm_alex", "pm_alex", 0.5),
        lambda _: kokoro.mix("0.5*pm_alex+0.5*am_adam", "pf_dora", 0.5),
        lambda _: kokoro.mix("pm_alex", "am_adam", 1.0),
        lambda settings: kokoro.make_voice("pm_nobody", settings),
        lambda settings: kokoro.make_voice("../pm_alex", settings),
        lambda _: espeak.make_voice("m3-9.00-110Hz", {}),
        lambda _: espeak.make_voice("croak-1.00-110Hz", {}),
        lambda _: openai.ENGINE.voices.make_voice("somebody's-clone", {}),
    ],
)
def test_what_is_no_voice_is_one_clear_error(wrong, kokoro_settings):
    with pytest.raises(EngineFailedError) as caught:
        wrong(kokoro_settings)
    assert caught.value.hint


def test_espeaks_voices_can_be_made_as_they_are_listed():
    for one in espeak.list_voices({}, "es"):
        assert espeak.make_voice(one.id, {}).id == one.id
    assert espeak.make_voice("f2-0.94-180Hz", {}).settings["pitch_hz"] == 180


def test_a_service_offers_the_voices_that_its_settings_name():
    named = openai.COMPATIBLE.voices
    assert named.list_voices({}, "es") == ()
    settings = {"voices": ["bella"], "model": "tts"}
    assert [one.id for one in named.list_voices(settings, "es")] == ["bella"]
    assert named.make_voice("bella", settings) == VoiceRef("openai-compatible", "bella", {"model": "tts"})
