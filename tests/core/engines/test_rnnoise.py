"""The embedded separator: timing, the sum, every layout and rate."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import butter, sosfilt, sosfiltfilt

from rythmo.engines.adapters.rnnoise import library
from rythmo.engines.adapters.rnnoise.separator import ENGINE, RNNoiseSeparator
from rythmo.errors import CancelledError
from rythmo.media.audio import Audio, make_silence
from rythmo.progress import CancelToken

RATE = 48_000
EXAMPLES = Path(__file__).parents[3] / "examples"


def voice_like(seconds: float) -> np.ndarray:
    """Buzzing syllables: enough to keep the machinery busy, not enough to fool RNNoise."""
    time = np.arange(round(seconds * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * 130 * n * time) / n for n in range(1, 20))
    return (0.05 * buzz * np.clip(np.sin(2 * np.pi * 3 * time), 0, None)).astype(np.float32)


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """Eight seconds of real speech, with little behind it."""
    folder = os.environ.get("RYTHMO_TEST_DATA")
    if not folder:
        pytest.skip("RYTHMO_TEST_DATA is not set: no real speech to separate")
    samples, rate = soundfile.read(
        Path(folder) / "media" / "speech-jfk.flac", dtype="float32", always_2d=True
    )
    return Audio(np.ascontiguousarray(samples.T), rate).mono().at_rate(RATE).samples[0, : 8 * RATE]


def bed_like(seconds: float, channels: int, seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((channels, round(seconds * RATE)))
    noise = sosfilt(butter(1, 900, fs=RATE, output="sos"), noise, axis=1)
    return (0.03 * noise / noise.std()).astype(np.float32)


def power_db(sound: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))


@pytest.mark.needs_data
def test_the_library_is_late_by_exactly_the_delay(voice: np.ndarray) -> None:
    heard = library.denoise(voice)
    # Above 1 kHz: the high-pass filter before the network turns the phase of low frequencies.
    band = butter(4, [1000, 5000], "band", fs=RATE, output="sos")
    a, b = (
        np.fft.rfft(sosfiltfilt(band, sound.astype(np.float64)), 2 * voice.size) for sound in (voice, heard)
    )
    correlation = np.fft.irfft(b * a.conj())
    offset = int(np.argmax(correlation))
    assert (offset if offset < voice.size else offset - 2 * voice.size) == 0


@pytest.mark.parametrize("channels", [1, 2, 4, 6, 8])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_speech_and_bed_sum_to_the_mix_and_keep_its_shape(channels: int, rate: int) -> None:
    mix = Audio(bed_like(1.0, channels) + voice_like(1.0), RATE).at_rate(rate)
    parts = RNNoiseSeparator().separate(mix)
    for part in (parts.speech, parts.bed):
        assert part.samples.shape == mix.samples.shape
        assert part.samples.dtype == np.float32
        assert part.rate == rate
    np.testing.assert_allclose(parts.speech.samples + parts.bed.samples, mix.samples, rtol=0, atol=1e-7)


@pytest.mark.parametrize("length", [1, 2, 479, 480, 481, 2047, 5000])
def test_any_length_however_short(length: int) -> None:
    mix = Audio(voice_like(0.2)[np.newaxis, :length], RATE)
    assert RNNoiseSeparator().separate(mix).bed.length == length


def test_nothing_in_nothing_out() -> None:
    for length in (0, RATE):
        parts = RNNoiseSeparator().separate(make_silence(2, length, RATE))
        assert not parts.speech.samples.any()
        assert not parts.bed.samples.any()


def test_the_same_call_gives_the_same_bits_and_remembers_nothing() -> None:
    engine = RNNoiseSeparator()
    mix = Audio(bed_like(2.0, 2) + voice_like(2.0), RATE)
    first = engine.separate(mix)
    engine.separate(Audio(bed_like(1.0, 2, seed=9), RATE))
    np.testing.assert_array_equal(first.speech.samples, engine.separate(mix).speech.samples)


@pytest.mark.needs_data
@pytest.mark.parametrize(("channels", "least"), [(1, 14.0), (2, 17.0)])
def test_the_bed_comes_closer_to_the_true_one(voice: np.ndarray, channels: int, least: float) -> None:
    bed = bed_like(8.0, channels)
    parts = RNNoiseSeparator().separate(Audio(bed + voice, RATE))
    before, after = power_db(np.broadcast_to(voice, bed.shape)), power_db(parts.bed.samples - bed)
    assert before - after >= least


@pytest.mark.needs_data
def test_the_first_syllable_is_treated_like_the_others(voice: np.ndarray) -> None:
    bed = bed_like(8.0, 1)
    at = RATE  # in the middle of a syllable
    early = RNNoiseSeparator().separate(Audio(bed[:, at:] + voice[at:], RATE)).bed.samples[:, :14400]
    late = RNNoiseSeparator().separate(Audio(bed + voice, RATE)).bed.samples[:, at : at + 14400]
    true = bed[:, at : at + 14400]
    assert power_db(early - true) <= power_db(late - true) + 1.0


def example() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Speech, bed and where there is dialogue, of the example scene's truth."""
    truth = json.loads((EXAMPLES / "scene.truth.json").read_text())
    files = {name: EXAMPLES / path for name, path in truth["files"].items()}
    tracks = {
        name: soundfile.read(path, dtype="float32", always_2d=True)[0].T for name, path in files.items()
    }
    bed = np.ascontiguousarray(tracks.pop("bed"))
    speech = np.broadcast_to(sum(tracks.values()), bed.shape)
    dialogue = np.zeros(bed.shape[1], bool)
    for line in truth["lines"]:
        dialogue[line["start"] : line["end"]] = True
    return speech, bed, dialogue


