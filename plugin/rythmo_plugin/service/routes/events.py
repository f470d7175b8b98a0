"""Routes of events: as a stream of server-sent events, or by polling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
from flask import Response, request
from msgspec import Meta

from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.events import EventFilter, encode_event
from rythmo_plugin.service.routing import Call, Routes, answer
from rythmo_plugin.service.services import Services

ROUTES = Routes()
PATH = "/events"
_LONGEST_POLL = 20.0


class EventQuery(msgspec.Struct, frozen=True):
    """Which events to send. With `poll`, those after `after` are returned at once, or after up to `wait`
    seconds
    if there are none yet."""

    job: schema.Name | None = None
    project: schema.Name | None = None
    after: Annotated[int, Meta(ge=0, le=10**16)] | None = None
    poll: Annotated[int, Meta(ge=0, le=1)] = 0
    wait: Annotated[float, Meta(ge=0, le=_LONGEST_POLL)] = 0.0


@ROUTES.add("GET", PATH, "Events", query=EventQuery, gives=schema.Events)
def events(services: Services, call: Call) -> Response:
    """Return a stream of events or, if `poll` is 1, a list.

    `Last-Event-ID` or `after` resume after an event.
    """
    asked: EventQuery = call.query
    wanted = EventFilter(asked.job, asked.project)
    last = _last(services, asked)
    if not services.streams.acquire(blocking=False):
        raise ApiError(
            429, "streams", "Too many event streams are open.", hint="Close a window, or ask with poll=1."
        )
    if asked.poll:
        try:
            found, last = services.events.after(last, wanted, asked.wait)
        finally:
            services.streams.release()
        return answer(schema.Events(events=found, last=last))
    return Response(
        _Stream(services, wanted, last),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _last(services: Services, asked: EventQuery) -> int:
    given = request.headers.get("Last-Event-ID", "")
    if given.isascii() and given.isdigit() and len(given) <= 16:
        return int(given)
    return services.events.last if asked.after is None else asked.after


class _Stream:
    """The body of a stream. Closing it frees its place, whether it was started or not."""

    def __init__(self, services: Services, wanted: EventFilter, last: int) -> None:
        self._services = services
        self._blocks = self._run(wanted, last)
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        """Free the stream's place: the client has disconnected, or the service is ending."""
        if self._open:
            self._open = False
            self._services.streams.release()

    def _run(self, wanted: EventFilter, last: int) -> Iterator[bytes]:
        log, pause = self._services.events, self._services.settings.stream_seconds
        # At once, so that the client knows that it is connected, and from where.
        yield b"retry: 2000\nid: %d\n: connected\n\n" % last
        while not log.closed:
            found, last = log.after(last, wanted, pause)
            # A comment keeps the connection alive, and fails if the client has gone.
            yield b"".join(encode_event(event) for event in found) or b": \n\n"
