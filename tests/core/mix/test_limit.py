"""The gain curve: enough everywhere, 1 far from peaks, the same for a span as for the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.mix.limiter import REACH, find_needed_gain, smooth_gain

COUNT = 12_000


def curve(mix: np.ndarray, ceiling: float, *, true_peak: bool = False) -> np.ndarray:
    need = find_needed_gain(mix, ceiling, true_peak=true_peak)
    return np.ones(mix.shape[1]) if need is None else smooth_gain(need)


def test_nothing_to_do_is_told():
    assert find_needed_gain(np.full((2, 100), 0.5), 0.5, true_peak=False) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, COUNT - 1), st.floats(-4, 4)), max_size=12), st.floats(0.2, 1.0))
def test_no_sample_passes_the_ceiling_and_quiet_ones_are_left_alone(peaks, ceiling):
    mix = np.full((1, COUNT), 0.1)
    for at, value in peaks:
        mix[0, at] = value
    found = curve(mix, ceiling)
    assert (np.abs(mix * found) <= ceiling * (1 + 1e-12)).all()
    assert ((found > 0) & (found <= 1)).all()
    loud = [at for at, value in peaks if abs(mix[0, at]) > ceiling]
    near = np.zeros(COUNT, bool)
    for at in loud:
        near[max(0, at - REACH) : at + REACH + 1] = True
    assert (found[~near] == 1).all()


@pytest.mark.parametrize("true_peak", [False, True])
def test_a_span_has_the_curve_of_the_whole(true_peak):
    rng = np.random.default_rng(4)
    mix = rng.normal(0, 0.35, (2, 40_000))
    whole = curve(mix, 0.9, true_peak=true_peak)
    assert (whole < 1).any()
    for start, end in ((5000, 9000), (12_345, 12_346), (30_000, 40_000)):
        a, b = max(0, start - REACH), min(40_000, end + REACH)
        part = curve(mix[:, a:b], 0.9, true_peak=true_peak)
        assert np.array_equal(part[start - a : end - a], whole[start:end])


def test_the_curve_has_no_corners():
    mix = np.zeros((1, COUNT))
    mix[0, 6000] = 2.0
    found = curve(mix, 1.0)
    assert found.min() == pytest.approx(0.5, abs=1e-9)
    assert np.abs(np.diff(found)).max() < 0.003


def test_peaks_between_samples_are_held_too():
    n = np.arange(COUNT)
    shape = np.hanning(COUNT)
    mix = (shape * np.sin(np.pi / 2 * n + np.pi / 4))[np.newaxis]  # samples at 0.71 of a crest of 1
    assert find_needed_gain(mix, 0.8, true_peak=False) is None
    assert curve(mix, 0.8, true_peak=True).min() == pytest.approx(0.8, abs=0.01)
