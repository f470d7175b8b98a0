"""The ready wrappers of `examples/worker/models`, behind the reference worker and the worker engine.

The models themselves cannot run here: each library has a stand-in with the signatures that its sources have
(IndexTTS ee40fa7, CosyVoice ace7c47, FunCineForge of 2026-03-25), which keeps what it was asked.
"""

from __future__ import annotations

import importlib.util
import json
import pickle
import sys
import threading
import wave
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_http import Answer, Request
from fake_services import voice_like

from rythmo.engines.adapters import worker_voice
from rythmo.engines.adapters.worker_voice import WorkerVoice
from rythmo.engines.base import SpeakerProfile, SpeechRequest
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.script.model import Prosody

EXAMPLES = Path(__file__).parents[3] / "examples" / "worker"
RATE = 22_050


class Tensor(np.ndarray):
    """As much of a tensor as the wrappers touch."""

    def clamp(self, low: float, high: float) -> Tensor:
        return self.clip(low, high)

    def short(self) -> Tensor:
        return self.astype("<i2")

    def numpy(self) -> np.ndarray:
        return np.asarray(self)


def tensor(samples: np.ndarray) -> Tensor:
    return samples[np.newaxis].view(Tensor)


@pytest.fixture
def seeds(monkeypatch) -> list[int]:
    given: list[int] = []
    torch = SimpleNamespace(
        manual_seed=given.append, cat=lambda parts, dim: np.concatenate(parts, axis=dim).view(Tensor)
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    return given


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def behind(tmp_path, request) -> Callable[..., WorkerVoice]:
    """A worker engine whose worker runs that wrapper."""

    def start(name: str, **options: Any) -> WorkerVoice:
        module = load(EXAMPLES / "models" / f"{name}.py")
        server = load(EXAMPLES / "worker.py").serve(module.ABOUT, module.speak, port=0)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        request.addfinalizer(lambda: (server.shutdown(), server.server_close(), thread.join()))
        url = f"http://127.0.0.1:{server.server_port}"
        return worker_voice.create(
            {"base_url": url, "ledger": str(tmp_path / "voices.db"), "options": options, "attempts": 1}
        )

    return start


NOISE = Audio((0.2 * np.random.default_rng(0).normal(size=(1, 48_000))).astype(np.float32), 16_000)


def line(
    voice: WorkerVoice, text: str = "Hola, ¿qué tal?", language: str = "es", **more: Any
) -> SpeechRequest:
    (ref,) = voice.cast([SpeakerProfile("S1", "Anna", Prosody(), (NOISE,))], language=language)
    return SpeechRequest(text, language, ref, **more)


def write(path: str, samples: np.ndarray, rate: int) -> None:
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


@pytest.fixture
def indextts(monkeypatch, seeds) -> list[dict[str, Any]]:
    """IndexTTS's two modules; speaks as long as its letters, times the factor."""
    asked: list[dict[str, Any]] = []

    def said(factor: float, given: dict[str, Any]) -> None:
        prompts = [given[name] for name in ("spk_audio_prompt", "emo_audio_prompt") if given[name]]
        assert all(Path(path).read_bytes()[:4] == b"RIFF" for path in prompts)
        asked.append({name: value for name, value in given.items() if name != "self"} | {"factor": factor})
        sound = voice_like("v", given["text"], RATE)
        write(given["output_path"], np.resize(sound, round(len(sound) * factor)), RATE)

    class Second:
        def __init__(self, cfg_path="checkpoints/config.yaml", model_dir="checkpoints", use_fp16=False,
                     device=None, use_cuda_kernel=None, use_deepspeed=False):  # fmt: skip
            asked.append({"loads": model_dir, "half": use_fp16})

        def infer(self, spk_audio_prompt, text, output_path, emo_audio_prompt=None, emo_alpha=1.0,
                  emo_vector=None, use_emo_text=False, emo_text=None, use_random=False,
                  interval_silence=200, verbose=False):  # fmt: skip
            said(1.0, locals())

    class Half(Second):
        def __init__(self, cfg_path="checkpoints/config.yaml", model_dir="checkpoints", use_bf16=False,
                     device=None, use_cuda_kernel=None, use_deepspeed=False, use_accel=False,
                     use_torch_compile=False, use_qwen_emo=False):  # fmt: skip
            self.understands = use_qwen_emo
            asked.append({"loads": model_dir, "half": use_bf16, "understands words": use_qwen_emo})

        def infer(self, spk_audio_prompt, text, output_path, lang, emo_audio_prompt=None, emo_alpha=1.0,
                  emo_vector=None, use_emo_text=False, emo_text=None, use_random=False,
                  interval_silence=200, verbose=False, duration_factor=1.0):  # fmt: skip
            assert 0.5 <= duration_factor <= 2.0
            if use_emo_text and not self.understands:
                raise RuntimeError("use_qwen_emo=False")
            said(duration_factor, locals())

    for name, model in {"indextts.infer_v2": Second, "indextts.infer_v2_5": Half}.items():
        monkeypatch.setitem(sys.modules, "indextts", ModuleType("indextts"))
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(IndexTTS2=model))
    return asked


