"""Embedder "campplus": one unit vector for the speech of one person.

CAM++ (see voice_network.py) runs over the frames in which Silero's network hears speech, in pieces of four
seconds. The vector is the mean over the pieces, scaled to length 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.engines.local.wheel_weights import (
    CAMPPLUS,
    ONNXRUNTIME,
    SILERO,
    THREADPOOLCTL,
    list_missing,
    weight_file,
)
from rythmo.executors import count_cores, start_workers
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken

SAME_SPEAKER = 0.55
"""The cosine from which two vectors are the same person. Measured on pieces of 3 s of 20 people, recorded
ones and the example's: the means over halves of one person have 0.59 to 0.92, those of different people at
most 0.49."""
PIECE = 400
"""Frames of 10 ms in one piece."""

INFO = EngineInfo(
    kind=Kind.EMBEDDER,
    name="campplus",
    version="zh-en-advanced-1",
    summary="Speaker vectors by CAM++ (3D-Speaker, 2023), on the CPU without PyTorch.",
    licence="Apache-2.0 (weights)",
    rank=20,
    at_once=2,
)


class CamPlusEmbedder:
    """A SpeakerEmbedder with 192 dimensions."""

    info = INFO
    same_in_chunk = same_speaker = SAME_SPEAKER

    def __init__(self) -> None:
        from rythmo.engines.speech import vad, voice_network

        self._network = voice_network.load_network(weight_file(CAMPPLUS))
        self._listener = vad.load_network(weight_file(SILERO))

    def embed(self, speech: Sequence[Audio], *, cancel: CancelToken = NEVER) -> NDArray[np.float32]:
        """Return shape (len(speech), 192); a row is zeros when no speech was found."""
        from threadpoolctl import threadpool_limits

        from rythmo.engines.speech.voice_network import DIMENSIONS

        # BLAS has one thread for a product, as in embed_features; the sounds share the cores.
        with threadpool_limits(limits=1, user_api="blas"), start_workers(count_cores(), cancel) as pool:
            rows = pool.run_all(lambda audio: self._embed_one(audio, cancel), speech)
        return np.array(rows, np.float32).reshape(len(speech), DIMENSIONS)

    def _embed_one(self, audio: Audio, cancel: CancelToken) -> NDArray[np.float32]:
        from rythmo.engines.speech import vad, voice_features, voice_network

        wave = audio.mono().at_rate(vad.RATE).samples[0]
        features = voice_features.log_mels(wave)
        heard = np.zeros(len(features), np.bool_)
        for start, end in vad.find_speech(self._listener, wave, each_block=lambda _: cancel.check()):
            heard[start // voice_features.HOP : end // voice_features.HOP] = True
        total = np.zeros(voice_network.DIMENSIONS, np.float32)
        for piece in voice_network.pieces(features[heard], PIECE):
            cancel.check()
            total += len(piece) * voice_network.embed_features(self._network, piece[None])[0]
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), np.float32)

    def close(self) -> None:
        """Do nothing: only memory is held."""


def create(_settings: Mapping[str, Any]) -> CamPlusEmbedder:
    """Start the engine; it has no settings."""
    return CamPlusEmbedder()


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the weights and the packages that run them."""
    return list_missing(CAMPPLUS, SILERO, ONNXRUNTIME, THREADPOOLCTL)


ENGINE = EngineSpec(INFO, create, missing, frozenset())
