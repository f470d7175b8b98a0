"""The measures of a voice, on sounds whose truth is known and on real speech."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rythmo.media.audio import Audio, make_silence
from rythmo.media.prosody import active_level_db, measure_prosody, track_pitch
from rythmo.script.model import Prosody

RATE = 22_050


def mono(samples: np.ndarray, rate: int = RATE) -> Audio:
    return Audio(samples[np.newaxis].astype(np.float32), rate)


def buzz(
    hertz: np.ndarray | float, seconds: float = 2.0, rate: int = RATE, harmonics: int = 20
) -> np.ndarray:
    """Harmonics that fall by 6 dB an octave; `hertz` may change over time."""
    pitch = np.broadcast_to(np.asarray(hertz, np.float64), (int(seconds * rate),))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    tones = [np.sin(k * phase) / k * (k * pitch < rate / 2) for k in range(1, harmonics + 1)]
    return 0.1 * np.sum(tones, axis=0)


@pytest.mark.parametrize("hertz", [65, 80, 110, 155, 220, 310, 440, 500])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_pitch_of_a_steady_voice_is_right_within_a_twentieth_of_a_semitone(hertz: int, rate: int) -> None:
    heard = measure_prosody(mono(buzz(hertz, rate=rate), rate)).pitch_hz
    assert heard is not None
    assert abs(12 * np.log2(heard / hertz)) < 0.05


def test_no_octave_error_without_the_fundamental() -> None:
    t = np.arange(2 * RATE) / RATE
    heard = measure_prosody(mono(sum(0.1 * np.sin(2 * np.pi * 120 * k * t) for k in (2, 3, 4, 5)))).pitch_hz
    assert heard == pytest.approx(120, rel=0.01)


def test_percentiles_of_a_glide() -> None:
    heard = measure_prosody(mono(buzz(np.geomspace(100, 200, 4 * RATE), seconds=4)))
    wanted = [100 * 2**share for share in (0.1, 0.5, 0.9)]
    assert [heard.pitch_low_hz, heard.pitch_hz, heard.pitch_high_hz] == pytest.approx(wanted, rel=0.02)


def test_pitch_is_found_in_noise_15_db_below() -> None:
    voice = buzz(140)
    noise = np.random.default_rng(1).normal(size=voice.size) * voice.std() * 10 ** (-15 / 20)
    assert measure_prosody(mono(voice + noise)).pitch_hz == pytest.approx(140, rel=0.01)


def test_silence_has_no_prosody() -> None:
    assert measure_prosody(make_silence(2, RATE, RATE)) == Prosody()
    assert active_level_db(make_silence(1, RATE, RATE)) is None


@pytest.mark.parametrize("length", [0, 1, 300, 800])
def test_too_short_a_sound_has_none(length: int) -> None:
    assert measure_prosody(mono(np.full(length, 0.1))).pitch_hz is None
    assert track_pitch(mono(np.full(length, 0.1))).max(initial=0.0) == 0.0


def test_noise_has_a_level_and_no_pitch() -> None:
    heard = measure_prosody(mono(np.random.default_rng(2).normal(size=2 * RATE) * 0.1))
    assert heard.pitch_hz is None
    assert heard.brightness_hz is None
    assert heard.level_db == pytest.approx(-21.4, abs=0.5)  # white noise at 22.05 kHz, cut at 8 kHz


def test_sound_that_is_not_a_number_has_none() -> None:
    samples = buzz(100)
    samples[5000] = np.nan
    assert measure_prosody(mono(samples)) == Prosody()


def test_level_counts_active_speech_alone() -> None:
    voice = buzz(120, seconds=1.0)
    padded = np.concatenate([np.zeros(3 * RATE), voice, np.zeros(3 * RATE)])
    alone, beside = active_level_db(mono(voice)), active_level_db(mono(padded))
    assert alone is not None
    assert beside == pytest.approx(alone, abs=0.3)
    assert active_level_db(mono(voice * 0.5)) == pytest.approx(alone - 6.02, abs=0.05)


def test_brightness_follows_the_spectrum() -> None:
    dull, bright = (measure_prosody(mono(buzz(120, harmonics=h))).brightness_hz for h in (5, 40))
    assert dull is not None and bright is not None
    assert 200 < dull < 400 < bright


def test_syllables_are_counted() -> None:
    t = np.arange(4 * RATE) / RATE
    heard = measure_prosody(mono(buzz(120, seconds=4.0) * (0.52 - 0.48 * np.cos(2 * np.pi * 4 * t))))
    assert heard.syllables_per_second == pytest.approx(4, rel=0.1)


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("name", "median"),
    # Praat 6.4's own median (parselmouth, 60 to 520 Hz).
    [("speech-jfk.flac", 238), ("speech-multilingual.mp3", 140), ("meeting-trn04.wav", 106)],
)
def test_real_speech_agrees_with_praat_within_a_semitone(name: str, median: float) -> None:
    if not os.environ.get("RYTHMO_TEST_DATA"):
        pytest.skip("RYTHMO_TEST_DATA is not set")
    samples, rate = soundfile.read(Path(os.environ["RYTHMO_TEST_DATA"]) / "media" / name, always_2d=True)
    heard = measure_prosody(Audio(np.ascontiguousarray(samples.T, np.float32), rate)).pitch_hz
    assert heard is not None
    assert abs(12 * np.log2(heard / median)) < 1.0
