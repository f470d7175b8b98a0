"""Numbered events for clients, which can resume where they stopped.

The last few thousand events stay in memory. Numbers start at the service's start time in milliseconds, so
they also grow over restarts. A client that asks for a number no longer kept gets a `reset` event and fetches
everything again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from rythmo_plugin.service import schema

Type = Literal["job", "lines", "project", "take", "mixed", "reset"]
_KEPT = 4000


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Selects the events of one job, of one project, or all."""

    job: str | None = None
    project: str | None = None

    def __call__(self, event: schema.Event) -> bool:
        """Return whether the event is selected."""
        if self.job is not None and event.data.get("job") != self.job:
            return False
        return self.project is None or event.data.get("project") == self.project


class EventLog:
    """The latest events. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._events: deque[schema.Event] = deque(maxlen=_KEPT)
        self._last = int(time.time() * 1000)
        self._closed = False

    @property
    def last(self) -> int:
        """The number of the newest event."""
        with self._changed:
            return self._last

    @property
    def closed(self) -> bool:
        """Whether the service is ending."""
        return self._closed

    def tell(
        self, kind: Type, data: Mapping[str, Any], *, job: str | None = None, project: str | None = None
    ) -> None:
        """Add an event. `data` must be JSON-compatible; `id`, `job` and `project` are added to it."""
        with self._changed:
            self._last += 1
            whole = {"id": data.get("id", self._last), "job": job, "project": project, **data}
            self._events.append(schema.Event(id=self._last, type=kind, data=whole))
            self._changed.notify_all()

    def after(self, last: int, wanted: EventFilter, seconds: float) -> tuple[list[schema.Event], int]:
        """Return the events after number `last` and the number to continue from.

        Waits up to `seconds` for an event. A number that is no longer kept, or from the future, gives
        `reset`.
        """
        until = time.monotonic() + seconds
        with self._changed:
            while True:
                if self._lost(last):
                    return [schema.Event(id=self._last, type="reset", data={"id": self._last})], self._last
                found = [event for event in self._events if event.id > last and wanted(event)]
                left = until - time.monotonic()
                if found or left <= 0 or self._closed:
                    return found, self._last
                # The events up to here are not wanted: skip them next time.
                last = self._last
                self._changed.wait(left)

    def close(self) -> None:
        """Wake all waiting clients because the service is ending."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _lost(self, last: int) -> bool:
        oldest = self._events[0].id if self._events else self._last + 1
        return last > self._last or last < oldest - 1


def encode_event(event: schema.Event) -> bytes:
    """Encode an event for a stream of server-sent events."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        event.id,
        event.type.encode(),
        msgspec.json.encode(event.data),
    )
