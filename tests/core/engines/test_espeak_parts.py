"""The pure parts of the espeak engine: text, trimming, rates, voice files, and who gets which voice."""

from __future__ import annotations

import itertools
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.adapters.espeak.cast import (
    SEPARATE,
    Timbre,
    choose_timbre,
    default_pitch,
    variants_for_pitch,
    voice_distance,
)
from rythmo.engines.adapters.espeak.sound import (
    FASTEST,
    SLOWEST,
    Waveform,
    clean_text,
    finish_waveform,
    trim_silence,
    tune_rate,
)
from rythmo.engines.adapters.espeak.tune import Tuning
from rythmo.engines.adapters.espeak.voices import CODES, Design, compose_voice_file, find_code
from rythmo.errors import EngineFailedError

RATE = 22_050


@given(st.text())
def test_what_is_spoken_has_no_control_characters_and_no_markup(text: str) -> None:
    if not any(char.isalnum() for char in text):
        with pytest.raises(EngineFailedError):
            clean_text(text)
        return
    spoken = clean_text(text)
    assert not set(spoken) & set("<>[]{}|\\\0\x01\n")
    assert all(unicodedata.category(char)[0] != "C" or char in "\u200c\u200d" for char in spoken)
    assert [c for c in text if c.isalnum()] == [c for c in spoken if c.isalnum()]


@pytest.mark.parametrize("text", ["", "  ", "...", "¿?", "\x01\x02", "😀", "<>"])
def test_nothing_to_speak_is_an_error(text: str) -> None:
    with pytest.raises(EngineFailedError, match="nothing to speak"):
        clean_text(text)


def test_silence_is_trimmed_to_a_short_lead() -> None:
    tone = np.sin(np.arange(RATE) * 0.3).astype(np.float32)
    silent = np.zeros(RATE, np.float32)
    cut = trim_silence(Waveform(np.concatenate([silent, tone, silent]), RATE))
    assert cut.seconds == pytest.approx(1.0 + 0.005 + 0.015, abs=0.006)
    assert np.abs(cut.samples[: round(0.009 * RATE)]).max() > 0.5


@pytest.mark.parametrize(
    "samples", [np.zeros(0, np.float32), np.zeros(10, np.float32), np.zeros(9000, np.float32)]
)
def test_no_sound_is_an_error(samples: np.ndarray) -> None:
    with pytest.raises(EngineFailedError):
        trim_silence(Waveform(samples, RATE))


def test_the_tilt_is_a_shelf_and_zero_changes_nothing() -> None:
    noise = Waveform((np.random.default_rng(1).normal(size=RATE) * 0.1).astype(np.float32), RATE)

    def bands(tilt: float) -> tuple[float, float]:
        power = np.abs(np.fft.rfft(finish_waveform(noise, tilt, 0.0).samples[0])) ** 2
        return 10 * np.log10(power[20:200].mean()), 10 * np.log10(power[8000:11000].mean())

    low, high = bands(0.0)
    for tilt in (-8.0, 6.0):
        tilted_low, tilted_high = bands(tilt)
        assert (tilted_high - tilted_low) - (high - low) == pytest.approx(tilt, abs=0.6)


def test_edges_are_ramped_and_gain_is_constant() -> None:
    loud = finish_waveform(Waveform(np.full(RATE, 0.5, np.float32), RATE), 0.0, -6.0206).samples[0]
    assert loud[0] == 0.0 and abs(loud[-1]) < 0.02
    assert loud[RATE // 2] == pytest.approx(0.25, rel=1e-3)


@given(st.floats(0.2, 12.0), st.floats(0.5, 6.0), st.floats(0.0, 0.4))
def test_the_rate_is_solved_and_stays_within_its_limits(wanted: float, natural: float, fixed: float) -> None:
    asked: list[int] = []

    def say(rate: int) -> Waveform:
        asked.append(rate)
        return Waveform(np.ones(round((fixed + (natural - fixed) * 170 / rate) * RATE), np.float32), RATE)

    found = tune_rate(say, wanted, natural=170).seconds
    slowest, fastest = (trim_silence(say(rate)).seconds for rate in (SLOWEST, FASTEST))
    nearest = min(max(wanted, fastest), slowest)
    assert abs(found / nearest - 1) < 0.012
    assert len(asked) <= 12
    assert all(SLOWEST <= rate <= FASTEST for rate in asked)


def test_no_wish_is_the_natural_rate() -> None:
    asked: list[int] = []
    tune_rate(lambda rate: asked.append(rate) or Waveform(np.ones(99, np.float32), RATE), None, natural=170)
    assert asked == [170]


def test_a_voice_file_keeps_the_timbre_and_takes_our_pitch() -> None:
    variant = (
        "name x\npitch 75 109\nformant 1 97 100 100\necho 130 15\nstressAdd 1 2\n//tone 1 2\nvoicing 80\n"
    )
    text = compose_voice_file("language es\ndictrules 1\n", variant, Design("x", 90, 131, 1.06))
    assert text.splitlines() == [
        "language es", "dictrules 1", "formant 1 103 100 100", "voicing 80", "pitch 90 131",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "code"),
    [("es", "es"), ("es-419", "es-419"), ("pt-BR", "pt-br"), ("zh", "cmn"), ("en", "en-us"), ("no", "nb"),
     ("fr_CA", "fr"), ("de-AT", "de"), ("xx", None), ("", None), ("tlh", None)],
)  # fmt: skip
def test_languages(tag: str, code: str | None) -> None:
    assert find_code(tag) == code


def test_a_hundred_languages() -> None:
    assert len({tag.split("-")[0] for tag in CODES}) >= 95


@given(st.lists(st.tuples(st.floats(60, 400), st.none() | st.floats(500, 3000)), min_size=2, max_size=14))
def test_nobody_gets_anothers_voice(speakers: list[tuple[float, float | None]]) -> None:
    members: list[Timbre] = []
    for pitch, brightness in speakers:
        natural = {variant: 900.0 + 40 * place for place, variant in enumerate(variants_for_pitch(pitch))}
        members.append(choose_timbre(pitch, brightness, members, natural))
    assert min(voice_distance(a, b) for a, b in itertools.combinations(members, 2)) >= SEPARATE


def test_forty_speakers_alike_still_differ() -> None:
    members: list[Timbre] = []
    natural = dict.fromkeys(variants_for_pitch(110.0), 1200.0)
    for _ in range(40):
        members.append(choose_timbre(110.0, 1200.0, members, natural))
    assert len(set(members)) == 40


def test_unknown_speakers_alternate_between_low_and_high() -> None:
    assert [default_pitch(index) > 160 for index in range(6)] == [False, True] * 3


def test_settings_survive_json_and_damage_is_an_error() -> None:
    tuning = Tuning(Design("m3", 90, 131, 1.06), 104.2, -1.5, 3.25)
    assert Tuning.of(tuning.settings()) == tuning
    for broken in ({}, {**tuning.settings(), "pitch_low": "x"}, {**tuning.settings(), "tilt_db": None}):
        with pytest.raises(EngineFailedError, match="not settings of an espeak voice"):
            Tuning.of(broken)
