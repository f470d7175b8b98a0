"""Any sound at all, for property tests: every length from none on, every level, and what is no sound."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

RATE = 48_000
_KINDS = ("silence", "tone", "noise", "click", "syllables", "constant")
_SPOILT = (None, None, None, np.nan, np.inf, -np.inf)


def _shape(kind: str, length: int, seed: int) -> np.ndarray:
    rng, time = np.random.default_rng(seed), np.arange(length) / RATE
    match kind:
        case "tone":
            return np.sin(2 * np.pi * (80 + seed % 400) * time)
        case "noise":
            return rng.normal(0, 0.3, length)
        case "click":
            return np.where(np.arange(length) == seed % max(1, length), 1.0, 0.0)
        case "syllables":
            pitch = 2 * np.pi * (90 + seed % 150) * time
            buzz = sum(np.sin(k * pitch) / k for k in range(1, 10))
            return buzz * np.abs(np.sin(np.pi * 4 * time)) / 3
        case "constant":
            return np.ones(length)
        case _:
            return np.zeros(length)


@st.composite
def sounds(draw: st.DrawFn, longest: int = 2 * RATE) -> np.ndarray:
    """float32 of shape (n,) at 48 kHz: mostly short, now and then with DC, clipped, or not numbers."""
    length = draw(st.one_of(st.integers(0, 64), st.integers(0, 6_000), st.integers(0, longest)))
    sound = _shape(draw(st.sampled_from(_KINDS)), length, draw(st.integers(0, 999)))
    sound = sound * 10 ** (draw(st.integers(-160, 30)) / 20) + draw(st.sampled_from([0.0, 0.0, 0.2, -1.5]))
    spoilt = draw(st.sampled_from(_SPOILT))
    if spoilt is not None and length:
        sound[draw(st.integers(0, length - 1))] = spoilt
    return sound.astype(np.float32)
