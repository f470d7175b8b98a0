"""How long each engine of a job was at work: requests and seconds, whoever waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Work:
    """What one engine did in a stage. `seconds` is the time of all its requests together, as the clock on the
    wall goes: requests side by side each count."""

    stage: str
    engine: str
    requests: int = 0
    seconds: float = 0.0


class Clock:
    """Adds up work; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: dict[tuple[str, str], Work] = {}

    @contextmanager
    def at_work(self, stage: str, engine: str) -> Iterator[None]:
        """Counts one request, for as long as it lasts."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._add(Work(stage, engine, 1, time.perf_counter() - begun))

    def taken(self) -> tuple[Work, ...]:
        """All work since this was last asked."""
        with self._lock:
            done, self._done = self._done, {}
        return merged(done.values())

    def _add(self, work: Work) -> None:
        with self._lock:
            key = work.stage, work.engine
            before = self._done.get(key, Work(*key))
            self._done[key] = merged((before, work))[0]


def merged(works: Iterable[Work]) -> tuple[Work, ...]:
    """One entry for each stage and engine."""
    found: dict[tuple[str, str], Work] = {}
    for work in works:
        before = found.get((work.stage, work.engine), Work(work.stage, work.engine))
        found[work.stage, work.engine] = replace(
            before, requests=before.requests + work.requests, seconds=before.seconds + work.seconds
        )
    return tuple(found.values())
