"""A loopback server that can misbehave: errors, half an answer, nonsense, silence; websockets too."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Socket:
    """The server's end of a websocket (RFC 6455), as far as short texts in whole frames go."""

    def __init__(self, read: BinaryIO, write: BinaryIO, released: threading.Event) -> None:
        self._read, self._write, self.released = read, write, released

    def hear(self) -> Any:
        """The next message, JSON; None when the other side has gone."""
        head = self._read.read(2)
        if len(head) < 2 or head[0] & 0x0F == 8:
            return None
        size = head[1] & 0x7F
        if size > 125:
            size = int.from_bytes(self._read.read(2 if size == 126 else 8))
        mask = self._read.read(4)
        return json.loads(bytes(b ^ mask[n % 4] for n, b in enumerate(self._read.read(size))))

    def say(self, message: Any) -> None:
        """JSON, or a text as it is."""
        self.send((message if isinstance(message, str) else json.dumps(message)).encode(), 1)

    def send(self, data: bytes, kind: int) -> None:
        size = bytes([len(data)]) if len(data) < 126 else bytes([126]) + len(data).to_bytes(2)
        if len(data) > 0xFFFF:
            size = bytes([127]) + len(data).to_bytes(8)
        with suppress(OSError):
            self._write.write(bytes([0x80 | kind]) + size + data)
            self._write.flush()


def accepted(key: str) -> str:
    """What a server answers to a client's key."""
    return b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()


@dataclass(frozen=True)
class Answer:
    """`kind`: whole; half (the body stops early); silence (nothing until the test ends); socket (a websocket
    on which `talk` is called with the connection)."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "whole"
    talk: Callable[[Socket], None] = lambda _: None


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(
        json.dumps(value).encode(), status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


Fault = Answer | Callable[[Answer], Answer] | None
"""An answer given instead of the right one, what is done to the right one, or nothing."""


class Loopback:
    """A server on 127.0.0.1: `faults` are given first, one for each request; then `route` answers."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.faults: deque[Fault] = deque()
        self.route: Callable[[Request], Answer] = lambda _: Answer(status=404)
        self.released = threading.Event()
        self.arrived = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            fault = self.faults.popleft() if self.faults else None
        self.arrived.set()
        if isinstance(fault, Answer):
            return fault
        return fault(self.route(request)) if fault else self.route(request)

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a class is counted as one function
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            # One request a connection, so that closing the server need not wait for idle ones.
            protocol_version = "HTTP/1.0"

            def log_message(self, *_: Any) -> None:
                pass

            def _any(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = loopback.answer(Request(self.command, self.path, headers, self._body()))
                if answer.kind == "silence":
                    loopback.released.wait()
                    return
                if answer.kind == "socket":
                    self._upgrade(headers["sec-websocket-key"])
                    answer.talk(Socket(self.rfile, self.wfile, loopback.released))
                    return
                self.send_response(answer.status)
                self.send_header("content-type", answer.content_type)
                self.send_header("content-length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                body = answer.body[: len(answer.body) // 2] if answer.kind == "half" else answer.body
                with suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(body)

            def _upgrade(self, key: str) -> None:
                self.protocol_version = "HTTP/1.1"
                self.send_response(101)
                self.send_header("upgrade", "websocket")
                self.send_header("connection", "Upgrade")
                self.send_header("sec-websocket-accept", accepted(key))
                self.end_headers()
                self.close_connection = True

            def _body(self) -> bytes:
                if self.headers.get("transfer-encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("content-length") or 0))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def do_GET(self) -> None:
                self._any()

            def do_POST(self) -> None:
                self._any()

            def do_PUT(self) -> None:
                self._any()

            def do_DELETE(self) -> None:
                self._any()

        return Handler
