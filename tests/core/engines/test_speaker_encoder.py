"""The numpy encoder against numbers that Resemblyzer 0.1.4 itself gave (torch 2.13, librosa 0.11).

They were made by `VoiceEncoder("cpu").embed_utterance(_sound(), return_partials=True, rate=8)`: the largest
components of the first partial. All of them agreed to 3e-7 then. To make them again takes PyTorch and
librosa, so no script here does it.
"""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from rythmo.engines.local.checkpoint import read_tensors
from rythmo.engines.local.wheel_weights import RESEMBLYZER, list_missing, weight_file
from rythmo.engines.speech import speaker_encoder
from rythmo.errors import EngineFailedError

_EXPECTED = {
    246: 0.2967599928379059,
    243: 0.24835999310016632,
    175: 0.21854999661445618,
    113: 0.2034199982881546,
    51: 0.18504999577999115,
    218: 0.18316000699996948,
    159: 0.1802300065755844,
    36: 0.1645900011062622,
    126: 0.1596599966287613,
    235: 0.15727999806404114,
    182: 0.15681999921798706,
    120: 0.15637999773025513,
}


def _sound() -> np.ndarray:
    t = np.arange(2 * 16000) / 16000.0
    phase = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 3 * t)) / 16000
    tone = sum(np.sin(k * phase) / k for k in range(1, 25))
    return (0.1 * tone * (1 + np.sin(2 * np.pi * 4 * t))).astype(np.float32)


@pytest.mark.skipif(bool(list_missing(RESEMBLYZER)), reason="the Resemblyzer wheel is not installed")
def test_vectors_are_those_of_the_original() -> None:
    encoder = speaker_encoder.load_encoder(weight_file(RESEMBLYZER))
    mels = speaker_encoder.mel_powers(_sound())[: speaker_encoder.PARTIAL]
    vector = speaker_encoder.embed_partials(encoder, mels[None])[0]
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    got = {index: float(vector[index]) for index in _EXPECTED}
    assert got == pytest.approx(_EXPECTED, abs=1e-3)


def test_a_checkpoint_that_names_a_function_is_refused_and_not_run(tmp_path) -> None:
    class Hostile:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").mkdir, ())

    path = tmp_path / "model.pt"
    path.write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(EngineFailedError, match="not a checkpoint"):
        read_tensors(path, "model_state")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"\x80\x02K\x01."])
def test_a_damaged_checkpoint_is_an_engine_error(tmp_path, content: bytes) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with pytest.raises(EngineFailedError):
        read_tensors(path, "model_state")


def test_quiet_speech_is_raised_and_silence_stays() -> None:
    raised = speaker_encoder.raise_level(np.full(1000, 0.001, np.float32))
    assert float(raised[0]) == pytest.approx(10 ** (-30 / 20), rel=1e-4)
    assert not speaker_encoder.raise_level(np.zeros(10, np.float32)).any()
