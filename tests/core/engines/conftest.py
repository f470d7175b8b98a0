"""What the tests of engines share: a server that can misbehave, and a clock that does not wait."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fake_http import Answer, Loopback, as_json

from rythmo.engines.remote import keys
from rythmo.engines.remote.calls import Clock
from rythmo.progress import CancelToken


@pytest.fixture(name="as_json")
def _as_json() -> Callable[..., Answer]:
    return as_json


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    server = Loopback()
    yield server
    server.close()


@pytest.fixture(scope="module")
def kept_engines() -> Iterator[dict[object, tuple[object, Callable[[], None]]]]:
    """Embedded engines that were started, with what closes them (see engine_cases.embedded)."""
    kept: dict[object, tuple[object, Callable[[], None]]] = {}
    yield kept
    for _, close in kept.values():
        close()


class FakeTime:
    """Time that passes only when somebody sleeps; `waits` is what they asked for."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []
        self.clock = Clock(
            now=lambda: self.seconds, wall=lambda: datetime(2026, 1, 1, tzinfo=UTC), sleep=self._sleep
        )

    def _sleep(self, seconds: float, cancel: CancelToken) -> None:
        cancel.check()
        self.waits.append(seconds)
        self.seconds += seconds


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture(autouse=True)
def no_real_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own keys and servers must not reach a test."""
    names = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ELEVENLABS_API_KEY", "DASHSCOPE_API_KEY", "GOOGLE_API_KEY")
    for name in (
        *names,
        "AZURE_SPEECH_KEY",
        "RYTHMO_LLM_KEY",
        "RYTHMO_LLM_URL",
        "RYTHMO_LLM_MODEL",
        "RYTHMO_WORKER_URL",
        "RYTHMO_LIPS_WORKER_URL",
        "SYNC_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(keys, "_from_keyring", lambda _: "")


def _is_there(module: str) -> bool:
    parent = module.rpartition(".")[0]
    return (not parent or _is_there(parent)) and importlib.util.find_spec(module) is not None


def _tiny(name: str, *modules: str):
    @pytest.fixture(scope="session", name=f"tiny_{name}")
    def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
        for module in modules:
            if not _is_there(module):
                pytest.skip(f"{module} is not installed: uv sync --group models")
        import tiny_models

        return getattr(tiny_models, name)(tmp_path_factory.mktemp("models") / name)

    return build


tiny_whisper = _tiny("whisper", "torch", "faster_whisper", "transformers")
tiny_pyannote = _tiny("pyannote", "torch", "pyannote.audio")
tiny_demucs = _tiny("demucs", "torch", "demucs")
tiny_qwen_tts = _tiny("qwen_tts", "torch", "qwen_tts", "transformers")
tiny_sensevoice = _tiny("sensevoice", "torch", "funasr", "sentencepiece")
tiny_audioseal = _tiny("audioseal", "torch", "audioseal")
tiny_argos = _tiny("argos", "torch", "argostranslate", "sentencepiece", "transformers")
