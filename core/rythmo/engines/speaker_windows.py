"""Cuts speech into the windows that the speaker encoder sees, and embeds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.speaker_encoder import (
    HOP,
    PARTIAL,
    RATE,
    Encoder,
    Floats,
    embed_partials,
    mel_powers,
    raise_level,
)

Span = tuple[int, int]
LENGTH = PARTIAL * HOP


def windows_of(span: Span, step: int) -> list[Span]:
    """Windows of 1.6 s at most `step` samples apart that cover `span`; a shorter span is one window."""
    start, end = span
    spare = end - start - LENGTH
    if spare <= 0:
        return [span]
    steps = -(-spare // step)
    return [(start + spare * k // steps, start + spare * k // steps + LENGTH) for k in range(steps + 1)]


def embed_windows(
    encoder: Encoder,
    wave: Floats,
    windows: Sequence[Span],
    *,
    each_batch: Callable[[int], None] = lambda _: None,
) -> NDArray[np.float32]:
    """Unit vectors (n, 256) of windows of `wave` (16 kHz). A short window is repeated until it is full."""
    if not windows:
        return np.zeros((0, 256), np.float32)
    return embed_partials(encoder, np.stack([_mels(wave[a:b]) for a, b in windows]), each_batch=each_batch)


def _mels(wave: Floats) -> Floats:
    mels = mel_powers(raise_level(wave))
    times = -(-PARTIAL // len(mels))
    return np.tile(mels, (times, 1))[:PARTIAL]


SECOND = RATE
