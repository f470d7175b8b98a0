"""The worker process that runs Kokoro: one model, one CPU core, one line at a time.

It is run as `python -I -m rythmo.engines.adapters.kokoro.worker MODEL DEVICE`. The protocol, over stdin and
stdout:

    request   one line of JSON: {"tokens": [...], "style": base64 of 256 floats, "speed": 1.0}
    answer    {"bytes": N, "device": ...}, then N bytes of 32-bit mono samples at 24 kHz
    request   the same without "speed"
    answer    {"bytes": N}, then 32-bit frames of 25 ms for each token, before `speed` divides them
    or, to either, {"error": "what went wrong"}

The first message is {"ready": true} or {"error": ...}. The process ends when stdin closes. Models are loaded
when first needed.
"""

from __future__ import annotations

import base64
import json
import signal
import sys
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.kokoro.graph import durations_model

_PROVIDERS = {"cuda": "CUDAExecutionProvider", "coreml": "CoreMLExecutionProvider"}
_CPU = "CPUExecutionProvider"


class Sessions:
    """The sessions of the two graphs, each loaded once."""

    def __init__(self, model: Path, device: str) -> None:
        """Store the model's path and the device: auto, cpu, cuda or coreml. auto takes the first that
        works."""
        self._model = model
        self._device = device
        self.device = "cpu"

    @cached_property
    def sound(self) -> Any:
        """The whole graph, which turns symbols into sound."""
        for name in self._devices():
            try:
                session = _session(str(self._model), [_PROVIDERS[name], _CPU])
                _try_out(session)
            except Exception:
                # Providers raise exceptions of their own. The CPU always works.
                if self._device != "auto":
                    raise
                continue
            self.device = name
            return session
        return _session(str(self._model), [_CPU])

    @cached_property
    def frames(self) -> Any:
        """The part that computes how long each symbol lasts; it runs on the CPU, in 30 ms."""
        return _session(durations_model(self._model.read_bytes()), [_CPU])

    def _devices(self) -> list[str]:
        import onnxruntime

        if self._device != "auto":
            return [self._device] if self._device in _PROVIDERS else []
        there = onnxruntime.get_available_providers()
        return [name for name, provider in _PROVIDERS.items() if provider in there]


def main(arguments: list[str]) -> int:
    """Answer requests until stdin closes."""
    # Ctrl-C goes to the whole process group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    sessions = Sessions(Path(arguments[0]), arguments[1])
    _answer(stdout, {"ready": True})
    for line in stdin:
        try:
            header, made = _made(json.loads(line), sessions)
        except Exception as error:  # noqa: BLE001 - the border of this process
            _answer(stdout, {"error": " ".join(f"{type(error).__name__}: {error}".split())[:300]})
            continue
        body = made.astype("<f4").tobytes()
        _answer(stdout, {**header, "bytes": len(body)}, body)
    return 0


def _made(request: dict[str, Any], sessions: Sessions) -> tuple[dict[str, Any], NDArray[np.float32]]:
    inputs = {
        "tokens": np.array([request["tokens"]], np.int64),
        "style": np.frombuffer(base64.b64decode(request["style"]), "<f4").reshape(1, 256),
    }
    if "speed" not in request:
        return {}, sessions.frames.run(None, inputs)[0].ravel()
    inputs["speed"] = np.array([request["speed"]], np.float32)
    sound = sessions.sound.run(["audio"], inputs)[0].ravel()
    return {"device": sessions.device}, sound


def _session(model: str | bytes, providers: list[str]) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # A thread that spins while it waits would take the core of the next worker.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=providers)


def _try_out(session: Any) -> None:
    style, speed = np.zeros((1, 256), np.float32), np.ones(1, np.float32)
    session.run(["audio"], {"tokens": np.array([[0, 50, 0]], np.int64), "style": style, "speed": speed})


def _answer(stdout: BinaryIO, header: dict[str, Any], body: bytes = b"") -> None:
    stdout.write(json.dumps(header).encode("ascii") + b"\n" + body)
    stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
