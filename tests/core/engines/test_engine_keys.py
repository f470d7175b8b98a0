"""An engine's part of an artefact's key holds whatever changes the sound or the words, and nothing else."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.engines.local import model_files
from rythmo.engines.pool import EnginePool

URL, OTHER = "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"


@pytest.fixture(autouse=True)
def keys(monkeypatch, tmp_path) -> None:
    for name in ("OPENAI", "ELEVENLABS", "DASHSCOPE", "GOOGLE"):
        monkeypatch.setenv(f"{name}_API_KEY", "sk-test-0123456789abcdef")
    monkeypatch.setenv("AZURE_SPEECH_KEY", "0123456789abcdef")
    monkeypatch.setenv("RYTHMO_STATE", str(tmp_path))


def key(kind: Kind, name: str, **settings: Any) -> str:
    """The engine's part of a key; skipped where its package is not installed."""
    options = {name: settings}
    lacking = registry.missing(registry.find(kind, name), settings)
    if any("package" in part.what for part in lacking):
        pytest.skip(f"{name} lacks {lacking[0].what}")
    with EnginePool({kind: name}, options) as pool:
        return pool.stamp(kind)


PAID = [
    (Kind.TRANSLATOR, "openai", {}),
    (Kind.TRANSCRIBER, "openai", {}),
    (Kind.VOICE, "openai", {}),
    (Kind.TRANSLATOR, "openai-compatible", {"base_url": URL, "model": "m"}),
    (Kind.TRANSCRIBER, "openai-compatible", {"base_url": URL, "model": "m"}),
    (Kind.VOICE, "openai-compatible", {"base_url": URL, "model": "m", "voices": ["a"]}),
    (Kind.VOICE, "elevenlabs", {}),
    (Kind.VOICE, "dashscope", {}),
    (Kind.TRANSCRIBER, "dashscope", {}),
]


@pytest.mark.parametrize(("kind", "name", "base"), PAID, ids=lambda one: str(one) if one else "")
def test_another_model_or_address_is_another_key(kind: Kind, name: str, base: dict[str, Any]) -> None:
    plain = key(kind, name, **base)
    assert plain == key(kind, name, **base)
    assert plain != key(kind, name, **{**base, "model": "another"})
    assert plain != key(kind, name, **{**base, "base_url": OTHER})
    assert plain == key(kind, name, **{**base, "timeout_s": 7, "attempts": 2, "concurrency": 1})


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("elevenlabs", {"stability": 0.9}),
        ("dashscope", {"clone_model": "qwen3-tts-vc-next"}),
        ("google", {"families": ["Wavenet"]}),
        ("azure", {"region": "eastus"}),
        ("espeak", {"made_up": 1}),
    ],
)
def test_a_setting_that_changes_the_sound_is_in_the_key(name: str, setting: dict[str, Any]) -> None:
    base = {"region": "westeurope"} if name == "azure" else {}
    assert key(Kind.VOICE, name, **base) != key(Kind.VOICE, name, **{**base, **setting})


@pytest.mark.parametrize(
    ("kind", "variable"),
    [
        (Kind.TRANSLATOR, "RYTHMO_LLM_URL"),
        (Kind.TRANSCRIBER, "RYTHMO_TRANSCRIBE_URL"),
        (Kind.VOICE, "RYTHMO_SPEECH_URL"),
    ],
)
def test_an_address_from_the_environment_is_in_the_key(monkeypatch, kind: Kind, variable: str) -> None:
    found = []
    for url in (URL, OTHER):
        monkeypatch.setenv(variable, url)
        found.append(key(kind, "openai-compatible", model="m", voices=["a"]))
    assert found[0] != found[1]


def test_engines_that_share_a_name_have_settings_of_their_own() -> None:
    pytest.importorskip("openai")
    options = {
        "openai": {"attempts": 3},
        "translator.openai": {"model": "small"},
        "voice.openai": {"model": "tts-1"},
    }
    chosen = {Kind.TRANSLATOR: "openai", Kind.VOICE: "openai", Kind.TRANSCRIBER: "openai"}
    with EnginePool(chosen, options) as pool:
        models = [pool.info(kind).version for kind in chosen]
    assert models == ["small", "tts-1", "whisper-1"]
    assert registry.options_of(options, Kind.VOICE, "openai") == {"attempts": 3, "model": "tts-1"}


def model(folder: Path, weights: bytes = b"w" * 200_000) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    (folder / "model.bin").write_bytes(weights)
    return folder


def test_a_folder_is_known_by_what_lies_in_it(tmp_path) -> None:
    one, same = model(tmp_path / "a" / "whisper"), model(tmp_path / "b" / "whisper")
    other = model(tmp_path / "c" / "whisper", b"w" * 199_999 + b"x")
    assert model_files.stamp_model(one) == model_files.stamp_model(same)
    assert model_files.stamp_model(one).startswith("whisper ")
    assert model_files.stamp_model(one) != model_files.stamp_model(other)
    (one / "config.json").write_bytes(b"[]")
    assert model_files.stamp_model(one) != model_files.stamp_model(same)


def test_a_repository_is_known_by_its_name_and_revision(tmp_path) -> None:
    snapshots = tmp_path / "models--Systran--faster-whisper-small" / "snapshots"
    folder = model(snapshots / "0123456789abcdef")
    assert model_files.stamp_model(folder) == "Systran/faster-whisper-small@0123456"
    assert model_files.stamp_model(folder / "embedding") == "Systran/faster-whisper-small@0123456/embedding"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("module", "create", "setting", "fixture"),
    [
        ("faster_whisper", "create", "model", "tiny_whisper"),
        ("funasr", "create", "model", "tiny_sensevoice"),
        ("pyannote.engines", "create", "model", "tiny_pyannote"),
        ("pyannote.engines", "create_embedder", "model", "tiny_pyannote"),
        ("demucs", "create", "repo", "tiny_demucs"),
        ("qwen_tts", "create", "model", "tiny_qwen_tts"),
    ],
)
def test_other_weights_are_another_version(
    request, tmp_path, module: str, create: str, setting: str, fixture: str
) -> None:
    """The same folder, later with other weights in it."""
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(request.getfixturevalue(fixture), folder)
    start = getattr(importlib.import_module(f"rythmo.engines.adapters.{module}"), create)

    def version() -> str:
        return start({setting: str(folder), "device": "cpu"}).info.version

    before = version()
    assert before == version()
    for weights in sorted(
        path for path in folder.rglob("*") if path.suffix in {".bin", ".pt", ".th", ".safetensors"}
    ):
        weights.write_bytes(weights.read_bytes() + b"\0")
    assert before != version()