@pytest.mark.slow
def test_on_the_example_scene_the_bed_comes_far_closer_inside_dialogue() -> None:
    speech, bed, dialogue = example()
    parts = RNNoiseSeparator().separate(Audio(speech + bed, RATE))
    error = (parts.bed.samples - bed)[:, dialogue]
    assert power_db(speech[:, dialogue]) - power_db(error) >= 16.0


def panned(voice: np.ndarray, left: float, right: float) -> np.ndarray:
    return np.stack([voice * np.float32(left), voice * np.float32(right)])


@pytest.mark.needs_data
@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (1.0, 0.4), (1.0, 0.0), (0.0, 1.0)])
def test_a_voice_is_found_wherever_it_is_panned(voice: np.ndarray, left: float, right: float) -> None:
    speech, bed = panned(voice, left, right), bed_like(8.0, 2)
    parts = RNNoiseSeparator().separate(Audio(speech + bed, RATE))
    assert power_db(speech) - power_db(parts.bed.samples - bed) >= 13.0


@pytest.mark.needs_data
def test_one_sound_on_both_sides_is_treated_as_mono(voice: np.ndarray) -> None:
    mix = bed_like(8.0, 1) + voice
    mono = RNNoiseSeparator().separate(Audio(mix, RATE)).speech.samples
    both = RNNoiseSeparator().separate(Audio(np.repeat(mix, 2, axis=0), RATE)).speech.samples
    np.testing.assert_array_equal(both[0], both[1])
    assert power_db(both[:1] - mono) < power_db(mono) - 15


@pytest.mark.needs_data
def test_surround_gives_up_speech_in_the_centre_alone(voice: np.ndarray) -> None:
    mix = bed_like(8.0, 6)
    mix[2] += voice
    speech = RNNoiseSeparator().separate(Audio(mix, RATE)).speech.samples
    assert power_db(speech[2]) > -30
    assert not speech[[0, 1, 3, 4, 5]].any()


def test_it_can_be_stopped_and_says_how_far_it_is() -> None:
    mix = Audio(bed_like(3.0, 1), RATE)
    told: list[float] = []
    RNNoiseSeparator().separate(mix, report=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        RNNoiseSeparator().separate(mix, cancel=token)


def test_what_it_needs_is_said_when_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ENGINE.missing() == ()
    monkeypatch.setattr(library, "library_path", lambda: None)
    (part,) = ENGINE.missing()
    assert part.command == "rythmo models get embedded"


def test_where_there_is_no_build_another_separator_is_named(monkeypatch) -> None:
    monkeypatch.setattr(library, "library_path", lambda: None)
    assert ENGINE.missing()[0].command == library.INSTALL
    monkeypatch.setattr("rythmo.models.catalog.platform_name", lambda: "darwin-x86_64")
    assert "htdemucs" in ENGINE.missing()[0].command
