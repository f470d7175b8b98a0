"""Processing of Kokoro's sound: pieces are trimmed and joined, and the level is kept from clipping. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.kokoro.durations import PAUSE_SECONDS
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio

RATE = 24_000
# The threshold of silence below the loudest sample: Kokoro's silence is at -65 dB or lower, and its weak
# consonants are above -45 dB.
_EDGE_DB = -50.0
_BEFORE_SECONDS, _AFTER_SECONDS, _RAMP_SECONDS = 0.010, 0.030, 0.005
# The gain of all lines, because some peak at 1.1.
_GAIN = 0.8
_HIGHEST = 0.98

Mono = NDArray[np.float32]


def join_pieces(sounds: Sequence[Mono]) -> Audio:
    """Join the pieces with pauses to one line, mono at 24 kHz. Raises EngineFailedError for silent pieces."""
    pause = np.zeros(round(PAUSE_SECONDS * RATE), np.float32)
    parts: list[Mono] = []
    for sound in sounds:
        parts += [pause, _trimmed(sound)] if parts else [_trimmed(sound)]
    line = np.concatenate(parts) * np.float32(_GAIN)
    peak = float(np.abs(line).max())
    if peak > _HIGHEST:
        line *= np.float32(_HIGHEST / peak)
    return Audio(line[np.newaxis], RATE)


def _trimmed(sound: Mono) -> Mono:
    if not sound.size or not np.isfinite(sound).all() or not sound.any():
        raise EngineFailedError(
            "Kokoro returned no sound.", hint="Check that the text is in the target language."
        )
    level = np.abs(sound)
    loud = np.flatnonzero(level > level.max() * 10 ** (_EDGE_DB / 20))
    start = max(0, int(loud[0]) - round(_BEFORE_SECONDS * RATE))
    end = min(sound.size, int(loud[-1]) + 1 + round(_AFTER_SECONDS * RATE))
    cut = sound[start:end].copy()
    ramp = np.linspace(0.0, 1.0, min(cut.size // 2, round(_RAMP_SECONDS * RATE)), dtype=np.float32)
    cut[: ramp.size] *= ramp
    cut[cut.size - ramp.size :] *= ramp[::-1]
    return cut
