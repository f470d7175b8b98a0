"""The requests and working time of each engine in a job."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Work:
    """What one engine did in a stage. `seconds` is the sum of its requests' durations, also of parallel
    ones."""

    stage: str
    engine: str
    requests: int = 0
    seconds: float = 0.0


class Clock:
    """A thread-safe sum of the work of engines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: dict[tuple[str, str], Work] = {}

    @contextmanager
    def at_work(self, stage: str, engine: str) -> Iterator[None]:
        """Count one request and its duration."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.add(Work(stage, engine, 1, time.perf_counter() - begun))

    def taken(self) -> tuple[Work, ...]:
        """Return all work since the last call, and start again from zero."""
        with self._lock:
            done, self._done = self._done, {}
        return merge_work(done.values())

    def add(self, work: Work) -> None:
        """Count work that was measured elsewhere."""
        with self._lock:
            key = work.stage, work.engine
            before = self._done.get(key, Work(*key))
            self._done[key] = merge_work((before, work))[0]


def merge_work(works: Iterable[Work]) -> tuple[Work, ...]:
    """Add up work into one entry for each stage and engine."""
    found: dict[tuple[str, str], Work] = {}
    for work in works:
        before = found.get((work.stage, work.engine), Work(work.stage, work.engine))
        found[work.stage, work.engine] = replace(
            before, requests=before.requests + work.requests, seconds=before.seconds + work.seconds
        )
    return tuple(found.values())
