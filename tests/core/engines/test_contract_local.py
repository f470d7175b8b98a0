"""The contract of engines that run a model here: loaded once, freed for another, smaller batches when memory
does not suffice, and one clear error for weights that are not whole."""

from __future__ import annotations

import importlib
import pickle
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from speech_like import two_voices

from rythmo.engines.base import SpeakerProfile, SpeechRequest, Turn
from rythmo.engines.local import devices
from rythmo.engines.local.devices import MODELS
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.script.model import Prosody

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend

NOISE = Audio((0.2 * np.random.default_rng(0).normal(size=(1, 48_000))).astype(np.float32), 16_000)


def transcribe(engine: Any) -> Any:
    sound = two_voices(6.0)
    turns = [Turn(n * 96_000, n * 96_000 + 80_000, "AB"[n % 2]) for n in range(3)]
    return engine.transcribe(sound, language="en", turns=turns)


def speak(engine: Any) -> Any:
    (ref,) = engine.cast([SpeakerProfile("S1", "Anna", Prosody(), (NOISE,))], language="es")
    return engine.speak(SpeechRequest("Hola.", "es", ref))


# module, how it starts, the setting that names its folder, the tiny model, its weights, what it does
LOCAL: dict[str, tuple[str, str, str, str, str, Callable[[Any], Any]]] = {
    "faster-whisper": ("faster_whisper", "create", "model", "tiny_whisper", "model.bin", transcribe),
    "funasr": ("funasr", "create", "model", "tiny_sensevoice", "model.pt", transcribe),
    "pyannote": (
        "pyannote.engines", "create", "model", "tiny_pyannote", "segmentation/pytorch_model.bin",
        lambda engine: engine.diarize(two_voices(12.0), speakers=2),
    ),
    "pyannote embedder": (
        "pyannote.engines", "create_embedder", "model", "tiny_pyannote", "embedding/pytorch_model.bin",
        lambda engine: engine.embed([two_voices(3.0)]),
    ),
    "demucs": (
        "demucs", "create", "repo", "tiny_demucs", "*.th", lambda engine: engine.separate(two_voices(2.0))
    ),
    "qwen-tts": ("qwen_tts", "create", "model", "tiny_qwen_tts", "model.safetensors", speak),
}  # fmt: skip


@pytest.fixture(params=sorted(LOCAL))
def local(request, tmp_path):
    """A function that starts the engine on a copy of its tiny model; the copy; its weights; what it does."""
    module, create, setting, fixture, weights, work = LOCAL[request.param]
    folder = tmp_path / "model"
    shutil.copytree(request.getfixturevalue(fixture), folder)

    def start(**more: Any) -> Any:
        started = getattr(importlib.import_module(f"rythmo.engines.adapters.{module}"), create)
        return started({setting: str(folder), "device": "cpu", **more})

    MODELS.free()
    yield start, folder, weights, work
    MODELS.free()


def test_weights_that_are_not_whole_are_one_clear_error(local) -> None:
    start, folder, weights, work = local
    (path,) = folder.glob(weights)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EngineFailedError) as caught:
        work(start())
    assert caught.value.hint
    assert pickle.loads(pickle.dumps(caught.value)).message == caught.value.message
    assert MODELS.loaded() == ()


def test_a_model_is_loaded_once_for_all_engines_of_a_process(local) -> None:
    start, _, _, work = local
    one = start()
    work(one)
    loaded = MODELS.loaded()
    assert len(loaded) == 1
    work(start())
    work(one)
    assert MODELS.loaded() == loaded


def test_a_model_goes_when_another_needs_its_memory(local, monkeypatch) -> None:
    start, _, _, work = local
    work(start())
    (key,) = MODELS.loaded()
    monkeypatch.setattr(MODELS, "free_memory", lambda _: 0)
    with MODELS.use("another", lambda: "another model", device="cpu", needs=1) as model:
        assert model == "another model"
        assert key not in MODELS.loaded()
    work(start())
    assert MODELS.loaded() == (key,), "and comes back"


def fails_above(most: int, tried: list[int], inner: Callable[..., Any], batch_of: Callable[..., int]) -> Any:
    """A library's function that has memory for `most` at once."""

    def limited(*given: Any, **named: Any) -> Any:
        tried.append(batch_of(*given, **named))
        if tried[-1] > most:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return inner(*given, **named)

    return limited


def test_whisper_goes_on_with_half_the_batch(tiny_whisper, monkeypatch) -> None:
    from faster_whisper import BatchedInferencePipeline

    module = importlib.import_module("rythmo.engines.adapters.faster_whisper")
    engine = module.create({"model": str(tiny_whisper), "device": "cpu", "batch": 8, "threads": 1, "beam": 1})
    plain, tried = transcribe(engine), []
    inner = BatchedInferencePipeline.transcribe
    limited = fails_above(2, tried, inner, lambda *_, batch_size, **__: batch_size)
    monkeypatch.setattr(BatchedInferencePipeline, "transcribe", limited)
    assert transcribe(engine) == plain
    assert tried == [8, 4, 2]


def test_pyannote_goes_on_with_half_the_batch(tiny_pyannote, monkeypatch) -> None:
    from pyannote.audio.pipelines import SpeakerDiarization

    module = importlib.import_module("rythmo.engines.adapters.pyannote.engines")
    engine = module.create({"model": str(tiny_pyannote), "device": "cpu", "batch": 32})
    sound = two_voices(12.0)
    plain, tried, seen = engine.diarize(sound, speakers=2), [], []
    inner = SpeakerDiarization.apply
    limited = fails_above(8, tried, inner, lambda pipeline, *_, **__: pipeline.segmentation_batch_size)
    monkeypatch.setattr(SpeakerDiarization, "apply", limited)
    assert engine.diarize(sound, speakers=2, report=seen.append) == plain
    assert tried == [32, 16, 8]
    assert seen == sorted(seen)


def test_what_has_no_batch_is_tried_once_more_without_the_other_models(tiny_demucs, monkeypatch) -> None:
    from demucs.api import Separator

    module = importlib.import_module("rythmo.engines.adapters.demucs")
    engine = module.create({"repo": str(tiny_demucs), "device": "cpu"})
    MODELS.free()
    with MODELS.use("idle", lambda: "a model that nobody uses", device="cpu"):
        pass
    tried: list[int] = []
    # The room that one model takes: with another beside it there is not enough.
    limited = fails_above(1, tried, Separator.separate_tensor, lambda *_, **__: len(MODELS.loaded()))
    monkeypatch.setattr(Separator, "separate_tensor", limited)
    assert engine.separate(two_voices(2.0)).speech.length == 2 * 48_000
    assert tried == [2, 1]
    assert "idle" not in MODELS.loaded()


def test_memory_that_never_suffices_is_said(tiny_demucs, monkeypatch) -> None:
    from demucs.api import Separator

    module = importlib.import_module("rythmo.engines.adapters.demucs")
    engine = module.create({"repo": str(tiny_demucs), "device": "cpu"})
    monkeypatch.setattr(
        Separator, "separate_tensor", fails_above(0, [], Separator.separate_tensor, lambda *_, **__: 1)
    )
    with pytest.raises(EngineFailedError, match="not enough memory") as caught:
        engine.separate(two_voices(2.0))
    assert "smaller model" in caught.value.hint


def test_torch_s_user_script_for_it_are_known() -> None:
    torch = pytest.importorskip("torch")
    assert devices.is_out_of_memory(torch.OutOfMemoryError("x"))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert devices.is_out_of_memory(caught.value)
