"""A worker for Rythmo: wrap any voice or lip-sync model in ten lines. Needs nothing but Python 3.9.

    python worker.py                 a model that hums, to try the protocol with
    python worker.py my_model.py     your model: a file with ABOUT and speak(), lips(), or both, see below

Copy this file into the environment of the model. Then: export RYTHMO_WORKER_URL=http://127.0.0.1:8765
(for lips: RYTHMO_LIPS_WORKER_URL). The protocol is described in docs/worker-protocol.md; models/ wraps
IndexTTS, CosyVoice, LatentSync, MuseTalk and others.

my_model.py:

    from my_tts import Model
    ABOUT = {"name": "my-tts", "version": "1", "languages": ["en", "es"], "capabilities": ["clones"]}
    MODEL = Model.load("weights")

    def speak(text, language, reference, out, **_):       # paths of WAV files
        MODEL.clone(text, language, voice=reference).save(out)

For lips: ABOUT has "does": ["lips"], and the function is lips(video, sound, faces, out, **_), with the paths
of an AVI and a WAV.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import importlib.util
import json
import math
import os
import struct
import tempfile
import threading
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PROTOCOL = 1
LARGEST = {"speak": 64 << 20, "lips": 1 << 30}
ANSWERS = {"speak": ("out.wav", "audio/wav"), "lips": ("out.avi", "video/x-msvideo")}
SENT = {"reference": ".wav", "emotion": ".wav", "sound": ".wav", "video": ".avi"}

ABOUT = {
    "name": "hum",
    "version": "1",
    "licence": "Apache-2.0",
    "languages": [],
    "capabilities": ["clones", "duration_control"],
    "voices": [{"id": "low", "gender": "male"}, {"id": "high", "gender": "female"}],
}


def speak(text, voice, reference, seconds, seed, out, **_):
    """Hum the syllables: as high as the voice, as long as asked for. `out` is the WAV to write."""
    rate = 24_000
    length = int(rate * (seconds or 0.3 + 0.06 * len(text)))
    hertz = {"low": 110, "high": 220}.get(
        voice, 120 + (Path(reference).stat().st_size + seed) % 100 if reference else 150
    )
    beat = rate / 5
    samples = (
        int(9000 * math.sin(2 * math.pi * hertz * n / rate) * abs(math.sin(math.pi * n / beat)))
        for n in range(length)
    )
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


# The class inside is counted with it.
def serve(about, speak=None, host="127.0.0.1", port=8765, token="", lips=None):  # noqa: C901
    """A server that is ready to run: `serve(...).serve_forever()`."""
    models = {name: model for name, model in (("speak", speak), ("lips", lips)) if model}
    about = {"protocol": PROTOCOL, "reference_rate": 24_000, "does": sorted(models), **about}
    one_at_a_time = threading.Lock()
    paths = ", ".join(f"/v1/{name}" for name in models)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != "/v1/about":
                return self.refuse(404, f"there is only /v1/about, {paths}")
            return self.allowed() and self.reply(200, "application/json", json.dumps(about).encode())

        def do_POST(self):
            if not self.allowed():
                return None
            length = int(self.headers.get("content-length") or 0)
            what = self.path[4:] if self.path.startswith("/v1/") else ""
            if what not in models:
                return self.refuse(404, f"there is only {paths}")
            if length > LARGEST[what]:
                return self.refuse(413, f"there may be {LARGEST[what] >> 20} MB")
            try:
                wishes = json.loads(self.rfile.read(length))
                with one_at_a_time, tempfile.TemporaryDirectory() as folder:
                    self.reply(200, ANSWERS[what][1], made(what, wishes, folder))
            except (ValueError, KeyError, TypeError) as error:
                self.refuse(400, f"{type(error).__name__}: {error}")
            except MemoryError:
                self.refuse(507, "out of memory")
            except Exception as error:  # noqa: BLE001 - whatever a model does, the dub is told why
                said = str(error) if isinstance(error, RuntimeError) else f"{type(error).__name__}: {error}"
                self.refuse(507 if "out of memory" in said.lower() else 500, said)
            return None

        def allowed(self):
            # A web page must not reach a worker through a name that it points here (DNS rebinding).
            name = (self.headers.get("host") or "").rsplit(":", 1)[0]
            if name not in {"127.0.0.1", "localhost", "[::1]", host}:
                return self.refuse(403, "this name is not served here")
            given = self.headers.get("authorization", "").removeprefix("Bearer ")
            if token and not hmac.compare_digest(given, token):
                return self.refuse(401, "the token is wrong")
            return True

        def refuse(self, status, message):
            self.reply(status, "application/json", json.dumps({"error": {"message": message}}).encode())
            return False

        def reply(self, status, kind, body):
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing: what people dub is nobody's business."""

    def made(what, wishes, folder):
        if wishes.get("protocol") != PROTOCOL:
            raise ValueError(f"this worker speaks version {PROTOCOL} of the protocol")
        for name, suffix in SENT.items():
            if wishes.get(name):
                path = Path(folder) / f"{name}{suffix}"
                path.write_bytes(base64.b64decode(wishes[name], validate=True))
                wishes[name] = str(path)
        out = str(Path(folder) / ANSWERS[what][0])
        models[what](**wishes, out=out)
        return Path(out).read_bytes()

    return ThreadingHTTPServer((host, port), Handler)


def main():
    """Read the arguments, load the model, serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A worker for Rythmo.")
    parser.add_argument("model", nargs="?", help="a Python file with ABOUT and speak(), lips(), or both")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    arguments = parser.parse_args()
    token = os.environ.get("RYTHMO_WORKER_TOKEN", "")
    if arguments.host not in {"127.0.0.1", "localhost", "::1"} and not token:
        parser.error("set RYTHMO_WORKER_TOKEN before serving other machines")
    about, models = ABOUT, {"speak": speak}
    if arguments.model:
        spec = importlib.util.spec_from_file_location("model", arguments.model)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        about = module.ABOUT
        models = {name: getattr(module, name) for name in ("speak", "lips") if hasattr(module, name)}
    server = serve(about, host=arguments.host, port=arguments.port, token=token, **models)
    url = f"http://{arguments.host}:{server.server_port}"
    variables = {"speak": "RYTHMO_WORKER_URL", "lips": "RYTHMO_LIPS_WORKER_URL"}
    print(f"{about['name']} is ready: export {variables[next(iter(models))]}={url}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
