"""Watermark "perth": Resemble AI's fixed mark, below 2 kHz, found again without the original.

The networks (see network.py) run at 32 kHz. Only what they add is resampled, so the sound above stays as it
is, and length and timing are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, MarkScore, Missing
from rythmo.engines.local.wheel_weights import PERTH, THREADPOOLCTL, list_missing, weight_file
from rythmo.engines.speech.low_rate_mark import add_mark, lower_voices
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken

FOUND = 0.6
"""The score from which sound counts as marked. Windows of 3 s that were never marked had at most 0.52, marked
dialogue under music mostly more (benchmarks/watermark.py)."""
FOUND_SHORT = 0.9
"""That of sound below SHORT_SECONDS, where unmarked takes had up to 0.64, and marked ones at least 0.98."""
SHORT_SECONDS = 2.0

INFO = EngineInfo(
    kind=Kind.WATERMARK,
    name="perth",
    version="1.0.1-numpy1",
    summary="Resemble AI's inaudible mark (2025): the same for everybody, below 2 kHz. Without PyTorch.",
    licence="MIT",
    rank=20,
)


class PerthWatermark:
    """A Watermark."""

    info = INFO
    window_seconds = 3.0

    def __init__(self) -> None:
        from rythmo.engines.adapters.perth import network

        self._network = network.load_network(weight_file(PERTH))

    def mark(self, sound: Audio, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the sound with the mark, each channel by itself. Below 33 ms it stays as it is."""
        from rythmo.engines.adapters.perth.network import RATE, find_mark_signal

        return add_mark(sound, RATE, partial(find_mark_signal, self._network), cancel)

    def find(self, sound: Audio, *, cancel: CancelToken = NEVER) -> MarkScore:
        """Return the best score over the channels and their mean. Sound of a few seconds is judged best."""
        from rythmo.engines.adapters.perth.network import RATE, score_mark

        best = max((score_mark(self._network, low) for low in lower_voices(sound, RATE, cancel)), default=0.0)
        score = min(1.0, max(0.0, best))
        return MarkScore(score, score >= (FOUND_SHORT if sound.seconds < SHORT_SECONDS else FOUND))

    def close(self) -> None:
        """Do nothing: only memory is held."""


def create(_settings: Mapping[str, Any]) -> PerthWatermark:
    """Start the engine; it has no settings."""
    return PerthWatermark()


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the weights and the package that holds threads back."""
    return list_missing(PERTH, THREADPOOLCTL)


ENGINE = EngineSpec(INFO, create, missing, frozenset())
