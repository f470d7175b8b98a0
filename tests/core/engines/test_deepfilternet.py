"""The embedded separator: timing, pieces, damaged files, and how close its bed comes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import butter, sosfilt, sosfiltfilt

from rythmo.engines.adapters.deepfilternet import library
from rythmo.engines.adapters.deepfilternet.separator import ENGINE
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio

RATE = 48_000


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """Six seconds of real speech, with little behind it."""
    folder = os.environ.get("RYTHMO_TEST_DATA")
    if not folder:
        pytest.skip("RYTHMO_TEST_DATA is not set: no real speech to separate")
    file = Path(folder) / "media" / "speech-jfk.flac"
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples.T), rate).mono().at_rate(RATE).samples[0, : 6 * RATE]


@pytest.fixture
def files() -> library.Files:
    found = library.find_files()
    if found is None:
        pytest.skip(f"DeepFilterNet is not installed ({library.INSTALL})")
    return found


def bed_like(samples: int, channels: int) -> np.ndarray:
    noise = np.random.default_rng(2).standard_normal((channels, samples))
    noise = sosfilt(butter(1, 900, fs=RATE, output="sos"), noise, axis=1)
    return (0.03 * noise / noise.std()).astype(np.float32)


def power_db(sound: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))


@pytest.mark.needs_data
@pytest.mark.usefixtures("files")
def test_the_library_is_late_by_exactly_the_delay(voice: np.ndarray) -> None:
    heard = library.denoise(voice)
    band = butter(4, [1000, 5000], "band", fs=RATE, output="sos")
    a, b = (
        np.fft.rfft(sosfiltfilt(band, sound.astype(np.float64)), 2 * voice.size) for sound in (voice, heard)
    )
    assert int(np.argmax(np.fft.irfft(b * a.conj()))) == 0


@pytest.mark.needs_data
@pytest.mark.usefixtures("files")
def test_pieces_join_without_a_seam(voice: np.ndarray, monkeypatch) -> None:
    mix = (voice + bed_like(voice.size, 1))[0]
    whole = library.denoise(mix)
    monkeypatch.setattr(library, "_PIECE", 3 * RATE)
    pieces = library.denoise(mix)
    half = voice.size // 2
    assert np.array_equal(pieces[:half], whole[:half]), "the first piece hears what the whole does"
    # What the state of the network still lacks after its two seconds is far below the speech.
    assert power_db(pieces - whole) < power_db(whole) - 20
    seam = slice(half - RATE // 10, half + RATE // 10)
    assert power_db((pieces - whole)[seam]) < power_db(whole) - 20


@pytest.mark.needs_data
@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("channels", "least"), [(1, 14.0), (2, 17.0)])
def test_the_bed_comes_closer_to_the_true_one(voice: np.ndarray, channels: int, least: float) -> None:
    bed = bed_like(voice.size, channels)
    parts = ENGINE.create({}).separate(Audio(bed + voice, RATE))
    before, after = power_db(np.broadcast_to(voice, bed.shape)), power_db(parts.bed.samples - bed)
    assert before - after >= least


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("samples", [1, 479, 481, 1441])
def test_sound_shorter_than_the_delay_comes_back_as_long(samples: int) -> None:
    assert library.denoise(np.ones(samples, np.float32)).shape == (samples,)


def test_a_damaged_model_is_an_error_and_not_the_end_of_the_process(
    files: library.Files, tmp_path: Path, monkeypatch
) -> None:
    damaged = tmp_path / library.MODEL
    damaged.write_bytes(files.model.read_bytes()[:-1])
    monkeypatch.setattr(library, "find_files", lambda: library.Files(files.library, damaged))
    with pytest.raises(EngineFailedError, match="damaged"):
        library._load.__wrapped__()


def test_a_library_that_cannot_be_loaded_names_another_engine(
    files: library.Files, tmp_path: Path, monkeypatch
) -> None:
    other = tmp_path / "libdeepfilter.so"
    other.write_bytes(b"no library")
    monkeypatch.setattr(library, "find_files", lambda: library.Files(other, files.model))
    with pytest.raises(EngineFailedError) as raised:
        library._load.__wrapped__()
    assert "--separator rnnoise" in raised.value.hint


def test_what_it_needs_is_said_when_it_is_not_there(monkeypatch) -> None:
    monkeypatch.setattr("rythmo.engines.adapters.deepfilternet.library.find_files", lambda: None)
    (part,) = ENGINE.missing()
    assert part.command == "rythmo models get embedded"
    monkeypatch.setattr("rythmo.models.catalog.platform_name", lambda: "win32-arm64")
    (part,) = ENGINE.missing()
    assert "htdemucs" in part.command
