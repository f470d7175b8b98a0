"""Cepstral coefficients against numbers that python_speech_features 0.6 itself gave for `_sweep()`."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.media.cepstrum import measure_cepstrum

EXPECTED = (
    (18.825, 27.41, 6.858, -12.846, -24.03, -23.279, -12.879, -2.453, 3.117, 1.645, -2.467, -6.715, -7.917),
    (19.802, 24.349, -8.001, -32.458, -33.298, -15.702, 2.044, 4.581, -3.606, -10.757, -8.148, -0.747, 4.29),
    (20.468, 17.477, -24.984, -43.034, -21.462, 10.733, 20.434, 6.552, -4.712, -1.905, 5.251, 2.801, -4.946),
)


def _sweep() -> np.ndarray:
    time = np.arange(960)
    return (np.round(8000 * np.sin(time * time / 3000)) / 32768).astype(np.float32)


def test_coefficients_are_those_of_the_package_that_syncnet_was_trained_with() -> None:
    found = measure_cepstrum(_sweep())
    assert found.shape == (5, 13)
    assert found[:3] == pytest.approx(np.array(EXPECTED), abs=6e-4)


@pytest.mark.parametrize(
    ("samples", "windows"), [(0, 0), (1, 1), (400, 1), (401, 2), (560, 2), (561, 3), (16_000, 99)]
)
def test_the_last_window_is_filled_up_and_silence_is_finite(samples: int, windows: int) -> None:
    found = measure_cepstrum(np.zeros(samples, np.float32))
    assert found.shape == (windows, 13)
    assert np.isfinite(found).all()
