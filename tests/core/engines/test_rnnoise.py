"""The separator guided by RNNoise: timing, and how close its bed comes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import butter, sosfilt, sosfiltfilt

from rythmo.engines.adapters.rnnoise import library
from rythmo.engines.adapters.rnnoise.separator import ENGINE
from rythmo.media.audio import Audio

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


@pytest.mark.needs_data
@pytest.mark.parametrize(("channels", "least"), [(1, 14.0), (2, 17.0)])
def test_the_bed_comes_closer_to_the_true_one(voice: np.ndarray, channels: int, least: float) -> None:
    bed = bed_like(8.0, channels)
    parts = ENGINE.create({}).separate(Audio(bed + voice, RATE))
    before, after = power_db(np.broadcast_to(voice, bed.shape)), power_db(parts.bed.samples - bed)
    assert before - after >= least


@pytest.mark.needs_data
def test_the_first_syllable_is_treated_like_the_others(voice: np.ndarray) -> None:
    bed = bed_like(8.0, 1)
    at = RATE  # in the middle of a syllable
    early = ENGINE.create({}).separate(Audio(bed[:, at:] + voice[at:], RATE)).bed.samples[:, :14400]
    late = ENGINE.create({}).separate(Audio(bed + voice, RATE)).bed.samples[:, at : at + 14400]
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
    parts = ENGINE.create({}).separate(Audio(speech + bed, RATE))
    error = (parts.bed.samples - bed)[:, dialogue]
    assert power_db(speech[:, dialogue]) - power_db(error) >= 16.0


def panned(voice: np.ndarray, left: float, right: float) -> np.ndarray:
    return np.stack([voice * np.float32(left), voice * np.float32(right)])


@pytest.mark.needs_data
@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (1.0, 0.4), (1.0, 0.0), (0.0, 1.0)])
def test_a_voice_is_found_wherever_it_is_panned(voice: np.ndarray, left: float, right: float) -> None:
    speech, bed = panned(voice, left, right), bed_like(8.0, 2)
    parts = ENGINE.create({}).separate(Audio(speech + bed, RATE))
    assert power_db(speech) - power_db(parts.bed.samples - bed) >= 13.0


@pytest.mark.needs_data
def test_one_sound_on_both_sides_is_treated_as_mono(voice: np.ndarray) -> None:
    mix = bed_like(8.0, 1) + voice
    mono = ENGINE.create({}).separate(Audio(mix, RATE)).speech.samples
    both = ENGINE.create({}).separate(Audio(np.repeat(mix, 2, axis=0), RATE)).speech.samples
    np.testing.assert_array_equal(both[0], both[1])
    assert power_db(both[:1] - mono) < power_db(mono) - 15


@pytest.mark.needs_data
def test_surround_gives_up_speech_in_the_centre_alone(voice: np.ndarray) -> None:
    mix = bed_like(8.0, 6)
    mix[2] += voice
    speech = ENGINE.create({}).separate(Audio(mix, RATE)).speech.samples
    assert power_db(speech[2]) > -30
    assert not speech[[0, 1, 3, 4, 5]].any()


def test_what_it_needs_is_said_when_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ENGINE.missing() == ()
    monkeypatch.setattr(library, "library_path", lambda: None)
    (part,) = ENGINE.missing()
    assert part.command == "rythmo models get rnnoise"


def test_where_there_is_no_build_another_separator_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "library_path", lambda: None)
    monkeypatch.setattr("rythmo.models.catalog.platform_name", lambda: "darwin-x86_64")
    (part,) = ENGINE.missing()
    assert part.what == "a build of RNNoise for this machine"
    assert part.command == "rythmo models get embedded"
