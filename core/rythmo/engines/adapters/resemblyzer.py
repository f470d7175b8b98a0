"""Embedder "resemblyzer": one unit vector for the speech of one person.

Resemblyzer's encoder (see speaker_encoder.py) runs over the speech, with four windows a second. The vector is
the mean over the windows, scaled to length 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.engines.local.wheel_weights import (
    ONNXRUNTIME,
    RESEMBLYZER,
    SILERO,
    THREADPOOLCTL,
    list_missing,
    weight_file,
)
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken

SAME_SPEAKER = 0.80
"""The cosine from which two vectors are the same person. Measured on means over several seconds of seven
voices (three of flite, four recorded), halves of one person have 0.78 to 0.99, different people up to 0.78.
The ranges touch, so this value errs towards two speakers."""

INFO = EngineInfo(
    kind=Kind.EMBEDDER,
    name="resemblyzer",
    version="0.1.4-numpy2",
    summary="Speaker vectors by Resemblyzer's LSTM (GE2E, 2018), on the CPU without PyTorch.",
    licence="Apache-2.0 (weights)",
    draft=True,
    rank=10,
    at_once=2,
)


class ResemblyzerEmbedder:
    """A SpeakerEmbedder with 256 dimensions, all of which are zero or positive."""

    info = INFO
    same_in_chunk = same_speaker = SAME_SPEAKER

    def __init__(self) -> None:
        from rythmo.engines.speech import speaker_encoder, vad

        self._encoder = speaker_encoder.load_encoder(weight_file(RESEMBLYZER))
        self._network = vad.load_network(weight_file(SILERO))

    def embed(self, speech: Sequence[Audio], *, cancel: CancelToken = NEVER) -> NDArray[np.float32]:
        """Return shape (len(speech), 256); a row is zeros when no speech was found."""
        rows = np.zeros((len(speech), 256), np.float32)
        for number, audio in enumerate(speech):
            cancel.check()
            rows[number] = self._embed_one(audio, cancel)
        return rows

    def _embed_one(self, audio: Audio, cancel: CancelToken) -> NDArray[np.float32]:
        from rythmo.engines.speech import speaker_encoder, vad
        from rythmo.engines.speech.speaker_windows import embed_windows, windows_of

        wave = audio.mono().at_rate(vad.RATE).samples[0]
        spans = vad.find_speech(self._network, wave, each_block=lambda _: cancel.check())
        windows = [window for span in spans for window in windows_of(span, vad.RATE // 4)]
        vectors = embed_windows(self._encoder, wave, windows, each_batch=lambda _: cancel.check())
        weights = np.array([end - start for start, end in windows], np.float32)
        return speaker_encoder.unit((weights[:, None] * vectors).sum(0))

    def close(self) -> None:
        """Do nothing: only memory is held."""


def create(_settings: Mapping[str, Any]) -> ResemblyzerEmbedder:
    """Start the engine; it has no settings."""
    return ResemblyzerEmbedder()


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the weights and the packages that run them."""
    return list_missing(RESEMBLYZER, SILERO, ONNXRUNTIME, THREADPOOLCTL)


ENGINE = EngineSpec(INFO, create, missing, frozenset())
