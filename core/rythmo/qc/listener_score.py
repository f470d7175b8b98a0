"""Estimate what listeners would think of a line's sound: DNSMOS P.835, where its package is installed.

Reddy, Gopal, Cutler, "DNSMOS P.835" (ICASSP 2022), by Microsoft's package `speechmos`, which Rythmo does not
install: `pip install speechmos librosa onnxruntime`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from rythmo.media.audio import Audio

_RATE = 16_000
# The model hears 9.01 s at once. Its package doubles shorter sounds until they are long enough, and may then
# have nine windows to score. A line repeated to exactly this length is one window.
_WINDOW = 144_160
_NEEDS = ("speechmos", "librosa", "onnxruntime")


def load_listener() -> Callable[[Audio], float] | None:
    """Return a function that scores a sound from 1 to 5; None where the package is not installed."""
    return _score_sound if all(find_spec(name) is not None for name in _NEEDS) else None


def _score_sound(sound: Audio) -> float:
    from speechmos import dnsmos

    samples = np.clip(sound.mono().at_rate(_RATE).samples[0], -1.0, 1.0)
    if samples.size < _WINDOW:
        samples = np.resize(samples, _WINDOW)
    return float(dnsmos.run(samples, _RATE, return_df=False)["ovrl_mos"])