def test_indextts_takes_timbre_from_one_sound_and_emotion_from_another(behind, indextts, seeds) -> None:
    voice = behind("indextts", emo_alpha=0.6)
    assert indextts.pop(0) == {"loads": "checkpoints", "half": True, "understands words": False}
    spoken = voice.speak(line(voice, emotion=NOISE))
    assert spoken.rate == RATE
    (asked,) = indextts
    assert asked["lang"] == "ES"
    assert asked["emo_alpha"] == 0.6
    assert asked["spk_audio_prompt"].endswith("reference.wav")
    assert asked["emo_audio_prompt"].endswith("emotion.wav")
    assert len(set(seeds)) == 1
    voice.speak(line(voice))
    assert indextts[1]["emo_audio_prompt"] is None, "without the original the timbre's own emotion is taken"


def test_indextts_takes_an_emotion_vector_before_the_original(behind, indextts) -> None:
    voice = behind("indextts")
    voice.speak(line(voice, emotion=NOISE, feelings={"sad": 0.7, "afraid": 0.2}))
    assert indextts[-1]["emo_vector"] == [0.0, 0.0, 0.7, 0.2, 0.0, 0.0, 0.0, 0.0]
    assert indextts[-1]["emo_audio_prompt"] is None


def test_indextts_takes_words_where_the_model_that_understands_them_is_loaded(
    behind, indextts, monkeypatch
) -> None:
    plain = behind("indextts")
    plain.speak(line(plain, direction="under her breath"))
    assert indextts[-1]["emo_text"] is None
    monkeypatch.setenv("INDEXTTS_WORDS", "1")
    voice = behind("indextts")
    voice.speak(line(voice, direction="under her breath"))
    assert indextts[-1]["emo_text"] == "under her breath"


@pytest.mark.parametrize("factor", [0.8, 1.25, 4.0])
def test_indextts_keeps_a_duration_within_its_factor(behind, indextts, factor: float) -> None:
    voice = behind("indextts")
    natural = voice.speak(line(voice)).seconds
    spoken = voice.speak(line(voice, seconds=natural * factor))
    assert spoken.seconds == pytest.approx(natural * min(2.0, factor), rel=0.01)
    before = len(indextts)
    voice.speak(line(voice, seconds=natural))
    assert len(indextts) == before + 1, "the natural length is known from the first time"


def test_indextts_2_has_no_language_and_no_duration(behind, indextts, monkeypatch) -> None:
    monkeypatch.setenv("INDEXTTS_VERSION", "2")
    voice = behind("indextts")
    assert voice.info.version == "indextts 2"
    assert "duration_control" not in voice.info.capabilities
    voice.speak(line(voice, "Come in.", "en", direction="afraid", seconds=2.0))
    assert indextts[-1]["emo_text"] == "afraid"
    assert indextts[-1]["factor"] == 1.0


@pytest.fixture
def cosyvoice(monkeypatch, seeds) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []

    class Model:
        sample_rate = 24_000

        def _said(self, speed: float, text: str, **given: Any):
            assert Path(given["prompt"]).read_bytes()[:4] == b"RIFF"
            asked.append({"text": text, "speed": speed, **given})
            sound = voice_like("v", text.rpartition(">")[2], self.sample_rate) / 32768
            for part in np.array_split(np.resize(sound, round(len(sound) / speed)), 2):
                yield {"tts_speech": tensor(part)}

        def inference_cross_lingual(self, tts_text, prompt_wav, zero_shot_spk_id="", stream=False, speed=1.0,
                                    text_frontend=True):  # fmt: skip
            return self._said(speed, tts_text, prompt=prompt_wav, told="")

        def inference_instruct2(self, tts_text, instruct_text, prompt_wav, zero_shot_spk_id="", stream=False,
                                speed=1.0, text_frontend=True):  # fmt: skip
            return self._said(speed, tts_text, prompt=prompt_wav, told=instruct_text)

    def load_model(*, model_dir: str) -> Model:
        return Model()

    module = SimpleNamespace(AutoModel=load_model)
    for name in ("cosyvoice", "cosyvoice.cli"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "cosyvoice.cli.cosyvoice", module)
    return asked


