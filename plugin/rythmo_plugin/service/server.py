"""Serve the application with waitress, on this machine's loopback only.

waitress reads requests in one thread and answers them in a few others. Three things are added here. Event
streams get threads of their own, so that they cannot use up the others. A body over one megabyte is read only
if it is an upload whose header carries the token; other large bodies are refused by their header. A request
that trickles in too slowly is dropped.
"""

from __future__ import annotations

import copy
import errno
import hmac
import socket
import threading
import time
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.server import create_server as _create
from waitress.task import ThreadedTaskDispatcher

from rythmo.errors import OutputError
from rythmo_plugin.service.config import (
    BODY_SECONDS,
    DEFAULT_PORT,
    LAST_PORT,
    MAX_BODY_BYTES,
    MAX_UPLOAD_BYTES,
    THREADS,
    ServiceSettings,
)
from rythmo_plugin.service.routes.events import PATH as EVENTS
from rythmo_plugin.service.routing import PREFIX

_CONNECTIONS = 1000
_STREAMS_END_SECONDS = 2.0
# A connection without any request is closed after this time. Browsers open a few in advance.
_FIRST_SECONDS = 10.0
_CROWDED = _CONNECTIONS // 4
_FIRST_SECONDS_CROWDED = 1.0
_UPLOADS = f"{PREFIX}/uploads"
_IMPORTS = f"{PREFIX}/imports/"


def open_socket(port: int | None = None) -> socket.socket:
    """Return a listening socket on 127.0.0.1, at `port` or the first free one that panels know.

    Port 0 takes any free port. Raises OutputError when no port is free.
    """
    wanted = range(DEFAULT_PORT, LAST_PORT + 1) if port is None else (port,)
    for number in wanted:
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # else Windows lets others share the port
                found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(("127.0.0.1", number))
            found.listen(128)
        except OSError:
            found.close()
            continue
        return found
    taken = f"Port {port} is" if port is not None else f"The ports {DEFAULT_PORT} to {LAST_PORT} are all"
    raise OutputError(f"{taken} taken.", hint="Choose another with --port.")


def create_server(app: Flask, settings: ServiceSettings, listening: socket.socket) -> TcpWSGIServer:
    """Return a server that is ready to `run()`; another thread ends it with `stop_server`."""
    dispatcher = _Dispatcher(settings.streams * 2)
    dispatcher.set_thread_count(THREADS)
    server: Any = _create(
        app,
        _dispatcher=dispatcher,
        sockets=[listening],
        threads=THREADS,
        connection_limit=_CONNECTIONS,
        channel_timeout=int(BODY_SECONDS),
        cleanup_interval=1,
        max_request_body_size=MAX_UPLOAD_BYTES,
        max_request_header_size=32 << 10,
        inbuf_overflow=256 << 10,
        asyncore_use_poll=True,
        ident=None,
        clear_untrusted_proxy_headers=True,
        expose_tracebacks=False,
    )
    server.channel_class = _channel_class(settings)
    server.maintenance = lambda now: _maintain(server, now)
    return cast(TcpWSGIServer, server)


def run_server(server: TcpWSGIServer) -> None:
    """Serve until `stop_server`, whose closing of the sockets may meet the loop as it waits for them."""
    try:
        server.run()
    except OSError as error:
        if error.errno not in (errno.EBADF, errno.ENOTSOCK):
            raise


def stop_server(server: TcpWSGIServer) -> None:
    """Let `run` return, after event streams have ended. Close the event log first."""
    cast(_Dispatcher, server.task_dispatcher).join_streams(_STREAMS_END_SECONDS)
    # The threads that answer must end before the sockets close.
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
    server.close()


class _Dispatcher(ThreadedTaskDispatcher):
    """Runs event streams in threads of their own, up to `most`; other requests use the usual threads."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._free = threading.BoundedSemaphore(most)
        self._streams: set[threading.Thread] = set()

    def join_streams(self, seconds: float) -> None:
        """Wait until all streams have ended, at most that many seconds."""
        until = time.monotonic() + seconds
        for thread in tuple(self._streams):
            thread.join(max(0.0, until - time.monotonic()))

    def add_task(self, task: Any) -> None:
        """Run a task, which is a channel with a complete request."""
        if _wants_stream(task) and self._free.acquire(blocking=False):
            thread = threading.Thread(target=self._stream, args=(task,), name="rythmo-stream", daemon=True)
            self._streams.add(thread)
            thread.start()
        else:
            super().add_task(task)

    def _stream(self, task: Any) -> None:
        try:
            task.service()
        finally:
            self._streams.discard(threading.current_thread())
            self._free.release()


def _wants_stream(channel: Any) -> bool:
    # A head that could not be parsed has no path.
    return bool(channel.requests) and getattr(channel.requests[0], "path", "") == PREFIX + EVENTS


def _channel_class(settings: ServiceSettings) -> type[HTTPChannel]:
    class Parser(HTTPRequestParser):
        def parse_header(self, header_plus: bytes) -> None:
            """Parse the header, and choose the limit for the body by it."""
            try:
                super().parse_header(header_plus)
                may_upload = _may_upload(self, settings.token)
            except ValueError as error:
                # urllib's, for an address that is none; waitress would drop the connection with a traceback.
                raise ParsingError("The address of the request is malformed.") from error
            if not may_upload:
                limits: Any = copy.copy(self.adj)
                limits.max_request_body_size = MAX_BODY_BYTES
                self.adj = limits

    class Channel(HTTPChannel):
        parser_class = Parser
        began = 0.0
        silent = True

        def received(self, data: bytes) -> Any:
            """Note when a request began to arrive."""
            self.silent = False
            if self.request is None:
                self.began = time.monotonic()
            return super().received(data)

    return Channel


def _may_upload(parser: Any, token: str) -> bool:
    kind, _, given = parser.headers.get("AUTHORIZATION", "").partition(" ")
    return (
        urlsplit(parser.path).path.startswith((_UPLOADS, _IMPORTS))
        and kind.lower() == "bearer"
        and hmac.compare_digest(given.strip().encode("latin-1"), token.encode())
    )


def _maintain(server: Any, now: float) -> None:
    """Close connections that are idle, and those whose request has been arriving for too long."""
    late = time.monotonic() - BODY_SECONDS
    channels = list(server.active_channels.values())
    # Otherwise connections that are opened and left alone would use up the limit.
    first = _FIRST_SECONDS_CROWDED if len(channels) > _CROWDED else _FIRST_SECONDS
    for channel in channels:
        patience = first if channel.silent else server.adj.channel_timeout
        idle = not channel.requests and channel.last_activity < now - patience
        if idle or (channel.request is not None and channel.began < late):
            channel.will_close = True
