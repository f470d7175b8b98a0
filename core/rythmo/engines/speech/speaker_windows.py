"""The windows of speech for the speaker encoder, and their vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.speech.speaker_encoder import (
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


def windows_of(span: Span, step: int, length: int = LENGTH) -> list[Span]:
    """Return windows of `length`, at most `step` samples apart, that cover `span`; a short span is one
    window."""
    start, end = span
    spare = end - start - length
    if spare <= 0:
        return [span]
    steps = -(-spare // step)
    return [(start + spare * k // steps, start + spare * k // steps + length) for k in range(steps + 1)]


def embed_windows(
    encoder: Encoder,
    wave: Floats,
    windows: Sequence[Span],
    *,
    each_batch: Callable[[int], None] = lambda _: None,
) -> NDArray[np.float32]:
    """Return unit vectors (n, 256) of windows of `wave` (16 kHz). Short windows are repeated to full
    length."""
    if not windows:
        return np.zeros((0, 256), np.float32)
    return embed_partials(encoder, np.stack([_mels(wave[a:b]) for a, b in windows]), each_batch=each_batch)


def _mels(wave: Floats) -> Floats:
    mels = mel_powers(raise_level(wave))
    times = -(-PARTIAL // len(mels))
    return np.tile(mels, (times, 1))[:PARTIAL]


def share_speech(groups: Sequence[Sequence[Span]], spans: Sequence[Span]) -> NDArray[np.float64]:
    """Return the seconds of speech that each window stands for: its span's, divided among its windows."""
    shares = [
        (end - start) / RATE / len(group)
        for group, (start, end) in zip(groups, spans, strict=True)
        for _ in group
    ]
    return np.array(shares, np.float64)
