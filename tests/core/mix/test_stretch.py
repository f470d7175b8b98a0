"""Every stretcher: the exact length, the sound in its place, the pitch kept, the same twice."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import EngineMissingError, UsageError
from rythmo.mix.stretch import Method, choose_method, is_available, parse_method, stretch

RATE = 48_000
REAL = (Method.SIGNALSMITH, Method.RUBBERBAND, Method.ATEMPO)
HERE = [method for method in REAL if is_available(method)]


def voice(seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 15))
    return (0.1 * tone * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))).astype(np.float32)


def pitch(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size), 1 << 18))
    low = round(60 * (1 << 18) / RATE)
    return float((low + np.argmax(spectrum[low : round(400 * (1 << 18) / RATE)])) * RATE / (1 << 18))


@pytest.mark.parametrize("method", HERE)
@pytest.mark.parametrize("speed", [0.85, 1.1, 1.5])
def test_length_pitch_and_level(method, speed):
    source = voice(1.5)
    length = round(source.size / speed)
    out = stretch(source, RATE, length, method)
    assert out.shape == (length,)
    assert out.dtype == np.float32
    assert pitch(out) == pytest.approx(140, abs=3)
    # atempo's windows tear the slow beat of this voice: it is the spare, not the choice
    assert np.std(out) == pytest.approx(np.std(source), rel=0.15)


@pytest.mark.parametrize("method", [method for method in HERE if method is not Method.ATEMPO])
def test_a_burst_stays_where_it_belongs(method):
    source = np.zeros(2 * RATE, np.float32)
    source[RATE : RATE + 4800] = voice(0.1)
    out = stretch(source, RATE, round(2 * RATE / 1.25), method)
    loud = np.flatnonzero(np.abs(out) > 0.3 * np.abs(out).max())
    assert loud[0] == pytest.approx(RATE / 1.25, abs=0.012 * RATE)
    assert loud[-1] == pytest.approx((RATE + 4800) / 1.25, abs=0.012 * RATE)


@pytest.mark.parametrize("method", HERE)
def test_it_is_the_same_every_time(method):
    assert np.array_equal(
        stretch(voice(0.5), RATE, 20_000, method), stretch(voice(0.5), RATE, 20_000, method)
    )


def test_as_spoken_is_not_touched():
    source = voice(0.3)
    assert stretch(source, RATE, source.size) is source


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12_000), st.floats(0.5, 2.0))
def test_any_length_is_met_to_the_sample(count, speed):
    length = max(1, round(count / speed))
    out = stretch(voice(0.25)[:count], RATE, length)
    assert out.shape == (length,)
    assert np.isfinite(out).all()


@pytest.fixture
def without_rubberband(monkeypatch):
    """A machine without the program, whatever this one has."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    is_available.cache_clear()
    yield
    is_available.cache_clear()


@pytest.mark.usefixtures("without_rubberband")
def test_a_stretcher_that_is_not_there_says_how_to_get_it():
    with pytest.raises(EngineMissingError) as missing:
        choose_method(Method.RUBBERBAND)
    assert "rubberband-cli" in missing.value.hint


@pytest.mark.usefixtures("without_rubberband")
def test_finals_take_rubber_band_where_it_is_and_the_default_elsewhere(monkeypatch):
    assert choose_method(Method.FINAL) is choose_method(Method.AUTO)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    is_available.cache_clear()
    assert choose_method(Method.FINAL) is Method.RUBBERBAND
    assert choose_method(Method.AUTO) is not Method.RUBBERBAND


def test_an_unknown_stretcher_is_refused_with_those_there_are():
    with pytest.raises(UsageError) as refused:
        parse_method("elastique")
    assert "final, signalsmith" in refused.value.hint
