"""The mask around a guide: the sum, every layout, rate and length. The guide here is arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.engines.adapters.rnnoise.separator import INFO
from rythmo.engines.speech import guided_separator
from rythmo.engines.speech.guided_separator import GuidedSeparator
from rythmo.errors import CancelledError
from rythmo.media.audio import Audio, make_silence
from rythmo.progress import CancelToken

RATE = 48_000


def halve(sound: np.ndarray, *, report=lambda _: None, cancel=None) -> np.ndarray:
    """A guide that takes half of everything for speech."""
    if cancel is not None:
        cancel.check()
    report(1.0)
    return sound / 2


@pytest.fixture
def separator() -> GuidedSeparator:
    return GuidedSeparator(INFO, halve)


def noise(seconds: float, channels: int = 1, *, seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.05 * rng.standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2, 4, 6, 8])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_speech_and_bed_sum_to_the_mix_and_keep_its_shape(separator, channels: int, rate: int) -> None:
    mix = Audio(noise(1.0, channels), RATE).at_rate(rate)
    parts = separator.separate(mix)
    for part in (parts.speech, parts.bed):
        assert part.samples.shape == mix.samples.shape
        assert part.samples.dtype == np.float32
        assert part.rate == rate
    np.testing.assert_allclose(parts.speech.samples + parts.bed.samples, mix.samples, rtol=0, atol=1e-7)


@pytest.mark.parametrize("length", [1, 2, 479, 480, 481, 2047, 4800, 4801, 9000])
def test_any_length_however_short(separator, length: int) -> None:
    mix = Audio(noise(1.0)[:, :length], RATE)
    parts = separator.separate(mix)
    # Half the amplitude is speech, half is bed: the mask is a half everywhere.
    np.testing.assert_allclose(parts.speech.samples, mix.samples / 2, rtol=0, atol=1e-4)


def test_nothing_in_nothing_out(separator) -> None:
    for length in (0, RATE):
        parts = separator.separate(make_silence(2, length, RATE))
        assert not parts.speech.samples.any()
        assert not parts.bed.samples.any()


@pytest.mark.parametrize("channels", [1, 2])
def test_blocks_leave_no_trace(separator, monkeypatch, channels: int) -> None:
    mix = Audio(noise(12.0, channels), RATE)
    whole = separator.separate(mix).speech.samples
    monkeypatch.setattr(guided_separator, "_BLOCK", 130)
    np.testing.assert_allclose(separator.separate(mix).speech.samples, whole, rtol=0, atol=1e-3)


def test_the_sound_goes_in_with_mirrored_edges() -> None:
    heard: list[np.ndarray] = []

    def listen(sound: np.ndarray, **_: object) -> np.ndarray:
        heard.append(sound)
        return np.zeros_like(sound)

    mix = noise(0.5)
    GuidedSeparator(INFO, listen).separate(Audio(mix, RATE))
    np.testing.assert_array_equal(heard[0], np.pad(mix[0], 4800, mode="reflect"))


def test_surround_gives_up_speech_in_the_centre_alone(separator) -> None:
    speech = separator.separate(Audio(noise(1.0, 6), RATE)).speech.samples
    assert speech[2].any()
    assert not speech[[0, 1, 3, 4, 5]].any()


def test_it_can_be_stopped_and_says_how_far_it_is(separator) -> None:
    mix = Audio(noise(3.0), RATE)
    told: list[float] = []
    separator.separate(mix, report=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        separator.separate(mix, cancel=token)