@pytest.mark.parametrize("version", ["2", "3"])
def test_cosyvoice_takes_directions_and_keeps_time(
    behind, cosyvoice, monkeypatch, tmp_path, version: str
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / f"cosyvoice{version}.yaml").touch()
    monkeypatch.setenv("COSYVOICE_MODEL", str(folder))
    voice = behind("cosyvoice")
    assert voice.info.version == f"cosyvoice {version}"
    natural = voice.speak(line(voice, "Hello there.", "en"))
    assert natural.rate == 24_000
    assert cosyvoice[-1]["text"].endswith("Hello there.")
    assert ("<|endofprompt|>" in cosyvoice[-1]["text"]) == (version == "3")
    spoken = voice.speak(
        line(voice, "Hello there.", "en", seconds=natural.seconds * 0.8, direction="whispering")
    )
    assert spoken.seconds == pytest.approx(natural.seconds * 0.8, rel=0.01)
    assert cosyvoice[-1]["told"].endswith("whispering<|endofprompt|>")
    assert cosyvoice[-1]["speed"] == pytest.approx(1.25, rel=0.01)


def test_cosyvoice_s_own_server_is_reached(behind, loopback, monkeypatch) -> None:
    forms: list[tuple[str, bytes]] = []

    def route(request: Request) -> Answer:
        forms.append((request.path, request.body))
        return Answer(
            voice_like("v", "Hello there.", 24_000).tobytes(), content_type="application/octet-stream"
        )

    loopback.route = route
    monkeypatch.setenv("COSYVOICE_URL", loopback.url)
    voice = behind("cosyvoice_server")
    spoken = voice.speak(line(voice, "Hello there.", "en"))
    assert (spoken.rate, round(spoken.seconds, 2)) == (24_000, 1.02)
    voice.speak(line(voice, "Hello there.", "en", direction="whispering"))
    (plain, body), (directed, told) = forms
    assert (plain, directed) == ("/inference_cross_lingual", "/inference_instruct2")
    assert b'name="tts_text"\r\n\r\nHello there.\r\n' in body
    assert b'filename="prompt.wav"\r\ncontent-type: audio/wav\r\n\r\nRIFF' in body
    assert b"whispering<|endofprompt|>" in told


FORGE = """\
import json, pickle, sys, wave
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
row = json.loads(open(given["--test_data_jsonl"], encoding="utf-8").read())
said = {one["role"]: one["content"] for one in row["messages"]}
said["face"] = {name: len(value) for name, value in pickle.load(open(said["face"], "rb")).items()}
said["seed"] = given["--random_seed"]
assert open(said["vocal"], "rb").read(4) == b"RIFF"
json.dump({**row, "messages": said}, open("asked.json", "w"))
import os
os.makedirs(given["--output_dir"] + "/wav")
with wave.open(given["--output_dir"] + "/wav/" + row["utt"] + ".wav", "wb") as file:
    file.setnchannels(1), file.setsampwidth(2), file.setframerate(24000)
    file.writeframes(b"\\x00\\x10\\x00\\xf0" * (row["speech_length"] * 480))
"""


@pytest.fixture
def forge(tmp_path, monkeypatch) -> Path:
    """Fun-CineForge's folder, with an infer.sh that makes a sound as long as it is asked for."""
    (tmp_path / "forge.py").write_text(FORGE)
    (tmp_path / "infer.sh").write_text(f'exec {sys.executable} forge.py "$@"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path / "asked.json"


def test_funcineforge_gets_the_line_as_a_clip_of_its_length(behind, forge) -> None:
    voice = behind("funcineforge", gender="female", age="adult")
    spoken = voice.speak(line(voice, "Come in, please.", "en", seconds=3.2, direction="tired"))
    assert (spoken.rate, spoken.seconds) == (24_000, 3.2)
    row = json.loads(forge.read_text())
    assert row["messages"]["text"] == "Come in, please."
    assert row["messages"]["clue"] == "tired"
    assert row["messages"]["dialogue"] == [
        {"start": 0.0, "duration": 3.2, "spk": "1", "gender": "female", "age": "adult"}
    ]
    assert row["messages"]["face"] == {"embeddings": 0, "faceI": 0}
    assert row["type"] == "旁白"
    voice.speak(line(voice, "No.", "en", seconds=0.7))
    assert json.loads(forge.read_text())["speech_length"] == 50, "the model's shortest clip"


def test_what_a_model_says_when_it_fails_reaches_the_user(behind, forge) -> None:
    Path("forge.py").write_text("raise SystemExit('CUDA driver not found')")
    voice = behind("funcineforge")
    with pytest.raises(EngineFailedError, match="CUDA driver not found"):
        voice.speak(line(voice, "No.", "en"))


def test_faces_are_read_by_the_model_s_own_names(tmp_path) -> None:
    module = load(EXAMPLES / "models" / "funcineforge.py")
    faces = pickle.loads(Path(module.nobody(tmp_path)).read_bytes())
    assert set(faces) == {"embeddings", "faceI"}
